"""What people ask of on-demand services. Each says how many SQL queries it takes; each is filtered by who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from madang.coop.ledger.models import Hold
from madang.coop.members import queries as members
from madang.coop.people.models import Organisation, Person, Work
from madang.coop.rules import hourly
from madang.kit.errors import Missing
from madang.platforms.services import free, matching, rules, slots, states, terms
from madang.platforms.services.actions.booking import HORIZON
from madang.platforms.services.actions.offers import COORDINATION
from madang.platforms.services.actions.visits import EARLY, refund_now
from madang.platforms.services.models import CLIENT, WORKER, Availability, Home, Job, Offer, Problem, Rating, TimeOff, Tip, Worker
from madang.platforms.services.quote import Extra, Size

FEW, MANY = 5, 5_000  # so many jobs a month are counted once an hour only
PAGE = 50


@dataclass(frozen=True)
class Catalogue:
    """The price list in force: sizes and extras (smallest unit of ``unit``), rooms with what is done, and the rule versions behind each."""

    size: Size
    extras: Mapping[str, Extra]
    rooms: Mapping[str, Mapping[str, Any]]
    unit: str
    versions: Mapping[str, Any]
    hold: timedelta
    notice: timedelta


def catalogue(now: datetime) -> Catalogue:
    """What can be booked, and at what price. One query. ``rooms``: ``{key: {"title": {lang}, "tasks": {lang: "one a line"}}}``."""
    in_force = terms.now_in_force(now)
    return Catalogue(
        in_force.size, in_force.extras, in_force.value(rules.checklist), in_force.unit, in_force, in_force.value(rules.hold), in_force.value(rules.notice)
    )


def free_slots(
    minutes: int, *, now: datetime, since: datetime | None = None, days: int = 28, time_zone: str = "Asia/Seoul", worker_id: UUID | None = None,
    client: Person | None = None,
) -> list[datetime]:
    """Start times (UTC, in order) at which a visit of ``minutes`` can be booked, in the next ``days`` from ``since``, on the half hour of ``time_zone``.

    Queries: 2 for the rules and the number of workers, then 3 for up to 300 workers, at most 10 for any number.
    """
    in_force = terms.now_in_force(now)
    first = max(since or now, now + in_force.value(rules.notice))
    last = min((since or now) + timedelta(days=days), now + HORIZON)
    if first >= last:
        return []
    return free.starts(
        minutes, in_force.value(rules.travel), since=slots.ceil(first), until=last, worker_id=worker_id,
        client_id=client.pk if client else None, time_zone=time_zone,
    )  # fmt: skip


# -- the client -------------------------------------------------------------------------------------------------------


def homes(client: Person) -> list[Home]:
    """The client's homes, the latest first. One query."""
    return list(Home.objects.filter(client=client, archived_at=None).order_by("name", "district"))


def home(client: Person, home_id: UUID) -> Home:
    """One home of the client. One query. Raises ``Missing``."""
    found = Home.objects.filter(pk=home_id, client=client, archived_at=None).first()
    if found is None:
        raise Missing("no such home")
    return found


def known_workers(client: Person, limit: int = 10) -> list[Worker]:
    """Workers who were there before, the latest first: whom a client may wish for again. One query."""
    were = Job.objects.filter(client=client, state=states.RELEASED, worker__active=True).order_by("-starts_at").values_list("worker_id", flat=True)[:100]
    order = list(dict.fromkeys(were))[:limit]
    found = {one.pk: one for one in Worker.objects.filter(pk__in=order, active=True).select_related("person", "organisation")}
    return [found[key] for key in order if key in found]


def my_jobs(person: Person, *, before: datetime | None = None, limit: int = PAGE) -> list[Job]:
    """A client's visits, the latest start first, ``limit`` of them before ``before``; never-paid ones are left out. One query."""
    jobs = Job.objects.filter(client=person).exclude(state=states.LAPSED).select_related("worker__person", "worker__organisation", "home")
    if before:
        jobs = jobs.filter(starts_at__lt=before)
    return list(jobs.order_by("-starts_at")[: min(limit, PAGE)])


def next_visits(client: Person, now: datetime, limit: int = 5) -> list[Job]:
    """What is ahead of a client, the nearest first. One query."""
    jobs = Job.objects.filter(client=client, ends_at__gt=now, state__in=[*states.OCCUPIES, states.PROBLEM])
    return list(jobs.select_related("worker__person", "home").order_by("starts_at")[:limit])


@dataclass(frozen=True)
class JobView:
    """A job as one reader may see it. ``side``: "client", "worker" or "office"; ``home`` is None where the address is not theirs to know.

    ``can``: the verbs that work now. ``refund``: what a client would get back who cancels now (None when that cannot be).
    """

    job: Job
    side: str
    home: Home | None
    offer: Offer | None
    problem: Problem | None
    ratings: list[Rating]
    tip: Tip | None
    can: frozenset[str]
    refund: int | None
    rooms: list[tuple[Mapping[str, str], list[Mapping[str, Any]]]]


