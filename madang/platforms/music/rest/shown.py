"""Artists, releases and tracks as the protocol shows them, with what the listener has marked. A fixed number of queries, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Sum

from madang.coop.people.models import Person
from madang.platforms.music import states
from madang.platforms.music.models import Artist, Bookmark, Credit, Heard, Rating, Release, Star, Track

SUFFIXES = {"opus": ("opus", "audio/ogg"), "vorbis": ("ogg", "audio/ogg"), "flac": ("flac", "audio/flac"), "aac": ("m4a", "audio/mp4")}


def _marks(model: Any, person: Person, kind: str, keys: Sequence[int], value: str) -> dict[int, Any]:
    return dict(model.objects.filter(person=person, **{f"{kind}__in": keys}).values_list(kind, value))


def file_of(track: Track) -> tuple[str, str]:
    """Suffix and type of the file a track's download is."""
    codec = "mp3" if track.codec.startswith("mp3") else track.codec
    if codec == "mp3":
        return "mp3", "audio/mpeg"
    if codec.startswith("pcm"):
        return "wav", "audio/wav"
    return SUFFIXES.get(codec, ("ogg", "audio/ogg"))


def songs(tracks: Sequence[Track], person: Person) -> list[dict[str, Any]]:
    """Tracks as ``Child``. Five queries."""
    keys = [one.pk for one in tracks]
    starred, rated = _marks(Star, person, "track", keys, "at"), _marks(Rating, person, "track", keys, "stars")
    bookmarks = dict(Bookmark.objects.filter(person=person, track__in=keys).values_list("track", "position"))
    heard = {one.track_id: one for one in Heard.objects.filter(wallet__person=person, track__in=keys)}
    credits: dict[int, list[Credit]] = defaultdict(list)
    for credit in Credit.objects.filter(track__in=keys).select_related("artist"):
        credits[credit.track_id].append(credit)
    return [_song(one, starred.get(one.pk), rated.get(one.pk), bookmarks.get(one.pk), heard.get(one.pk), credits[one.pk]) for one in tracks]


