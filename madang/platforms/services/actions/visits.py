"""The visit itself: in, room by room, out, and the client's word. Then the money goes where it belongs."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from madang.coop.notices import actions as notices
from madang.coop.people.models import Person
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Missing, Refused
from madang.platforms.services import checklist, rules, states, terms
from madang.platforms.services.actions import money
from madang.platforms.services.actions.booking import job_of
from madang.platforms.services.actions.offers import _job, check_office, job_for_worker, params, task_for_office, url
from madang.platforms.services.models import CLIENT, OFFICE, WORKER, Job, Offer, Problem
from madang.platforms.services.texts import text, whole

EARLY = timedelta(minutes=60)
LATE = timedelta(minutes=30)


@transaction.atomic
def check_in(person: Person, job_id: UUID, *, now: datetime) -> Job:
    """The worker is there. At most an hour before the start. Twice is once. Raises ``Missing``, ``Refused`` (``early``)."""
    job = job_for_worker(person, job_id)
    if job.state in (states.IN_PROGRESS, states.DONE):
        return job
    job.to(states.IN_PROGRESS)
    if now < job.starts_at - EARLY:
        raise Refused("early", _("You can check in from an hour before the start."))
    job.checked_in_at = now
    job.save(update_fields=["state", "checked_in_at"])
    if job.late_told:
        notices.close_task(f"late:{job.pk}", now)
    return job


@transaction.atomic
def tick(person: Person, job_id: UUID, room: str, item: int, *, done: bool = True, now: datetime) -> Job:
    """The worker ticks one thing of one room off (or on again). Raises ``Missing`` for a room or item that is not on the list."""
    return tick_many(person, job_id, [(room, item)], done=done, now=now)


@transaction.atomic
def tick_many(person: Person, job_id: UUID, marks: list[tuple[str, int]] | None = None, *, done: bool = True, now: datetime) -> Job:
    """Tick several things at once; without ``marks`` everything. Raises ``Missing``, ``Refused`` when the visit is not going on."""
    job = job_for_worker(person, job_id)
    if job.state != states.IN_PROGRESS:
        raise Refused(f"job-{job.state}", states.NOT_NOW[job.state])
    there = {checklist.mark(line["room"], line["item"]) for line in job.checklist}
    wanted = {checklist.mark(*one) for one in marks} if marks is not None else there
    if not wanted <= there:
        raise Missing("not on the list")
    for one in wanted:
        if done:
            job.ticks.setdefault(one, now.isoformat())
        else:
            job.ticks.pop(one, None)
    job.save(update_fields=["ticks"])
    return job


@transaction.atomic
def check_out(person: Person, job_id: UUID, *, now: datetime) -> Job:
    """The worker is finished; the client has the confirmation rule's hours to say otherwise. Twice is once. Raises ``Missing``, ``Refused``."""
    job = job_for_worker(person, job_id, "client")
    if job.state == states.DONE:
        return job
    job.to(states.DONE)
    job.checked_out_at = now
    job.confirm_by = now + terms.of_job(job, rules.confirmation)
    job.save(update_fields=["state", "checked_out_at", "confirm_by"])
    if job.late_told:
        notices.close_task(f"late:{job.pk}", now)
    told = params(job, until=job.confirm_by)
    notices.open_task(job.client, f"confirm:{job.pk}", "services.confirm", url=url(job), params=told, due_at=job.confirm_by, now=now)
    return job


@transaction.atomic
def confirm(client: Person, job_id: UUID, *, now: datetime) -> Job:
    """The client says the job was done: the price is released. Twice is once. Raises ``Missing``, ``Refused``."""
    job = job_of(client, job_id)
    if job.state == states.RELEASED:
        return job
    if job.state != states.DONE:
        raise Refused(f"job-{job.state}", states.NOT_NOW[job.state])
    job.confirmed_at = now
    return _release(job, now=now)


@transaction.atomic(savepoint=False)
def confirm_by_time(job_id: UUID, *, now: datetime) -> None:
    """The client said nothing in time: the price is released."""
    job = _job(job_id, "worker__person")
    if job.state == states.DONE and job.confirm_by and job.confirm_by <= now:
        _release(job, now=now)


