from django.urls import path

from madang.coop.rules import views

app_name = "rules"

urlpatterns = [
    path("", views.index, name="list"),
    path("<str:key>/", views.rule, name="rule"),
    path("<str:key>/try.json", views.try_json, name="try"),
]
