"""A client asks what it costs, and books a time that is then nobody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.decisions import emergency
from madang.coop.ledger.retry import retrying
from madang.coop.notices import actions as notices
from madang.coop.payments import actions as payments
from madang.coop.people.models import Person
from madang.coop.tax import supply
from madang.kit.errors import Missing, Refused
from madang.platforms.services import free, matching, quote, rules, slots, states, terms
from madang.platforms.services.actions.people import home_of
from madang.platforms.services.models import Home, Job, Worker
from madang.platforms.services.quote import Quote
from madang.platforms.services.texts import moment, text

HORIZON = timedelta(days=28)
NEXT_FREE = 3
UNPAID_MAX = 3


class Taken(Refused):
    """Somebody was faster, or the time is not one that can be booked. ``free``: the next moments that can (UTC)."""

    def __init__(self, message: object, next_free: Sequence[datetime]) -> None:
        super().__init__("taken", message, "start")
        self.free = list(next_free)


def get_quote(
    *, bedrooms: int, bathrooms: int, extras: Mapping[str, int] | None = None, has_ladder: bool = False, has_machine: bool = False, now: datetime,
    in_force: terms.Terms | None = None,
) -> Quote:  # fmt: skip
    """What a visit costs now, line by line. One query, none with the terms ``in_force``. Raises ``Refused`` with the field (a size, or an extra's code)."""
    return _quote(in_force or terms.now_in_force(now), bedrooms, bathrooms, extras or {}, has_ladder, has_machine, now)


def _quote(in_force: terms.Terms, bedrooms: int, bathrooms: int, extras: Mapping[str, int], has_ladder: bool, has_machine: bool, now: datetime) -> Quote:
    has = {name for name, there in ((quote.LADDER, has_ladder), (quote.MACHINE, has_machine)) if there}
    found = quote.make(
        in_force.size, in_force.extras, bedrooms=bedrooms, bathrooms=bathrooms, wanted=extras, has=has, unit=in_force.unit,
        titles={quote.REFRESH: terms.refresh_title()}, versions=in_force.booked,
    )
    return quote.with_tax(found, supply.on_top(found.total, found.unit, now=now).gross - found.total)


@retrying
@transaction.atomic
def book(
    client: Person, home_id: UUID, extras: Mapping[str, int], start: datetime, *, worker_id: UUID | None = None, expected: int | None = None,
    note: str = "", now: datetime,
) -> Job:
    """Keep a time for a client and ask for the price: the job is *held* until ``job.hold_until`` and paid at ``/pay/<job.charge_id>/``.

    ``start`` is an aware moment on a quarter of an hour; ``worker_id`` a wish (then nobody else is taken); ``expected`` the total the
    client saw, refused when the rules changed meanwhile. The same booking again returns the first job.
    Raises ``Taken`` with the next free times, ``Refused`` with a field (``time-zone``, ``past``, ``soon``, ``far``, ``grid``, ``price-changed``,
    ``same-home``, ``unpaid``, a quote's own), ``Missing`` for someone else's home.
    """
    coop = law.require_open()
    start = moment(start, "start")
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=client.pk)  # one booking of a client at a time: the unpaid ones are counted
    home = home_of(client, home_id, lock=True)
    in_force = terms.now_in_force(now)
    asked = _quote(in_force, home.bedrooms, home.bathrooms, extras, home.has_ladder, home.has_machine, now)
    end = start + timedelta(minutes=asked.minutes)
    lines = [line.as_json() for line in asked.lines]
    if again := _same(home, start, end, lines):
        return again
    emergency.require("services.bookings", now)
    _check_start(start, in_force.value(rules.notice), now)
    if not coop.demo and Job.objects.filter(client=client, state=states.HELD).count() >= UNPAID_MAX:  # a demo's client is many visitors
        raise Refused("unpaid", _("Three times are being kept for you that are not paid yet. Pay for one of them or let it go, then book this one."))
    if expected is not None and expected != asked.total:
        raise Refused("price-changed", _("The price list has changed in the meantime. Look at the new price and book again."), "extras")
    until = now + in_force.value(rules.hold)
    job = Job(
        client=client, home=home, starts_at=start, ends_at=end, free_at=end + in_force.value(rules.travel), bedrooms=home.bedrooms,
        bathrooms=home.bathrooms, lines=lines, minutes=asked.minutes, price=asked.total, unit=asked.unit, versions=in_force.booked,
        client_note=text(note, 500, "note"), booked_at=now, hold_until=until, wished_worker_id=worker_id,
    )  # fmt: skip
    charge = payments.charge("job", f"job:{job.pk}", client, job.price, job.unit, key=f"job:{job.pk}", expires_at=until, now=now)
    job.charge_id = charge.pk
    if not _place(job, in_force, only=worker_id, now=now):
        raise _taken(job, in_force, now)  # the charge is undone with everything else
    params = {"number": job.number, "at": job.starts_at, "amount": {"$money": [job.price, job.unit]}, "until": until}
    notices.open_task(client, f"pay:{job.pk}", "services.pay", url=f"/pay/{charge.pk}/", params=params, due_at=until, now=now)
    return job


