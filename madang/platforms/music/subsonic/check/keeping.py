"""Bookmarks, the queue that goes along from one player to the next, shares, podcasts and radio."""

from __future__ import annotations

from madang.platforms.music.subsonic.check.finding import Absent, check, expect
from madang.platforms.music.subsonic.check.talk import Talk


@check("keeping", writes=True)
def bookmark(talk: Talk) -> None:
    """createBookmark keeps a place in milliseconds, and the next one for the same song takes its place; deleteBookmark takes it away."""
    what = str(talk.song["id"])
    if any(str(one.get("entry", {}).get("id")) == what for one in talk.rows("getBookmarks", "bookmark")):
        raise Absent("the song has a bookmark already")
    talk.ask("createBookmark", id=what, position=1234, comment="one")
    talk.ask("createBookmark", id=what, position=5678, comment="two")
    mine = [one for one in talk.rows("getBookmarks", "bookmark") if str(one.get("entry", {}).get("id")) == what]
    talk.ask("deleteBookmark", id=what)
    left = [one for one in talk.rows("getBookmarks", "bookmark") if str(one.get("entry", {}).get("id")) == what]
    expect([(one.get("position"), one.get("comment")) for one in mine] == [(5678, "two")], f"came {len(mine)}: {mine}"[:160])
    expect(not left, "it is still there")


@check("keeping", writes=True)
def queue(talk: Talk) -> None:
    """savePlayQueue keeps songs, the one that plays and the place in it (milliseconds); getPlayQueue has them, and who saved them with what."""
    songs = [str(one["id"]) for one in talk.songs[:3]]
    talk.ask("savePlayQueue", id=songs, current=songs[-1], position=4321)
    came = talk.element("getPlayQueue")
    expect([str(one.get("id")) for one in came.get("entry", [])] == songs, f"its songs: {came.get('entry')}"[:160])
    expect((str(came.get("current")), came.get("position")) == (songs[-1], 4321), f"current {came.get('current')}, position {came.get('position')}")


@check("keeping", writes=True)
def queue_emptied(talk: Talk) -> None:
    """An OpenSubsonic server empties the queue at a savePlayQueue without parameters."""
    talk.need_open()
    talk.ask("savePlayQueue", id=[str(talk.song["id"])], current=str(talk.song["id"]))
    talk.ask("savePlayQueue")
    expect(not talk.element("getPlayQueue").get("entry"), "it is not empty")


@check("keeping", writes=True)
def queue_by_index(talk: Talk) -> None:
    """With indexBasedQueue the same song may stand in the queue twice, and a number says which one plays; one outside the queue is error 10."""
    talk.need("indexBasedQueue")
    song = str(talk.song["id"])
    talk.ask("savePlayQueueByIndex", id=[song, song], currentIndex=1, position=77)
    came = talk.element("getPlayQueueByIndex")
    said = ([str(one.get("id")) for one in came.get("entry", [])], came.get("currentIndex"), came.get("position"))
    expect(said == ([song, song], 1, 77), f"came {said}")
    for params in ({"id": [song, song]}, {"id": [song], "currentIndex": 1}, {"currentIndex": 0}):
        heard = talk.raw("savePlayQueueByIndex", **params)
        expect(heard.code == 10, f"{params}: {heard.short()}")
    talk.ask("savePlayQueueByIndex")
    expect(not talk.element("getPlayQueueByIndex").get("entry"), "without parameters it is not emptied")


@check("keeping", writes=True)
def share(talk: Talk) -> None:
    """createShare answers with the share it made, which has an address; updateShare and deleteShare change it and take it away."""
    made = talk.rows("createShare", "share", id=[str(talk.song["id"])], description="check")
    expect(len(made) == 1 and made[0].get("url"), f"came {len(made)} shares")
    name = str(made[0]["id"])
    talk.ask("updateShare", id=name, description="changed")
    mine = [one for one in talk.rows("getShares", "share") if str(one.get("id")) == name]
    talk.ask("deleteShare", id=name)
    expect(mine and mine[0].get("description") == "changed", f"after updateShare: {mine}"[:160])
    expect(name not in [str(one.get("id")) for one in talk.rows("getShares", "share")], "it is still there")


@check("keeping")
def podcasts_and_radio(talk: Talk) -> None:
    """getPodcasts, getNewestPodcasts and getInternetRadioStations answer; having none is no error."""
    answered = 0
    for call in ("getPodcasts", "getNewestPodcasts", "getInternetRadioStations"):
        try:
            talk.element(call)
            answered += 1
        except Absent:
            continue
    if not answered:
        raise Absent("none of them")
