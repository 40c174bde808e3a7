from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "madang.coop.notices"
    label = "notices"
    url_prefix = ""
