from django.apps import AppConfig


class MusicConfig(AppConfig):
    name = "madang.platforms.music"
    label = "music"
    url_prefix = "music/"
    also_at = {"rest/": "madang.platforms.music.rest.urls"}  # where every player of others looks
