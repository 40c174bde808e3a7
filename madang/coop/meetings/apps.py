from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "madang.coop.meetings"
    label = "meetings"
    url_prefix = "meetings/"
