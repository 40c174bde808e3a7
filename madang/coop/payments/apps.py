from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "madang.coop.payments"
    label = "payments"
    url_prefix = "pay/"
