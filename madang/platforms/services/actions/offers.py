"""A paid job finds its worker: one is asked, then the next, and when nobody can come all money goes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from madang.coop.members import queries as members
from madang.coop.notices import actions as notices
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.services import free, matching, rules, states, terms
from madang.platforms.services.actions import money
from madang.platforms.services.actions.booking import put
from madang.platforms.services.actions.people import belongs
from madang.platforms.services.models import OFFICE, WORKER, Job, Offer, Worker
from madang.platforms.services.texts import text

COORDINATION = "coordination"  # the duty of the office that untangles jobs
SHORTEST = timedelta(minutes=15)


def url(job: Job) -> str:
    """The page of a job: the same address for the client, the worker and the office; each sees their side."""
    return f"/services/jobs/{job.pk}/"


def params(job: Job, **more: Any) -> dict[str, Any]:
    """The placeholders every message about a job can use."""
    return {"number": job.number, "at": job.starts_at, "amount": {"$money": [job.price, job.unit]}, **more}


def task_for_office(job: Job, key: str, message: str, *, now: datetime, due_at: datetime | None = None) -> None:
    """Put it before everyone who coordinates."""
    for person in members.on_duty(COORDINATION, now):
        notices.open_task(person, key, message, url=url(job), params=params(job), due_at=due_at, now=now)


def tell_office(job: Job, message: str, *, now: datetime) -> None:
    """A line in the inbox of everyone who coordinates."""
    for person in members.on_duty(COORDINATION, now):
        notices.tell(person, message, url=url(job), params=params(job), now=now)


def check_office(person: Person, now: datetime) -> None:
    """Raises ``Missing`` unless ``person`` coordinates."""
    if not members.has_duty(person, COORDINATION, now):
        raise Missing("not yours to do")


def offer_first(job: Job, *, now: datetime) -> Offer:
    """The job was just paid: ask the worker whose time it keeps."""
    return _offer(job, rules.offer.at(now).value, job.reasons, now)


def _offer(job: Job, think: timedelta, reasons: dict[str, Any], now: datetime) -> Offer:
    """Ask ``job.worker``. Time to think: the rule's, but never past an hour before the start, and never less than a quarter of an hour."""
    answer_by = max(min(now + think, job.starts_at - timedelta(hours=1)), now + SHORTEST)
    offer = Offer.objects.create(job=job, worker_id=job.worker_id, made_at=now, answer_by=answer_by, reasons=reasons)
    notices.open_task(job.worker.person, f"offer:{job.pk}", "services.offer", url=url(job), params=params(job, district=job.home.district, until=answer_by),
                      due_at=answer_by, now=now)  # fmt: skip
    return offer


def pass_on(job: Job, *, now: datetime) -> Offer | None:
    """Ask the next free worker at the same time; when there is none, everything goes back to the client. ``job`` is locked, in state *offered*."""
    in_force = terms.now_in_force(now)
    way, version = in_force.value(rules.matching_way), str(in_force[rules.matching_way.key].pk or "")
    found = free.candidates(job.starts_at, job.ends_at, job.free_at, client_id=job.client_id, now=now, job_id=job.pk) if job.starts_at > now + SHORTEST else []
    by_id = {one.candidate.worker: one for one in found}
    for ranked in matching.rank((one.candidate for one in found), way, str(job.pk)):
        one = by_id[ranked.candidate.worker]
        before = job.worker_id, job.organisation_id
        job.reasons = ranked.reasons(way, version)
        job.worker_id, job.organisation_id = one.worker_id, one.organisation_id
        if put(job):
            job.worker = Worker.objects.select_related("person").get(pk=one.worker_id)
            return _offer(job, in_force.value(rules.offer), job.reasons, now)
        job.worker_id, job.organisation_id = before
    job.to(states.UNFILLED)
    job.over_at = now
    money.all_back(job, now=now)
    job.save()
    notices.close_task(f"short:{job.pk}", now)
    tell_office(job, "services.unfilled.office", now=now)
    notices.tell(job.client, "services.unfilled", url=url(job), params=params(job, goodwill={"$money": [job.goodwill, job.unit]}), now=now)
    return None


def _job(job_id: UUID, *beside: str) -> Job:
    """The job, locked, with its worker and what is named ``beside`` it. Raises ``Missing``. One query."""
    try:
        return Job.objects.select_for_update(of=("self",), no_key=True).select_related("worker", *beside).get(pk=job_id)
    except Job.DoesNotExist:
        raise Missing("no such job") from None


def job_for_worker(person: Person, job_id: UUID, *beside: str) -> Job:
    """The job, locked, if this person is the worker it is offered to or was taken by. Raises ``Missing``."""
    job = _job(job_id, *beside)
    if job.worker is None or job.worker.person_id != person.pk or job.state == states.HELD:
        raise Missing("no such job")
    return job