def _release(job: Job, *, now: datetime) -> Job:
    money.release(job, now=now)
    job.to(states.RELEASED)
    job.over_at, job.rate_until = now, now + terms.of_job(job, rules.rating_window)
    job.save(update_fields=["state", "over_at", "rate_until", "confirmed_at", "refunded", "worker_part", "fund_part", "upkeep_part", "tax_part", "versions"])
    notices.close_task(f"confirm:{job.pk}", now)
    if job.worker is not None:
        paid = {"$money": [job.worker_part, job.unit]}
        notices.tell(job.worker.person, "services.released", url=url(job), params=params(job, paid=paid), now=now)
    return job


@transaction.atomic
def report_problem(person: Person, job_id: UUID, words: str, *, now: datetime) -> Problem:
    """Client, worker or office says that something is wrong: the money stays where it is until the office has decided.

    A client or a worker from the start of the visit on, until the price is released. Twice keeps the first words.
    Raises ``Missing`` for anyone else, ``Refused`` (``not-begun``, ``job-<state>``).
    """
    job = _job(job_id, "worker__person", "client")
    side = _side(person, job, now)
    if job.state == states.PROBLEM:
        return Problem.objects.get(job=job)
    if job.state == states.ACCEPTED and job.starts_at > now and side != OFFICE:
        raise Refused("not-begun", _("The visit has not begun. It can be cancelled instead."))
    job.to(states.PROBLEM)
    words = text(words, 2000, "words", needed=True)
    job.save(update_fields=["state"])
    problem = Problem.objects.create(job=job, reporter=person, side=side, words=words, reported_at=now)
    for key in ("confirm", "late"):
        notices.close_task(f"{key}:{job.pk}", now)
    task_for_office(job, f"problem:{job.pk}", "services.problem", now=now)
    others = [job.client] if side == WORKER else [job.worker.person] if side == CLIENT and job.worker else []
    for other in others:
        notices.tell(other, "services.problem.other", url=url(job), params=params(job), now=now)
    return problem


def _side(person: Person, job: Job, now: datetime) -> str:
    if person.pk == job.client_id:
        return CLIENT
    if job.worker is not None and person.pk == job.worker.person_id and job.state != states.OFFERED:
        return WORKER
    check_office(person, now)
    return OFFICE


@transaction.atomic
def settle_problem(officer: Person, job_id: UUID, *, refund: int, answer: str, nobody_came: bool = False, now: datetime) -> Job:
    """The office decides: ``refund`` (smallest unit, 0 to the price) goes back, the rest is released by the split.

    ``nobody_came``: everything goes back and the no-show rule's share comes on top from upkeep. An officer's own job is settled by another.
    Raises ``Missing``, ``Refused``.
    """
    check_office(officer, now)
    job = _job(job_id, "worker__person", "client")
    problem = Problem.objects.select_for_update().filter(job=job).first()
    if problem is None:
        raise Missing("no such problem")
    if problem.settled_at:
        return job
    if officer.pk in (job.client_id, job.worker.person_id if job.worker else None):
        raise Refused("own", _("This job is your own. Someone else of the office has to decide."))
    back = job.price if nobody_came else whole(refund, 0, job.price, "refund")
    problem.refund, problem.answer = back, text(answer, 2000, "answer", needed=True)
    problem.settled_by, problem.settled_at = officer, now
    problem.save()
    if nobody_came:
        version = terms.of(job, rules.late_goodwill)
        job.goodwill = money.share_of(job.price, terms.value(version), f"goodwill:{job.pk}")
        if job.goodwill:
            money.goodwill(job, version, now=now)
    money.release(job, back=back, now=now)
    job.to(states.REFUNDED if back == job.price else states.RELEASED)
    job.over_at, job.rate_until = now, now + terms.of_job(job, rules.rating_window)
    job.save()
    notices.close_task(f"problem:{job.pk}", now)
    told = {"back": {"$money": [back, job.unit]}}  # the answer is read where it stands: there it can be erased
    for person in (job.client, job.worker.person if job.worker else None):
        if person is not None:
            notices.tell(person, "services.settled", url=url(job), params=params(job, **told), now=now)
    return job


