"""What waits for whoever coordinates moves with the office: a new holder finds it, who laid the office down is asked no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from madang.coop.members import queries as members
from madang.coop.members.models import OfficeTerm
from madang.coop.notices import actions as notices
from madang.platforms.services import states
from madang.platforms.services.actions.offers import COORDINATION, params, url
from madang.platforms.services.actions.visits import LATE
from madang.platforms.services.models import WORKER, Job

MESSAGES = ("services.problem", "services.late", "services.late.out", "services.worker_cancelled")


def waiting(now: datetime) -> Iterator[tuple[str, str, Job]]:
    """Jobs that wait for the office: (key of the task, its message, the job). Four queries."""
    for job in Job.objects.filter(state=states.PROBLEM, problem__settled_at=None).order_by("starts_at"):
        yield "problem", "services.problem", job
    for job in Job.objects.filter(state=states.ACCEPTED, late_told=True, starts_at__lte=now - LATE).order_by("starts_at"):
        yield "late", "services.late", job
    for job in Job.objects.filter(state=states.IN_PROGRESS, late_told=True, ends_at__lte=now - 2 * LATE).order_by("starts_at"):
        yield "late", "services.late.out", job
    for job in Job.objects.filter(state=states.OFFERED, cancelled_by=WORKER).order_by("starts_at"):
        yield "short", "services.worker_cancelled", job


def seated(term: OfficeTerm, *, now: datetime) -> None:
    """Whoever begins to coordinate finds what waits."""
    if COORDINATION not in term.office.does:
        return
    for key, message, job in waiting(now):
        due_at = job.starts_at if key == "short" else None
        notices.open_task(term.person, f"{key}:{job.pk}", message, url=url(job), params=params(job), due_at=due_at, now=now)


def unseated(term: OfficeTerm, *, now: datetime) -> None:
    """Who coordinates no more is not asked to."""
    if COORDINATION in term.office.does and not members.has_duty(term.person, COORDINATION, now):
        notices.close_tasks(term.person, MESSAGES, now)
