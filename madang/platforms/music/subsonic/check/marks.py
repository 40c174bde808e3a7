"""Stars, ratings, and what was listened to."""

from __future__ import annotations

import time
from typing import Any

from madang.platforms.music.subsonic.check.finding import Absent, check, expect
from madang.platforms.music.subsonic.check.talk import Talk

STARRED = (("song", "id"), ("album", "albumId"), ("artist", "artistId"))


def _lately(minutes: int) -> int:
    """So many minutes ago, in milliseconds: a server need not believe a play of years ago."""
    return int((time.time() - minutes * 60) * 1000)


def _one(talk: Talk, kind: str) -> dict[str, Any]:
    if kind == "artist" and not talk.artists:
        raise Absent("the library has no artist")
    return {"song": talk.song, "album": talk.album, "artist": talk.artists[0] if talk.artists else {}}[kind]


@check("marks", writes=True)
def star(talk: Talk) -> None:
    """star gives a star to a song (id), an album (albumId) or an artist (artistId): getStarred2 has it, and what is starred says when."""
    for kind, parameter in STARRED:
        what = str(_one(talk, kind)["id"])
        before = what in [str(one.get("id")) for one in talk.rows("getStarred2", kind)]
        if not before:
            talk.ask("star", **{parameter: what})
        try:
            mine = [one for one in talk.rows("getStarred2", kind) if str(one.get("id")) == what]
            expect(mine, f"{kind}: getStarred2 does not have it")
            expect(mine[0].get("starred"), f"{kind}: without the time")
            again = talk.element({"song": "getSong", "album": "getAlbum", "artist": "getArtist"}[kind], id=what)
            expect(again.get("starred"), f"{kind}: asked by itself it bears no star")
        finally:
            if not before:
                talk.ask("unstar", **{parameter: what})
        expect(before or what not in [str(one.get("id")) for one in talk.rows("getStarred2", kind)], f"{kind}: unstar leaves it")


@check("marks", writes=True)
def star_several(talk: Talk) -> None:
    """star and unstar take several ids in one request, and of several kinds."""
    songs, album = [str(one["id"]) for one in talk.songs[:2]], str(talk.album["id"])
    if any(one.get("starred") for one in [*talk.songs[:2], talk.album]):
        raise Absent("some of them bear a star already")
    talk.ask("star", id=songs, albumId=album)
    said = talk.element("getStarred2")
    talk.ask("unstar", id=songs, albumId=album)
    got = {str(one.get("id")) for key in ("song", "album") for one in said.get(key, [])}
    expect({*songs, album} <= got, f"starred {len(songs) + 1}, of these came {len({*songs, album} & got)}")


@check("marks", writes=True)
def rating(talk: Talk) -> None:
    """setRating gives 1 to 5, which the song then says as userRating, and 0 takes it away."""
    what, before = str(talk.song["id"]), talk.song.get("userRating", 0)
    for given in (5, 2):
        talk.ask("setRating", id=what, rating=given)
        came = talk.element("getSong", id=what).get("userRating")
        expect(came == given, f"given {given}, came {came}")
    talk.ask("setRating", id=what, rating=0)
    gone = talk.element("getSong", id=what)
    if before:
        talk.ask("setRating", id=what, rating=before)
    expect("userRating" not in gone, f"given 0, came {gone.get('userRating')}")
    heard = talk.raw("setRating", id=what, rating=6)
    expect(heard.code is not None, "6 is taken")


@check("marks", writes=True)
def scrobble(talk: Talk) -> None:
    """From 1.11.0 on scrobble counts a play: playCount goes up. submission=false only says what is on. time is in milliseconds."""
    what = str(talk.song["id"])
    before = talk.element("getSong", id=what).get("playCount", 0)
    talk.ask("scrobble", id=what, submission=False)
    expect(talk.element("getSong", id=what).get("playCount", 0) == before, "submission=false counts as a play")
    talk.ask("scrobble", id=what, time=_lately(10))
    after = talk.element("getSong", id=what)
    if not talk.speaks("1.14.0") and "playCount" not in after:
        raise Absent("a song says nothing about its plays, as it need not before 1.14.0")
    expect(after.get("playCount", 0) == before + 1, f"playCount {before} became {after.get('playCount')}")


@check("marks", writes=True)
def scrobble_several(talk: Talk) -> None:
    """From 1.8.0 on scrobble takes several ids, each with its time."""
    first, last = str(talk.songs[0]["id"]), str(talk.songs[-1]["id"])
    if first == last:
        raise Absent("no album has two songs")
    talk.ask("scrobble", id=[first, last], time=[_lately(30), _lately(20)])


@check("marks", writes=True)
def now_playing_told(talk: Talk) -> None:
    """From 1.11.0 on what scrobble says with submission=false is in getNowPlaying."""
    what = str(talk.songs[-1]["id"])
    if what in [str(one.get("id")) for one in talk.rows("getNowPlaying", "entry")]:
        raise Absent("the song is on already")
    talk.ask("scrobble", id=what, submission=False)
    expect(what in [str(one.get("id")) for one in talk.rows("getNowPlaying", "entry")], "getNowPlaying does not have it")


@check("marks", writes=True)
def report_playback(talk: Talk) -> None:
    """With playbackReport, a player says starting, playing, paused and stopped; getNowPlaying shows state and place. With ignoreScrobble, no play."""
    talk.need("playbackReport")
    what = str(talk.song["id"])
    before = talk.element("getSong", id=what).get("playCount", 0)
    told = {"mediaId": what, "mediaType": "song", "ignoreScrobble": True}
    for state, place in (("starting", 0), ("playing", 0), ("paused", 12_000)):
        talk.ask("reportPlayback", state=state, positionMs=place, **told)
    mine = [one for one in talk.rows("getNowPlaying", "entry") if str(one.get("id")) == what]
    talk.ask("reportPlayback", state="stopped", positionMs=12_000, **told)
    expect(mine, "getNowPlaying does not have it")
    expect((mine[0].get("state"), mine[0].get("positionMs")) == ("paused", 12_000), f"state {mine[0].get('state')}, positionMs {mine[0].get('positionMs')}")
    expect(talk.element("getSong", id=what).get("playCount", 0) == before, "ignoreScrobble counts as a play")
