"""The coordinator's board, and who takes jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madang.coop.members.queries import has_duty
from madang.coop.people.access import signed_in
from madang.coop.people.models import Organisation, Person, Work
from madang.kit.errors import Missing, Refused
from madang.platforms.services import actions, queries
from madang.platforms.services.actions.offers import COORDINATION
from madang.platforms.services.forms import NewWorkerForm, refuse
from madang.platforms.services.free import COUNTED
from madang.platforms.services.models import Availability, Worker

MONTH = timedelta(days=30)
WORKERS_MAX = 500


@signed_in
def board(request: Any) -> HttpResponse:
    """What needs the coordinator, the most pressing first."""
    found = queries.board(request.user, request.now)
    rows = [
        (_("Problems to decide"), _("Hear both sides; the money waits."), [problem.job for problem in found.problems], True),
        (pgettext("services", "Late"), _("These should have begun or ended. Call, or ask someone else."), found.late, True),
        (_("Looking for a worker"), _("Asked one after the other by the matching rule; you may choose yourself."), found.asking, False),
        (_("Nobody could come"), _("The last 14 days. All money went back."), found.unfilled, False),
    ]
    sections = [{"title": title, "help": words, "jobs": jobs, "urgent": urgent} for title, words, jobs, urgent in rows]
    context = {"sections": sections, "calm": not any(section["jobs"] for section in sections), "today": found.today}
    return render(request, "services/board.html", context)


@signed_in
def workers(request: Any) -> HttpResponse:
    """Who takes jobs, by organisation: the coordinator sees all, who speaks for an organisation sees theirs and adds people."""
    now = request.now
    found = groups(request.user, now)
    form = None
    if request.method == "POST":
        group = next((one for one in found if str(one["organisation"].pk) == request.POST.get("organisation") and one["form"]), None)
        if group is None:
            raise Missing("not yours to do")
        form = group["form"] = NewWorkerForm(group["people"], request.POST)
        if form.is_valid():
            try:
                person = Person.objects.get(pk=form.cleaned_data["person"])
                actions.become_worker(person, group["organisation"], by=request.user, about=form.cleaned_data["about"], now=now)
                messages.success(request, _("%(name)s takes jobs from now on, once they have set their hours.") % {"name": person})
                return redirect("services:workers")
            except Refused as no:
                refuse(form, no)
    return render(request, "services/workers.html", {"groups": found, "form": form})


def groups(person: Person, now: datetime) -> list[dict[str, Any]]:
    """The organisations whose workers a person may see, each with what the page shows of it. Raises ``Missing`` when there is none."""
    mine, coordinates = list(_spoken_for(person, now)), has_duty(person, COORDINATION, now)
    if not mine and not coordinates:
        raise Missing("not yours to see")
    return [_group(organisation, organisation in mine, now) for organisation in (_all(mine) if coordinates else mine)]


def _spoken_for(person: Person, now: datetime) -> Iterable[Organisation]:
    there = Q(work__person=person, work__role=Work.REPRESENTATIVE, work__since__lte=now) & (Q(work__until=None) | Q(work__until__gt=now))
    return Organisation.objects.filter(there).distinct().order_by("name")


def _all(mine: list[Organisation]) -> list[Organisation]:
    others = Organisation.objects.filter(service_workers__isnull=False).exclude(pk__in=[one.pk for one in mine]).distinct().order_by("name")
    return [*mine, *others]


def _group(organisation: Organisation, mine: bool, now: datetime) -> dict[str, Any]:
    """One organisation's workers with their hours and jobs; for who speaks for it, the form to add one. Two or three queries."""
    hours = Availability.objects.filter(worker=OuterRef("pk")).values("worker").annotate(total=Sum(F("end") - F("start"))).values("total")
    found = list(
        Worker.objects.filter(organisation=organisation)
        .select_related("person")
        .annotate(
            minutes_a_week=Subquery(hours, output_field=IntegerField()),
            jobs_30_days=Count("jobs", filter=Q(jobs__starts_at__gte=now - MONTH, jobs__state__in=COUNTED)),
        )
        .order_by("-active", "person__name")[:WORKERS_MAX]
    )
    people: list[Person] = []
    if mine:
        there = Work.objects.filter(organisation=organisation, since__lte=now).exclude(until__lte=now).select_related("person")
        known = {worker.person_id for worker in found if worker.active}
        people = list({work.person_id: work.person for work in there if work.person_id not in known}.values())
    return {"organisation": organisation, "workers": found, "mine": mine, "people": people, "form": NewWorkerForm(people) if people else None}
