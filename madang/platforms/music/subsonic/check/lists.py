"""Lists of albums and songs: how many, which, in which order."""

from __future__ import annotations

from typing import Any

from madang.platforms.music.subsonic.check.finding import Absent, check, expect
from madang.platforms.music.subsonic.check.talk import Talk

TYPES = ("random", "newest", "highest", "frequent", "recent", "alphabeticalByName", "alphabeticalByArtist", "starred")


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    return [str(one.get("id")) for one in rows]


@check("lists")
def every_type(talk: Talk) -> None:
    """getAlbumList2 and getAlbumList have the types random, newest, highest, frequent, recent, alphabeticalByName, alphabeticalByArtist, starred."""
    wrong = []
    for call in ("getAlbumList2", "getAlbumList"):
        for kind in TYPES:
            heard = talk.raw(call, type=kind, size=2)
            if heard.code is not None or heard.json is None:
                wrong.append(f"{call} {kind}: {heard.short()}")
    expect(not wrong, "; ".join(wrong))


@check("lists")
def size_and_offset(talk: Talk) -> None:
    """size says how many albums come (10 when nothing is said) and offset where they begin; pages follow each other without gap or overlap."""
    whole = _ids(talk.albums)
    expect(len(talk.rows("getAlbumList2", "album", type="alphabeticalByName")) == min(10, len(whole)), "not 10 by default")
    pages = [_ids(talk.rows("getAlbumList2", "album", type="alphabeticalByName", size=3, offset=at)) for at in (0, 3, 6)]
    expect([one for page in pages for one in page] == whole[:9], f"pages of three: {pages}, all at once: {whole[:9]}")
    expect(not talk.rows("getAlbumList2", "album", type="alphabeticalByName", size=3, offset=len(whole) + 500), "albums behind the last one")


@check("lists")
def by_name(talk: Talk) -> None:
    """alphabeticalByName is in the order of names, whatever the server makes of case and articles."""
    names = [str(one.get("sortName") or one.get("name", "")) for one in talk.albums]
    orders = (list(names), [name.casefold() for name in names], [_bare(name) for name in names])
    expect(any(order == sorted(order) for order in orders), f"{names[:6]}")


def _bare(name: str) -> str:
    first, _, rest = name.casefold().partition(" ")
    return "".join(filter(str.isalnum, rest if first in ("the", "a", "an", "el", "la", "los", "las", "le", "les") and rest else name.casefold()))


@check("lists")
def newest_first(talk: Talk) -> None:
    """newest begins with the album that was added last."""
    came = [str(one.get("created", "")) for one in talk.rows("getAlbumList2", "album", type="newest", size=50)]
    expect(came == sorted(came, reverse=True), f"created: {came[:4]}")


@check("lists")
def by_year(talk: Talk) -> None:
    """byYear has the albums from fromYear to toYear; where fromYear is the later one, they come backwards."""
    years = sorted({one["year"] for one in talk.albums if one.get("year")})
    if not years:
        raise Absent("no album has a year")
    for first, last in ((years[0], years[-1]), (years[-1], years[0])):
        came = [one.get("year", 0) for one in talk.rows("getAlbumList2", "album", type="byYear", fromYear=first, toYear=last, size=500)]
        expect(came and came == sorted(came, reverse=first > last), f"from {first} to {last}: {came[:8]}")
        expect(all(years[0] <= year <= years[-1] for year in came), f"from {first} to {last}: {came[:8]}")


@check("lists")
def by_genre(talk: Talk) -> None:
    """byGenre has the albums of a genre."""
    found = talk.rows("getGenres", "genre")
    if not found:
        raise Absent("no song has a genre")
    expect(talk.rows("getAlbumList2", "album", type="byGenre", genre=str(found[0]["value"]), size=500), f"none of {found[0]['value']!r}")


@check("lists")
def random_songs(talk: Talk) -> None:
    """getRandomSongs has at most size songs, none twice, all between fromYear and toYear."""
    few = _ids(talk.rows("getRandomSongs", "song", size=3))
    expect(few and len(few) <= 3 and len(few) == len(set(few)), f"asked for 3: {few}")
    year = next((song["year"] for song in talk.songs if song.get("year")), None)
    if year is not None:
        came = {song.get("year") for song in talk.rows("getRandomSongs", "song", size=500, fromYear=year, toYear=year)}
        expect(came == {year}, f"asked for {year}: {came}")


@check("lists")
def starred_lists(talk: Talk) -> None:
    """getStarred2 has only what bears a star, each with the time it was given."""
    for key in ("artist", "album", "song"):
        bare = [one.get("id") for one in talk.rows("getStarred2", key) if not one.get("starred")]
        expect(not bare, f"{key} without a time: {bare[:5]}")
    talk.element("getStarred")


@check("lists")
def now_playing(talk: Talk) -> None:
    """getNowPlaying says who listens to what; nobody is no error."""
    talk.element("getNowPlaying")
