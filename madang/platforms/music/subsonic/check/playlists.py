"""A playlist from its making to its end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from madang.platforms.music.subsonic.check.finding import Absent, Broken, check, expect
from madang.platforms.music.subsonic.check.talk import Talk


def _ids(playlist: dict[str, Any]) -> list[str]:
    return [str(one.get("id")) for one in playlist.get("entry", [])]


@contextmanager
def _playlist(talk: Talk, songs: list[str]) -> Iterator[tuple[str, str]]:
    """One of our own, by id and name; it is deleted afterwards."""
    name = f"subsonic-check {secrets.token_hex(4)} ü&<"
    made = talk.ask("createPlaylist", name=name, songId=songs).get("playlist") or {}
    found = made.get("id") or next((one["id"] for one in talk.rows("getPlaylists", "playlist") if one.get("name") == name), "")
    if not found:
        raise Broken("the new playlist is nowhere")
    try:
        yield str(found), name
    finally:
        talk.raw("deletePlaylist", id=str(found))


def _songs(talk: Talk) -> list[str]:
    ids = [str(one["id"]) for one in talk.songs]
    if len(ids) < 2:
        raise Absent("no album has two songs")
    return ids


@check("playlists", writes=True)
def create(talk: Talk) -> None:
    """createPlaylist makes a playlist of songs in the order given, one of them twice; from 1.14.0 on it answers with it."""
    first, second, *_ = _songs(talk)
    made = talk.ask("createPlaylist", name="subsonic-check", songId=[second, first, second])
    found = (made.get("playlist") or {}).get("id") or next(one["id"] for one in talk.rows("getPlaylists", "playlist") if one.get("name") == "subsonic-check")
    talk.raw("deletePlaylist", id=str(found))
    if talk.speaks("1.14.0"):
        expect("playlist" in made, "an empty answer")
        expect(_ids(made["playlist"]) == [second, first, second], f"its songs: {_ids(made['playlist'])}")


@check("playlists", writes=True)
def read_back(talk: Talk) -> None:
    """getPlaylist has the songs in their order, the same song twice where it was given twice, their number and how long they last."""
    first, second, *_ = _songs(talk)
    with _playlist(talk, [second, first, second]) as (one, name):
        came = talk.element("getPlaylist", id=one)
        expect(_ids(came) == [second, first, second], f"given {[second, first, second]}, came {_ids(came)}")
        expect(came.get("songCount") == 3, f"songCount {came.get('songCount')}")
        lasts = sum(entry.get("duration", 0) for entry in came.get("entry", []))
        expect(abs(came.get("duration", 0) - lasts) <= 3, f"duration {came.get('duration')}, its songs {lasts}")
        expect(came.get("name") == name, f"named {name!r}, came {came.get('name')!r}")
        expect(one in [str(row.get("id")) for row in talk.rows("getPlaylists", "playlist")], "getPlaylists does not list it")


@check("playlists", writes=True)
def update(talk: Talk) -> None:
    """updatePlaylist gives another name and comment, makes it public or not, adds songs at the end, and takes away those at the places given."""
    first, second, *_ = _songs(talk)
    with _playlist(talk, [first, second, first]) as (one, _name):
        talk.ask("updatePlaylist", playlistId=one, name="subsonic-check renamed", comment="to be gone soon", public=True)
        came = talk.element("getPlaylist", id=one)
        said = (came.get("name"), came.get("comment"), came.get("public"))
        expect(said == ("subsonic-check renamed", "to be gone soon", True), f"name, comment, public: {said}")
        talk.ask("updatePlaylist", playlistId=one, songIdToAdd=[second, second])
        expect(_ids(talk.element("getPlaylist", id=one)) == [first, second, first, second, second], "songIdToAdd: not at the end, in their order")
        talk.ask("updatePlaylist", playlistId=one, songIndexToRemove=["0", "3"])
        came_ids = _ids(talk.element("getPlaylist", id=one))
        expect(came_ids == [second, first, second], f"songIndexToRemove 0 and 3: {came_ids}")


@check("playlists", writes=True)
def replace(talk: Talk) -> None:
    """createPlaylist with playlistId gives that playlist other songs."""
    first, second, *_ = _songs(talk)
    with _playlist(talk, [first]) as (one, name):
        talk.ask("createPlaylist", playlistId=one, songId=[second, second])
        came = talk.element("getPlaylist", id=one)
        expect(_ids(came) == [second, second], f"given two, came {_ids(came)}")
        expect(came.get("name") == name, f"the name became {came.get('name')!r}")


@check("playlists", writes=True)
def delete(talk: Talk) -> None:
    """A playlist that was deleted is not there: error 70, and it is in no list."""
    with _playlist(talk, _songs(talk)[:1]) as (one, _name):
        talk.ask("deletePlaylist", id=one)
        heard = talk.raw("getPlaylist", id=one)
        expect(heard.code == 70, heard.short())
        expect(one not in [str(row.get("id")) for row in talk.rows("getPlaylists", "playlist")], "getPlaylists lists it")


@check("playlists", writes=True)
def many_songs(talk: Talk) -> None:
    """With formPost, a playlist of two thousand songs is made in one request."""
    talk.need("formPost")
    songs = (_songs(talk) * 2000)[:2000]
    heard = talk.raw("createPlaylist", post=True, name="subsonic-check many", songId=songs)
    made = str(((heard.json or {}).get("playlist") or {}).get("id", ""))
    try:
        expect(heard.code is None and heard.json is not None, heard.short())
        expect(_ids(talk.element("getPlaylist", id=made)) == songs, "not all of them")
    finally:
        talk.raw("deletePlaylist", id=made)
