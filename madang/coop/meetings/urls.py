from django.urls import path

from madang.coop.meetings import chairing, views

app_name = "meetings"

urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:id>/", views.meeting, name="meeting"),
    path("<uuid:id>/edit/", views.new, name="edit"),
    path("<uuid:id>/agenda/", views.agenda, name="agenda"),
    path("<uuid:id>/live/", views.live, name="live"),
    path("<uuid:id>/come/", views.come, name="come"),
    path("<uuid:id>/vote/", views.vote, name="vote"),
    path("<uuid:id>/chair/", chairing.chair, name="chair"),
    path("<uuid:id>/pulse/", chairing.pulse, name="pulse"),
    path("<uuid:id>/screen/", views.screen, name="screen"),
    path("<uuid:id>/minutes/", views.told, name="minutes"),
    path("<uuid:id>/minutes.md", views.told_text, name="minutes-text"),
    path("<uuid:id>/meeting.ics", views.ics, name="calendar"),
]
