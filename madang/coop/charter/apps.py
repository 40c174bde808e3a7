from django.apps import AppConfig


class CharterConfig(AppConfig):
    name = "madang.coop.charter"
    label = "charter"
    url_prefix = "founding/"
