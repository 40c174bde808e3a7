"""A small OpenSubsonic server in memory, made of our own reading and writing: two artists, three albums, twelve songs. It keeps the protocol, and a
test may make it break one rule at a time. It listens on the loopback only."""

from __future__ import annotations

import random
import struct
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from madang.platforms.music.subsonic import answers, asking
from madang.platforms.music.subsonic.calls import EXTENSIONS
from madang.platforms.music.subsonic.errors import Failed
from madang.platforms.music.subsonic.signing import ApiKey, SignIn

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
USER, PASSWORD, KEY = "alice", "sesame", "key-of-alice"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
ALBUMS = [
    ("Ännchen & <Co>", "al-1", "First Light", 1999, "Rock", 5),
    ("Ännchen & <Co>", "al-2", "Second", 2004, "Rock", 4),
    ("노래", "al-3", "The Third", 2012, "Jazz", 3),
]


class Library:
    """What there is, and what one listener made of it."""

    def __init__(self, sound: bytes = b"") -> None:
        self.sound = sound
        self.songs: dict[str, dict[str, Any]] = {}
        self.albums: dict[str, dict[str, Any]] = {}
        self.artists: dict[str, dict[str, Any]] = {}
        for artist, album, name, year, genre, many in ALBUMS:
            who = next((key for key, one in self.artists.items() if one["name"] == artist), f"ar-{len(self.artists) + 1}")
            self.artists.setdefault(who, {"id": who, "name": artist, "albumCount": 0})["albumCount"] += 1
            made = NOON - timedelta(days=len(self.albums))
            self.albums[album] = {
                "id": album, "name": name, "title": name, "artist": artist, "artistId": who, "songCount": many, "duration": many * 60, "created": made,
                "year": year, "genre": genre, "coverArt": album, "genres": [{"name": genre}],
            }  # fmt: skip
            for track in range(1, many + 1):
                song = f"so-{len(self.songs) + 1}"
                self.songs[song] = {
                    "id": song, "parent": album, "isDir": False, "title": f"{name} no. {track} “{genre}”", "album": name, "artist": artist, "track": track,
                    "year": year, "genre": genre, "coverArt": album, "size": len(sound) or 3000 + track, "contentType": "audio/ogg", "suffix": "ogg",
                    "duration": 60, "bitRate": 192, "path": f"{artist}/{name}/{track}.ogg", "isVideo": False, "discNumber": 1, "created": made,
                    "albumId": album, "artistId": who, "type": "music", "mediaType": "song", "genres": [{"name": genre}], "isrc": [], "playCount": 0,
                }  # fmt: skip
        self.stars: dict[str, datetime] = {}
        self.ratings: dict[str, int] = {}
        self.plays: Counter[str] = Counter()
        self.playlists: dict[str, dict[str, Any]] = {}
        self.bookmarks: dict[str, dict[str, Any]] = {}
        self.shares: dict[str, dict[str, Any]] = {}
        self.queue: tuple[list[str], int | None, int] = ([], None, 0)
        self.on: dict[str, Any] | None = None
        self.made = 0

    def song(self, name: str) -> dict[str, Any]:
        return self._marked(_there(self.songs, name)) | {"playCount": self.plays[name]}

    def album(self, name: str, *, songs: bool = False) -> dict[str, Any]:
        found = self._marked(_there(self.albums, name))
        return found | {"song": [self.song(key) for key, one in self.songs.items() if one["albumId"] == name]} if songs else found

    def artist(self, name: str) -> dict[str, Any]:
        return self._marked(_there(self.artists, name))

    def bytes_of(self, name: str) -> bytes:
        if self.sound and name in self.songs:
            return self.sound
        return b"OggS" + random.Random(name).randbytes(_there(self.songs, name)["size"] - 4)

    def playlist(self, name: str) -> dict[str, Any]:
        one = _there(self.playlists, name)
        entries = [self.song(song) for song in one["songs"]]
        said = {key: value for key, value in one.items() if key != "songs"}
        return said | {"entry": entries, "songCount": len(entries), "duration": 60 * len(entries), "created": NOON, "changed": NOON, "owner": USER}

    def next_id(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.made}"

    def _marked(self, one: dict[str, Any]) -> dict[str, Any]:
        return one | {"starred": self.stars.get(one["id"])} | ({"userRating": self.ratings[one["id"]]} if self.ratings.get(one["id"]) else {})


