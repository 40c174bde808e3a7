"""A small music co-op: a band of three with one release, a listener with a wallet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from madang.coop.people import actions as people
from madang.coop.people.models import Person
from madang.platforms.music import states
from madang.platforms.music.actions import catalogue, listening, splitting, wallets
from madang.platforms.music.models import Artist, Release, Track

CHARTER = Path(__file__).resolve().parents[3] / "charters" / "resonate.toml"


@dataclass
class World:
    """Who is there. ``singer`` manages the band; it shares 30 : 25 : 45."""

    now: datetime
    singer: Person
    guitar: Person
    drums: Person
    listener: Person
    band: Artist
    release: Release
    tracks: list[Track]

    def play(self, number: int = 0, *, times: int = 1, who: Person | None = None, key: str = "", seconds: int = 60, **more: Any) -> list[str]:
        """Play a track some times, an hour apart, beginning now; how each was counted."""
        person, found = who or self.listener, []
        for turn in range(times):
            self.now += timedelta(hours=1)
            name = f"{key or number}-{turn}-{self.now.isoformat()}"
            at = self.now - timedelta(minutes=5)
            told = listening.report(person, [listening.Report(name, self.tracks[number].pk, at, seconds)], now=self.now, **more)
            found.append(told[0].play.state)
        return found


def person(name: str, now: datetime) -> Person:
    return people.register(f"{name}@example.net", name.capitalize(), language="en", time_zone="Europe/Dublin", confirmed=True, now=now)


def sounding(track: Track, duration: int = 180_000) -> Track:
    """A track whose sound is there, as if it had been prepared."""
    Track.objects.filter(pk=track.pk).update(state=states.READY, duration=duration)
    track.refresh_from_db()
    return track


def pay_in(who: Person, amount: int, now: datetime) -> None:
    from madang.coop.payments import actions as payments
    from madang.coop.payments import sandbox
    from madang.coop.payments.models import Charge

    made = wallets.top_up(who, amount, now=now)
    charge = payments.go_and_pay(Charge.objects.get(pk=made.charge_id), now=now)
    sandbox.pay(charge, now=now)


@pytest.fixture
def music(db: Any, now: datetime) -> World:
    from tests.coop import founded

    founded.open_coop(now, CHARTER)
    names = [person(name, now) for name in ("singer", "guitar", "drums", "listener")]
    singer, guitar, drums, listener = names
    band = catalogue.make_artist(singer, "The Undertow", kind=Artist.BAND, now=now)
    for one in (guitar, drums):
        catalogue.add_member(singer, band, person=one, now=now)
    wishes = [splitting.Wish(30, person=singer), splitting.Wish(25, person=guitar), splitting.Wish(45, person=drums)]
    made = splitting.propose(singer, band, wishes, now=now)
    for party in made.parties.exclude(person=singer):
        splitting.confirm(party.person, party, now=now)
    release = catalogue.make_release(singer, band, "Low Tide", tags="folk, Ambient", now=now)
    tracks = [sounding(catalogue.add_track(singer, release, title, now=now)) for title in ("Shingle", "Salt", "Skerry")]
    catalogue.publish(singer, release, now=now)
    return World(now, singer, guitar, drums, listener, band, release, tracks)
