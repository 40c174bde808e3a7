"""The coordinator's board, and who takes jobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, When
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
WORKERS_A_PAGE, CHOICE_MAX = 30, 500


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
    found, page = groups(request.user, now, request.GET.get("page", "1"))
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
    return render(request, "services/workers.html", {"groups": found, "form": form, "page": page})


def groups(person: Person, now: datetime, page: str | int = 1) -> tuple[list[dict[str, Any]], Page[Any]]:
    """A page of the workers a person may see, by organisation, those they speak for first; and which page it is.

    Organisations one speaks for are all there on the first page, each with the form to add someone. At most six queries and one for each of these.
    Raises ``Missing`` when there is none to see.
    """
    mine, coordinates = list(_spoken_for(person, now)), has_duty(person, COORDINATION, now)
    if not mine and not coordinates:
        raise Missing("not yours to see")
    seen = Worker.objects.all() if coordinates else Worker.objects.filter(organisation__in=mine)
    own = {one.pk for one in mine}
    by_name = seen.values_list("organisation").annotate(Count("pk")).order_by("organisation__name", "organisation")
    sizes = sorted(by_name, key=lambda row: row[0] not in own)
    here = Paginator(range(sum(size for _one, size in sizes)), WORKERS_A_PAGE).get_page(page)
    by_organisation: dict[Organisation, list[Worker]] = {one: [] for one in mine} if here.number == 1 else {}
    for worker in _with_their_hours(_between(seen, sizes, here.object_list.start, here.object_list.stop), now):
        by_organisation.setdefault(worker.organisation, []).append(worker)
    return [_group(one, workers, one in mine, now) for one, workers in by_organisation.items()], here


def _between(seen: QuerySet[Worker], sizes: Sequence[tuple[Any, int]], start: int, stop: int) -> list[Any]:
    """The ids from ``start`` to before ``stop`` of the workers in the order of ``sizes``, (organisation, how many); within one who works first, by name.

    Only the organisations that stand on this page are sorted. One query.
    """
    at, first, there = 0, 0, []
    for one, size in sizes:
        if at < stop and at + size > start:
            first = first if there else at
            there.append(one)
        at += size
    place = [Case(*(When(organisation=one, then=number) for number, one in enumerate(there)))] if len(there) > 1 else []
    in_order = seen.filter(organisation__in=there).order_by(*place, "-active", "person__name", "pk")
    return list(in_order.values_list("pk", flat=True)[start - first : stop - first])


def _spoken_for(person: Person, now: datetime) -> Iterable[Organisation]:
    there = Q(work__person=person, work__role=Work.REPRESENTATIVE, work__since__lte=now) & (Q(work__until=None) | Q(work__until__gt=now))
    return Organisation.objects.filter(there).distinct().order_by("name")


def _with_their_hours(keys: list[Any], now: datetime) -> list[Any]:
    """These workers in this order, with ``minutes_a_week`` and ``jobs_30_days``. One query."""
    hours = Availability.objects.filter(worker=OuterRef("pk")).values("worker").annotate(total=Sum(F("end") - F("start"))).values("total")
    found = (
        Worker.objects.filter(pk__in=keys)
        .select_related("person", "organisation")
        .annotate(
            minutes_a_week=Subquery(hours, output_field=IntegerField()),
            jobs_30_days=Count("jobs", filter=Q(jobs__starts_at__gte=now - MONTH, jobs__state__in=COUNTED)),
        )
        .in_bulk()
    )
    return [found[key] for key in keys]


def _group(organisation: Organisation, workers: list[Worker], mine: bool, now: datetime) -> dict[str, Any]:
    """One organisation's workers; for who speaks for it, the form to add one. No query, or one for one's own."""
    people: list[Person] = []
    if mine:
        known = Worker.objects.filter(organisation=organisation, active=True, person=OuterRef("person"))
        there = Work.objects.filter(~Exists(known), organisation=organisation, since__lte=now).exclude(until__lte=now).select_related("person")
        people = list({work.person_id: work.person for work in there.order_by("person__name", "person")[:CHOICE_MAX]}.values())
    return {"organisation": organisation, "workers": workers, "mine": mine, "people": people, "form": NewWorkerForm(people) if people else None}
