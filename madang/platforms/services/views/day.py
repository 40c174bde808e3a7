"""A worker's day, made for a phone, and a worker's hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madang.coop.people.access import signed_in
from madang.kit.errors import Missing, Refused
from madang.platforms.services import actions, queries, terms
from madang.platforms.services.forms import MeForm, TimeOffForm, WeekForm, refuse
from madang.platforms.services.models import Job, Worker
from madang.platforms.services.views import jobpage

PAST = 5
MONTH = timedelta(days=30)


@signed_in
def day(request: Any) -> HttpResponse:
    """Offers to answer first, then today's visits, what was earned, what is coming."""
    worker, now = queries.worker_of(request.user), request.now
    if worker is None:
        return render(request, "services/no_worker.html", {"organisations": queries.could_work_for(request.user, now)})
    zone = ZoneInfo(worker.time_zone)
    today = now.astimezone(zone).date()
    offers = queries.offers_for(request.user, now)
    for offer in offers:
        offer.yours = jobpage.worker_part(offer.job)  # type: ignore[attr-defined]
    todays = queries.worker_day(request.user, today, now=now)
    shown = {job.pk for job in todays}
    context = {
        "worker": worker,
        "today": today,
        "offers": offers,
        "today_jobs": todays,
        "coming": [job for job in queries.next_jobs(request.user, now) if job.pk not in shown],
        "past": [job for job in queries.past_jobs(request.user, now, limit=PAST + len(shown)) if job.pk not in shown][:PAST],
        "earned": _earned(worker, datetime(today.year, today.month, today.day, tzinfo=zone), now),
        "unit": terms.now_in_force(now).unit,
    }
    with timezone.override(zone):  # a worker's day is read on the worker's own clock
        return render(request, "services/day.html", context)


def _earned(worker: Worker, midnight: datetime, now: datetime) -> dict[str, int]:
    """What this worker's visits brought since ``midnight`` and in the last 30 days, in the smallest unit. One query."""
    row = Job.objects.filter(worker=worker, over_at__gt=now - MONTH, over_at__lte=now).aggregate(
        today=Sum("worker_part", filter=Q(over_at__gte=midnight)), month=Sum("worker_part")
    )
    return {"today": row["today"] or 0, "month": row["month"] or 0}


@signed_in
def availability(request: Any) -> HttpResponse:
    """The worker's week, time off, and what is said to clients."""
    worker = queries.worker_of(request.user)
    if worker is None:
        raise Missing("not a worker")
    do = request.POST.get("do") if request.method == "POST" else None
    zone = ZoneInfo(worker.time_zone)
    forms: dict[str, Any] = {
        "week_form": WeekForm.of(queries.week_of(worker), request.POST if do == "week" else None),
        "off_form": TimeOffForm(zone, request.POST if do == "off" else None, prefix="off"),
        "me_form": MeForm(
            request.POST if do == "me" else None, initial={"about": worker.about, "time_zone": worker.time_zone, "active": worker.active}, prefix="me"
        ),
    }
    if do and _keep(request, do, forms):
        return redirect("services:availability")
    with timezone.override(zone):
        context = {"worker": worker, "time_off": queries.time_off_of(worker, request.now)} | forms
        return render(request, "services/availability.html", context)


def _keep(request: Any, do: str, forms: dict[str, Any]) -> bool:
    """Do one of the page's verbs; False when its form said no."""
    person, now = request.user, request.now
    if do == "back":
        if not request.POST.get("off", "").isdecimal():
            raise Missing("no such time off")
        actions.remove_time_off(person, int(request.POST["off"]), now=now)
        messages.success(request, _("You are there again; jobs can come in that time."))
        return True
    form = {"week": forms["week_form"], "off": forms["off_form"], "me": forms["me_form"]}.get(do)
    if form is None:
        raise Missing("no such verb")
    if not form.is_valid():
        return False
    clean = form.cleaned_data
    try:
        if do == "week":
            actions.set_availability(person, form.windows(), now=now)
        elif do == "off":
            actions.add_time_off(person, clean["since"], clean["until"], note=clean["note"], now=now)
        else:
            actions.edit_worker(person, time_zone=clean["time_zone"], about=clean["about"], active=clean["active"], now=now)
    except Refused as no:
        refuse(form, no)
        return False
    messages.success(request, pgettext("services", "Kept."))
    return True
