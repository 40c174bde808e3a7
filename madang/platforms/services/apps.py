from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "madang.platforms.services"
    label = "services"
    url_prefix = "services/"
