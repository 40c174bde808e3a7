from django.urls import path

from madang.coop.capital import views
from madang.coop.capital.certificates import views as certificates
from madang.coop.capital.offers import views as offers

app_name = "capital"
urlpatterns = [
    path("", views.shares, name="shares"),
    path("buy/<uuid:membership>/", views.buy, name="buy"),
    path("money/", views.money, name="money"),
    path("claims/", views.claims, name="claims"),
    path("offers/", offers.offers, name="offers"),
    path("offers/new/", offers.edit, name="offer_new"),
    path("offers/<uuid:offer>/", offers.offer, name="offer"),
    path("offers/<uuid:offer>/edit/", offers.edit, name="offer_edit"),
    path("offers/<uuid:offer>/do/", offers.do, name="offer_do"),
    path("offers/back/<uuid:application>/", offers.take_back, name="take_back"),
    path("certificates/", certificates.certificates, name="certificates"),
    path("certificates/<uuid:certificate>/", certificates.check, name="certificate"),
    path("certificates/<uuid:certificate>/pdf/", certificates.pdf, name="certificate_pdf"),
]
