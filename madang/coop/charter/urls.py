from django.urls import path

from madang.coop.charter import views

app_name = "charter"
urlpatterns = [
    path("", views.progress, name="progress"),
    path("charter/", views.text, name="charter"),
    path("<str:token>/", views.founder, name="founder"),
]