def job_for(person: Person, job_id: UUID, *, now: datetime) -> JobView:
    """A job for one of its two sides or the coordinator. At most 7 queries. Raises ``Missing`` for anyone else.

    The worker learns the address by accepting, and keeps it until a day after the visit; before, only the district.
    """
    job = Job.objects.filter(pk=job_id).select_related("client", "home", "organisation", "worker__person", "worker__organisation", "problem").first()
    if job is None:
        raise Missing("no such job")
    mine = Offer.objects.filter(job=job, worker__person=person).select_related("worker").first()
    side = _side(person, job, mine, now)
    ratings = [one for one in job.ratings.select_related("author").order_by("side") if one.visible or one.author_id == person.pk]
    tip = job.tips.filter(state__in=[Tip.PENDING, Tip.PAID]).first() if side != "office" else None
    knows = side in (CLIENT, "office") or (job.state in (states.ACCEPTED, states.IN_PROGRESS, states.DONE, states.PROBLEM) and _theirs(person, job))
    can = _can(job, side, _theirs(person, job), mine, ratings, tip, now)
    refund = refund_now(job, now)[0] if "cancel" in can and side == CLIENT and job.state != states.HELD else None
    return JobView(job, side, job.home if knows else None, mine, getattr(job, "problem", None), ratings, tip, can, refund, rooms_of(job))


def _theirs(person: Person, job: Job) -> bool:
    return job.worker is not None and job.worker.person_id == person.pk


def _side(person: Person, job: Job, mine: Offer | None, now: datetime) -> str:
    if job.client_id == person.pk:
        return CLIENT
    if mine is not None and (mine.state == states.OPEN or _theirs(person, job)):
        return WORKER
    if members.has_duty(person, COORDINATION, now):
        return "office"
    raise Missing("no such job")


def _can(job: Job, side: str, theirs: bool, offer: Offer | None, ratings: list[Rating], tip: Tip | None, now: datetime) -> frozenset[str]:
    state, can = job.state, set()
    if side == CLIENT:
        can |= {states.HELD: {"pay", "cancel"}, states.OFFERED: {"cancel"}, states.ACCEPTED: {"cancel"}, states.DONE: {"confirm", "report"}}.get(state, set())
        if state == states.IN_PROGRESS or (state == states.ACCEPTED and job.starts_at <= now):
            can.add("report")
        if state in (states.DONE, states.RELEASED) and (tip is None or tip.state == Tip.PENDING):
            can.add("tip")
    if side == WORKER and theirs:
        can |= {states.OFFERED: {"accept", "decline"}, states.ACCEPTED: {"cancel"}, states.IN_PROGRESS: {"tick", "check_out", "report"}}.get(state, set())
        if state == states.ACCEPTED and now >= job.starts_at - EARLY:
            can.add("check_in")
        if (state == states.ACCEPTED and job.starts_at <= now) or state == states.DONE:
            can.add("report")
    if side == "office":
        can |= {states.OFFERED: {"assign"}, states.ACCEPTED: {"assign", "report"}, states.PROBLEM: {"settle"}}.get(state, set())
        if state in (states.IN_PROGRESS, states.DONE):
            can.add("report")
    if side in (CLIENT, WORKER) and state == states.RELEASED and job.rate_until and job.rate_until > now and not any(one.visible for one in ratings):
        can.add("rate")
    return frozenset(can)


def rooms_of(job: Job) -> list[tuple[Mapping[str, str], list[Mapping[str, Any]]]]:
    """The job's checklist by room: [(title by language, its lines)]. No query."""
    rooms: dict[str, tuple[Mapping[str, str], list[Mapping[str, Any]]]] = {}
    for line in job.checklist:
        rooms.setdefault(line["room"], (line.get("room_title", {}), []))[1].append(line)
    return list(rooms.values())


@dataclass(frozen=True)
class Share:
    """One part of a price: ``label``, amount, share of the whole."""

    label: str
    amount: int
    share: Fraction


def shares_of(job: Job) -> list[Share]:
    """Who gets what of this job's price under the rules it was booked under: worker, member co-op's fund, upkeep. 1–2 queries."""
    from madang.kit.splits import largest_remainder

    name = f"release:{job.pk}"
    outer = largest_remainder(job.price, list(terms.of_job(job, rules.split).items()), name)
    inner = largest_remainder(outer["provider"], list(terms.of_job(job, rules.org_split).items()), name)
    rows = [(_("the worker"), inner["worker"]), (_("the member co-op's common fund"), inner["fund"]), (_("upkeep of the platform"), outer["upkeep"])]
    return [Share(label, amount, Fraction(amount, job.price)) for label, amount in rows if amount]