def _there(shelf: dict[str, Any], name: str) -> Any:
    if name not in shelf:
        raise Failed(70)
    return shelf[name]


Call = Callable[[Library, dict[str, Any]], Any]
CALLS: dict[str, Call] = {}


def call(*names: str) -> Callable[[Call], Call]:
    def register(act: Call) -> Call:
        CALLS.update(dict.fromkeys(names, act))
        return act

    return register


call("ping")(lambda lib, v: None)
call("getLicense")(lambda lib, v: {"valid": True})
call("getOpenSubsonicExtensions")(lambda lib, v: [{"name": name, "versions": list(versions)} for name, versions in EXTENSIONS.items()])
call("tokenInfo")(lambda lib, v: {"username": USER})
call("getMusicFolders")(lambda lib, v: {"musicFolder": [{"id": 1, "name": "Music"}]})
call("getArtist")(
    lambda lib, v: lib.artist(v["id"]) | {"album": [lib.album(key) for key, one in lib.albums.items() if one["artistId"] == v["id"]]}
)
call("getAlbum")(lambda lib, v: lib.album(v["id"], songs=True))
call("getSong")(lambda lib, v: lib.song(v["id"]))
call("getArtistInfo", "getArtistInfo2")(lambda lib, v: lib.artist(v["id"]) and {"biography": "Long & <short>"})
call("getAlbumInfo", "getAlbumInfo2")(lambda lib, v: lib.album(v["id"]) and {"notes": "Noted"})
call("getSimilarSongs", "getSimilarSongs2")(lambda lib, v: {"song": [lib.song(key) for key in lib.songs][: v["count"]]})
call("getVideos")(lambda lib, v: {})
call("getScanStatus")(lambda lib, v: {"scanning": False, "count": len(lib.songs)})
call("getPodcasts", "getNewestPodcasts", "getInternetRadioStations")(lambda lib, v: {})
call("getPlaylists")(lambda lib, v: {"playlist": [{k: x for k, x in lib.playlist(key).items() if k != "entry"} for key in lib.playlists]})
call("getPlaylist")(lambda lib, v: lib.playlist(v["id"]))
call("getShares")(lambda lib, v: {"share": list(lib.shares.values())})
call("getBookmarks")(lambda lib, v: {"bookmark": list(lib.bookmarks.values())})
call("getNowPlaying")(lambda lib, v: {"entry": [lib.on] if lib.on else []})
LYRICS = {"lang": "xxx", "synced": True, "line": [{"value": "la", "start": 0}, {"value": "li", "start": 900}]}
call("getLyricsBySongId")(lambda lib, v: lib.song(v["id"]) and {"structuredLyrics": [LYRICS]})


@call("getArtists", "getIndexes")
def artists(lib: Library, v: dict[str, Any]) -> Any:
    modified = int(NOON.timestamp() * 1000)
    if (v.get("ifModifiedSince") or 0) > modified:
        return {"ignoredArticles": "The", "lastModified": modified}
    index = [{"name": one["name"][0], "artist": [lib.artist(key)]} for key, one in lib.artists.items()]
    if "ifModifiedSince" in v:
        bare = [{"name": one["name"], "artist": [{"id": who["id"], "name": who["name"]} for who in one["artist"]]} for one in index]
        return {"ignoredArticles": "The", "lastModified": modified, "index": bare}
    return {"ignoredArticles": "The", "index": index}


@call("getMusicDirectory")
def directory(lib: Library, v: dict[str, Any]) -> Any:
    if v["id"] in lib.artists:
        inside = [{"id": key, "parent": v["id"], "isDir": True, "title": one["name"]} for key, one in lib.albums.items() if one["artistId"] == v["id"]]
        return {"id": v["id"], "name": lib.artists[v["id"]]["name"], "child": inside}
    album = lib.album(v["id"], songs=True)
    return {"id": v["id"], "parent": album["artistId"], "name": album["name"], "child": album["song"]}


