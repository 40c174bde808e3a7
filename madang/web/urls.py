from django.urls import path

from madang.web import demo, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("wheel/", demo.wheel, name="wheel"),
    path("demo/be/<slug:key>/", demo.be, name="be"),
    path("demo/others/", demo.others, name="others"),
    path("demo/clock/", demo.clock, name="clock"),
]
