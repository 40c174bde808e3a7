"""Tasks and inbox for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from madang.coop.notices import actions, queries
from madang.coop.notices.models import Notice, Task

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