# -- the worker -------------------------------------------------------------------------------------------------------


def worker_of(person: Person) -> Worker | None:
    """The worker a person is, or None. One query."""
    return Worker.objects.filter(person=person).select_related("organisation", "person").first()


def week_of(worker: Worker) -> list[Availability]:
    """The worker's week, in order. One query."""
    return list(worker.availability.all())


def time_off_of(worker: Worker, now: datetime) -> list[TimeOff]:
    """Time off that is not over. One query."""
    return list(worker.time_off.filter(span__endswith__gt=now).order_by("span"))


def could_work_for(person: Person, now: datetime) -> list[Organisation]:
    """Organisations this person works in and could take jobs for. One query."""
    there = Work.objects.filter(organisation=OuterRef("pk"), person=person, since__lte=now).exclude(until__lte=now)
    return list(Organisation.objects.filter(Exists(there)).order_by("name"))


def offers_for(person: Person, now: datetime) -> list[Offer]:
    """Open questions to a worker, the most urgent first, each with its job. One query."""
    rows = Offer.objects.filter(worker__person=person, state=states.OPEN, job__state=states.OFFERED)
    return list(rows.select_related("job__home").order_by("answer_by"))


def worker_day(person: Person, day: date, *, now: datetime) -> list[Job]:
    """A worker's visits on one day of the worker's own clock, in order. 2 queries. Raises ``Missing`` for who is no worker."""
    worker = worker_of(person)
    if worker is None:
        raise Missing("not a worker")
    zone = free.zone(worker.time_zone)
    since, until = slots.midnight(day, zone), slots.midnight(day + timedelta(days=1), zone)
    return list(_of_worker(worker).filter(starts_at__lt=until, starts_at__gte=since).order_by("starts_at"))


def next_jobs(person: Person, now: datetime, limit: int = 10) -> list[Job]:
    """What a worker has accepted and not finished, the nearest first. One query."""
    jobs = Job.objects.filter(worker__person=person, state__in=[states.ACCEPTED, states.IN_PROGRESS])
    return list(jobs.select_related("home", "client").order_by("starts_at")[:limit])


def past_jobs(person: Person, now: datetime, *, before: datetime | None = None, limit: int = PAGE) -> list[Job]:
    """A worker's visits that are done, the latest first. One query."""
    over = [states.DONE, states.RELEASED, states.PROBLEM, states.CANCELLED, states.REFUNDED]
    jobs = Job.objects.filter(worker__person=person, starts_at__lt=before or now, state__in=over)
    return list(jobs.select_related("home", "client").order_by("-starts_at")[: min(limit, PAGE)])


def _of_worker(worker: Worker) -> QuerySet[Job]:
    seen = [states.ACCEPTED, states.IN_PROGRESS, states.DONE, states.PROBLEM, states.RELEASED]
    return Job.objects.filter(worker=worker, state__in=seen).select_related("home", "client")


def why_me(offer: Offer) -> str:
    """Why this worker was asked, as a sentence in the reader's language. No query."""
    reasons = offer.reasons or {}
    if reasons.get("by") == "client":
        return _("The client asked for you.")
    if reasons.get("by") == "office":
        return _("The coordinator asked you.")
    told = {"jobs": reasons.get("jobs_30_days", 0), "place": reasons.get("place", 1), "free": reasons.get("free", 1)}
    if reasons.get("way") == matching.LONGEST:
        return _("%(free)s workers were free at that time. Whoever has waited longest is asked first; you came in place %(place)s.") % told
    if reasons.get("way") == matching.LOT:
        return _("%(free)s workers were free at that time. The order was drawn by lot; you came in place %(place)s.") % told
    return _("%(free)s workers were free at that time. Whoever has the fewest jobs is asked first; with %(jobs)s you came in place %(place)s.") % told


# -- ratings ----------------------------------------------------------------------------------------------------------


def rating_of(person: Person) -> tuple[str, int] | None:
    """(average with one decimal, how many) of the ratings about a person that can be seen; None under five. One query."""
    row = Rating.objects.filter(about=person, visible=True).aggregate(average=Avg("stars"), count=Count("pk"))
    return (f"{row['average']:.1f}", row["count"]) if row["count"] >= FEW else None


def ratings_about(person: Person, limit: int = 10) -> list[Rating]:
    """The latest ratings about a person that can be seen. One query."""
    return list(Rating.objects.filter(about=person, visible=True).order_by("-at")[: min(limit, PAGE)])


# -- the office -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Board:
    """What needs the coordinator: ``problems``, ``late`` (should have begun or ended), ``asking`` (no worker yet, soonest first),
    ``unfilled`` of the last 14 days, ``today`` (how many visits start within 24 hours)."""

    problems: list[Problem]
    late: list[Job]
    asking: list[Job]
    unfilled: list[Job]
    today: int


