"""A believable past for a music co-op: real, freely licensed music where Debian's packages of it are installed, listeners, plays and two settled months.

Everything goes through the same actions a person uses, with the clock passed in. The dice have a fixed seed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from madang.coop import law, record
from madang.coop.capital import actions as capital
from madang.coop.charter import actions as charter
from madang.coop.charter.models import FounderInvitation
from madang.coop.members.models import Membership
from madang.coop.notices.due import run_due
from madang.coop.payments import actions as payments
from madang.coop.payments import sandbox
from madang.coop.payments.models import Charge
from madang.coop.people import actions as people
from madang.coop.people.models import Person
from madang.platforms.music import demo_sounds, files, states, terms
from madang.platforms.music.actions import catalogue, listening, preparing, splitting, wallets
from madang.platforms.music.models import Artist, Release, Track

FOLDERS = (
    ("/usr/share/games/singularity/music", "CC BY-SA 3.0", ("soundtrack", "electronic")),
    ("/usr/share/games/asc/music", "GPL-2", ("soundtrack", "strategy")),
    ("/usr/share/hyperrogue/music", "CC BY-SA 4.0", ("soundtrack", "ambient")),
)
"""Where Debian's singularity-music, asc-music and hyperrogue-music put what they hold, under which licence."""
SOUNDS = (".ogg", ".mp3", ".flac", ".opus")
LISTENERS = (
    "Ada Moreau", "Benedikt Horn", "Chiara Russo", "Dmitri Volkov", "Elif Kaya", "Femi Okafor", "Greta Lund", "Hugo Lefevre", "Ingrid Solberg", "Jun Park",
    "Kasia Nowak", "Leo Martins", "Mina Ahmadi", "Nils Berg", "Oona Virtanen", "Pablo Ruiz", "Quinn Murphy", "Rosa Marino", "Sofie Jensen", "Tariq Aziz",
)  # fmt: skip
TURNS = 45
"""Plays of one listener in the two and a half months, on average."""


@dataclass
class Story:
    """Where the story is: ``at`` moves on as it is told, ``now`` is where it ends."""

    at: datetime
    now: datetime
    dice: Random
    progress: Callable[[str, int], Any]

    def later(self, **span: float) -> datetime:
        """A while later, and never past the end."""
        self.at = min(self.now, self.at + timedelta(**span))
        return self.at


def fill(progress: Callable[[str, int], Any], scale: int, now: datetime) -> None:
    """Tell the story up to ``now``; a co-op that has releases is left alone."""
    if Release.objects.exists():
        return
    coop = law.coop()
    story = Story(max(coop.founded_at, now - timedelta(days=80)) + timedelta(hours=1), now, Random(1854), progress)  # noqa: S311  a demo's dice
    founders = _founders(story)
    releases = _music(story, founders)
    _plays(story, releases)
    progress("months", 100)
    run_due(now)
    record.seal(now)


def _pay(charge: Charge, now: datetime) -> None:
    sandbox.pay(payments.go_and_pay(charge, now=now), now=now)


def _founders(story: Story) -> list[Person]:
    """Each founder opens their link, accepts, and pays. Those who make music come first in the answer."""
    found: list[tuple[bool, int, Person]] = []
    for invitation in FounderInvitation.objects.select_related("person", "membership__member_class").order_by("pk"):
        person = invitation.person
        token = charter.renew_link(person.email or "", now=story.at).path.split("/")[2]
        membership = charter.accept(token, by=person, now=story.at)
        _buy(membership, person, story.at)
        found.append((membership.member_class.key != "musician", len(found), person))
        story.later(minutes=20)
    law.forget()
    return [person for _other, _number, person in sorted(found, key=lambda one: one[:2])]


def _buy(membership: Membership, person: Person, now: datetime) -> None:
    if membership.state != "active" and membership.member_class.share_price:
        _pay(capital.buy_shares(membership, max(1, membership.member_class.min_shares), person, now=now), now)


