"""How far a founding is, and a founder's yes, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from madang.coop import law
from madang.coop.charter import actions, queries
from madang.coop.law.models import Coop

router = Router(tags=["charter"])


class CoopOut(Schema):
    """The co-op as its charter founded it. ``state``: forming or open."""

    name: dict[str, str]
    slug: str
    purpose: dict[str, str]
    law: str
    currency: str
    time_zone: str
    languages: list[str]
    voters: str
    platforms: list[str]
    demo: bool
    state: str
    founding_id: UUID
    founded_at: datetime
    opened_at: datetime | None


class ProgressOut(Schema):
    """How many founders have accepted, how many have also paid, how many the law asks for."""

    needed: int
    invited: int
    accepted: int
    ready: int
    open: bool


class Accepted(Schema):
    """The founder's membership; ``state`` is "admitted" until the share is paid."""

    membership: UUID
    state: str


def _now(request: HttpRequest) -> datetime:
    now: datetime = request.now  # type: ignore[attr-defined]
    return now


@router.get("/coop", response=CoopOut, auth=None)
def coop(request: HttpRequest) -> Coop:
    """What this co-op is. For everyone."""
    return law.coop()


@router.get("/progress", response=ProgressOut, auth=None)
def progress(request: HttpRequest) -> dict[str, Any]:
    """How far the founding is. For everyone; no names."""
    found = queries.progress(_now(request))
    is_open = law.coop().state == Coop.OPEN
    return {"needed": found.needed, "invited": len(found.founders), "accepted": found.accepted, "ready": found.ready, "open": is_open}


@router.post("/founders/{token}/accept", response=Accepted)
def accept(request: HttpRequest, token: str) -> dict[str, Any]:
    """The founder behind the link, signed in, accepts the charter. Repeating it changes nothing."""
    membership = actions.accept(token, by=request.user, now=_now(request))  # type: ignore[arg-type]
    return {"membership": membership.pk, "state": membership.state}
