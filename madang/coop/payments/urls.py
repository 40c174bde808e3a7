from django.urls import path

from madang.coop.payments import views

app_name = "payments"
urlpatterns = [
    path("out/", views.out, name="out"),
    path("webhook/<slug:provider>/", views.webhook, name="webhook"),
    path("sandbox/<slug:ref>/", views.pretend_bank, name="pretend_bank"),
    path("<uuid:charge>/", views.charge, name="charge"),
    path("<uuid:charge>/back/", views.returned, name="returned"),
    path("<uuid:charge>/give-up/", views.give_up, name="give_up"),
    path("<uuid:charge>/receipt/", views.receipt, name="receipt"),
]
