from django.urls import path

from madang.coop.decisions import acting_views, views
from madang.coop.decisions.proposing import new

app_name = "decisions"

urlpatterns = [
    path("", views.index, name="list"),
    path("new/", new, name="new"),
    path("delegations/", acting_views.page, name="acting"),
    path("delegations/give/", acting_views.trust, name="trust"),
    path("delegations/proxy/", acting_views.write, name="write"),
    path("delegations/<uuid:id>/", acting_views.answer, name="answer"),
    path("<uuid:id>/", views.decision, name="decision"),
    path("<uuid:id>/edit/", new, name="edit"),
    path("<uuid:id>/vote/", views.vote, name="vote"),
    path("<uuid:id>/comment/", views.comment, name="comment"),
    path("<uuid:id>/support/", views.support, name="support"),
    path("<uuid:id>/discuss/", views.discuss, name="discuss"),
    path("<uuid:id>/withdraw/", views.withdraw, name="withdraw"),
]
