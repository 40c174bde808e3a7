from django.urls import path

from madang.coop.payments import approve_views, bank_views, decided_views, dispute_views, portone, reconcile_views, views

app_name = "payments"
urlpatterns = [
    path("out/", views.out, name="out"),
    path("disputes/", dispute_views.disputes_page, name="disputes"),
    path("disputes/<uuid:dispute>/", dispute_views.dispute, name="dispute"),
    path("service/", dispute_views.enrol, name="enrol"),
    path("service/back/", dispute_views.enrolled, name="enrolled"),
    path("account/", bank_views.account, name="account"),
    path("bank/", bank_views.bank, name="bank"),
    path("bank/account/", bank_views.our_account, name="our_account"),
    path("payouts/<uuid:payout>/", approve_views.payout, name="payout"),
    path("by-hand/<uuid:refund>/", approve_views.by_hand, name="by_hand"),
    path("batches/", bank_views.batches_page, name="batches"),
    path("batches/<uuid:batch>/", bank_views.batch, name="batch"),
    path("batches/<uuid:batch>/file/", bank_views.batch_file, name="batch_file"),
    path("back/<uuid:paper>/", views.give_back, name="give_back"),
    path("decided/", decided_views.decided, name="decided"),
    path("cash/", bank_views.cash, name="cash"),
    path("cash/count/", reconcile_views.count, name="count"),
    path("reconciliations/", reconcile_views.days, name="reconciliations"),
    path("reconciliations/<slug:rail>/<slug:day>/", reconcile_views.reconciliation, name="reconciliation"),
    path("transfer/<slug:code>/", bank_views.transfer, name="transfer"),
    path("<uuid:charge>/by-bank/", bank_views.by_bank, name="by_bank"),
    path("portone/<slug:ref>/", portone.window, name="portone"),
    path("webhook/<slug:provider>/", views.webhook, name="webhook"),
    path("sandbox/<slug:ref>/", views.pretend_bank, name="pretend_bank"),
    path("<uuid:charge>/", views.charge, name="charge"),
    path("<uuid:charge>/go/", views.go, name="go"),
    path("<uuid:charge>/back/", views.returned, name="returned"),
    path("<uuid:charge>/give-up/", views.give_up, name="give_up"),
    path("<uuid:charge>/wish/", views.wish, name="wish"),
    path("<uuid:charge>/receipt/", views.receipt, name="receipt"),
]
