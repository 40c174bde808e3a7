from django.urls import path

from madang.web import demo, source, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("source/", source.index, name="source"),
    path("source/madang.tar.gz", source.archive, name="source_archive"),
    path("source/<path:name>", source.file, name="source_file"),
    path("wheel/", demo.wheel, name="wheel"),
    path("demo/be/<slug:key>/", demo.be, name="be"),
    path("demo/others/", demo.others, name="others"),
    path("demo/clock/", demo.clock, name="clock"),
]
