"""Amendments as JSON: offer, answer, put to the vote."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from madang.coop.decisions import actions, amending, drafting, queries
from madang.coop.decisions.amending import Amendment
from madang.coop.people.access import Request
from madang.kit.errors import Missing

router = Router(tags=["decisions"])


class AmendmentOut(Schema):
    """Other content for a proposal. ``state``: offered, voting, taken, declined, withdrawn, lost, outdated (the text has moved), lapsed; ``vote``: the
    decision on it."""

    id: UUID
    author: str
    reason: str
    changes: list[dict[str, Any]]
    details: dict[str, Any]
    state: str
    answer: str
    vote: UUID | None
    at: datetime


class AmendmentIn(Schema):
    """The whole content as it should be: ``changes`` of rules ("rule" and "value"), or ``details`` as the kind takes them. ``id``: yours."""

    id: UUID
    changes: list[dict[str, Any]] = Field([], max_length=20)
    details: dict[str, Any] = {}
    reason: str = Field("", max_length=3000)


class NotTakenIn(Schema):
    """Why it is not taken in."""

    answer: str = Field(max_length=1000)


def _all(request: HttpRequest, id: UUID) -> list[AmendmentOut]:
    asked = cast(Request, request)
    one = queries.visible(id, asked.user)
    drafting.require_insider(one, asked.user, asked.now)
    return [
        AmendmentOut(id=row.one.pk, author=str(row.one.author), reason=row.one.reason, changes=row.one.changes, details=row.one.details, state=row.state,
                     answer=row.one.answer, vote=row.one.vote_id, at=row.one.at) for row in amending.listed(one, asked.user, "en")
    ]  # fmt: skip


def _one(request: HttpRequest, id: UUID, amendment: UUID) -> Amendment:
    """Raises ``Missing`` where there is none, or who asks does not decide there."""
    asked = cast(Request, request)
    one = queries.visible(id, asked.user)
    drafting.require_insider(one, asked.user, asked.now)
    found = Amendment.objects.filter(proposal=one, pk=amendment).first()
    if found is None:
        raise Missing("no such amendment")
    return found


@router.get("/{uuid:id}/amendments", response=list[AmendmentOut], summary="Amendments of a proposal")
def amendments(request: HttpRequest, id: UUID) -> list[AmendmentOut]:
    """For those who decide."""
    return _all(request, id)


@router.post("/{uuid:id}/amendments", response=list[AmendmentOut], summary="Offer an amendment")
def offer(request: HttpRequest, id: UUID, body: AmendmentIn) -> list[AmendmentOut]:
    """While it is discussed."""
    asked = cast(Request, request)
    one = queries.visible(id, asked.user)
    actions.offer(one, asked.user, body.changes, details=body.details, reason=body.reason, id=body.id, now=asked.now)
    return _all(request, id)


@router.post("/{uuid:id}/amendments/{uuid:amendment}/taking", response=list[AmendmentOut], summary="Take an amendment in")
def take_in(request: HttpRequest, id: UUID, amendment: UUID) -> list[AmendmentOut]:
    """For its proposer."""
    asked = cast(Request, request)
    actions.take_in(_one(request, id, amendment), asked.user, now=asked.now)
    return _all(request, id)


@router.post("/{uuid:id}/amendments/{uuid:amendment}/declining", response=list[AmendmentOut], summary="Do not take an amendment in")
def decline(request: HttpRequest, id: UUID, amendment: UUID, body: NotTakenIn) -> list[AmendmentOut]:
    """For its proposer, with words."""
    asked = cast(Request, request)
    actions.decline(_one(request, id, amendment), asked.user, body.answer, now=asked.now)
    return _all(request, id)


@router.delete("/{uuid:id}/amendments/{uuid:amendment}", response=list[AmendmentOut], summary="Take one's amendment back")
def retract(request: HttpRequest, id: UUID, amendment: UUID) -> list[AmendmentOut]:
    """Before it is voted on."""
    asked = cast(Request, request)
    actions.retract(_one(request, id, amendment), asked.user, now=asked.now)
    return _all(request, id)


@router.post("/{uuid:id}/amendments/{uuid:amendment}/vote", response=list[AmendmentOut], summary="Put an amendment to the vote")
def put(request: HttpRequest, id: UUID, amendment: UUID) -> list[AmendmentOut]:
    """The vote on the proposal waits for it."""
    asked = cast(Request, request)
    actions.put(_one(request, id, amendment), asked.user, now=asked.now)
    return _all(request, id)
