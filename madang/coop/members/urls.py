from django.urls import path

from madang.coop.members import office_views, views, work_views

app_name = "members"
urlpatterns = [
    path("", views.home, name="home"),
    path("join/", views.join, name="join"),
    path("join/<slug:key>/", views.apply, name="apply"),
    path("me/", views.me, name="me"),
    path("leave/<uuid:membership_id>/", views.leave, name="leave"),
    path("primary/<uuid:membership_id>/", views.primary, name="primary"),
    path("shown/<uuid:membership_id>/", views.shown, name="shown"),
    path("resign/<uuid:term_id>/", views.resign, name="resign"),
    path("register/", views.register, name="register"),
    path("applications/", office_views.applications, name="applications"),
    path("applications/<uuid:membership_id>/", office_views.answer, name="answer"),
    path("offices/", office_views.offices, name="offices"),
    path("offices/<slug:key>/", office_views.fill, name="fill"),
    path("offices/end/<uuid:term_id>/", office_views.end, name="end_term"),
    path("organisations/new/", work_views.new, name="new_organisation"),
    path("organisations/<slug:slug>/", work_views.organisation, name="organisation"),
    path("invitations/<uuid:invitation_id>/withdraw/", work_views.withdraw, name="withdraw"),
    path("invitation/<str:token>/", work_views.invitation, name="invitation"),
    path("work/<int:work_id>/end/", work_views.end, name="end_work"),
]
