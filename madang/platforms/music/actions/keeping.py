"""What a listener keeps: favourites, ratings, playlists, a queue to go on with, bookmarks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.music.models import Artist, Bookmark, Playlist, PlaylistEntry, PlayQueue, Rating, Release, Star, Track

ENTRIES_MAX, PLAYLISTS_MAX, QUEUE_MAX = 10_000, 1_000, 5_000
Thing = Artist | Release | Track


def _named(thing: Thing) -> dict[str, Any]:
    return {"track" if isinstance(thing, Track) else "release" if isinstance(thing, Release) else "artist": thing}


def star(person: Person, thing: Thing, *, now: datetime) -> Star:
    """A favourite. Again is the same."""
    return Star.objects.get_or_create(person=person, **_named(thing), defaults={"at": now})[0]


def unstar(person: Person, thing: Thing) -> None:
    """No favourite any more."""
    Star.objects.filter(person=person, **_named(thing)).delete()


def rate(person: Person, thing: Thing, stars: int, *, now: datetime) -> None:
    """One to five stars, for oneself; 0 takes them back. Raises ``Refused`` (``stars``)."""
    if not 0 <= stars <= 5:
        raise Refused("stars", _("Between one and five stars, or none."))
    if stars:
        Rating.objects.update_or_create(person=person, **_named(thing), defaults={"stars": stars, "at": now})
    else:
        Rating.objects.filter(person=person, **_named(thing)).delete()


def sees(person: Person, playlist: Playlist) -> bool:
    """Whether a person may listen to a playlist."""
    return playlist.public or playlist.owner_id == person.pk or playlist.others.filter(pk=person.pk).exists()


def may_change(person: Person, playlist: Playlist) -> bool:
    """Whether a person may change what is in it: the owner, and whom the owner let in where it is collaborative."""
    return playlist.owner_id == person.pk or (playlist.collaborative and playlist.others.filter(pk=person.pk).exists())


def _locked(person: Person, key: object) -> Playlist:
    found = Playlist.objects.select_for_update().filter(pk=key).first()
    if found is None or not sees(person, found):
        raise Missing("no such playlist")
    if not may_change(person, found):
        raise Refused("not-yours", _("Only who made this playlist, and whom they let in, can change it."))
    return found


@transaction.atomic
def make_playlist(person: Person, name: str, tracks: Sequence[Track] = (), *, public: bool = False, about: str = "", now: datetime) -> Playlist:
    """A new playlist with these tracks. Raises ``Refused`` (``empty``, ``too-many``)."""
    if Playlist.objects.filter(owner=person).count() >= PLAYLISTS_MAX:
        raise Refused("too-many", _("You have as many playlists as can be kept here. Remove one first."))
    made = Playlist.objects.create(owner=person, name=_name(name), about=clean_text(about, 500, "about"), public=public, made_at=now, changed_at=now)
    _fill(made, tracks, person, now)
    return made


def _name(text: str) -> str:
    if not (line := clean_line(text, 120, "name")):
        raise Refused("empty", _("Please write a name."), "name")
    return line


def _fill(playlist: Playlist, tracks: Sequence[Track], by: Person, now: datetime, *, start: int = 0) -> None:
    if start + len(tracks) > ENTRIES_MAX:
        raise Refused("too-many", _("That is more tracks than a playlist can hold. Nothing was changed."))
    PlaylistEntry.objects.bulk_create(
        [PlaylistEntry(playlist=playlist, position=start + number, track=track, added_by=by, at=now) for number, track in enumerate(tracks)]
    )


@transaction.atomic
def change_playlist(
    person: Person, key: object, *, name: str | None = None, about: str | None = None, public: bool | None = None, collaborative: bool | None = None,
    add: Sequence[Track] = (), take: Sequence[int] = (), now: datetime,
) -> Playlist:  # fmt: skip
    """Change a playlist: what it is called (its owner only), tracks at the end, tracks out by their places (from 0). Raises ``Missing``, ``Refused``."""
    playlist = _locked(person, key)
    if playlist.owner_id != person.pk and not (name is about is public is collaborative is None):
        raise Refused("not-yours", _("Only who made this playlist can change its name and who sees it."))
    if name is not None:
        playlist.name = _name(name)
    if about is not None:
        playlist.about = clean_text(about, 500, "about")
    playlist.public = playlist.public if public is None else public
    playlist.collaborative = playlist.collaborative if collaborative is None else collaborative
    if take:
        kept = [one for one in playlist.entries.order_by("position") if one.position not in set(take)]
        playlist.entries.exclude(pk__in=[one.pk for one in kept]).delete()
        for place, one in enumerate(kept):
            one.position = place
        PlaylistEntry.objects.bulk_update(kept, ["position"])
    if add:
        _fill(playlist, add, person, now, start=playlist.entries.count())
    playlist.changed_at = now
    playlist.save()
    return playlist


@transaction.atomic
def replace_tracks(person: Person, key: object, tracks: Sequence[Track], *, now: datetime) -> Playlist:
    """Exactly these tracks, in this order."""
    playlist = _locked(person, key)
    playlist.entries.all().delete()
    _fill(playlist, tracks, person, now)
    playlist.changed_at = now
    playlist.save(update_fields=["changed_at"])
    return playlist


@transaction.atomic
def share_playlist(person: Person, key: object, other: Person, *, inside: bool = True) -> None:
    """Let somebody into one's playlist, or out of it. Raises ``Missing`` for who did not make it."""
    playlist = Playlist.objects.filter(pk=key, owner=person).first()
    if playlist is None:
        raise Missing("no such playlist of yours")
    (playlist.others.add if inside else playlist.others.remove)(other)


@transaction.atomic
def remove_playlist(person: Person, key: object) -> None:
    """A playlist goes. Raises ``Missing`` unless it is one's own."""
    found = Playlist.objects.filter(pk=key, owner=person)
    if not found.exists():
        raise Missing("no such playlist of yours")
    found.delete()


def save_queue(person: Person, tracks: Sequence[int], *, index: int | None, position: int, by: str, now: datetime) -> PlayQueue:
    """Remember where one is, to go on elsewhere: tracks in order, the place in them and in the track (milliseconds). Raises ``Refused`` (``too-many``)."""
    if len(tracks) > QUEUE_MAX:
        raise Refused("too-many", _("That is more tracks than a queue can hold."))
    there = set(Track.objects.filter(pk__in=tracks).values_list("pk", flat=True))
    kept = [one for one in tracks if one in there]
    values = {"tracks": kept, "index": index if kept else None, "position": max(0, position), "changed_by": by[:60], "changed_at": now}
    return PlayQueue.objects.update_or_create(person=person, defaults=values)[0]


def bookmark(person: Person, track: Track, position: int, comment: str, *, now: datetime) -> Bookmark:
    """A place to come back to (milliseconds); one a track."""
    values = {"position": max(0, position), "comment": clean_line(comment, 200, "comment"), "changed_at": now}
    return Bookmark.objects.update_or_create(person=person, track=track, defaults=values, create_defaults={**values, "made_at": now})[0]


def forget_bookmark(person: Person, track: Track) -> None:
    """The bookmark goes."""
    Bookmark.objects.filter(person=person, track=track).delete()
