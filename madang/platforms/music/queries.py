"""The reads of music, named after what a person asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Count, F, Func, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Lower

from madang.coop.people.models import Person
from madang.kit.errors import Missing
from madang.platforms.music import rules, schedule, states, terms
from madang.platforms.music.models import (
    Agreement,
    Artist,
    Earning,
    Heard,
    Member,
    Party,
    Play,
    Release,
    Settlement,
    Star,
    Track,
    Wallet,
)  # fmt: skip

OUT = Q(state=states.PUBLISHED)
PAGE = 24


def published() -> QuerySet[Release]:
    """Releases anybody may see."""
    return Release.objects.filter(OUT, artist__left_at=None).select_related("artist", "label")


def playable() -> QuerySet[Track]:
    """Tracks anybody may hear."""
    return Track.objects.filter(release__state=states.PUBLISHED, state=states.READY, artist__left_at=None).select_related("artist", "release__artist")


def looking_around(now: datetime, *, tag: str = "", limit: int = PAGE, offset: int = 0) -> list[Release]:
    """Releases in the order the members decided. One query, or two."""
    way = terms.at(now).value(rules.discovery)
    rows = published()
    if tag:
        rows = rows.filter(tags__contains=[tag])
    if way == "lot":
        day = terms.month_of(now).isoformat() + str(now.date())
        keys = sorted(rows.values_list("pk", flat=True), key=lambda key: sha256(f"{day}|{key}".encode()).digest())[offset : offset + limit]
        found = {one.pk: one for one in rows.filter(pk__in=keys)}
        return [found[key] for key in keys]
    if way == "quiet":
        lately = Count("tracks__plays", filter=Q(tracks__plays__state=Play.COUNTED, tracks__plays__at__gte=now - timedelta(days=30)))
        return list(rows.annotate(lately=lately).order_by("lately", "-release_at", "-pk")[offset : offset + limit])
    return list(rows.order_by("-release_at", "-pk")[offset : offset + limit])


def tags(limit: int = 30) -> list[tuple[str, int]]:
    """The tags of what is out, most used first. One query."""
    rows = published().annotate(tag=Func(F("tags"), function="unnest")).values("tag").annotate(n=Count("pk")).order_by("-n", Lower("tag"))
    return [(row["tag"], row["n"]) for row in rows[:limit]]


@dataclass(frozen=True)
class Found:
    """What a search found."""

    artists: list[Artist]
    releases: list[Release]
    tracks: list[Track]


def search(text: str, *, limit: int = 20) -> Found:
    """Artists, releases and tracks whose name holds the text. Three queries."""
    words = text.strip()[:100]
    if not words:
        return Found([], [], [])
    artists = Artist.objects.filter(name__icontains=words, left_at=None, releases__state=states.PUBLISHED).distinct().order_by("sort_name")
    return Found(
        list(artists[:limit]), list(published().filter(title__icontains=words).order_by("title")[:limit]),
        list(playable().filter(title__icontains=words).order_by("title")[:limit]),
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A track on a page, with what the reader's next play of it costs."""

    track: Track
    price: int
    nth: int
    steps: int
    rest: int
    owned: bool
    starred: bool


def rows_of(tracks: Sequence[Track], person: Person | None, now: datetime) -> list[Row]:
    """Tracks as a page lists them. Three queries."""
    held = terms.at(now)
    prices = held.prices
    heard: dict[int, Heard] = {}
    starred: set[int] = set()
    if person is not None and person.is_authenticated:
        heard = {one.track_id: one for one in Heard.objects.filter(wallet__person=person, track__in=tracks)}
        starred = set(Star.objects.filter(person=person, track__in=tracks).values_list("track", flat=True))
    found = []
    for track in tracks:
        mine = heard.get(track.pk)
        paid = mine.steps if mine else 0
        owned = bool(mine and mine.owned_at)
        price = 0 if owned or held.subscription else schedule.price(prices, paid)
        rest = 0 if owned else schedule.rest(prices, paid)
        found.append(Row(track, price, min(paid + 1, len(prices)), len(prices), rest, owned, track.pk in starred))
    return found


