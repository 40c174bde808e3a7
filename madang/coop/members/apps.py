from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "madang.coop.members"
    label = "members"
    url_prefix = "members/"
