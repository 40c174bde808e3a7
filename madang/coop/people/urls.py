from django.urls import path

from madang.coop.people import token_views, views

app_name = "people"
urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/my-data.json", views.my_data, name="my_data"),
    path("settings/erase/", views.erase, name="erase"),
    path("settings/keys/", token_views.keys, name="keys"),
    path("settings/keys/<uuid:token_id>/revoke/", token_views.revoke, name="revoke_key"),
    path("erased/", views.erased, name="erased"),
    path("welcome/", views.welcome, name="welcome"),
    path("organisations/<slug:slug>/", views.organisation, name="organisation"),
]
