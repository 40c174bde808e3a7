"""Reads of requests to inspect."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from madang.coop.ledger.inspection import states
from madang.coop.ledger.inspection.models import Examiner, Inspection
from madang.coop.members import queries as members
from madang.coop.members.models import Office, OfficeTerm
from madang.coop.people.models import Person
from madang.kit.errors import Missing

ANSWERS = "inspections"  # the duty of answering
CONTROL = (Office.DIRECTOR, Office.AUDITOR)


def answerers(at: datetime, *, overdue: bool = False) -> list[Person]:
    """Who answers: whose office is there for it, else the directors; once the term is over the directors and auditors as well. At most 2 queries."""
    duty = members.on_duty(ANSWERS, at)
    roles = CONTROL if overdue else (Office.DIRECTOR,)
    if duty and not overdue:
        return duty
    terms = OfficeTerm.objects.filter(members.holding_at(at), office__role__in=roles).select_related("person").order_by("since", "pk")
    return list(dict.fromkeys([*duty, *(term.person for term in terms)]))


def may_answer(found: Inspection, person: Person, at: datetime) -> bool:
    """Nobody answers themself, unless nobody else could."""
    those = answerers(at, overdue=found.state == states.OVERDUE)
    return person in those and (person.pk != found.person_id or len(those) == 1)


def request(id: Any, viewer: Any, at: datetime) -> Inspection:
    """One request, for who asked, who answers, and every member. Raises ``Missing``. At most 4 queries."""
    found = Inspection.objects.select_related("person", "answered_by").filter(pk=id).first()
    if found is None or not (found.person_id == viewer.pk or members.is_member(viewer, at) or may_answer(found, viewer, at)):
        raise Missing("no such request, or not yours to see")
    return found


def requests(viewer: Any, at: datetime) -> QuerySet[Inspection]:
    """All requests for a member, for others their own; newest first, each with its ``looks_count`` and ``copies_count``."""
    rows = Inspection.objects.select_related("person").order_by("-asked_at", "pk")
    if not members.is_member(viewer, at):
        rows = rows.filter(person=viewer)
    return rows.annotate(looks_count=Count("looks", filter=Q(looks__copied=False)), copies_count=Count("looks", filter=Q(looks__copied=True)))


def waiting_for(person: Person, at: datetime) -> list[Inspection]:
    """What waits for this person's answer, oldest first."""
    rows = Inspection.objects.filter(state__in=states.WAITING).select_related("person").order_by("asked_at")
    return [one for one in rows if may_answer(one, person, at)]


def counted(since: datetime, until: datetime) -> tuple[int, int]:
    """How many requests were made in a time, and how many of them were opened: for everyone. One query."""
    rows = Inspection.objects.filter(asked_at__gte=since, asked_at__lt=until)
    told = rows.aggregate(all=Count("pk"), opened=Count("pk", filter=Q(state__in=[states.OPENED, states.ENDED])))
    return told["all"], told["opened"]


def examines(viewer: Any, at: datetime) -> bool:
    """Whether a decision lets them see the whole book at this moment. One query."""
    return bool(getattr(viewer, "is_authenticated", False)) and Examiner.objects.filter(person=viewer, since__lte=at, until__gt=at).exists()


def examiners(at: datetime) -> list[Examiner]:
    """Who is examiner at a moment. One query."""
    return list(Examiner.objects.filter(since__lte=at, until__gt=at).select_related("person").order_by("since"))
