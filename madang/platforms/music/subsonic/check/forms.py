"""XML and JSON say the same, and both fit the protocol."""

from __future__ import annotations

from typing import Any

from madang.platforms.music.subsonic import fitting
from madang.platforms.music.subsonic.check.finding import Absent, Broken, check
from madang.platforms.music.subsonic.check.talk import Talk
from madang.platforms.music.subsonic.schema import RESPONSE, SHAPES

MOVING = ("playCount", "played", "minutesAgo", "lastModified", "positionMs")
"""What may change between two questions."""


def _asked(talk: Talk) -> list[tuple[str, dict[str, Any]]]:
    song, album = str(talk.song["id"]), str(talk.album["id"])
    artist = str(talk.artists[0]["id"]) if talk.artists else ""
    asked: list[tuple[str, dict[str, Any]]] = [
        ("ping", {}), ("getLicense", {}), ("getMusicFolders", {}), ("getIndexes", {}), ("getArtists", {}), ("getGenres", {}),
        ("getArtist", {"id": artist}), ("getAlbum", {"id": album}), ("getSong", {"id": song}), ("getArtistInfo2", {"id": artist}),
        ("getAlbumInfo2", {"id": album}), ("getAlbumList", {"type": "alphabeticalByName"}), ("getAlbumList2", {"type": "alphabeticalByName"}),
        ("getStarred", {}), ("getStarred2", {}), ("search2", {"query": str(talk.song["title"])}), ("search3", {"query": str(talk.song["title"])}),
        ("getPlaylists", {}), ("getUser", {"username": talk.username}), ("getBookmarks", {}), ("getPlayQueue", {}), ("getShares", {}),
        ("getInternetRadioStations", {}), ("getPodcasts", {}), ("getNewestPodcasts", {}), ("getLyricsBySongId", {"id": song}),
        ("getOpenSubsonicExtensions", {}), ("getScanStatus", {}),
    ]  # fmt: skip
    for index in talk.rows("getIndexes", "index")[:1]:
        asked.append(("getMusicDirectory", {"id": str(index["artist"][0]["id"])}))
    return [one for one in asked if all(one[1].values())]


@check("forms")
def xml_says_what_json_says(talk: Talk) -> None:
    """The same call answers the same in XML and in JSON: attributes and elements there, keys and arrays here."""
    wrong = []
    for call, params in _asked(talk):
        in_json, in_xml = talk.raw(call, **params), talk.raw(call, form="xml", **params)
        if in_json.json is None or in_json.code is not None:
            continue
        if in_xml.xml is None:
            wrong.append(f"{call}: {in_xml.short()}")
            continue
        talk.judge(in_json)
        read, _misfits = fitting.from_xml(RESPONSE, in_xml.xml, call, talk.level)
        differs = _difference(_known(read), _known(in_json.json), call)
        if differs:
            wrong.append(differs)
    if wrong:
        raise Broken("; ".join(wrong))


@check("forms")
def xml_fits(talk: Talk) -> None:
    """XML keeps each key where the protocol's schema has it: attribute, element or text, of the right type, elements in the right order."""
    wrong = []
    for call, params in _asked(talk):
        heard = talk.raw(call, form="xml", **params)
        if heard.xml is None or heard.code is not None:
            continue
        _data, misfits = fitting.from_xml(RESPONSE, heard.xml, "subsonic-response", talk.level)
        wrong += [f"{call}: {one}" for one in misfits if not one.unknown][:2]
    if wrong:
        raise Broken("; ".join(wrong))


@check("forms")
def lists_stay_lists(talk: Talk) -> None:
    """In JSON a list is an array, of one element too."""
    wrong = []
    for call, key, params in (
        ("getAlbumList2", "album", {"type": "alphabeticalByName", "size": 1}),
        ("getRandomSongs", "song", {"size": 1}),
        ("search3", "song", {"query": str(talk.song["title"]), "songCount": 1}),
    ):
        found = talk.element(call, **params).get(key)
        if not isinstance(found, list):
            wrong.append(f"{call}: {key} is {type(found).__name__}")
    if wrong:
        raise Broken("; ".join(wrong))


@check("forms")
def characters(talk: Talk) -> None:
    """Texts are UTF-8 in both forms, whatever characters are in them."""
    if not talk.songs:
        raise Absent("the library has no song")
    for song in talk.songs:
        heard = talk.raw("getSong", form="xml", id=str(song["id"]))
        if heard.xml is None:
            raise Broken(f"{song.get('title')!r}: {heard.short()}")
        title = next((one.get("title") for one in heard.xml), None)
        if title != song.get("title"):
            raise Broken(f"in JSON {song.get('title')!r}, in XML {title!r}")


def _known(data: Any) -> Any:
    """Without what moves, and without empty lists and objects, which XML cannot tell from nothing."""
    if isinstance(data, dict):
        kept = {name: _known(value) for name, value in data.items() if name not in MOVING}
        return {name: value for name, value in kept.items() if value not in ({}, [], "")}
    return [_known(one) for one in data] if isinstance(data, list) else data


def _difference(xml: Any, json: Any, path: str) -> str:
    """Where the two differ first, in words; "" where they do not. Keys that the protocol does not know are passed over: XML was read by its table."""
    if isinstance(xml, dict) and isinstance(json, dict):
        for name in xml.keys() | json.keys():
            if name in xml and name in json:
                if found := _difference(xml[name], json[name], f"{path}.{name}"):
                    return found
            elif name in xml:
                return f"{path}.{name} is in XML only"
            elif name in _ALL_KEYS:
                return f"{path}.{name} is in JSON only"
        return ""
    if isinstance(xml, list) and isinstance(json, list):
        if len(xml) != len(json):
            return f"{path}: {len(xml)} in XML, {len(json)} in JSON"
        return next((found for at, pair in enumerate(zip(xml, json, strict=True)) if (found := _difference(*pair, f"{path}[{at}]"))), "")
    # A number written as text in JSON is told elsewhere; here it says the same.
    return "" if xml == json or str(xml).lower() == str(json).lower() else f"{path}: {xml!r} in XML, {json!r} in JSON"


_ALL_KEYS = frozenset(name for shape in SHAPES.values() for name in shape.keys)
