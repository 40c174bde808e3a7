from django.apps import AppConfig


class MusicConfig(AppConfig):
    name = "madang.platforms.music"
    label = "music"
    url_prefix = "music/"
