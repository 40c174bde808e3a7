"""Workers with their weeks, clients with their homes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.members.models import LIVE, MemberClass, Membership
from madang.coop.people.models import Organisation, Person, Work
from madang.kit.errors import Missing, Refused
from madang.platforms.services import quote, slots, states
from madang.platforms.services.models import Availability, Home, Job, TimeOff, Worker
from madang.platforms.services.texts import moment, text, time_zone_name, whole

WINDOWS_MAX = 42
TIME_OFF_MAX = timedelta(days=366)
HOMES_MAX = 20


def belongs(person: Person, organisation: Organisation) -> bool:
    """Whether this is a worker of ours: the organisation is a member, or has applied and prepares; in a co-op without a class for
    organisations, the person is.

    Jobs go to full members only: ``free.IN`` asks that of every worker at each booking, so who left, or whose organisation did, gets no more.
    """
    live = Membership.objects.filter(state__in=LIVE)
    if MemberClass.objects.filter(holder=MemberClass.ORGANISATION).exists():
        return live.filter(organisation=organisation).exists()
    return live.filter(person=person).exists()


def _works_in(person: Person, organisation: Organisation, role: str | None, now: datetime) -> bool:
    rows = Work.objects.filter(organisation=organisation, person=person, since__lte=now).exclude(until__lte=now)
    return rows.filter(role=role).exists() if role else rows.exists()


@transaction.atomic
def become_worker(person: Person, organisation: Organisation, *, by: Person, time_zone: str = "", about: str = "", now: datetime) -> Worker:
    """``person``, who works in ``organisation``, takes jobs from now on. ``by``: the person, or who speaks for the organisation.

    Repeating it changes the organisation or wakes a worker who paused. Raises ``Refused`` (``not-there`` when the person does not work
    there, ``not-a-member`` while the organisation is none, ``elsewhere`` when another is to be left that ``by`` does not speak for,
    ``time-zone``, ``about``), ``Missing`` when ``by`` may not do this.
    """
    if by.pk != person.pk and not _works_in(by, organisation, Work.REPRESENTATIVE, now):
        raise Missing("not yours to do")
    if not _works_in(person, organisation, None, now):
        raise Refused("not-there", _("This person does not work in that co-op yet. Add them there first."), "person")
    if not belongs(person, organisation):
        words = _("Jobs go to members only. Once %(name)s has applied to join, its people can set their hours.")
        raise Refused("not-a-member", words % {"name": organisation.name})
    zone = time_zone_name(time_zone or person.time_zone or law.coop().time_zone)
    worker, fresh = Worker.objects.select_for_update().get_or_create(
        person=person, defaults={"organisation": organisation, "time_zone": zone, "about": text(about, 280, "about"), "since": now}
    )
    if worker.organisation_id != organisation.pk and worker.active and by.pk != person.pk:
        raise Refused("elsewhere", _("This person takes jobs through another organisation. Only they can change that."), "person")
    if not fresh and (worker.organisation_id != organisation.pk or not worker.active):
        worker.organisation, worker.active = organisation, True
        worker.save(update_fields=["organisation", "active"])
    return worker


def worker_of(person: Person, *, lock: bool = False) -> Worker:
    """The worker this person is. Raises ``Missing``. One query."""
    workers = Worker.objects.select_for_update(of=("self",), no_key=True) if lock else Worker.objects
    found = workers.select_related("organisation").filter(person=person).first()
    if found is None:
        raise Missing("not a worker")
    found.person = person
    return found


@transaction.atomic
def edit_worker(person: Person, *, time_zone: str, about: str = "", active: bool = True, now: datetime) -> Worker:
    """Time zone, a few words for clients, and whether new jobs are wanted (a pause keeps jobs already taken). Raises ``Missing``, ``Refused``."""
    worker = worker_of(person, lock=True)
    worker.time_zone, worker.about, worker.active = time_zone_name(time_zone), text(about, 280, "about"), bool(active)
    worker.save(update_fields=["time_zone", "about", "active"])
    return worker


@transaction.atomic
def set_availability(person: Person, windows: Iterable[tuple[int, int, int]], *, now: datetime) -> list[Availability]:
    """The worker's week anew: ``(weekday 0–6 from Monday, start, end)`` in minutes after midnight of the worker's own clock, whole quarters.

    Windows that touch become one. Jobs already taken stay. Raises ``Missing``, ``Refused`` (``window``, ``too-many``).
    """
    worker = worker_of(person, lock=True)
    given = list(windows)
    if len(given) > WINDOWS_MAX:
        raise Refused("too-many", _("That is more than a week can hold. Leave some windows out."), "availability")
    for window in given:
        if len(window) != 3 or any(isinstance(one, bool) or not isinstance(one, int) for one in window):
            raise Refused("window", _("Choose a weekday, a start and an end."), "availability")
        weekday, start, end = window
        if not (0 <= weekday <= 6 and 0 <= start < end <= 1440) or start % 15 or end % 15:
            raise Refused("window", _("A window starts before it ends, on the quarter of an hour, within one day."), "availability")
    merged = slots.merge(given)
    if [(one.weekday, one.start, one.end) for one in worker.availability.all()] == merged:
        return list(worker.availability.all())
    worker.availability.all().delete()
    return Availability.objects.bulk_create(Availability(worker=worker, weekday=day, start=start, end=end) for day, start, end in merged)


@transaction.atomic
def add_time_off(person: Person, since: datetime, until: datetime, *, note: str = "", now: datetime) -> TimeOff:
    """The worker is away. Jobs already taken stay theirs (cancel them one by one). Raises ``Missing``, ``Refused`` with field."""
    worker = worker_of(person, lock=True)
    since, until = moment(since, "since"), moment(until, "until")
    if until <= since or until <= now:
        raise Refused("order", _("Time off ends after it starts, and not in the past."), "until")
    if until - since > TIME_OFF_MAX:
        raise Refused("too-long", _("Time off can be at most a year. Pause instead, if it is longer."), "until")
    if same := TimeOff.objects.filter(worker=worker, span=DateTimeTZRange(since, until)).first():
        return same
    try:
        with transaction.atomic():
            return TimeOff.objects.create(worker=worker, span=DateTimeTZRange(since, until), note=text(note, 120, "note"))
    except IntegrityError:
        raise Refused("overlap", _("You are already away during part of this time. Remove that entry first."), "since") from None


@transaction.atomic
def remove_time_off(person: Person, time_off_id: int, *, now: datetime) -> None:
    """The worker is there after all. Raises ``Missing`` when it is not theirs or not there."""
    if not TimeOff.objects.filter(pk=time_off_id, worker__person=person).delete()[0]:
        raise Missing("no such time off")


@transaction.atomic
def add_home(
    client: Person, *, district: str, address: str, bedrooms: int, bathrooms: int, name: str = "", directions: str = "",
    has_ladder: bool = False, has_machine: bool = False, now: datetime,
) -> Home:
    """A home of this client. The same home twice is one. Raises ``Refused`` with the field."""
    wanted = _home(district, address, bedrooms, bathrooms, name, directions, has_ladder, has_machine)
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=client.pk)
    homes = Home.objects.filter(client=client, archived_at=None)
    if same := homes.filter(**wanted).first():
        return same
    if homes.count() >= HOMES_MAX:
        raise Refused("too-many", _("You have twenty homes here. Remove one you do not need any more."), "address")
    return Home.objects.create(client=client, **wanted)


@transaction.atomic
def edit_home(
    client: Person, home_id: UUID, *, district: str, address: str, bedrooms: int, bathrooms: int, name: str = "", directions: str = "",
    has_ladder: bool = False, has_machine: bool = False, now: datetime,
) -> Home:
    """Correct a home. Jobs already booked keep the size and the price they were quoted for. Raises ``Missing``, ``Refused``."""
    home = home_of(client, home_id, lock=True)
    for field, value in _home(district, address, bedrooms, bathrooms, name, directions, has_ladder, has_machine).items():
        setattr(home, field, value)
    home.save()
    return home


def _home(
    district: str, address: str, bedrooms: int, bathrooms: int, name: str, directions: str, has_ladder: bool, has_machine: bool
) -> dict[str, Any]:
    if isinstance(bedrooms, bool) or not isinstance(bedrooms, int):
        raise Refused("size", _("Say how many bedrooms there are, 0 for a studio."), "bedrooms")
    if isinstance(bathrooms, bool) or not isinstance(bathrooms, int):
        raise Refused("size", _("Say how many bathrooms there are."), "bathrooms")
    quote.check_size(bedrooms, bathrooms)
    return {
        "district": text(district, 60, "district", needed=True),
        "address": text(address, 200, "address", needed=True),
        "bedrooms": whole(bedrooms, 0, quote.BEDROOMS_MAX, "bedrooms"),
        "bathrooms": whole(bathrooms, 1, quote.BATHROOMS_MAX, "bathrooms"),
        "name": text(name, 60, "name"),
        "directions": text(directions, 300, "directions"),
        "has_ladder": bool(has_ladder),
        "has_machine": bool(has_machine),
    }


@transaction.atomic
def remove_home(client: Person, home_id: UUID, *, now: datetime) -> None:
    """Take a home off the client's list. Raises ``Missing``, ``Refused`` while a job is booked there."""
    home = home_of(client, home_id, lock=True)
    if Job.objects.filter(home=home, state__in=[*states.OCCUPIES, states.PROBLEM]).exists():
        raise Refused("booked", _("A job is booked in this home. Cancel it first, or wait until it is done."), "home")
    home.archived_at = now
    home.save(update_fields=["archived_at"])


def home_of(client: Person, home_id: UUID, *, lock: bool = False) -> Home:
    """The client's own home. Raises ``Missing``. One query."""
    homes = Home.objects.select_for_update(no_key=True) if lock else Home.objects
    found = homes.filter(pk=home_id, client=client, archived_at=None).first()
    if found is None:
        raise Missing("no such home")
    return found