def _check_start(start: datetime, ahead: timedelta, now: datetime) -> None:
    if start <= now:
        raise Refused("past", _("This time is over. Choose a later one."), "start")
    if start < now + ahead:
        raise Refused("soon", _("This is too soon for a worker to come. Choose a later time."), "start")
    if start > now + HORIZON:
        raise Refused("far", _("Times can be booked up to 28 days ahead. Choose an earlier one."), "start")
    if slots.floor(start) != start:
        raise Refused("grid", _("Visits start on the quarter of an hour. Choose one of the times shown."), "start")


def _same(home: Home, start: datetime, end: datetime, lines: list[dict[str, Any]]) -> Job | None:
    """The job already booked in this home at this time: the same one (a second click), or a refusal."""
    for job in Job.objects.filter(home=home, state__in=states.OCCUPIES, starts_at__lt=end, ends_at__gt=start):
        if job.state == states.HELD and job.starts_at == start and job.lines == lines:
            return job
        raise Refused("same-home", _("A visit to this home is already booked at that time."), "start")
    return None


def _place(job: Job, in_force: terms.Terms, *, only: UUID | None, now: datetime) -> bool:
    """Give the job to the first free worker in the order of the matching rule; the database decides whether that worker is free."""
    found = free.candidates(job.starts_at, job.ends_at, job.free_at, client_id=job.client_id, only=only, now=now)
    by_id = {one.candidate.worker: one for one in found}
    way, version = in_force.value(rules.matching_way), str(in_force[rules.matching_way.key].pk or "")
    for ranked in matching.rank((one.candidate for one in found), way, str(job.pk)):
        one = by_id[ranked.candidate.worker]
        job.worker_id, job.organisation_id = one.worker_id, one.organisation_id
        job.reasons = {"by": "client"} if only else ranked.reasons(way, version)
        if put(job):
            return True
    return False


def put(job: Job) -> bool:
    """Save the job with its worker; False when that worker's time is taken by now. Locks the worker's row, so that nobody waits in a circle."""
    try:
        with transaction.atomic():
            Worker.objects.select_for_update(no_key=True).only("pk").get(pk=job.worker_id)
            job.save(force_insert=job._state.adding)
    except IntegrityError as clash:
        if "services_job_one_place" in str(clash):
            return False
        if "services_job_one_home" in str(clash):
            raise Refused("same-home", _("A visit to this home is already booked at that time."), "start") from None
        raise
    return True


def _taken(job: Job, in_force: terms.Terms, now: datetime) -> Taken:
    since = max(now + in_force.value(rules.notice), job.starts_at - timedelta(days=1))
    found = free.starts(
        job.minutes, in_force.value(rules.travel), since=since, until=min(job.starts_at + timedelta(days=7), now + HORIZON),
        worker_id=job.wished_worker_id, client_id=job.client_id,
    )  # fmt: skip
    near = sorted(sorted(found, key=lambda at: abs(at - job.starts_at))[:NEXT_FREE])
    if near:
        return Taken(_("This time has just been taken, and nothing was charged. Near it these are free; choose one of them."), near)
    return Taken(_("This time is taken, and nothing was charged. Nobody else is free around it; look at another week."), near)


def job_of(client: Person, job_id: UUID, *, lock: bool = True) -> Job:
    """The client's own job, locked. Raises ``Missing``. One query."""
    jobs = Job.objects.select_for_update(of=("self",), no_key=True) if lock else Job.objects
    try:
        return jobs.select_related("worker__person", "worker__organisation", "home").get(pk=job_id, client=client)
    except Job.DoesNotExist:
        raise Missing("no such job") from None