@call("getGenres")
def genres(lib: Library, v: dict[str, Any]) -> Any:
    songs, albums = Counter(one["genre"] for one in lib.songs.values()), Counter(one["genre"] for one in lib.albums.values())
    return {"genre": [{"value": name, "songCount": songs[name], "albumCount": albums[name]} for name in songs]}


@call("getTopSongs")
def top_songs(lib: Library, v: dict[str, Any]) -> Any:
    name = lib.artist(v["id"])["name"] if v["id"] else v["artist"]
    return {"song": [lib.song(key) for key, one in lib.songs.items() if one["artist"] == name][: v["count"]]}


@call("getAlbumList", "getAlbumList2")
def album_list(lib: Library, v: dict[str, Any]) -> Any:
    found = sorted((lib.album(key) for key in lib.albums), key=lambda one: one["name"])
    if v["type"] == "byYear":
        low, high = sorted((v["fromYear"], v["toYear"]))
        found = sorted((one for one in found if low <= one["year"] <= high), key=lambda one: one["year"], reverse=v["fromYear"] > v["toYear"])
    elif v["type"] == "byGenre":
        found = [one for one in found if one["genre"] == v["genre"]]
    elif v["type"] == "starred":
        found = [one for one in found if one["starred"]]
    elif v["type"] == "newest":
        found.sort(key=lambda one: one["created"], reverse=True)
    return {"album": found[v["offset"] : v["offset"] + v["size"]]}


def as_child(album: dict[str, Any]) -> dict[str, Any]:
    """An album as the old calls show it: a directory."""
    keys = "id name artist artistId coverArt created year genre starred songCount duration".split()
    kept = {key: album[key] for key in keys if key in album}
    return kept | {"parent": album["artistId"], "isDir": True, "title": album["name"], "album": album["name"]}


def as_folder(artist: dict[str, Any]) -> dict[str, Any]:
    """An artist as the old calls show one."""
    return {key: artist[key] for key in ("id", "name", "starred") if key in artist}


@call("getRandomSongs", "getSongsByGenre")
def some_songs(lib: Library, v: dict[str, Any]) -> Any:
    found = [lib.song(key) for key, one in lib.songs.items() if not v.get("genre") or one["genre"] == v["genre"]]
    found = [one for one in found if (v.get("fromYear") or 0) <= one["year"] <= (v.get("toYear") or 9999)]
    begin = v.get("offset", 0)
    return {"song": found[begin : begin + (v["size"] if "size" in v else v["count"])]}


@call("search2", "search3")
def search(lib: Library, v: dict[str, Any]) -> Any:
    words = v["query"].casefold()
    shelves: dict[str, tuple[dict[str, Any], Callable[[str], Any], str]] = {
        "artist": (lib.artists, lib.artist, "name"), "album": (lib.albums, lib.album, "name"), "song": (lib.songs, lib.song, "title"),
    }  # fmt: skip
    said = {}
    for kind, (shelf, read, name) in shelves.items():
        found = [read(key) for key, one in shelf.items() if words in one[name].casefold()]
        said[kind] = found[v[f"{kind}Offset"] : v[f"{kind}Offset"] + v[f"{kind}Count"]]
    return said


@call("getStarred", "getStarred2")
def starred(lib: Library, v: dict[str, Any]) -> Any:
    return {
        "artist": [lib.artist(key) for key in lib.artists if key in lib.stars],
        "album": [lib.album(key) for key in lib.albums if key in lib.stars],
        "song": [lib.song(key) for key in lib.songs if key in lib.stars],
    }


@call("star", "unstar")
def star(lib: Library, v: dict[str, Any], *, on: bool = True) -> Any:
    for key, shelf in (("id", lib.songs), ("albumId", lib.albums), ("artistId", lib.artists)):
        for name in v[key]:
            _there(shelf, name)
            if on:
                lib.stars.setdefault(name, NOON)
            else:
                lib.stars.pop(name, None)


call("unstar")(lambda lib, v: star(lib, v, on=False))  # type: ignore[call-arg]
call("setRating")(lambda lib, v: lib.ratings.update({lib.song(v["id"])["id"]: v["rating"]}))


