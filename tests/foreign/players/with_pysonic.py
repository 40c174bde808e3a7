"""py-sonic: form POST, ``.view``, token and salt (``enc:`` with the old way of signing in)."""

import json
import sys
from urllib.parse import urlsplit

import libsonic

url, user, password = sys.argv[1:4]
parts = urlsplit(url)
seen: dict[str, object] = {}
for legacy in (True, False):
    conn = libsonic.Connection(f"{parts.scheme}://{parts.hostname}", user, password, port=parts.port, serverPath="/rest", legacyAuth=legacy)
    assert conn.ping() is True
assert conn.getLicense()["license"]["valid"]
assert conn.getMusicFolders()["musicFolders"]["musicFolder"]
artists = [one for index in conn.getArtists()["artists"]["index"] for one in index["artist"]]
indexes = conn.getIndexes()["indexes"]
assert indexes["index"] and indexes["lastModified"]
top = conn.getMusicDirectory(indexes["index"][0]["artist"][0]["id"])["directory"]
assert top["child"]
albums = [album for one in artists for album in conn.getArtist(one["id"])["artist"]["album"]]
album = max((conn.getAlbum(one["id"])["album"] for one in albums), key=lambda one: one["songCount"])
first, second = album["song"][:2]
seen |= {"artists": len(artists), "albums": len(albums), "songs": sum(one["songCount"] for one in albums)}
assert conn.getSong(first["id"])["song"]["title"] == first["title"]
for kind in ("newest", "random", "alphabeticalByName", "recent", "frequent", "starred", "highest"):
    conn.getAlbumList2(kind, size=5)
    conn.getAlbumList(kind, size=5)
conn.getAlbumList2("byYear", fromYear=1900, toYear=2100)
assert len(conn.getRandomSongs(size=2)["randomSongs"]["song"]) == 2
assert conn.getGenres()["genres"] is not None
assert any(one["id"] == first["id"] for one in conn.search2(first["title"])["searchResult2"]["song"])
assert any(one["id"] == first["id"] for one in conn.search3(first["title"])["searchResult3"]["song"])
conn.getArtistInfo2(artists[0]["id"])
conn.getAlbumInfo2(album["id"])
conn.getSimilarSongs2(artists[0]["id"], count=3)
conn.getTopSongs(artists[0]["name"], count=3)
assert conn.getUser(user)["user"]["username"] == user

sound = conn.stream(first["id"], tformat="raw").read()
assert sound == conn.download(first["id"]).read()
seen["bytes"] = len(sound)
assert len(conn.getCoverArt(first["coverArt"]).read()) > 20

conn.star(sids=[first["id"]], albumIds=[album["id"]], artistIds=[album["artistId"]])
stars = conn.getStarred2()["starred2"]
assert [len([one for one in stars[key] if one["starred"]]) for key in ("artist", "album", "song")] == [1, 1, 1]
conn.unstar(sids=[first["id"]], albumIds=[album["id"]], artistIds=[album["artistId"]])
assert not conn.getStarred2()["starred2"].get("song")
conn.setRating(first["id"], 4)
assert conn.getSong(first["id"])["song"]["userRating"] == 4
conn.setRating(first["id"], 0)

made = conn.createPlaylist(name="from py-sonic é", songIds=[second["id"], first["id"]])["playlist"]
assert [one["id"] for one in made["entry"]] == [second["id"], first["id"]]
conn.updatePlaylist(made["id"], name="renamed", comment="hello", songIdsToAdd=[first["id"]], songIndexesToRemove=[0])
again = conn.getPlaylist(made["id"])["playlist"]
assert ([one["id"] for one in again["entry"]], again["name"]) == ([first["id"], first["id"]], "renamed")
assert made["id"] in [one["id"] for one in conn.getPlaylists()["playlists"]["playlist"]]
conn.deletePlaylist(made["id"])
try:
    conn.getPlaylist(made["id"])
    raise SystemExit("a deleted playlist is still there")
except libsonic.errors.DataNotFoundError:
    pass

conn.createBookmark(first["id"], 12345, "here")
assert conn.getBookmarks()["bookmarks"]["bookmark"][0]["position"] == 12345
conn.deleteBookmark(first["id"])
conn.savePlayQueue([first["id"], second["id"]], current=second["id"], position=777)
assert conn.getPlayQueue()["playQueue"]["current"] == second["id"]
conn.scrobble(first["id"], submission=False)
conn.scrobble(first["id"], submission=True, listenTime=1_700_000_000)
assert conn.getNowPlaying()["nowPlaying"] is not None
assert conn.getInternetRadioStations()["internetRadioStations"] is not None
assert conn.getPodcasts()["podcasts"] is not None
try:
    libsonic.Connection(f"{parts.scheme}://{parts.hostname}", user, "wrong", port=parts.port, serverPath="/rest").getLicense()
    raise SystemExit("a wrong password is taken")
except libsonic.errors.CredentialError:
    pass
print(json.dumps(seen))
