"""For workers: the day, offers, the week and time off."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Schema

from madang.coop.people.models import Organisation
from madang.kit.errors import Missing
from madang.platforms.services import actions, queries
from madang.platforms.services.api.shapes import Refusal, now_of, router
from madang.platforms.services.models import Job, Worker


class DayJobOut(Schema):
    """A visit on a worker's day."""

    id: UUID
    state: str
    starts_at: datetime
    ends_at: datetime
    district: str


class OfferOut(Schema):
    """A visit one is asked to take, and ``why`` in a sentence."""

    job: UUID
    starts_at: datetime
    ends_at: datetime
    district: str
    price: int
    unit: str
    answer_by: datetime
    why: str


class WorkerIn(Schema):
    organisation: str = Field(description="its short name")
    time_zone: str = ""
    about: str = ""


class WorkerEdit(Schema):
    time_zone: str
    about: str = ""
    active: bool = True


class MyWorkOut(Schema):
    """How one takes jobs."""

    id: UUID
    organisation: str
    time_zone: str
    active: bool


class WeekIn(Schema):
    windows: list[tuple[int, int, int]] = Field(description="weekday (0 Monday), start and end in minutes after local midnight", max_length=100)


class TimeOffIn(Schema):
    since: datetime
    until: datetime
    note: str = ""


class TimeOffOut(Schema):
    """A time one is away."""

    id: int
    since: datetime
    until: datetime


@router.get("/work/day/{day}", response=list[DayJobOut])
def worker_day(request: HttpRequest, day: date) -> list[dict[str, Any]]:
    """Your visits as a worker on one day of your own clock."""
    rows: list[Job] = queries.worker_day(request.user, day, now=now_of(request))  # type: ignore[arg-type]
    return [{"id": one.pk, "state": one.state, "starts_at": one.starts_at, "ends_at": one.ends_at, "district": one.home.district} for one in rows]


@router.get("/work/offers", response=list[OfferOut])
def offers(request: HttpRequest) -> list[dict[str, Any]]:
    """What you are asked to take, and why you."""
    return [
        {"job": one.job_id, "starts_at": one.job.starts_at, "ends_at": one.job.ends_at, "district": one.job.home.district, "price": one.job.price,
         "unit": one.job.unit, "answer_by": one.answer_by, "why": queries.why_me(one)}
        for one in queries.offers_for(request.user, now_of(request))  # type: ignore[arg-type]
    ]  # fmt: skip


@router.post("/work", response={200: MyWorkOut, 409: Refusal})
def become_worker(request: HttpRequest, body: WorkerIn) -> dict[str, Any]:
    """Take jobs from now on, through an organisation you work in."""
    body_of = Organisation.objects.filter(slug=body.organisation).first()
    if body_of is None:
        raise Missing("no such organisation")
    made: Worker = actions.become_worker(
        request.user, body_of, by=request.user, time_zone=body.time_zone, about=body.about, now=now_of(request)  # type: ignore[arg-type]
    )
    return {"id": made.pk, "organisation": made.organisation.slug, "time_zone": made.time_zone, "active": made.active}


@router.put("/work", response={200: MyWorkOut, 409: Refusal})
def edit_worker(request: HttpRequest, body: WorkerEdit) -> dict[str, Any]:
    """Your time zone, a few words for clients, and whether you want new jobs."""
    made: Worker = actions.edit_worker(request.user, **body.dict(), now=now_of(request))  # type: ignore[arg-type]
    return {"id": made.pk, "organisation": made.organisation.slug, "time_zone": made.time_zone, "active": made.active}


@router.put("/work/week", response={200: list[tuple[int, int, int]], 409: Refusal})
def set_availability(request: HttpRequest, body: WeekIn) -> list[tuple[int, int, int]]:
    """Your week anew."""
    return [(one.weekday, one.start, one.end) for one in actions.set_availability(request.user, body.windows, now=now_of(request))]  # type: ignore[arg-type]


@router.post("/work/time-off", response={200: TimeOffOut, 409: Refusal})
def add_time_off(request: HttpRequest, body: TimeOffIn) -> dict[str, Any]:
    """You are away."""
    made = actions.add_time_off(request.user, body.since, body.until, note=body.note, now=now_of(request))  # type: ignore[arg-type]
    return {"id": made.pk, "since": made.span.lower, "until": made.span.upper}


@router.delete("/work/time-off/{time_off_id}", response={204: None, 409: Refusal})
def remove_time_off(request: HttpRequest, time_off_id: int) -> tuple[int, None]:
    """You are there after all."""
    actions.remove_time_off(request.user, time_off_id, now=now_of(request))  # type: ignore[arg-type]
    return 204, None
