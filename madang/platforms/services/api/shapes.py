"""What several routes of on-demand services take and answer, and the router they hang on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from madang.platforms.services import queries
from madang.platforms.services.models import Rating, Worker

router = Router(tags=["services"])


class Refusal(Schema):
    """Why it could not be done: ``code`` for programs, ``message`` for people, ``field`` of the input it belongs to."""

    code: str
    message: str
    field: str | None = None
    free: list[datetime] = Field(default=[], description="code taken: the next free start times")


class PriceLineOut(Schema):
    code: str
    title: dict[str, str]
    quantity: int
    amount: int
    minutes: int
    version: str = Field(description="the rule version that set the amount")
    free_with: str
    needs: str


class ChecklistItemOut(Schema):
    """One thing of one room; ``at``: when it was ticked."""

    room: str
    room_title: dict[str, str]
    item: int
    title: dict[str, str]
    at: datetime | None


class JobOut(Schema):
    id: UUID
    number: str
    side: str
    state: str
    starts_at: datetime
    ends_at: datetime
    price: int
    unit: str
    lines: list[PriceLineOut]
    versions: dict[str, str]
    worker: str | None
    district: str
    address: str | None
    checklist: list[ChecklistItemOut]
    hold_until: datetime
    confirm_by: datetime | None
    charge: UUID | None
    refunded: int
    can: list[str]


class WordsIn(Schema):
    words: str = ""


class SeenRatingOut(Schema):
    """Stars and words that the reader may see. ``side`` is who wrote them: client or worker."""

    side: str
    stars: int
    words: str
    at: datetime
    visible: bool


class WorkerOut(Schema):
    """Someone who takes jobs."""

    id: UUID
    name: str
    organisation: str
    time_zone: str
    active: bool


def now_of(request: HttpRequest) -> datetime:
    return request.now  # type: ignore[attr-defined,no-any-return]


def job_out(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    view = queries.job_for(request.user, job_id, now=now_of(request))  # type: ignore[arg-type]
    job = view.job
    return {
        "id": job.pk, "number": job.number, "side": view.side, "state": job.state, "starts_at": job.starts_at, "ends_at": job.ends_at, "price": job.price,
        "unit": job.unit, "lines": job.lines, "versions": job.versions, "worker": str(job.worker) if job.worker_id else None, "district": job.home.district,
        "address": view.home.address if view.home else None, "checklist": job.checklist, "hold_until": job.hold_until, "confirm_by": job.confirm_by,
        "charge": job.charge_id if view.side == "client" else None, "refunded": job.refunded, "can": sorted(view.can),
    }  # fmt: skip


def rating_out(one: Rating) -> dict[str, Any]:
    return {"side": one.side, "stars": one.stars, "words": one.words, "at": one.at, "visible": one.visible}


def worker_out(one: Worker) -> dict[str, Any]:
    fields = {"time_zone": one.time_zone, "active": one.active}
    return {"id": one.pk, "name": str(one.person), "organisation": one.organisation.slug, **fields}
