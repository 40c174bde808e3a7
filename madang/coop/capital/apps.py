from django.apps import AppConfig


class CapitalConfig(AppConfig):
    name = "madang.coop.capital"
    label = "capital"
    url_prefix = "shares/"