def board(officer: Person, now: datetime) -> Board:
    """The coordinator's board. 6 queries. Raises ``Missing`` for anyone else."""
    if not members.has_duty(officer, COORDINATION, now):
        raise Missing("not yours to see")
    beside = ["client", "home", "organisation", "worker__person"]
    people = ["client__name", "client__erased_at", "worker__person__name", "worker__person__erased_at", "organisation__name"]
    shown = ["state", "starts_at", "ends_at", "price", "unit", "home__district", *people]
    jobs = Job.objects.select_related(*beside).only(*shown)
    # two questions, each with an index of its own; asked as one they have none
    not_begun = jobs.filter(state=states.ACCEPTED, starts_at__lte=now - timedelta(minutes=30)).order_by("starts_at")[:PAGE]
    not_ended = jobs.filter(state=states.IN_PROGRESS, ends_at__lte=now - timedelta(hours=1)).order_by("ends_at")[:PAGE]
    open_ones = Problem.objects.filter(settled_at=None, job__state=states.PROBLEM)
    problems = open_ones.select_related(*(f"job__{one}" for one in beside)).only("reported_at", *(f"job__{one}" for one in shown))
    return Board(
        list(problems.order_by("reported_at")[:PAGE]),
        sorted([*not_begun, *not_ended], key=lambda job: job.starts_at)[:PAGE],
        list(jobs.filter(state=states.OFFERED).order_by("starts_at")[:PAGE]),
        list(jobs.filter(state=states.UNFILLED, over_at__gte=now - timedelta(days=14)).order_by("-over_at")[:PAGE]),
        Job.objects.filter(state__in=[states.OFFERED, states.ACCEPTED], starts_at__gt=now, starts_at__lte=now + timedelta(days=1)).count(),
    )


def workers_free_for(officer: Person, job_id: UUID, now: datetime) -> list[Worker]:
    """Who else could take a job, for the coordinator to choose from. 5 queries. Raises ``Missing``."""
    if not members.has_duty(officer, COORDINATION, now):
        raise Missing("not yours to see")
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise Missing("no such job")
    found = free.candidates(job.starts_at, job.ends_at, job.free_at, client_id=job.client_id, now=now, job_id=job.pk)
    return list(Worker.objects.filter(pk__in=[one.worker_id for one in found]).select_related("person", "organisation").order_by("person__name"))


def workers(organisation: Organisation | None = None) -> list[Worker]:
    """Workers who take jobs, by name; of one organisation, or of all. One query."""
    found = Worker.objects.filter(active=True).select_related("person", "organisation")
    return list((found.filter(organisation=organisation) if organisation else found).order_by("person__name")[:500])


# -- for everyone -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stats:
    """The last 30 days: finished jobs, hours of work, what workers got for an hour (smallest unit) and of each price.

    All None while fewer than five workers or fewer than five clients stand behind them.
    """

    jobs: int | None
    hours: int | None
    per_hour: int | None
    worker_share: Fraction | None
    workers: int | None
    unit: str
    until: datetime


def lately(now: datetime, *, fresh: bool = False) -> Stats:
    """The figures of the front page: a small co-op's as of ``now``, a large one's counted once an hour. No query when they are known."""
    return hourly.figures("services.stats", now, stats, dear=lambda made: (made.jobs or 0) > MANY, fresh=fresh)


def stats(now: datetime) -> Stats:
    """The figures of the 30 days before ``now``, counted; nothing that would show fewer than five people. Three queries."""
    rows = Job.objects.filter(state=states.RELEASED, over_at__gte=now - timedelta(days=30), over_at__lt=now)
    one = rows.aggregate(
        jobs=Count("pk"), minutes=Coalesce(Sum("minutes"), 0), earned=Coalesce(Sum("worker_part"), 0), price=Coalesce(Sum("price"), 0),
        refunded=Coalesce(Sum("refunded"), 0), workers=Count("worker", distinct=True),
    )  # fmt: skip
    unit = terms.now_in_force(now).unit
    clients = rows.values("client")[:2000].aggregate(people=Count("client", distinct=True))["people"]  # a sample: quick, and can only hide too much
    if min(one["workers"], clients) < FEW or not one["minutes"]:
        return Stats(None, None, None, None, None, unit, now)
    paid = one["price"] - one["refunded"]
    return Stats(
        one["jobs"], round(Fraction(one["minutes"], 60)), round(Fraction(one["earned"] * 60, one["minutes"])),
        Fraction(one["earned"], paid) if paid else None, one["workers"], unit, now,
    )  # fmt: skip


def held_for(job: Job) -> int:
    """What is kept for a job, in the smallest unit. One query."""
    return Hold.objects.filter(key=f"job:{job.pk}", state=Hold.HELD).aggregate(total=Coalesce(Sum("amount"), 0))["total"]
