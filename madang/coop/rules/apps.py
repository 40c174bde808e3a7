from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "madang.coop.rules"
    label = "rules"
    url_prefix = "rules/"