@call("scrobble")
def scrobble(lib: Library, v: dict[str, Any]) -> Any:
    for name in v["id"]:
        _there(lib.songs, name)
    if v["submission"]:
        lib.plays.update(v["id"])
    else:
        lib.on = lib.song(v["id"][-1]) | {"username": USER, "minutesAgo": 0, "playerId": 1}


@call("reportPlayback")
def report_playback(lib: Library, v: dict[str, Any]) -> Any:
    on = lib.song(v["mediaId"]) | {"username": USER, "minutesAgo": 0, "playerId": 1, "state": v["state"], "positionMs": v["positionMs"]}
    lib.on = None if v["state"] == "stopped" else on


@call("createPlaylist")
def create_playlist(lib: Library, v: dict[str, Any]) -> Any:
    for name in v["songId"]:
        _there(lib.songs, name)
    if v["playlistId"]:
        _there(lib.playlists, v["playlistId"])["songs"] = v["songId"]
        return lib.playlist(v["playlistId"])
    name = lib.next_id("pl")
    lib.playlists[name] = {"id": name, "name": v["name"], "comment": "", "public": False, "songs": v["songId"]}
    return lib.playlist(name)


@call("updatePlaylist")
def update_playlist(lib: Library, v: dict[str, Any]) -> Any:
    one = _there(lib.playlists, v["playlistId"])
    one.update({key: v[key] for key in ("name", "comment", "public") if v[key] is not None})
    one["songs"] = [song for at, song in enumerate(one["songs"]) if at not in v["songIndexToRemove"]] + v["songIdToAdd"]


@call("deletePlaylist")
def delete_playlist(lib: Library, v: dict[str, Any]) -> Any:
    _there(lib.playlists, v["id"])
    del lib.playlists[v["id"]]


@call("createBookmark")
def create_bookmark(lib: Library, v: dict[str, Any]) -> Any:
    lib.bookmarks[v["id"]] = {
        "entry": lib.song(v["id"]), "position": v["position"], "comment": v["comment"], "username": USER, "created": NOON, "changed": NOON,
    }  # fmt: skip


@call("deleteBookmark")
def delete_bookmark(lib: Library, v: dict[str, Any]) -> Any:
    lib.bookmarks.pop(_there(lib.bookmarks, v["id"])["entry"]["id"])


@call("savePlayQueue", "savePlayQueueByIndex")
def save_queue(lib: Library, v: dict[str, Any]) -> Any:
    at = v["currentIndex"] if "currentIndex" in v else v["id"].index(v["current"]) if v["id"] else None
    lib.queue = (v["id"], at, v["position"])


@call("getPlayQueue", "getPlayQueueByIndex")
def get_queue(lib: Library, v: dict[str, Any]) -> Any:
    songs, at, position = lib.queue
    return {"entry": [lib.song(one) for one in songs], "position": position, "username": USER, "changed": NOON, "changedBy": "test", "at": at}


@call("createShare")
def create_share(lib: Library, v: dict[str, Any]) -> Any:
    name = lib.next_id("sh")
    share = {"id": name, "url": f"http://127.0.0.1/{name}", "description": v["description"], "username": USER, "created": NOON, "visitCount": 0}
    lib.shares[name] = share | {"entry": [lib.song(one) for one in v["id"]]}
    return {"share": [lib.shares[name]]}


@call("updateShare")
def update_share(lib: Library, v: dict[str, Any]) -> Any:
    _there(lib.shares, v["id"]).update(description=v["description"])


@call("deleteShare")
def delete_share(lib: Library, v: dict[str, Any]) -> Any:
    del lib.shares[_there(lib.shares, v["id"])["id"]]


@call("getUser")
def get_user(lib: Library, v: dict[str, Any]) -> Any:
    if v["username"] != USER:
        raise Failed(50)
    roles = "admin settings download upload playlist coverArt comment podcast stream jukebox share videoConversion".split()
    return {"username": USER, "scrobblingEnabled": True, "folder": [1]} | {f"{role}Role": role in ("download", "stream", "playlist") for role in roles}


