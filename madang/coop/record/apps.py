from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "madang.coop.record"
    label = "record"
    url_prefix = "record/"
