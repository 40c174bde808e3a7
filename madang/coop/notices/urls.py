from django.urls import path

from madang.coop.notices import views

app_name = "notices"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.read, name="read"),
    path("outbox/", views.outbox, name="outbox"),
    path("operator/", views.operator_page, name="operator"),
    path("operator/answer/", views.operator_answer, name="operator_answer"),
]