def _song(track: Track, starred: datetime | None, rated: int | None, bookmark: int | None, heard: Heard | None, credits: list[Credit]) -> dict[str, Any]:
    release, (suffix, mime) = track.release, file_of(track)
    genre = release.tags[0].title() if release.tags else None
    year = release.release_at.year if release.release_at else None
    artist, on = {"id": f"ar-{track.artist_id}", "name": track.artist.name}, {"id": f"ar-{release.artist_id}", "name": release.artist.name}
    said: dict[str, Any] = {
        "id": f"tr-{track.pk}", "parent": f"al-{release.pk}", "isDir": False, "title": track.title, "album": release.title, "artist": track.artist.name,
        "track": track.position, "year": year, "genre": genre, "coverArt": f"al-{release.pk}" if release.cover else None, "size": track.size,
        "contentType": mime, "suffix": suffix, "duration": max(1, round(track.duration / 1000)), "bitRate": max(1, track.bit_rate // 1000),
        "bitDepth": track.bit_depth or 0, "samplingRate": track.sample_rate, "channelCount": track.channels, "isVideo": False,
        "path": f"{release.artist.name}/{release.title}/{track.position:02d} {track.title}.{suffix}".replace("\x00", ""),
        "userRating": rated, "playCount": heard.plays if heard else 0, "discNumber": track.disc, "created": track.made_at, "starred": starred,
        "albumId": f"al-{release.pk}", "artistId": f"ar-{track.artist_id}", "type": "music", "mediaType": "song", "bookmarkPosition": bookmark,
        "bpm": 0, "comment": "", "played": heard.last_at if heard else None, "sortName": track.title.lower(), "musicBrainzId": "",
        "displayArtist": track.artist.name, "displayAlbumArtist": release.artist.name, "explicitStatus": "explicit" if track.explicit else "clean",
        "genres": [{"name": tag.title()} for tag in release.tags], "artists": [artist], "albumArtists": [on], "moods": [],
        "isrc": [track.isrc] if track.isrc else [], "displayComposer": "",
        "contributors": [
            {"role": "performer", "subRole": one.role or None, "artist": {"id": f"ar-{one.artist_id}" if one.artist_id else f"cr-{one.pk}", "name": one.name}}
            for one in credits
        ],
    }  # fmt: skip
    if track.lufs is not None and track.peak is not None:
        said["replayGain"] = {"trackGain": round(-18 - track.lufs / 100, 2), "trackPeak": round(10 ** (track.peak / 2000), 6)}
        if release.lufs is not None and release.peak is not None:
            said["replayGain"] |= {"albumGain": round(-18 - release.lufs / 100, 2), "albumPeak": round(10 ** (release.peak / 2000), 6)}
    return {name: value for name, value in said.items() if value is not None}


def albums(releases: Sequence[Release], person: Person) -> list[dict[str, Any]]:
    """Releases as ``AlbumID3``. Four queries."""
    keys = [one.pk for one in releases]
    starred, rated = _marks(Star, person, "release", keys, "at"), _marks(Rating, person, "release", keys, "stars")
    counts = _counted(keys)
    heard = _heard(keys, person)
    return [_album(one, counts.get(one.pk, (0, 0)), heard.get(one.pk, (0, None)), starred.get(one.pk), rated.get(one.pk)) for one in releases]


def _counted(keys: Sequence[int]) -> dict[int, tuple[int, int]]:
    rows = Track.objects.filter(release__in=keys, state=states.READY).order_by().values_list("release").annotate(n=Count("pk"), long=Sum("duration"))
    return {key: (count, (long or 0) // 1000) for key, count, long in rows}


def _heard(keys: Sequence[int], person: Person) -> dict[int, tuple[int, Any]]:
    rows = Heard.objects.filter(wallet__person=person, track__release__in=keys).order_by().values_list("track__release")
    return {key: (plays, last) for key, plays, last in rows.annotate(n=Sum("plays"), last=Max("last_at"))}


def _album(release: Release, counted: tuple[int, int], heard: tuple[int, Any], starred: datetime | None, rated: int | None) -> dict[str, Any]:
    out = release.release_at
    day = {"year": out.year, "month": out.month, "day": out.day} if out else {}
    said: dict[str, Any] = {
        "id": f"al-{release.pk}", "name": release.title, "title": release.title, "artist": release.artist.name, "artistId": f"ar-{release.artist_id}",
        "coverArt": f"al-{release.pk}" if release.cover else None, "songCount": counted[0], "duration": counted[1], "playCount": heard[0],
        "created": release.made_at, "starred": starred, "year": out.year if out else None, "genre": release.tags[0].title() if release.tags else None,
        "played": heard[1], "userRating": rated, "genres": [{"name": tag.title()} for tag in release.tags], "musicBrainzId": "",
        "recordLabels": [{"name": release.label.name}] if release.label else [], "artists": [{"id": f"ar-{release.artist_id}", "name": release.artist.name}],
        "displayArtist": release.artist.name, "releaseTypes": [release.kind.title()], "moods": [], "sortName": release.title.lower(),
        "originalReleaseDate": day, "releaseDate": day, "isCompilation": release.kind == "compilation", "explicitStatus": "", "discTitles": [],
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def folders(releases: Sequence[Release], person: Person) -> list[dict[str, Any]]:
    """Releases as ``Child`` directories, for players that walk folders. Four queries."""
    return [as_folder(one) for one in albums(releases, person)]


def as_folder(album: dict[str, Any]) -> dict[str, Any]:
    """An ``AlbumID3`` as the directory it is in the tree of folders."""
    kept = "id name songCount coverArt year genre created starred userRating duration playCount artist artistId genres played"
    said = {name: album[name] for name in kept.split() if name in album}
    return said | {"parent": album["artistId"], "isDir": True, "title": album["name"], "album": album["name"], "mediaType": "album"}


def artists(found: Iterable[Artist], person: Person) -> list[dict[str, Any]]:
    """Artists as ``ArtistID3``. Four queries."""
    rows = list(found)
    keys = [one.pk for one in rows]
    starred, rated = _marks(Star, person, "artist", keys, "at"), _marks(Rating, person, "artist", keys, "stars")
    out = Release.objects.filter(artist__in=keys, state=states.PUBLISHED).order_by()
    counts = dict(out.values_list("artist").annotate(n=Count("pk")))
    covers = dict(out.exclude(cover="").values_list("artist").annotate(first=Min("pk")))
    made = []
    for one in rows:
        said: dict[str, Any] = {
            "id": f"ar-{one.pk}", "name": one.name, "coverArt": f"al-{covers[one.pk]}" if one.pk in covers else None, "albumCount": counts.get(one.pk, 0),
            "starred": starred.get(one.pk), "userRating": rated.get(one.pk), "sortName": one.sort_name.lower(), "musicBrainzId": "", "roles": ["artist"],
        }  # fmt: skip
        made.append({name: value for name, value in said.items() if value is not None})
    return made


def plain(artist: dict[str, Any]) -> dict[str, Any]:
    """An ``ArtistID3`` as the ``Artist`` of the tree of folders."""
    return {name: artist[name] for name in ("id", "name", "starred", "userRating") if name in artist}
