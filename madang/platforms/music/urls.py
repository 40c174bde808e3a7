from django.urls import path

from madang.platforms.music.views import listening, making, sharing, sound

app_name = "music"
urlpatterns = [
    path("", listening.home, name="home"),
    path("artists/<int:key>/", listening.artist, name="artist"),
    path("releases/<int:key>/", listening.release, name="release"),
    path("library/", listening.library, name="library"),
    path("wallet/", listening.wallet, name="wallet"),
    path("players/", listening.players, name="players"),
    path("tracks/<int:key>/sound/", sound.sound, name="sound"),
    path("tracks/<int:key>/download/", sound.download, name="download"),
    path("covers/<int:key>.jpg", sound.cover, name="cover"),
    path("studio/", making.studio, name="studio"),
    path("studio/artists/<int:key>/", making.artist, name="studio_artist"),
    path("studio/releases/<int:key>/", making.release, name="studio_release"),
    path("studio/tracks/<int:key>/", making.track, name="studio_track"),
    path("splits/<uuid:key>/", sharing.split, name="split"),
    path("earnings/", sharing.earnings, name="earnings"),
    path("what-if/", sharing.what_if, name="what_if"),
]
