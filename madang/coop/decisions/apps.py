from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "madang.coop.decisions"
    label = "decisions"
    url_prefix = "decisions/"