@transaction.atomic
def cancel_by_client(client: Person, job_id: UUID, *, now: datetime) -> Job:
    """The client cancels. Unpaid: the time is free again. Paid: back goes what the ladder of the booking says; the rest is shared at once.

    While no worker has accepted, everything goes back. Twice is once. Raises ``Missing``, ``Refused`` (``begun``).
    """
    job = job_of(client, job_id)
    if job.state in (states.CANCELLED, states.LAPSED):
        return job
    if job.state == states.HELD:
        return lapse(job, now=now)
    if job.state not in (states.OFFERED, states.ACCEPTED):
        raise Refused(f"job-{job.state}", states.NOT_NOW[job.state])
    back, version = refund_now(job, now)
    worker = job.worker.person if job.worker else None
    if back == job.price:
        job.goodwill = 0
        money.all_back(job, now=now)
    else:
        money.release(job, back=back, because=version, key=f"cancel:{job.pk}", kept=True, now=now)
    job.to(states.CANCELLED)
    job.cancelled_by, job.over_at = CLIENT, now
    job.save()
    for key in ("offer", "late", "short"):
        notices.close_task(f"{key}:{job.pk}", now)
    Offer.objects.filter(job=job, state__in=[states.OPEN, states.TAKEN]).update(state=states.WITHDRAWN, answered_at=now)
    if worker is not None:
        paid = {"$money": [job.worker_part, job.unit]}
        notices.tell(worker, "services.client_cancelled", url=url(job), params=params(job, paid=paid), now=now)
    return job


def refund_now(job: Job, now: datetime) -> tuple[int, RuleVersion]:
    """(what a client would get back who cancels now, the rule version that says so). All of it while no worker has accepted."""
    version = terms.of(job, rules.cancel_client)
    if job.state in (states.HELD, states.OFFERED):
        return job.price, version
    return money.share_of(job.price, terms.value(version).percent_at(job.lead(now)), f"cancel:{job.pk}"), version


def lapse(job: Job, *, now: datetime) -> Job:
    """An unpaid job is over; its time is free again. ``job`` is locked, in state *held*."""
    job.to(states.LAPSED)
    job.over_at = now
    job.save(update_fields=["state", "over_at"])
    notices.close_task(f"pay:{job.pk}", now)
    return job


@transaction.atomic(savepoint=False)
def lapse_unpaid(job_id: UUID, *, now: datetime) -> None:
    """The time to pay is over. ``payments`` asks the rail first and says so; this is for a charge of which nothing more is heard."""
    job = _job(job_id)
    if job.state == states.HELD and job.hold_until <= now:
        lapse(job, now=now)


@transaction.atomic(savepoint=False)
def call_late(job_id: UUID, *, now: datetime) -> None:
    """The visit should have begun (or ended) and nobody said so: the office is asked to look."""
    job = _job(job_id, "worker__person")
    if job.late_told or job.state not in (states.ACCEPTED, states.IN_PROGRESS):
        return
    job.late_told = True
    job.save(update_fields=["late_told"])
    message = "services.late" if job.state == states.ACCEPTED else "services.late.out"
    task_for_office(job, f"late:{job.pk}", message, now=now)
    if job.worker is not None:
        notices.open_task(job.worker.person, f"late:{job.pk}", message + ".worker", url=url(job), params=params(job), now=now)


@transaction.atomic(savepoint=False)
def remind(job_id: UUID, *, now: datetime) -> None:
    """A day before: the client is reminded, once. (The worker has the day's page.)"""
    job = _job(job_id, "worker__person", "client")
    if job.reminded or job.state != states.ACCEPTED or job.worker is None:
        return
    job.reminded = True
    job.save(update_fields=["reminded"])
    notices.tell(job.client, "services.reminder.client", url=url(job), params=params(job, worker=job.worker.person), now=now)


__all__ = [
    "EARLY", "LATE", "call_late", "cancel_by_client", "check_in", "check_out", "confirm", "confirm_by_time", "lapse", "lapse_unpaid",
    "refund_now", "remind", "report_problem", "settle_problem", "tick", "tick_many",
]
