"""More of deciding as JSON: waiting for a meeting, emergency measures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from madang.coop.decisions import emergency, meeting, queries
from madang.coop.decisions.emergency import Measure
from madang.coop.people.access import Request
from madang.kit.errors import Missing

router = Router(tags=["decisions"])


class WaitsOut(Schema):
    """A proposal that is put to the vote at a general meeting; ``meeting`` once it stands on an agenda."""

    id: UUID
    at_meeting: bool
    meeting: UUID | None


class MeasureIn(Schema):
    """What is stopped (``key``), or a limit's lower value; why; for how many days. ``id``: yours, so that sending it twice is one measure."""

    id: UUID
    key: str = Field(max_length=60)
    at_most: str = Field("", max_length=20)
    reason: str = Field(max_length=3000)
    days: int = Field(ge=1, le=30)


class MeasureOut(Schema):
    """An emergency measure. ``decision``: the members' vote on whether it goes on."""

    id: UUID
    key: str
    at_most: Any
    reason: str
    since: datetime
    until: datetime
    kept: bool
    decision: UUID | None


def _measure(one: Measure) -> MeasureOut:
    return MeasureOut(
        id=one.pk, key=one.key, at_most=one.at_most, reason=one.reason, since=one.since, until=one.end, kept=one.kept, decision=one.proposal_id
    )


@router.post("/{uuid:id}/waiting", response=WaitsOut, summary="Let one's own proposal wait for a general meeting")
def wait(request: HttpRequest, id: UUID) -> WaitsOut:
    """Nobody votes on it here any more."""
    asked = cast(Request, request)
    one = meeting.wait(queries.visible(id, asked.user), asked.user, now=asked.now)
    return WaitsOut(id=one.pk, at_meeting=one.at_meeting, meeting=one.meeting)


@router.get("/measures", response=list[MeasureOut], auth=None, summary="What is stopped now")
def measures(request: HttpRequest) -> list[MeasureOut]:
    """Emergency measures in force."""
    return [_measure(one) for one in emergency.standing(cast(Request, request).now)]


@router.post("/measures", response=MeasureOut, summary="Take an emergency measure")
def take(request: HttpRequest, body: MeasureIn) -> MeasureOut:
    """It can only stop something or lower a limit, ends by itself, and is put to the members."""
    asked = cast(Request, request)
    lasts = timedelta(days=body.days)
    return _measure(emergency.take(asked.user, body.key, body.reason, at_most=body.at_most or None, lasts=lasts, id=body.id, now=asked.now))


@router.delete("/measures/{uuid:id}", response=MeasureOut, summary="End an emergency measure")
def end(request: HttpRequest, id: UUID) -> MeasureOut:
    """For whoever may take one."""
    asked = cast(Request, request)
    if not emergency.may_take(asked.user, asked.now) or not Measure.objects.filter(pk=id).exists():
        raise Missing("no such measure")
    return _measure(emergency.end(id, asked.user, now=asked.now))