@transaction.atomic
def accept(person: Person, job_id: UUID, *, now: datetime) -> Job:
    """The worker takes the job. Twice is once. Raises ``Missing`` (also when it went to someone else), ``Refused`` (``late``)."""
    job = job_for_worker(person, job_id, "client")
    if job.state in (states.ACCEPTED, states.IN_PROGRESS, states.DONE):
        return job
    job.to(states.ACCEPTED)
    if job.starts_at <= now:
        raise Refused("late", _("This visit should have begun already. The office looks for a way with the client."))
    Offer.objects.filter(job=job, worker=job.worker, state=states.OPEN).update(state=states.TAKEN, answered_at=now)
    job.accepted_at = now
    if job.cancelled_by:  # someone had cancelled; the office was asked to look
        job.cancelled_by = ""
        notices.close_task(f"short:{job.pk}", now)
    job.save(update_fields=["state", "accepted_at", "cancelled_by"])
    notices.close_task(f"offer:{job.pk}", now)
    notices.tell(job.client, "services.accepted", url=url(job), params=params(job, worker=person), now=now)
    return job


@transaction.atomic
def decline(person: Person, job_id: UUID, *, reason: str = "", now: datetime) -> Job:
    """The worker does not take the job; the next free one is asked. It counts for nothing. Raises ``Missing``, ``Refused``."""
    job = _job(job_id, "client", "home")
    mine = Offer.objects.select_for_update().filter(job=job, worker__person=person).first()
    if mine is None:
        raise Missing("no such job")
    if mine.state == states.DECLINED:
        return job
    if mine.state != states.OPEN or job.state != states.OFFERED:
        raise Refused("answered", _("This offer was already answered, or has gone to someone else. Nothing was changed."))
    _close(mine, states.DECLINED, text(reason, 200, "reason"), now)
    pass_on(job, now=now)
    return job


def _close(offer: Offer, state: str, reason: str, now: datetime) -> None:
    offer.state, offer.reason, offer.answered_at = state, reason, now
    offer.save(update_fields=["state", "reason", "answered_at"])
    notices.close_task(f"offer:{offer.job_id}", now)


@transaction.atomic(savepoint=False)
def expire_offer(offer_id: UUID, *, now: datetime) -> None:
    """The time to think is over: the next one is asked."""
    job_id = Offer.objects.values_list("job_id", flat=True).get(pk=offer_id)
    job = _job(job_id, "client", "home")
    offer = Offer.objects.select_for_update().get(pk=offer_id)
    if offer.state != states.OPEN or offer.answer_by > now or job.state != states.OFFERED:
        return
    _close(offer, states.EXPIRED, "", now)
    pass_on(job, now=now)


@transaction.atomic
def assign(officer: Person, job_id: UUID, worker_id: UUID, *, now: datetime) -> Job:
    """The office gives an offered or taken job to another worker, who is asked like anyone. Raises ``Missing``, ``Refused`` (``busy``)."""
    check_office(officer, now)
    job = _job(job_id, "home")
    worker = Worker.objects.select_related("person", "organisation").filter(pk=worker_id, active=True).first()
    if worker is None:
        raise Missing("no such worker")
    if job.worker_id == worker.pk and job.state in (states.OFFERED, states.ACCEPTED):
        return job
    if worker.person_id == job.client_id or not belongs(worker.person, worker.organisation):
        raise Refused("not-this-one", _("This worker cannot take this job. Choose someone else."), "worker")
    if job.state == states.ACCEPTED:
        job.to(states.OFFERED)
    elif job.state != states.OFFERED:
        raise Refused(f"job-{job.state}", states.NOT_NOW[job.state])
    for old in Offer.objects.select_for_update().filter(job=job, state__in=[states.OPEN, states.TAKEN]).select_related("worker__person"):
        _close(old, states.WITHDRAWN, "", now)
        notices.tell(old.worker.person, "services.reassigned", url="/services/work/", params=params(job), now=now)
    if Offer.objects.filter(job=job, worker=worker).exists():
        raise Refused("asked", _("This worker was already asked about this job. Choose someone else."), "worker")
    job.worker, job.organisation, job.accepted_at = worker, worker.organisation, None
    if not put(job):
        raise Refused("busy", _("This worker is busy at that time. Choose someone else."), "worker")
    _offer(job, rules.offer.at(now).value, {"by": OFFICE}, now)
    return job


@transaction.atomic
def cancel_by_worker(person: Person, job_id: UUID, *, reason: str = "", now: datetime) -> Job:
    """A worker who took the job cannot come after all: the next free one is asked at once, and the office sees it.

    When nobody can come, the client gets everything back and what the ladder says on top, from upkeep. Raises ``Missing``, ``Refused``.
    """
    job = _job(job_id, "client", "home")
    mine = Offer.objects.select_for_update().filter(job=job, worker__person=person).first()
    if mine is None:
        raise Missing("no such job")
    if mine.state == states.WITHDRAWN:
        return job
    if mine.state != states.TAKEN or job.worker_id != mine.worker_id:
        raise Refused("answered", _("This offer was already answered, or has gone to someone else. Nothing was changed."))
    job.to(states.OFFERED)
    share = terms.of_job(job, rules.cancel_worker).percent_at(max(job.lead(now), timedelta()))
    job.goodwill = max(job.goodwill, money.share_of(job.price, share, f"goodwill:{job.pk}"))
    job.accepted_at, job.cancelled_by = None, WORKER
    _close(mine, states.WITHDRAWN, text(reason, 200, "reason"), now)
    job.save()
    pass_on(job, now=now)
    if job.state == states.OFFERED:
        task_for_office(job, f"short:{job.pk}", "services.worker_cancelled", now=now, due_at=job.starts_at)
    return job
