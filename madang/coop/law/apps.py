from django.apps import AppConfig


class LawConfig(AppConfig):
    name = "madang.coop.law"
    label = "law"
    url_prefix = "law/"