def mended(name: str, content: Any) -> Any:
    """What the old calls show of artists and albums, and the two queues, which differ by one key."""
    if name in ("getAlbumList", "search2", "getStarred") and content:
        content = dict(content)
        content["album"] = [as_child(one) for one in content.get("album", [])]
        if "artist" in content:
            content["artist"] = [as_folder(one) for one in content["artist"]]
    if name in ("getPlayQueue", "getPlayQueueByIndex"):
        at = content.pop("at")
        if name == "getPlayQueue":
            content["current"] = content["entry"][at]["id"] if at is not None else None
        else:
            content["currentIndex"] = at
    return content


class Fake:
    """The server. ``breaks`` maps a call to what is done with its content before it is written; ``bytes_break`` changes a finished
    answer; ``refuse`` says no. Every song has the same ``sound``, or none that plays."""

    def __init__(self, sound: bytes = b"") -> None:
        self.library = Library(sound)
        self.breaks: dict[str, Callable[[Any], Any]] = {}
        self.bytes_break: Callable[[str, answers.Answer], answers.Answer] | None = None
        self.refuse: Callable[[str, asking.Asked], Failed | None] | None = None
        self.heard: list[tuple[str, asking.Asked]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16
            disable_nagle_algorithm = True

            def log_message(self, *_: object) -> None:
                """Quiet."""

            def _answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, kind, data, more = outer.answer(
                    parts.path.removeprefix("/rest/"), parts.query, body, self.headers.get("Content-Type", ""), self.headers.get("Range", "")
                )
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = _answer

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, name: str, query: str, body: bytes, kind: str, range_: str) -> tuple[int, str, bytes, dict[str, str]]:
        asked = asking.read(name, query, body, kind)
        self.heard.append((asked.name, asked))
        try:
            found = asked.call()
            if not found.public:
                self._let_in(asked.sign_in())
            if self.refuse and (no := self.refuse(asked.name, asked)):
                raise no
            values = asked.values()
            if found.answer == "binary":
                return self._binary(asked.name, values, range_)
            if asked.name == "getTranscodeDecision":
                content = self._decision(values, body)
            else:
                content = mended(asked.name, CALLS[asked.name](self.library, values))
            if asked.name in self.breaks:
                content = self.breaks[asked.name](content)
            said = answers.ok(found.answer, content, form=asked.form, server="0.1")
        except Failed as no:
            said = answers.failed(no, form=asked.form, server="0.1")
        if self.bytes_break:
            said = self.bytes_break(asked.name, said)
        return said.status, said.content_type, said.body, {}

    def _let_in(self, who: SignIn) -> None:
        if isinstance(who, ApiKey):
            if who.key != KEY:
                raise Failed(44)
        elif who.username != USER or not who.fits(PASSWORD):
            raise Failed(40)

    def _binary(self, name: str, values: dict[str, Any], range_: str) -> tuple[int, str, bytes, dict[str, str]]:
        if name == "getCoverArt":
            _there(self.library.albums, values["id"])
            return 200, "image/png", PNG, {}
        if name == "hls.m3u8":
            self.library.song(values["id"])
            return 200, "application/vnd.apple.mpegurl", b"#EXTM3U\n", {}
        if name == "getTranscodeStream" or (name == "stream" and values["format"] == "mp3"):
            return 200, "audio/mpeg", b"ID3" + struct.pack(">I", 0) * 20, {}
        data = self.library.bytes_of(values["id"])
        if range_:
            first, _, last = range_.removeprefix("bytes=").partition("-")
            if int(first) >= len(data):
                return 416, "text/plain", b"", {"Content-Range": f"bytes */{len(data)}"}
            end = int(last) if last else len(data) - 1
            return 206, "audio/ogg", data[int(first) : end + 1], {"Content-Range": f"bytes {first}-{end}/{len(data)}"}
        return 200, "audio/ogg", data, {"Accept-Ranges": "bytes", "Content-Disposition": f'attachment; filename="{values["id"]}.ogg"'}

    def _decision(self, values: dict[str, Any], body: bytes) -> dict[str, Any]:
        self.library.song(values["mediaId"])
        return {
            "canDirectPlay": b'"containers"' in body, "canTranscode": b'"audioCodec"' in body, "transcodeParams": "mp3",
            "sourceStream": {"protocol": "http", "container": "ogg", "codec": "vorbis"},
        }  # fmt: skip
