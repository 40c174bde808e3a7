"""Who votes for me, as JSON: delegations and proxies."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from madang.coop.decisions import delegations, proxies
from madang.coop.decisions.acting_views import topic_names
from madang.coop.decisions.delegations import Delegation
from madang.coop.decisions.proxies import Proxy
from madang.coop.members import queries as members
from madang.coop.people.access import Request
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

router = Router(tags=["decisions"])


class TrustOut(Schema):
    """A delegation of mine (``mine``) or one that I carry or am asked to. ``topic``: "" everything, "kind:…" or "rules:…"."""

    id: UUID
    mine: bool
    topic: str
    holder: UUID
    until: datetime
    accepted: bool


class TrustIn(Schema):
    """Whom to ask, in what, and until when."""

    holder: UUID
    topic: str = Field("", max_length=60)
    until: datetime


class ProxyOut(Schema):
    """A proxy I gave (``mine``) or hold. ``decision`` or ``meeting``: for that only."""

    id: UUID
    mine: bool
    holder: UUID
    decision: UUID | None
    meeting: UUID | None
    until: datetime


class ProxyIn(Schema):
    """Who acts for me, until when, and what they shall say or vote."""

    holder: UUID
    until: datetime
    words: str = Field("", max_length=proxies.WORDS_MAX)


def _who(request: HttpRequest) -> tuple[Person, datetime]:
    asked = cast(Request, request)
    if not members.is_member(asked.user, asked.now):
        raise Missing("for members")
    return asked.user, asked.now


def _other(id: UUID, me: Person, now: datetime) -> Person:
    """Somebody whose name members see; others are chosen by nobody but themselves. Raises ``Missing``."""
    found = next((one for one in members.shown_people(now) if one.pk == id and one.pk != me.pk), None)
    if found is None:
        raise Missing("no such member")
    return found


def _trust(one: Delegation, me: Person) -> TrustOut:
    return TrustOut(
        id=one.pk, mine=one.giver.person_id == me.pk, topic=one.topic, holder=one.holder_id, until=one.until, accepted=one.accepted_at is not None
    )


def _proxy(one: Proxy, me: Person) -> ProxyOut:
    return ProxyOut(
        id=one.pk, mine=one.giver.person_id == me.pk, holder=one.holder_id, decision=one.decision_id, meeting=one.meeting, until=one.until
    )


@router.get("/delegations", response=list[TrustOut], summary="My delegations, and those I carry")
def trusts(request: HttpRequest) -> list[TrustOut]:
    """Those that stand, accepted or not."""
    me, now = _who(request)
    rows = delegations.standing(now).filter(ended_at=None)
    return [_trust(one, me) for one in rows if me.pk in (one.giver.person_id, one.holder_id)]


@router.post("/delegations", response=TrustOut, summary="Ask somebody to carry my vote")
def trust(request: HttpRequest, body: TrustIn) -> TrustOut:
    """What I had delegated in this topic before ends. It holds once they accept."""
    me, now = _who(request)
    if body.topic not in topic_names():
        raise Refused("topic", _("There is no such topic."), "topic")
    return _trust(delegations.give(me, _other(body.holder, me, now), body.topic, until=body.until, now=now), me)


@router.post("/delegations/{uuid:delegation}/acceptance", response=TrustOut, summary="Carry somebody's vote")
def accept(request: HttpRequest, delegation: UUID) -> TrustOut:
    """As they asked me to."""
    me, now = _who(request)
    return _trust(delegations.accept(delegation, me, now=now), me)


@router.delete("/delegations/{uuid:delegation}", response=TrustOut, summary="End a delegation")
def end(request: HttpRequest, delegation: UUID) -> TrustOut:
    """Take it back, decline it or give it up."""
    me, now = _who(request)
    return _trust(delegations.end(delegation, me, now=now), me)


@router.get("/proxies", response=list[ProxyOut], summary="Proxies I gave, and those I hold")
def given(request: HttpRequest) -> list[ProxyOut]:
    """Those that stand."""
    me, now = _who(request)
    rows = proxies.given_at(now).filter(taken_back_at=None)
    return [_proxy(one, me) for one in rows if me.pk in (one.giver.person_id, one.holder_id)]


@router.post("/proxies", response=ProxyOut, summary="Give a proxy")
def give(request: HttpRequest, body: ProxyIn) -> ProxyOut:
    """Another member acts for me until then."""
    me, now = _who(request)
    own = delegations.own_membership(me, now)
    if own is None:
        raise Missing("no vote of yours")
    return _proxy(proxies.given(own, _other(body.holder, me, now), by=me, until=body.until, words=body.words, now=now), me)


@router.delete("/proxies/{uuid:proxy}", response=ProxyOut, summary="Take a proxy back")
def take_back(request: HttpRequest, proxy: UUID) -> ProxyOut:
    """Or give it up."""
    me, now = _who(request)
    return _proxy(proxies.take_back(proxy, me, now=now), me)