def _music(story: Story, founders: list[Person]) -> list[Release]:
    """Three artists put out what there is: one alone, a band of three, a label with two on its roster."""
    makers = founders[:3]
    made = []
    with tempfile.TemporaryDirectory() as folder:
        albums = list(_albums(Path(folder)))
        for number, (title, artist_name, tags, licence, sounds) in enumerate(albums):
            story.progress("music", 100 * number // len(albums))
            by = makers[number % len(makers)]
            artist = _artist(by, artist_name, makers, band=number == 1, now=story.later(hours=2))
            release = catalogue.make_release(by, artist, title, tags=tags, licence=licence, now=story.at)
            for path in sounds:
                preparing.take_in(by, release, files.pieces_of(path), path.name, now=story.later(minutes=1))
            preparing.set_cover(by, release, demo_sounds.cover(title, number), now=story.at)
            _sound(release, story)
            if release.tracks.filter(state=states.READY).exists():
                release.tracks.exclude(state=states.READY).delete()
                made.append(catalogue.publish(by, release, now=story.later(hours=1)))
    story.progress("music", 100)
    return made


def _albums(folder: Path) -> Iterator[tuple[str, str, tuple[str, ...], str, list[Path]]]:
    """Albums as (title, artist, tags, licence, files): by what the real files say of themselves, else made-up sounds that say so."""
    from madang.platforms.music.sound import tags as said

    there = False
    for name, licence, tags in FOLDERS:
        found: dict[tuple[str, str], list[Path]] = {}
        for path in sorted(Path(name).glob("*")) if Path(name).is_dir() else []:
            if path.suffix.lower() in SOUNDS:
                read = said.read(path)
                found.setdefault((read.album or path.parent.parent.name.upper(), read.artist or "Unknown"), []).append(path)
        for (album, artist), sounds in found.items():
            there = True
            yield album, artist, tags, licence, sounds[:12]
    if not there:
        yield from demo_sounds.albums(folder)


def _artist(by: Person, name: str, makers: list[Person], *, band: bool, now: datetime) -> Artist:
    there = Artist.objects.filter(name=name).first()
    if there is not None and catalogue.manages(by, there):
        return there
    artist = catalogue.make_artist(by, name if there is None else f"{name} ({by.name.split()[0]})", kind=Artist.BAND if band else Artist.PERSON, now=now)
    if band:
        others = [one for one in makers if one != by]
        for one in others:
            catalogue.add_member(by, artist, person=one, name=one.name, now=now)
        wishes = [splitting.Wish(30, person=by), *(splitting.Wish(weight, person=one) for weight, one in zip((25, 45), others, strict=False))]
        made = splitting.propose(by, artist, wishes, now=now)
        for party in made.parties.filter(confirmed_at=None).select_related("person"):
            if party.person is not None:
                splitting.confirm(party.person, party, now=now)
    return artist


def _sound(release: Release, story: Story) -> None:
    """Prepare a release's tracks, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda key: _one(key, story.at), list(release.tracks.values_list("pk", flat=True))))


def _one(key: int, at: datetime) -> None:
    from django.db import connection

    try:
        preparing.prepare_track(key, clock=lambda: at)
    finally:
        connection.close()


def _plays(story: Story, releases: list[Release]) -> None:
    """Twenty listeners with tastes of their own. What they like they play again, until it is theirs; months are settled as they pass."""
    tracks = list(Track.objects.filter(release__in=releases, state=states.READY).order_by("pk"))
    if not tracks:
        return
    listeners = []
    for name in LISTENERS:
        email = f"{name.split()[0].lower()}@example.net"
        person = people.register(email, name, language="en", time_zone=law.coop().time_zone, confirmed=True, now=story.later(minutes=30))
        _top_up(person, 1000, story)
        listeners.append((person, story.dice.sample(tracks, min(len(tracks), story.dice.randint(3, 9)))))
    begin, span = story.at, story.now - story.at
    turns = TURNS * len(listeners)
    month = terms.month_of(story.at)
    for turn in range(turns):
        story.at = begin + span * turn / turns
        if terms.month_of(story.at) != month:
            month = terms.month_of(story.at)
            run_due(story.at + timedelta(days=2))
        story.progress("plays", 100 * turn // turns)
        person, liked = listeners[turn % len(listeners)]
        track = liked[min(len(liked) - 1, int(story.dice.expovariate(0.6)))] if story.dice.random() < 0.8 else story.dice.choice(tracks)
        seconds = track.duration // 1000 if story.dice.random() < 0.85 else story.dice.randint(5, 60)
        told = listening.report(person, [listening.Report(f"demo-{turn}", track.pk, story.at - timedelta(seconds=seconds), seconds)], agreed=True, now=story.at)
        if told[0].play.state == "wallet":
            _top_up(person, 500, story)


def _top_up(person: Person, amount: int, story: Story) -> None:
    made = wallets.top_up(person, amount, now=story.at)
    _pay(Charge.objects.get(pk=made.charge_id), story.at)
