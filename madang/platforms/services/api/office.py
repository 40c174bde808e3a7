"""For the coordinator, and for who speaks for an organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Schema

from madang.kit.errors import Missing
from madang.platforms.services import actions, queries
from madang.platforms.services.api.shapes import JobOut, Refusal, WorkerOut, job_out, now_of, router, worker_out
from madang.platforms.services.api.worker import WorkerIn
from madang.platforms.services.models import Job
from madang.platforms.services.views import office


class SettleIn(Schema):
    refund: int = 0
    answer: str
    nobody_came: bool = False


class BoardJobOut(Schema):
    id: UUID
    number: str
    state: str
    starts_at: datetime
    ends_at: datetime
    district: str
    worker: str | None


class BoardOut(Schema):
    """What needs the coordinator."""

    problems: list[BoardJobOut]
    late: list[BoardJobOut]
    asking: list[BoardJobOut]
    unfilled: list[BoardJobOut]
    today: int


class ThereOut(Schema):
    """Someone who works in the organisation and takes no jobs."""

    id: UUID
    name: str


class WorkersOut(Schema):
    """The workers of one organisation; ``people`` can be added by who speaks for it."""

    organisation: str
    workers: list[WorkerOut]
    people: list[ThereOut]


class NewWorkerIn(WorkerIn):
    """Someone who works in an organisation one speaks for."""

    person: UUID


@router.post("/jobs/{job_id}/settle", response={200: JobOut, 409: Refusal})
def settle_problem(request: HttpRequest, job_id: UUID, body: SettleIn) -> dict[str, Any]:
    """The coordinator decides what goes back."""
    actions.settle_problem(request.user, job_id, **body.dict(), now=now_of(request))  # type: ignore[arg-type]
    return job_out(request, job_id)


@router.post("/jobs/{job_id}/assign/{worker_id}", response={200: JobOut, 409: Refusal})
def assign(request: HttpRequest, job_id: UUID, worker_id: UUID) -> dict[str, Any]:
    """The coordinator asks another worker."""
    actions.assign(request.user, job_id, worker_id, now=now_of(request))  # type: ignore[arg-type]
    return job_out(request, job_id)


@router.get("/board", response=BoardOut)
def board(request: HttpRequest) -> dict[str, Any]:
    """For the coordinator."""

    def out(one: Job) -> dict[str, Any]:
        fields = {"number": one.number, "state": one.state, "starts_at": one.starts_at, "ends_at": one.ends_at, "district": one.home.district}
        return {"id": one.pk, **fields, "worker": str(one.worker) if one.worker_id else None}

    found = queries.board(request.user, now_of(request))  # type: ignore[arg-type]
    jobs = {"problems": [one.job for one in found.problems], "late": found.late, "asking": found.asking, "unfilled": found.unfilled}
    return {**{name: [out(one) for one in rows] for name, rows in jobs.items()}, "today": found.today}


@router.get("/jobs/{job_id}/workers", response=list[WorkerOut])
def workers_free(request: HttpRequest, job_id: UUID) -> list[dict[str, Any]]:
    """Who else could take a job. For the coordinator."""
    return [worker_out(one) for one in queries.workers_free_for(request.user, job_id, now_of(request))]  # type: ignore[arg-type]


@router.get("/workers", response=list[WorkersOut])
def workers(request: HttpRequest, page: int = 1) -> list[dict[str, Any]]:
    """Who takes jobs, by organisation, fifty a page: all of them for the coordinator, their own for who speaks for an organisation."""
    return [
        {
            "organisation": one["organisation"].slug, "workers": [worker_out(worker) for worker in one["workers"]],
            "people": [{"id": person.pk, "name": str(person)} for person in one["people"]],
        }
        for one in office.groups(request.user, now_of(request), page)[0]  # type: ignore[arg-type]
    ]  # fmt: skip


@router.post("/workers", response={200: WorkerOut, 409: Refusal})
def add_worker(request: HttpRequest, body: NewWorkerIn) -> dict[str, Any]:
    """Someone of an organisation you speak for takes jobs from now on, once they have set their hours."""
    now = now_of(request)
    group = next((one for one in office.groups(request.user, now)[0] if one["organisation"].slug == body.organisation), None)  # type: ignore[arg-type]
    person = next((one for one in group["people"] if one.pk == body.person), None) if group else None
    if group is None or person is None:
        raise Missing("not yours to do")
    return worker_out(
        actions.become_worker(person, group["organisation"], by=request.user, time_zone=body.time_zone, about=body.about, now=now)  # type: ignore[arg-type]
    )
