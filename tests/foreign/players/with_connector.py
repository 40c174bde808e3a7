"""subsonic-connector: py-sonic underneath, configured by the environment; makes addresses of its own for sound and covers."""

import json
import os
import sys
import urllib.request
from urllib.parse import urlsplit

url, user, password = sys.argv[1:4]
parts = urlsplit(url)
os.environ |= {
    "SUBSONIC_SERVER_URL": f"{parts.scheme}://{parts.hostname}", "SUBSONIC_SERVER_PORT": str(parts.port), "SUBSONIC_USERNAME": user,
    "SUBSONIC_PASSWORD": password, "SUBSONIC_APP_NAME": "connector",
}  # fmt: skip

from subsonic_connector.connector import Connector  # noqa: E402
from subsonic_connector.default_config import DefaultConfiguration  # noqa: E402

conn = Connector(DefaultConfiguration())
assert conn.ping()
artists = [item for initial in conn.getArtists().getObj().getArtistListInitials() for item in initial.getArtistListItems()]
albums = [album for one in artists for album in conn.getArtist(one.getId()).getObj().getAlbumList()]
album = max((conn.getAlbum(one.getId()).getObj() for one in albums), key=lambda one: len(one.getSongs()))
song = album.getSongs()[0]
assert conn.getSong(song.getId()).getObj().getTitle() == song.getTitle()
assert conn.getNewestAlbumList(size=2).getObj().getAlbums()
assert conn.getRandomSongs(size=2).getObj().getSongs()
found = conn.search(song.getTitle())
assert song.getId() in [one.getId() for one in found.getSongs()]
assert conn.getGenres().isOk() and conn.getPlaylists().isOk() and conn.getStarred().isOk() and conn.getInternetRadioStations().isOk()
assert conn.getMusicFolders().isOk() and conn.getArtistInfo(artists[0].getId()).isOk() and conn.getTopSongs(artists[0].getName()).isOk()
assert conn.getSimilarSongs(artists[0].getId()).isOk()
sound = urllib.request.urlopen(conn.buildSongUrl(song.getId()), timeout=60).read()
cover = urllib.request.urlopen(conn.buildCoverArtUrl(album.getCoverArt()), timeout=60).read()
assert len(sound) > 100 and len(cover) > 20
assert conn.download(song.getId()).read() == urllib.request.urlopen(conn.buildSongUrl(song.getId(), format="raw"), timeout=60).read()
conn.scrobble(song.getId(), submission=True)
print(json.dumps({"artists": len(artists), "albums": len(albums), "bytes": len(sound)}))
