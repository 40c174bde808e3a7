"""What every call is given, and the ids of things as players see them: ``ar-1`` an artist, ``al-2`` a release, ``tr-3`` a track."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from madang.coop.people.models import Person
from madang.platforms.music import queries
from madang.platforms.music.models import Artist, Release, Track
from madang.platforms.music.subsonic.errors import Failed

FOLDER = "1"
BIGGEST = 2**62


@dataclass(frozen=True)
class Ask:
    """One call's request: who asks (None where nobody need be), the values of its parameters, the player's name for itself."""

    request: HttpRequest
    person: Person | None
    values: dict[str, Any]
    client: str
    now: datetime

    @property
    def me(self) -> Person:
        """Who asks. Raises ``Failed`` (40) where nobody signed in."""
        if self.person is None:
            raise Failed(40)
        return self.person

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def number(said: str, kind: str) -> int:
    """The number in "tr-3". Raises ``Failed`` (70) for what is no id of this kind."""
    head, _dash, tail = said.partition("-")
    if head != kind or not tail.isdecimal() or len(tail) > 18:
        raise Failed(70)
    return min(int(tail), BIGGEST)


def track(said: str) -> Track:
    """A track that can be heard. Raises ``Failed`` (70)."""
    found = queries.playable().filter(pk=number(said, "tr")).first()
    if found is None:
        raise Failed(70)
    return found


def tracks(said: list[str]) -> list[Track]:
    """Tracks in the order they are asked for, as often as each is. Raises ``Failed`` (70) where one is not there. One query."""
    numbers = [number(one, "tr") for one in said]
    found = {one.pk: one for one in queries.playable().filter(pk__in=numbers)}
    if any(one not in found for one in numbers):
        raise Failed(70)
    return [found[one] for one in numbers]


def release(said: str) -> Release:
    """A release that is out. Raises ``Failed`` (70)."""
    found = queries.published().filter(pk=number(said, "al")).first()
    if found is None:
        raise Failed(70)
    return found


def artist(said: str) -> Artist:
    """An artist with something out. Raises ``Failed`` (70)."""
    found = Artist.objects.filter(pk=number(said, "ar"), left_at=None).first()
    if found is None:
        raise Failed(70)
    return found
