"""Addresses of the record. ``checkpoint`` and ``tile/`` are those of C2SP tlog-tiles."""

from django.urls import path

from madang.coop.record import views

app_name = "record"

urlpatterns = [
    path("", views.home, name="home"),
    path("check/", views.check_receipt, name="check"),
    path("leaf/<int:index>/", views.leaf, name="leaf"),
    path("key", views.key, name="key"),
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("tile/<path:path>", views.tile, name="tile"),
    path("receipt/<int:index>/<int:line>.txt", views.receipt, name="receipt"),
]
