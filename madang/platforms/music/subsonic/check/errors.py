"""What is said about a parameter that is missing, and about what is not there."""

from __future__ import annotations

from typing import Any

from madang.platforms.music.subsonic.check.finding import Absent, Broken, check
from madang.platforms.music.subsonic.check.talk import Talk, another

NEEDY: list[tuple[str, dict[str, Any]]] = [
    ("getMusicDirectory", {}), ("getArtist", {}), ("getAlbum", {}), ("getSong", {}), ("getArtistInfo2", {}), ("getAlbumInfo2", {}),
    ("getSimilarSongs2", {}), ("getTopSongs", {}), ("getAlbumList", {}), ("getAlbumList2", {}), ("getAlbumList2", {"type": "byYear"}),
    ("getAlbumList2", {"type": "byGenre"}), ("getSongsByGenre", {}), ("search2", {}), ("search3", {}), ("getPlaylist", {}), ("createPlaylist", {}),
    ("updatePlaylist", {}), ("deletePlaylist", {}), ("stream", {}), ("download", {}), ("getCoverArt", {}), ("getLyricsBySongId", {}), ("star", {}),
    ("unstar", {}), ("setRating", {}), ("scrobble", {}), ("reportPlayback", {}), ("getUser", {}), ("createBookmark", {}), ("deleteBookmark", {}),
    ("createShare", {}), ("deleteShare", {}), ("getPodcastEpisode", {}), ("getTranscodeStream", {}),
]  # fmt: skip


@check("errors")
def missing_parameter(talk: Talk) -> None:
    """A call without a parameter that it needs is error 10."""
    wrong = []
    for call, params in NEEDY:
        heard = talk.raw(call, **params)
        try:
            talk.offered(heard)
        except Absent:
            continue
        if heard.code != 10:
            wrong.append(f"{' '.join([call, *params.values()])}: {heard.short()}")
    if wrong:
        raise Broken("; ".join(wrong))


@check("errors")
def not_there(talk: Talk) -> None:
    """What is asked for by an id that is nothing's is error 70: the requested data was not found."""
    song, album, artist = (another(str(one)) for one in (talk.song["id"], talk.album["id"], talk.song.get("artistId") or talk.album.get("artistId") or "x"))
    asked: list[tuple[str, str]] = [("getSong", song), ("getAlbum", album), ("getArtist", artist), ("stream", song), ("download", song), ("scrobble", song)]
    if indexes := talk.rows("getIndexes", "index"):
        asked.append(("getMusicDirectory", another(str(indexes[0]["artist"][0]["id"]))))
    _want_70(talk, asked)


@check("errors")
def not_an_id(talk: Talk) -> None:
    """An id is any text to a player. One that the server could never have made is an error in the protocol's own form too."""
    for call in ("getSong", "getAlbum", "getArtist", "getMusicDirectory", "getPlaylist", "stream"):
        heard = talk.raw(call, id="no such thing!")
        if heard.code is None:
            raise Broken(f"{call}: {heard.short()}")


def _want_70(talk: Talk, asked: list[tuple[str, str]]) -> None:
    wrong = []
    for call, name in asked:
        silent: dict[str, Any] = {"submission": False} if call == "scrobble" else {}
        heard = talk.raw(call, id=name, **silent)
        try:
            talk.offered(heard)
        except Absent:
            continue
        if heard.code != 70:
            wrong.append(f"{call}: {heard.short()}")
    if wrong:
        raise Broken("; ".join(wrong))


@check("errors")
def nonsense_for_a_number(talk: Talk) -> None:
    """A parameter that cannot be read is an error in the protocol's own form, never a page of the web server."""
    asked: list[tuple[str, dict[str, Any]]] = [("getAlbumList2", {"type": "newest", "size": "many"}), ("search3", {"query": "a", "songCount": "x"})]
    for call, params in asked:
        heard = talk.raw(call, **params)
        if heard.json is None:
            raise Broken(f"{call}: {heard.short()}")


@check("errors")
def unknown_list_type(talk: Talk) -> None:
    """A type of list that the protocol does not have is an error."""
    heard = talk.raw("getAlbumList2", type="mostBeautiful")
    if heard.code is None:
        raise Broken(heard.short())


@check("errors")
def unknown_call(talk: Talk) -> None:
    """A call that nobody knows is an error, or HTTP 404; it is never "ok"."""
    heard = talk.raw("getNothingAtAll")
    if heard.status == 200 and heard.code is None:
        raise Broken(heard.short())
