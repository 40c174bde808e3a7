"""Searches: what is found, how much of it, and everything at once."""

from __future__ import annotations

from madang.platforms.music.subsonic.check.finding import Absent, check, expect
from madang.platforms.music.subsonic.check.talk import Talk


@check("searching")
def by_title(talk: Talk) -> None:
    """search3 and search2 find a song by its title; search3 an album and an artist by their names."""
    title = str(talk.song["title"])
    for call in ("search3", "search2"):
        came = [song.get("id") for song in talk.rows(call, "song", query=title, songCount=500)]
        expect(talk.song["id"] in came, f"{call} {title!r}: not among {len(came)} songs")
    name = str(talk.album["name"])
    expect(talk.album["id"] in [one.get("id") for one in talk.rows("search3", "album", query=name, albumCount=500)], f"search3 {name!r}: no such album")
    if talk.artists:
        who = talk.artists[0]
        came = [one.get("id") for one in talk.rows("search3", "artist", query=str(who["name"]), artistCount=500)]
        expect(who["id"] in came, f"search3 {who['name']!r}: no such artist")


@check("searching")
def counts(talk: Talk) -> None:
    """artistCount, albumCount and songCount say how many come at most, and 0 means none."""
    title = str(talk.song["title"])
    said = talk.element("search3", query=title, artistCount=0, albumCount=0, songCount=1)
    expect(not said.get("artist") and not said.get("album"), f"asked for none, came {len(said.get('artist', []))} and {len(said.get('album', []))}")
    expect(len(said.get("song", [])) == 1, f"asked for one song, came {len(said.get('song', []))}")


@check("searching")
def nothing_found(talk: Talk) -> None:
    """A search that finds nothing is "ok" and empty."""
    said = talk.element("search3", query="qzxjv wqkzx 9471")
    expect(not any(said.get(key) for key in ("artist", "album", "song")), f"came {said}"[:120])


@check("searching")
def empty_query(talk: Talk) -> None:
    """An OpenSubsonic server answers an empty query of search3 with everything, page by page: so players copy the library."""
    talk.need_open()
    pages: list[list[str]] = []
    for at in (0, 5):
        pages.append([str(song.get("id")) for song in talk.rows("search3", "song", query="", artistCount=0, albumCount=0, songCount=5, songOffset=at)])
    both = [str(song.get("id")) for song in talk.rows("search3", "song", query="", artistCount=0, albumCount=0, songCount=10)]
    if not both:
        expect(not talk.songs, "nothing")
        raise Absent("the library has no song")
    expect(pages[0] + pages[1] == both and len(both) == len(set(both)), f"two pages of five {pages}, ten at once {both}")
    albums = talk.rows("search3", "album", query="", artistCount=0, songCount=0, albumCount=500)
    expect(len(albums) == len(talk.albums), f"{len(albums)} albums, the list has {len(talk.albums)}")
