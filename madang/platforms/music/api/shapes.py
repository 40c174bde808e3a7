"""What several routes of music take and answer, and the router they hang on. Amounts are in millionths of the co-op's currency, but for top-ups: coins."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from madang.kit.errors import Missing
from madang.platforms.music import queries
from madang.platforms.music.models import Artist, Release, Track

router = Router(tags=["music"])


class ArtistOut(Schema):
    """An artist, band or label."""

    id: int
    name: str
    slug: str
    kind: str
    about: str
    links: list[str]


class TrackOut(Schema):
    """A track; ``duration`` in milliseconds, ``lufs`` and ``peak`` in hundredths."""

    id: int
    title: str
    artist: int
    artist_name: str
    release: int
    disc: int
    position: int
    state: str
    reason: str
    progress: int
    duration: int
    isrc: str
    licence: str
    lufs: int | None
    peak: int | None
    problems: list[list[str]]


class ReleaseOut(Schema):
    """A release with its tracks."""

    id: int
    title: str
    artist: int
    artist_name: str
    kind: str
    about: str
    state: str
    release_at: datetime | None
    tags: list[str]
    licence: str
    upc: str
    tracks: list[TrackOut]


class MusicRefusal(Schema):
    """Why it could not be done: ``code`` for programs, ``message`` for people, ``field`` of the input it belongs to."""

    code: str
    message: str
    field: str | None = None


class PartyOut(Schema):
    """One part of a split: ``weight`` of all weights together."""

    id: int
    name: str
    artist: int | None
    weight: int
    role: str
    recoup: int
    recouped: int
    confirmed: bool
    disputed: bool


class SplitOut(Schema):
    """A split: what it is about, who gets what, and whether it holds."""

    id: UUID
    state: str
    about: str
    effective_from: datetime
    parties: list[PartyOut] = Field(description="weights are of all weights together")


def now_of(request: HttpRequest) -> datetime:
    """The co-op's time of this request."""
    now: datetime = request.now  # type: ignore[attr-defined]
    return now


def user_of(request: HttpRequest) -> Any:
    """Whoever asks."""
    return request.user


def artist_out(one: Artist) -> dict[str, Any]:
    """An artist as JSON."""
    return {"id": one.pk, "name": one.name, "slug": one.slug, "kind": one.kind, "about": one.about, "links": one.links}


def track_out(one: Track) -> dict[str, Any]:
    """A track as JSON."""
    names = ("title", "disc", "position", "state", "reason", "progress", "duration", "isrc", "licence", "lufs", "peak", "problems")
    return {"id": one.pk, "artist": one.artist_id, "artist_name": one.artist.name, "release": one.release_id, **{name: getattr(one, name) for name in names}}


def release_out(one: Release) -> dict[str, Any]:
    """A release as JSON, with its tracks."""
    names = ("title", "kind", "about", "state", "release_at", "tags", "licence", "upc")
    tracks = [track_out(track) for track in one.tracks.select_related("artist")]
    return {"id": one.pk, "artist": one.artist_id, "artist_name": one.artist.name, "tracks": tracks, **{name: getattr(one, name) for name in names}}


def artist_of(key: int) -> Artist:
    """The artist. 404 otherwise."""
    return get_object_or_404(Artist, pk=key)


def release_of(request: HttpRequest, key: int) -> Release:
    """A release the reader may see, drafts of their own too. ``Missing`` otherwise."""
    from madang.platforms.music.actions import catalogue

    found = Release.objects.select_related("artist").filter(pk=key).first()
    if found is None:
        raise Missing("no such release")
    person = user_of(request)
    return queries.release(key, person, managing=catalogue.manages(person, found.artist))


def track_of(request: HttpRequest, key: int) -> Track:
    """A track of a release the reader may see. ``Missing`` otherwise."""
    found = Track.objects.select_related("artist", "release__artist").filter(pk=key).first()
    if found is None:
        raise Missing("no such track")
    release_of(request, found.release_id)
    return found
