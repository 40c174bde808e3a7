"""Inspecting the books by law, for programs: what the law opens, ask, answer, withdraw, take a copy. Each copy is written down as on the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import get_language
from ninja import Field, Router, Schema

from madang.coop.law import rations
from madang.coop.ledger.inspection import actions, contents, opens, queries
from madang.coop.ledger.inspection.models import Inspection
from madang.coop.ledger.openbooks import reading
from madang.coop.people.access import Request
from madang.kit.errors import Missing

router = Router(tags=["ledger"])
MOST = 100


class RightOut(Schema):
    """What the law opens to me: ``things`` to choose from, on which ``grounds`` it may be refused, whether silence opens it, and where that is written."""

    standing: str
    things: list[str]
    grounds: list[str]
    by_itself: bool
    citation: str
    url: str


class AskIn(Schema):
    """What I want to see and why; ``id`` is yours to choose: the same twice is one request.

    ``proof``: what the co-op owes me, where its ledger does not say so.
    """

    id: UUID
    things: list[str] = Field(max_length=10)
    reason: str = Field(max_length=actions.LONGEST)
    proof: str = Field("", max_length=actions.LONGEST)


class InspectionOut(Schema):
    """A request. ``reason`` and ``words`` are for who asked and who answers."""

    id: UUID
    person: str
    standing: str
    things: list[str]
    law: str
    state: str
    asked_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    ground: str
    until: datetime | None
    reason: str
    words: str


class RefuseIn(Schema):
    """On which ground of the law, and why."""

    ground: str = Field(max_length=20)
    words: str = Field(max_length=actions.LONGEST)


def _said(one: Inspection, request: Request) -> dict[str, Any]:
    mine = one.person_id == request.user.pk or queries.may_answer(one, request.user, request.now)
    plain = ("id", "standing", "things", "law", "state", "asked_at", "answer_by", "answered_at", "ground", "until")
    return {**{name: getattr(one, name) for name in plain}, "person": str(one.person), "reason": one.reason if mine else "", "words": one.words if mine else ""}


def _answers(request: Request, inspection: UUID) -> None:
    found = queries.request(inspection, request.user, request.now)
    if not queries.may_answer(found, request.user, request.now):
        raise Missing("for who answers it")


@router.get("/inspections/right", response=RightOut)
def right(request: Request) -> Any:
    """What I may ask for. 404 where the law opens nothing to me."""
    found = opens.right(opens.standing(request.user, request.now), request.now)
    if found is None:
        raise Missing("the law opens nothing to you")
    return found


@router.get("/inspections", response=list[InspectionOut])
def inspections(request: Request) -> Any:
    """Requests, newest first, at most 100: all for a member, one's own for others."""
    return [_said(one, request) for one in queries.requests(request.user, request.now)[:MOST]]


@router.post("/inspections", response=InspectionOut)
def ask(request: Request, wish: AskIn) -> Any:
    """Ask to see what the law opens."""
    return _said(actions.ask(request.user, wish.things, wish.reason, id=wish.id, proof=wish.proof, now=request.now), request)


@router.get("/inspections/{uuid:inspection}", response=InspectionOut)
def one(request: Request, inspection: UUID) -> Any:
    """One request."""
    return _said(queries.request(inspection, request.user, request.now), request)


@router.post("/inspections/{uuid:inspection}/open", response=InspectionOut)
def open_books(request: Request, inspection: UUID) -> Any:
    """Open what was asked for. For who answers."""
    _answers(request, inspection)
    return _said(actions.open_books(inspection, by=request.user, now=request.now), request)


@router.post("/inspections/{uuid:inspection}/refuse", response=InspectionOut)
def refuse(request: Request, inspection: UUID, why: RefuseIn) -> Any:
    """Refuse it, on a ground the law knows. For who answers."""
    _answers(request, inspection)
    return _said(actions.refuse(inspection, by=request.user, ground=why.ground, words=why.words, now=request.now), request)


@router.post("/inspections/{uuid:inspection}/withdraw", response=InspectionOut)
def withdraw(request: Request, inspection: UUID) -> Any:
    """Take it back."""
    return _said(actions.withdraw(inspection, by=request.user, now=request.now), request)


@router.post("/inspections/{uuid:inspection}/copies/{thing}")
def copy(request: Request, inspection: UUID, thing: str, format: str = "csv", at: str = "") -> Any:
    """A copy of one thing that was opened, as text; of the books, the month ``at`` (``2026-03``). It is written down that it was taken."""
    if format not in contents.COPIES.get(thing[:20], ()):
        raise Missing("no copy of that")
    rations.require("ledger.inspect", request)
    month = reading.month_asked(at[:12], request.now)
    part = f"{month:%Y-%m} {format}" if thing == opens.BOOKS else format
    actions.look(inspection, thing, by=request.user, copied=True, part=part, now=request.now)
    language = "ko" if (get_language() or "en").startswith("ko") else "en"
    told = contents.copy(thing, format, request.user, month, language, request.now)
    return HttpResponse(told, content_type="text/plain; charset=utf-8")
