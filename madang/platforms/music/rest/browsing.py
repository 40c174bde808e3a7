"""Folders, artists, albums, songs: what there is and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Func, Max, Q
from django.urls import reverse

from madang.platforms.music import queries, states
from madang.platforms.music.models import Artist, Play, Release, Track
from madang.platforms.music.rest import asks, shown
from madang.platforms.music.rest.asks import Ask
from madang.platforms.music.subsonic.errors import Failed
from madang.platforms.music.subsonic.lyrics import read, structured

IGNORED = "The A An Der Die Das Le La Les El Los"
TOP_DAYS = 90


def folders(ask: Ask) -> dict[str, Any]:
    """There is one."""
    return {"musicFolder": [{"id": int(asks.FOLDER), "name": "Music"}]}


def _there() -> list[Artist]:
    out = Release.objects.filter(state=states.PUBLISHED).values("artist")
    return list(Artist.objects.filter(pk__in=out, left_at=None).order_by("sort_name"))


def _indexed(found: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Artists by the letter they are sorted under; what begins with none stands under "#"."""
    letters: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        first = one["sortName"][:1].upper()
        letters.setdefault(first if first.isalpha() else "#", []).append(one)
    return sorted(letters.items())


def _in_folder(ask: Ask) -> bool:
    return ask["musicFolderId"] in (None, asks.FOLDER)


def indexes(ask: Ask) -> dict[str, Any]:
    """Artists by letter, for players that walk folders; nothing where nothing is new since ``ifModifiedSince``."""
    last = Release.objects.filter(state=states.PUBLISHED).aggregate(last=Max("changed_at"))["last"]
    changed = int(last.timestamp() * 1000) if last else 0
    told: dict[str, Any] = {"lastModified": changed, "ignoredArticles": IGNORED}
    if not _in_folder(ask) or (ask["ifModifiedSince"] is not None and changed <= ask["ifModifiedSince"]):
        return told
    found = _indexed(shown.artists(_there(), ask.me))
    return told | {"index": [{"name": letter, "artist": [shown.plain(one) for one in rows]} for letter, rows in found]}


def artists(ask: Ask) -> dict[str, Any]:
    """Artists by letter."""
    found = _indexed(shown.artists(_there(), ask.me)) if _in_folder(ask) else []
    return {"ignoredArticles": IGNORED, "index": [{"name": letter, "artist": rows} for letter, rows in found]}


def directory(ask: Ask) -> dict[str, Any]:
    """The folder of an artist holds releases, that of a release its tracks; the first folder the artists."""
    key = ask["id"]
    if key == asks.FOLDER:
        rows = shown.artists(_there(), ask.me)
        return {"id": key, "name": "Music", "child": [{"id": one["id"], "parent": key, "isDir": True, "title": one["name"]} for one in rows]}
    if key.startswith("ar-"):
        artist = asks.artist(key)
        found = list(queries.published().filter(artist=artist).order_by("-release_at"))
        mine = shown.artists([artist], ask.me)[0]
        return {"id": key, "name": artist.name, "child": shown.folders(found, ask.me)} | ({"starred": mine["starred"]} if "starred" in mine else {})
    release = asks.release(key)
    album = shown.albums([release], ask.me)[0]
    marks = {name: album[name] for name in ("starred", "userRating") if name in album}
    said = {"id": key, "parent": f"ar-{release.artist_id}", "name": release.title, "playCount": album["playCount"], **marks}
    return said | {"child": shown.songs(_tracks(release), ask.me)}


def _tracks(release: Release) -> list[Track]:
    return list(queries.playable().filter(release=release).order_by("disc", "position"))


def genres(ask: Ask) -> dict[str, Any]:
    """The tags of what is out."""
    rows = queries.playable().annotate(tag=Func(F("release__tags"), function="unnest")).order_by().values("tag")
    found = rows.annotate(songs=Count("pk", distinct=True), albums=Count("release", distinct=True)).order_by("tag")
    return {"genre": [{"value": row["tag"].title(), "songCount": row["songs"], "albumCount": row["albums"]} for row in found]}


def artist(ask: Ask) -> dict[str, Any]:
    """An artist with the albums."""
    found = asks.artist(ask["id"])
    albums = list(queries.published().filter(Q(artist=found) | Q(label=found)).order_by("-release_at"))
    return shown.artists([found], ask.me)[0] | {"album": shown.albums(albums, ask.me)}


def album(ask: Ask) -> dict[str, Any]:
    """A release with its tracks."""
    found = asks.release(ask["id"])
    return shown.albums([found], ask.me)[0] | {"song": shown.songs(_tracks(found), ask.me)}


def song(ask: Ask) -> dict[str, Any]:
    """One track."""
    return shown.songs([asks.track(ask["id"])], ask.me)[0]


def _artist_behind(key: str) -> Artist:
    if key.startswith("ar-"):
        return asks.artist(key)
    return asks.release(key).artist if key.startswith("al-") else asks.track(key).artist


