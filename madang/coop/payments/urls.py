from django.urls import path

from madang.coop.payments import bank_views, views

app_name = "payments"
urlpatterns = [
    path("out/", views.out, name="out"),
    path("account/", bank_views.account, name="account"),
    path("bank/", bank_views.bank, name="bank"),
    path("bank/account/", bank_views.our_account, name="our_account"),
    path("batches/", bank_views.batches_page, name="batches"),
    path("batches/<uuid:batch>/", bank_views.batch, name="batch"),
    path("batches/<uuid:batch>/file/", bank_views.batch_file, name="batch_file"),
    path("back/<uuid:paper>/", views.give_back, name="give_back"),
    path("cash/", bank_views.cash, name="cash"),
    path("transfer/<slug:code>/", bank_views.transfer, name="transfer"),
    path("<uuid:charge>/by-bank/", bank_views.by_bank, name="by_bank"),
    path("webhook/<slug:provider>/", views.webhook, name="webhook"),
    path("sandbox/<slug:ref>/", views.pretend_bank, name="pretend_bank"),
    path("<uuid:charge>/", views.charge, name="charge"),
    path("<uuid:charge>/back/", views.returned, name="returned"),
    path("<uuid:charge>/give-up/", views.give_up, name="give_up"),
    path("<uuid:charge>/wish/", views.wish, name="wish"),
    path("<uuid:charge>/receipt/", views.receipt, name="receipt"),
]
