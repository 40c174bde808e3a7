from django.urls import path

from madang.coop.people import views

app_name = "people"
urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/my-data.json", views.my_data, name="my_data"),
    path("settings/erase/", views.erase, name="erase"),
    path("erased/", views.erased, name="erased"),
    path("welcome/", views.welcome, name="welcome"),
    path("organisations/<slug:slug>/", views.organisation, name="organisation"),
]
