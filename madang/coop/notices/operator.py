"""What an operator must look at: work that failed, jobs that failed, mail that was refused; and the two answers to each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from madang.coop.notices import due, mail
from madang.coop.notices.models import Failure, Mail, Sweep
from madang.coop.notices.queries import unsent
from madang.kit.errors import Missing

SHOWN_MAX = 100


@dataclass(frozen=True)
class FailedJob:
    """A job the runner gave up on."""

    id: int
    task: str
    attempts: int
    last_at: datetime | None
    args: str


@dataclass(frozen=True)
class State:
    """The operator's page in one object."""

    stuck: list[Failure]
    waiting: list[Failure]
    given_up: list[Failure]
    jobs: list[FailedJob]
    jobs_waiting: int
    mails: list[Mail]
    mails_waiting: int
    last_sweep: datetime | None
    pending_leaves: int | None

    @property
    def quiet(self) -> bool:
        """Nothing waits for an operator."""
        return not (self.stuck or self.jobs or self.mails)


def state() -> State:
    """All that failed and waits, at most a hundred of a kind. Seven queries."""
    failures = list(Failure.objects.order_by("-last_at")[: SHOWN_MAX * 3])
    last_sweep = Sweep.objects.filter(work=due.EVERYTHING).values_list("last_at", flat=True).first()
    counts = unsent()
    return State(
        stuck=[f for f in failures if f.state == Failure.STUCK][:SHOWN_MAX],
        waiting=[f for f in failures if f.state == Failure.WAITING][:SHOWN_MAX],
        given_up=[f for f in failures if f.state == Failure.GIVEN_UP][:SHOWN_MAX],
        jobs=_failed_jobs(),
        jobs_waiting=ProcrastinateJob.objects.filter(status="todo").count(),
        mails=list(Mail.objects.filter(state=Mail.FAILED).order_by("-written_at")[:SHOWN_MAX]),
        mails_waiting=counts["waiting"],
        last_sweep=last_sweep,
        pending_leaves=_pending_leaves(),
    )


def _failed_jobs() -> list[FailedJob]:
    jobs = ProcrastinateJob.objects.filter(status="failed").order_by("-id").prefetch_related("procrastinateevent_set")[:SHOWN_MAX]
    return [
        FailedJob(job.id, job.task_name, job.attempts + 1, max((e.at for e in job.procrastinateevent_set.all() if e.at), default=None), _short(job.args))
        for job in jobs
    ]


def _short(args: Any) -> str:
    return ", ".join(f"{name}={value}" for name, value in dict(args or {}).items())[:200]


def _pending_leaves() -> int | None:
    from madang.coop.record.models import PendingLeaf

    return int(PendingLeaf.objects.count())


@transaction.atomic
def answer(kind: str, what: str, again: bool, *, now: datetime) -> None:
    """Try again, or give up, one failed thing: ``kind`` is ``work``, ``job`` or ``mail``, ``what`` its id. Raises ``Missing``.

    A thing that is no longer failed raises ``Missing`` too: pressing twice does nothing twice.
    """
    if kind == "work":
        failure = as_uuid(what)
        due.try_again(failure, now=now) if again else due.give_up(failure)
    elif kind == "mail":
        found = Mail.objects.filter(pk=as_uuid(what), state=Mail.FAILED).first()
        if found is None:
            raise Missing
        if again:
            mail.send_again(found)
        else:
            found.delete()
    elif kind == "job":
        _answer_job(what, again)
    else:
        raise Missing


def _answer_job(what: str, again: bool) -> None:
    job = ProcrastinateJob.objects.filter(pk=int(what), status="failed").first() if what.isdecimal() and len(what) < 19 else None
    if job is None:
        raise Missing
    if again:
        app.job_manager.retry_job_by_id(job.id, retry_at=datetime.now(UTC))  # the runner's clock is the real one
    else:
        # The runner's models are read-only for Django, and it can cancel only what waits: a failed job is taken off its list.
        ProcrastinateJob.objects.filter(pk=job.id, status="failed")._raw_delete("default")
        if job.task_name == "notices.deliver":
            Mail.objects.filter(pk=job.args.get("mail_id"), state=Mail.WAITING).delete()


def as_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Missing from None
