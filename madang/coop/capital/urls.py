from django.urls import path

from madang.coop.capital import views

app_name = "capital"
urlpatterns = [
    path("", views.shares, name="shares"),
    path("buy/<uuid:membership>/", views.buy, name="buy"),
    path("money/", views.money, name="money"),
    path("claims/", views.claims, name="claims"),
]
