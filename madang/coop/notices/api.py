"""Tasks, inbox and the operator's page for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from madang.coop.notices import actions, operator, queries
from madang.coop.notices.models import Notice, Task
from madang.kit.errors import Missing

router = Router(tags=["notices"])
PAGE_MAX = 100


class TaskOut(Schema):
    """Something that needs you; texts are in your language."""

    id: UUID
    key: str
    title: str
    body: str
    url: str
    urgent: bool
    due_at: datetime | None
    opened_at: datetime


class NoticeOut(Schema):
    """One line of your inbox; texts are in your language."""

    id: UUID
    title: str
    body: str
    url: str
    urgent: bool
    at: datetime
    read_at: datetime | None


class Read(Schema):
    """Which notice was read; none means all."""

    notice_id: UUID | None = None


class Count(Schema):
    """How many were changed."""

    changed: int


class FailedOut(Schema):
    """One thing that failed; ``kind`` and ``what`` name it when it is answered. ``state`` of work: stuck, waiting (tried again by itself), given up."""

    kind: str
    what: str
    name: str
    state: str
    attempts: int
    last_at: datetime | None
    error: str


class OperatorOut(Schema):
    """What an operator must look at, a hundred of a kind at most."""

    failed: list[FailedOut]
    jobs_waiting: int
    mails_waiting: int
    pending_leaves: int | None
    last_sweep: datetime | None


class AnswerIn(Schema):
    """``again``: try once more; otherwise give up."""

    kind: str = Field(pattern="^(work|job|mail)$")
    what: str = Field(max_length=40)
    again: bool


@router.get("/tasks", response=list[TaskOut], summary="What needs me, urgent first")
def tasks(request: HttpRequest) -> list[Task]:
    """At most 100 open tasks."""
    return queries.needs_me(request.user)  # type: ignore[arg-type]


@router.get("/inbox", response=list[NoticeOut], summary="What I was told, newest first")
def inbox(request: HttpRequest, offset: int = Query(0, ge=0, le=100_000), limit: int = Query(30, ge=1, le=PAGE_MAX)) -> list[Notice]:  # type: ignore[type-arg]
    """A page of the inbox."""
    return list(queries.inbox(request.user)[offset : offset + limit])  # type: ignore[arg-type]


@router.post("/inbox/read", response=Count, summary="I have read it")
def read(request: HttpRequest, body: Read) -> dict[str, Any]:
    """One notice, or all. 404 for another's."""
    changed = actions.mark_read(request.user, notice_id=body.notice_id, now=request.now)  # type: ignore[arg-type, attr-defined]
    return {"changed": changed}


def _operator(request: HttpRequest) -> None:
    if not getattr(request.user, "is_operator", False):
        raise Missing("for operators")


@router.get("/operator", response=OperatorOut, summary="What failed")
def operator_state(request: HttpRequest) -> dict[str, Any]:
    """For operators."""
    _operator(request)
    state = operator.state()
    failed = [
        {"kind": "work", "what": str(one.pk), "name": one.work, "state": one.state, "attempts": one.attempts, "last_at": one.last_at, "error": one.last_error}
        for one in [*state.stuck, *state.waiting, *state.given_up]
    ]
    failed += [
        {"kind": "job", "what": str(one.id), "name": one.task, "state": "stuck", "attempts": one.attempts, "last_at": one.last_at, "error": ""}
        for one in state.jobs
    ]
    for one in state.mails:
        told = {"name": "" if one.secret else one.subject, "attempts": one.attempts, "last_at": one.written_at, "error": one.last_error}
        failed.append({"kind": "mail", "what": str(one.pk), "state": "stuck", **told})
    waiting = {name: getattr(state, name) for name in ("jobs_waiting", "mails_waiting", "pending_leaves", "last_sweep")}
    return {"failed": failed, **waiting}


@router.post("/operator/answer", response={204: None}, summary="Try again, or give up")
def operator_answer(request: HttpRequest, body: AnswerIn) -> tuple[int, None]:
    """For operators. What is no longer failed is 404."""
    _operator(request)
    operator.answer(body.kind, body.what, body.again, now=request.now)  # type: ignore[attr-defined]
    return 204, None