def _near(artist: Artist, count: int) -> list[Artist]:
    """Artists who share tags with this one, those with most in common first: nothing else is known of likeness."""
    tags = {tag for one in Release.objects.filter(artist=artist, state=states.PUBLISHED).values_list("tags", flat=True) for tag in one}
    if not tags:
        return []
    common: dict[int, int] = {}
    for other, its in Release.objects.filter(state=states.PUBLISHED, tags__overlap=list(tags)).exclude(artist=artist).values_list("artist", "tags"):
        common[other] = max(common.get(other, 0), len(tags & set(its)))
    best = sorted(common, key=lambda key: (-common[key], key))[:count]
    found = {one.pk: one for one in Artist.objects.filter(pk__in=best, left_at=None)}
    return [found[key] for key in best if key in found]


def _info(ask: Ask) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    artist = _artist_behind(ask["id"])
    cover = queries.published().filter(artist=artist).exclude(cover="").first()
    said: dict[str, Any] = {"biography": artist.about} if artist.about else {}
    if cover:
        address = ask.request.build_absolute_uri(reverse("music:cover", args=[cover.pk]))
        said |= {"smallImageUrl": address, "mediumImageUrl": address, "largeImageUrl": address}
    return said, shown.artists(_near(artist, ask["count"]), ask.me)


def artist_info(ask: Ask) -> dict[str, Any]:
    """What is said of an artist, and who is near."""
    said, near = _info(ask)
    return said | {"similarArtist": [shown.plain(one) for one in near]}


def artist_info2(ask: Ask) -> dict[str, Any]:
    """The same with artists as they stand by tags."""
    said, near = _info(ask)
    return said | {"similarArtist": near}


def album_info(ask: Ask) -> dict[str, Any]:
    """What is said of a release."""
    key = ask["id"]
    found = asks.track(key).release if key.startswith("tr-") else asks.release(key)
    said: dict[str, Any] = {"notes": found.about} if found.about else {}
    if found.cover:
        address = ask.request.build_absolute_uri(reverse("music:cover", args=[found.pk]))
        said |= {"smallImageUrl": address, "mediumImageUrl": address, "largeImageUrl": address}
    return said


def similar(ask: Ask) -> dict[str, Any]:
    """Tracks of artists who share tags."""
    artist = _artist_behind(ask["id"])
    near = [artist, *_near(artist, 20)]
    found = list(queries.playable().filter(artist__in=near).order_by("?")[: ask["count"]])
    return {"song": shown.songs(found, ask.me)}


def top(ask: Ask) -> dict[str, Any]:
    """An artist's tracks that were played most in the last ninety days."""
    if ask["id"]:
        artist: Artist | None = asks.artist(ask["id"])
    else:
        artist = Artist.objects.filter(name__iexact=ask["artist"], left_at=None).first()
    if artist is None:
        return {"song": []}
    lately = Count("plays", filter=Q(plays__state=Play.COUNTED, plays__at__gte=ask.now - timedelta(days=TOP_DAYS)))
    found = queries.playable().filter(artist=artist).annotate(lately=lately).order_by("-lately", "-release__release_at", "position")
    return {"song": shown.songs(list(found[: ask["count"]]), ask.me)}


def videos(ask: Ask) -> dict[str, Any]:
    """None are here."""
    return {}


def lyrics_by_song(ask: Ask) -> dict[str, Any]:
    """The lyrics of a track, line by line, with their times where they have them."""
    track = asks.track(ask["id"])
    found = structured(track.lyrics, artist=track.artist.name, title=track.title, lang=track.language, enhanced=ask["enhanced"])
    return {"structuredLyrics": [found]} if found else {}


def lyrics(ask: Ask) -> dict[str, Any]:
    """Lyrics by artist and title, for old players."""
    rows = queries.playable().filter(title__iexact=ask["title"] or "", artist__name__iexact=ask["artist"] or "").exclude(lyrics="")
    found = rows.first()
    if found is None:
        return {"value": ""}
    lines, _tags = read(found.lyrics)
    return {"value": "\n".join(one.text for one in lines), "artist": found.artist.name, "title": found.title}


def none(ask: Ask) -> dict[str, Any]:
    """Nothing of the kind is here, and that is an answer."""
    return {}


def missing(ask: Ask) -> dict[str, Any]:
    """Nothing of the kind is here, so no such thing can be."""
    raise Failed(70)


CALLS: dict[str, Callable[[Ask], Any]] = {
    "getMusicFolders": folders, "getIndexes": indexes, "getMusicDirectory": directory, "getGenres": genres, "getArtists": artists, "getArtist": artist,
    "getAlbum": album, "getSong": song, "getVideos": videos, "getArtistInfo": artist_info, "getArtistInfo2": artist_info2, "getAlbumInfo": album_info,
    "getAlbumInfo2": album_info, "getSimilarSongs": similar, "getSimilarSongs2": similar, "getTopSongs": top, "getLyricsBySongId": lyrics_by_song,
    "getLyrics": lyrics, "getPodcasts": none, "getNewestPodcasts": none, "getPodcastEpisode": missing, "getInternetRadioStations": none,
}  # fmt: skip
