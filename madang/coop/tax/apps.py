from django.apps import AppConfig


class TaxConfig(AppConfig):
    name = "madang.coop.tax"
    label = "tax"
    url_prefix = "tax/"
