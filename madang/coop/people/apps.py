from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "madang.coop.people"
    label = "people"
    url_prefix = ""
