from django.urls import path

from madang.coop.capital import death_views, out_views, pass_views, register_views, views
from madang.coop.capital.certificates import views as certificates
from madang.coop.capital.offers import views as offers

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
    path("death/", death_views.deaths, name="death"),
    path("death/<uuid:report>/", death_views.death, name="dead"),
    path("claims/<uuid:claim>/heirs/", death_views.heirs, name="heirs"),
    path("register/", register_views.register, name="register"),
    path("societies/", register_views.societies, name="societies"),
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
