from django.urls import path, re_path

from madang.coop.decisions import acting_views, amending_views, articles, emergency_views, nominating, reading_views, views, volunteering
from madang.coop.decisions.proposing import new

app_name = "decisions"

urlpatterns = [
    path("", views.index, name="list"),
    path("new/", new, name="new"),
    path("all/", reading_views.found, name="all"),
    re_path(r"^deadlines(?:\.(?P<lang>ko|en))?\.ics$", reading_views.calendar, name="calendar"),
    re_path(r"^open/(?P<what>decisions\.csv|classes\.csv|decisions\.json)$", reading_views.table, name="open-data"),
    path("emergency/", emergency_views.page, name="emergency"),
    path("articles/", articles.page, name="articles"),
    path("delegations/", acting_views.page, name="acting"),
    path("delegations/give/", acting_views.trust, name="trust"),
    path("delegations/proxy/", acting_views.write, name="write"),
    path("delegations/<uuid:id>/", acting_views.answer, name="answer"),
    path("<uuid:id>/", views.decision, name="decision"),
    path("<uuid:id>/edit/", new, name="edit"),
    path("<uuid:id>/papers/", reading_views.ballots, name="papers"),
    path("<uuid:id>/vote/", views.vote, name="vote"),
    path("<uuid:id>/at-meeting/", views.at_meeting, name="at-meeting"),
    path("<uuid:id>/comment/", views.comment, name="comment"),
    path("<uuid:id>/comment/<uuid:comment>/pin/", views.pin, name="pin"),
    path("<uuid:id>/amend/", amending_views.offer, name="amend"),
    path("<uuid:id>/amend/<uuid:amendment>/", amending_views.answer, name="amendment"),
    path("<uuid:id>/veto/", views.veto, name="veto"),
    path("<uuid:id>/support/", views.support, name="support"),
    path("<uuid:id>/discuss/", views.discuss, name="discuss"),
    path("<uuid:id>/back/", views.go_back, name="go-back"),
    path("<uuid:id>/keep/", views.keep, name="keep"),
    path("<uuid:id>/stand/", nominating.stand, name="stand"),
    path("<uuid:id>/step-down/", nominating.step_down, name="step-down"),
    path("<uuid:id>/nominate/", nominating.nominate, name="nominate"),
    path("<uuid:id>/volunteer/", volunteering.volunteer, name="volunteer"),
    path("<uuid:id>/panels/", volunteering.panel_list, name="panel-list"),
    path("<uuid:id>/withdraw/", views.withdraw, name="withdraw"),
]