def release(key: int, person: Person | None, *, managing: bool = False) -> Release:
    """A release one may see: published; one's own; or with a track one owns. Raises ``Missing``."""
    found = Release.objects.select_related("artist", "label").filter(pk=key).first()
    if found is None or found.state == states.REMOVED:
        raise Missing("no such release")
    if found.state == states.PUBLISHED or managing:
        return found
    mine = person is not None and person.is_authenticated and Heard.objects.filter(wallet__person=person, track__release=found, owned_at__isnull=False).exists()
    if not mine:
        raise Missing("no such release")
    return found


def mine(person: Person) -> list[Artist]:
    """The artists a person acts for, with those of their labels' rosters."""
    own = Member.objects.filter(person=person, manages=True, until=None)
    labels = own.filter(artist__kind=Artist.LABEL).values("artist")
    rosters = Member.objects.filter(artist__in=labels, other__isnull=False, until=None).values("other")
    return list(Artist.objects.filter(Q(pk__in=own.values("artist")) | Q(pk__in=rosters)).order_by("sort_name"))


def owned(person: Person) -> list[Track]:
    """What a listener owns, newest first."""
    rows = Heard.objects.filter(wallet__person=person, owned_at__isnull=False).select_related("track__artist", "track__release").order_by("-owned_at")
    return [one.track for one in rows]


def history(person: Person, limit: int = 50, offset: int = 0) -> list[Play]:
    """A listener's plays, newest first, those that did not count too."""
    return list(Play.objects.filter(wallet__person=person).select_related("track__artist", "track__release").order_by("-at")[offset : offset + limit])


def favourites(person: Person) -> list[Track]:
    """A listener's favourite tracks, newest first."""
    rows = Star.objects.filter(person=person, track__isnull=False).select_related("track__artist", "track__release").order_by("-at")
    return [one.track for one in rows if one.track]


@dataclass
class Statement:
    """What one party earned in one month: by track, and in all (finest unit)."""

    settlement: Settlement
    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    held: int = 0


def statements(person: Person, limit: int = 24) -> list[Statement]:
    """A person's months, newest first: each track, its plays, and their part. Two queries."""
    found: dict[Any, Statement] = {}
    owners = [f"person:{person.pk}", *(f"party:{key}" for key in Party.objects.filter(person=person).values_list("pk", flat=True))]
    rows = Earning.objects.filter(owner__in=owners, let_go_at=None).select_related("line__settlement", "line__track__artist", "line__track__release")
    for one in rows.order_by("-line__settlement__month", "-amount"):
        settlement = one.line.settlement
        if settlement.pk not in found:
            if len(found) == limit:
                break
            found[settlement.pk] = Statement(settlement)
        statement = found[settlement.pk]
        line = one.line
        statement.rows.append({"track": line.track, "plays": line.plays, "of": line.amount + line.floor, "amount": one.amount, "held": one.held})
        statement.total += one.amount
        statement.held += one.amount if one.held else 0
    return list(found.values())


def this_month(person: Person, now: datetime) -> dict[str, int]:
    """A listener's month so far: plays, what they cost, and how many were free. One query."""
    month = terms.month_of(now)
    rows = Play.objects.filter(wallet__person=person, month=month, state=Play.COUNTED)
    told = rows.aggregate(plays=Count("pk"), paid=Coalesce(Sum("price"), 0), free=Count("pk", filter=Q(price=0)))
    return {name: int(value) for name, value in told.items()}


def agreements(subject: Artist | Release | Track) -> list[Agreement]:
    """The agreements on something, the newest first, with their parties. Two queries."""
    name = "track" if isinstance(subject, Track) else "release" if isinstance(subject, Release) else "artist"
    parties = Prefetch("parties", Party.objects.select_related("person", "artist"))
    return list(Agreement.objects.filter(**{name: subject}).prefetch_related(parties).select_related("proposed_by").order_by("-made_at"))


def wallet(person: Person) -> Wallet | None:
    """A person's wallet, if they have one."""
    return Wallet.objects.filter(person=person).first()


def quarter(now: datetime) -> list[date]:
    """The last three months that are over, newest first."""
    month, found = terms.month_of(now), []
    for _number in range(3):
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month)
    return found
