from django.urls import path

from madang.coop.capital import out_views, pass_views, register_views, views

app_name = "capital"
urlpatterns = [
    path("", views.shares, name="shares"),
    path("buy/<uuid:membership>/", views.buy, name="buy"),
    path("money/", views.money, name="money"),
    path("claims/", out_views.claims, name="claims"),
    path("out/", out_views.out, name="out"),
    path("pass/", pass_views.passing, name="pass"),
    path("convert/", pass_views.convert, name="convert"),
    path("named/", pass_views.named, name="named"),
    path("death/", pass_views.death_of, name="death"),
    path("register/", register_views.register, name="register"),
]
