"""Who gets which part, what it came to, and what other models would bring."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Schema

from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.music import parties as parties_of
from madang.platforms.music import queries, whatif
from madang.platforms.music.actions import catalogue, splitting
from madang.platforms.music.api.shapes import MusicRefusal, SplitOut, artist_of, now_of, release_of, router, track_of, user_of
from madang.platforms.music.models import Agreement, Artist, Release, Track


class PartyIn(Schema):
    """A party: a person by e-mail address, or an artist; ``recoup`` in millionths."""

    email: str = ""
    artist: int | None = None
    weight: int
    role: str = ""
    recoup: int = 0
    recoup_percent: int = 100


class SplitIn(Schema):
    parties: list[PartyIn] = Field(max_length=splitting.PARTIES_MAX)
    words: str = ""


class DisputeIn(Schema):
    words: str


class EarnedOut(Schema):
    track: int
    title: str
    plays: int
    of: int
    amount: int
    held: str


class MonthEarnedOut(Schema):
    """One month: amounts in millionths of the currency."""

    month: date
    model: str
    total: int
    held: int
    rows: list[EarnedOut]


class UnderOut(Schema):
    model: str
    in_force: bool
    artists: int
    mine: int | None
    median: int | None
    tenths: list[int]


class WhatIfOut(Schema):
    months: int
    artists: int
    plays: int
    under: list[UnderOut]


def split_out(one: Agreement) -> dict[str, Any]:
    """A split as JSON."""
    parties = [
        {
            "id": party.pk, "name": str(party), "artist": party.artist_id, "weight": party.weight, "role": party.role, "recoup": party.recoup,
            "recouped": party.recouped, "confirmed": party.confirmed_at is not None, "disputed": party.disputed_at is not None,
        }
        for party in one.parties.select_related("person", "artist")
    ]  # fmt: skip
    return {"id": one.pk, "state": one.state, "about": str(one), "effective_from": one.effective_from, "parties": parties}


def sees(person: Person, agreement: Agreement) -> bool:
    """Whether a person may see a split: its parties, and who acts for it."""
    if catalogue.manages(person, parties_of.artist_of(parties_of.subject_of(agreement))):
        return True
    managed = queries.mine(person)
    return any(party.person_id == person.pk or party.artist in managed for party in agreement.parties.select_related("artist"))


def split_of(request: HttpRequest, key: UUID) -> Agreement:
    """A split the reader may see. ``Missing`` otherwise."""
    found = get_object_or_404(Agreement.objects.select_related("artist", "release__artist", "track__release__artist", "track__artist"), pk=key)
    if not sees(user_of(request), found):
        raise Missing("not yours to see")
    return found


def wishes(parties: list[PartyIn]) -> list[splitting.Wish]:
    """Parties as they were typed. Raises ``Refused`` (``nobody``) for an address nobody signed up with."""
    found = []
    for one in parties:
        person = Person.objects.filter(email=one.email.strip().lower(), is_active=True).first() if one.email else None
        if one.email and person is None:
            raise Refused("nobody", _("%(email)s has not signed in here yet. Ask them to, then propose it again.") % {"email": one.email[:60]}, "parties")
        artist = artist_of(one.artist) if one.artist is not None else None
        found.append(splitting.Wish(one.weight, person, artist, one.role, one.recoup, one.recoup_percent))
    return found


def _propose(request: HttpRequest, subject: Artist | Release | Track, body: SplitIn) -> dict[str, Any]:
    catalogue.require(user_of(request), parties_of.artist_of(subject))
    return split_out(splitting.propose(user_of(request), subject, wishes(body.parties), words=body.words, now=now_of(request)))


@router.post("/artists/{int:key}/splits", response={200: SplitOut, 409: MusicRefusal}, summary="Propose how an artist's parts are shared")
def split_artist(request: HttpRequest, key: int, body: SplitIn) -> Any:
    return _propose(request, artist_of(key), body)


@router.post("/releases/{int:key}/splits", response={200: SplitOut, 409: MusicRefusal}, summary="Propose a split of a release")
def split_release(request: HttpRequest, key: int, body: SplitIn) -> Any:
    return _propose(request, release_of(request, key), body)


@router.post("/tracks/{int:key}/splits", response={200: SplitOut, 409: MusicRefusal}, summary="Propose a split of a track")
def split_track(request: HttpRequest, key: int, body: SplitIn) -> Any:
    return _propose(request, track_of(request, key), body)


@router.get("/splits/{uuid:key}", response=SplitOut, summary="A split I am a party of")
def split(request: HttpRequest, key: UUID) -> Any:
    return split_out(split_of(request, key))


@router.post("/splits/{uuid:key}/withdraw", response={200: SplitOut, 409: MusicRefusal}, summary="Take a proposal back")
def withdraw_split(request: HttpRequest, key: UUID) -> Any:
    return split_out(splitting.withdraw(user_of(request), split_of(request, key), now=now_of(request)))


@router.post("/parties/{int:key}/confirm", response={200: SplitOut, 409: MusicRefusal}, summary="Yes to my part")
def confirm(request: HttpRequest, key: int) -> Any:
    return split_out(splitting.confirm(user_of(request), key, now=now_of(request)))


@router.post("/parties/{int:key}/decline", response={200: SplitOut, 409: MusicRefusal}, summary="No to the proposal")
def decline(request: HttpRequest, key: int) -> Any:
    return split_out(splitting.decline(user_of(request), key, now=now_of(request)))


@router.post("/parties/{int:key}/dispute", response={200: SplitOut, 409: MusicRefusal}, summary="Dispute a part: only that is kept back")
def dispute(request: HttpRequest, key: int, body: DisputeIn) -> Any:
    return split_out(splitting.dispute(user_of(request), key, body.words, now=now_of(request)).agreement)


@router.post("/parties/{int:key}/settle", response={200: SplitOut, 409: MusicRefusal}, summary="My dispute is settled")
def settle_dispute(request: HttpRequest, key: int) -> Any:
    return split_out(splitting.settle_dispute(user_of(request), key, now=now_of(request)).agreement)


@router.get("/earnings", response=list[MonthEarnedOut], summary="What I earned, by month and track")
def earnings(request: HttpRequest) -> Any:
    found = []
    for one in queries.statements(user_of(request)):
        rows = [{**row, "track": row["track"].pk, "title": row["track"].title} for row in one.rows]
        found.append({"month": one.settlement.month, "model": one.settlement.model, "total": one.total, "held": one.held, "rows": rows})
    return found


@router.get("/what-if", response=WhatIfOut, summary="The last quarter's plays under each model")
def what_if(request: HttpRequest) -> Any:
    found = whatif.tried(user_of(request), now_of(request))
    return {"months": found.months, "artists": found.artists, "plays": found.plays, "under": [vars(one) for one in found.under]}
