"""What this platform knows of a person: handed out, and forgotten as far as the law lets it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import Personal
from madang.platforms.services import states
from madang.platforms.services.models import Availability, Home, Job, Offer, Problem, Rating, TimeOff, Tip, Worker


def export_homes(person: Person) -> list[dict[str, Any]]:
    """Every home of the person, removed ones included."""
    fields = ("id", "name", "district", "address", "directions", "bedrooms", "bathrooms", "has_ladder", "has_machine", "archived_at")
    return list(Home.objects.filter(client=person).values(*fields))


def erase_homes(person: Person, *, now: datetime) -> None:
    """Addresses go; the size and the jobs stay as figures without a place. Raises ``Refused`` while a visit is booked or money is kept."""
    open_jobs = Job.objects.filter(Q(client=person) | Q(worker__person=person), state__in=[*states.OCCUPIES, states.PROBLEM])
    if open_jobs.exists():
        raise Refused("booked", _("There are visits that are not over yet. Cancel or finish them first; then everything can be erased."))
    Home.objects.filter(client=person).update(name="", district="", address="", directions="", archived_at=now)


def export_jobs(person: Person) -> list[dict[str, Any]]:
    """Every visit, as client or as worker, with what was written and paid."""
    rows = []
    for job in Job.objects.filter(Q(client=person) | Q(worker__person=person)).select_related("worker").order_by("starts_at"):
        mine = job.client_id == person.pk
        row = {
            "id": job.pk, "side": "client" if mine else "worker", "state": job.state, "starts_at": job.starts_at, "ends_at": job.ends_at,
            "price": job.price, "unit": job.unit, "refunded": job.refunded, "worker_part": job.worker_part,
        }
        if mine:
            row |= {"lines": job.lines, "note": job.client_note, "booked_at": job.booked_at}
        else:
            row |= {"checked_in_at": job.checked_in_at, "checked_out_at": job.checked_out_at}
        rows.append(row)
    rows += [{"tip": tip.amount, "unit": tip.unit, "at": tip.at, "job": tip.job_id, "state": tip.state} for tip in Tip.objects.filter(job__client=person)]
    asked = Offer.objects.filter(worker__person=person)
    rows += [{"offer": one.job_id, "state": one.state, "at": one.made_at, "why": one.reasons, "reason": one.reason} for one in asked]
    sides = Q(reporter=person) | Q(job__client=person) | Q(job__worker__person=person)
    for one in Problem.objects.filter(sides | Q(settled_by=person)):
        row = {"problem": one.job_id, "at": one.reported_at, "answer": one.answer, "settled_at": one.settled_at, "by_you": one.settled_by_id == person.pk}
        rows.append(row | ({"words": one.words} if one.reporter_id == person.pk else {}))
    return rows


def erase_jobs(person: Person, *, now: datetime) -> None:
    """What the person wrote goes, and what was written about a problem of theirs; dates and prices stay."""
    Job.objects.filter(client=person).exclude(client_note="").update(client_note="")
    Offer.objects.filter(worker__person=person).exclude(reason="").update(reason="")
    Problem.objects.filter(Q(reporter=person) | Q(job__client=person) | Q(job__worker__person=person)).update(words="", answer="")


def export_ratings(person: Person) -> list[dict[str, Any]]:
    """Ratings the person wrote, and those about them that can be seen."""
    rows = Rating.objects.filter(Q(author=person) | Q(about=person, visible=True)).order_by("at")
    return [{"job": one.job_id, "written": one.author_id == person.pk, "stars": one.stars, "words": one.words, "at": one.at} for one in rows]


def erase_ratings(person: Person, *, now: datetime) -> None:
    """Words by and about the person go; the stars stay as a figure."""
    Rating.objects.filter(Q(author=person) | Q(about=person)).update(words="")


def export_worker(person: Person) -> list[dict[str, Any]]:
    """The worker's week, time off and words."""
    rows: list[dict[str, Any]] = []
    for worker in Worker.objects.filter(person=person).select_related("organisation"):
        rows.append({"organisation": worker.organisation.name, "time_zone": worker.time_zone, "about": worker.about, "since": worker.since})
        rows += [{"weekday": one.weekday, "start": one.start, "end": one.end} for one in worker.availability.all()]
        rows += [{"away_from": one.span.lower, "away_until": one.span.upper, "note": one.note} for one in worker.time_off.all()]
    return rows


def erase_worker(person: Person, *, now: datetime) -> None:
    """No week, no words, no new jobs."""
    Availability.objects.filter(worker__person=person).delete()
    TimeOff.objects.filter(worker__person=person).delete()
    Worker.objects.filter(person=person).update(active=False, about="")


PERSONAL = [
    Personal("services: homes", export_homes, erase_homes, _("until you remove them"), ("services.Home",)),
    Personal(
        "services: visits", export_jobs, erase_jobs,
        _("dates and prices five years, as the law on electronic commerce asks; your words until you erase them"),
        ("services.Job", "services.Offer", "services.Problem", "services.Tip"),
    ),
    Personal("services: ratings", export_ratings, erase_ratings, _("until one of the two sides erases them; the stars stay as a figure"), ("services.Rating",)),
    Personal("services: work", export_worker, erase_worker, _("until you erase it"), ("services.Worker", "services.Availability", "services.TimeOff")),
]
