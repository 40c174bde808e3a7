"""A visit's page: one address for the client, the worker and the office, each sees their side and the verbs that work now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from madang.coop.members.queries import has_duty
from madang.coop.people.access import signed_in
from madang.kit.errors import Missing, Refused
from madang.platforms.services import actions, queries, states
from madang.platforms.services.actions.offers import COORDINATION
from madang.platforms.services.actions.thanks import TIP_OF_PRICE
from madang.platforms.services.forms import AssignForm, DeclineForm, ProblemForm, RatingForm, SettleForm, TipForm, refuse
from madang.platforms.services.models import CLIENT, WORKER, Job
from madang.platforms.services.queries import JobView
from madang.platforms.services.views import jobpage

PAGE = 20
COMING = [*states.OCCUPIES, states.PROBLEM]


@signed_in
def mine(request: Any) -> HttpResponse:
    """A client's visits: what is coming, nearest first, or what is past, latest first."""
    which = "past" if request.GET.get("which") == "past" else "coming"
    jobs = Job.objects.filter(client=request.user).select_related("worker__person", "home")
    if which == "past":
        jobs = jobs.exclude(state__in=[*COMING, states.LAPSED]).order_by("-starts_at")
    else:
        jobs = jobs.filter(state__in=COMING).order_by("starts_at")
    page = Paginator(jobs, PAGE).get_page(request.GET.get("page"))
    return render(request, "services/bookings.html", {"page_obj": page, "which": which})


@signed_in
def job(request: Any, job_id: UUID) -> HttpResponse:
    """The page of one visit. POST does one verb (``do``) and comes back; a refusal is shown beside what was typed."""
    view = queries.job_for(request.user, job_id, now=request.now)
    forms = _forms(request, view)
    status = 200
    if request.method == "POST":
        if answer := _do(request, view, forms):
            return answer
        view = queries.job_for(request.user, job_id, now=request.now)
        status = 409
    context = jobpage.context(view, request.now) | forms
    if view.job.state == states.PROBLEM and view.side in (CLIENT, WORKER):
        context["own_to_settle"] = has_duty(request.user, COORDINATION, request.now)
    template = {CLIENT: "services/booking.html", WORKER: "services/work.html"}.get(view.side, "services/office.html")
    return render(request, template, context, status=status)


def _forms(request: Any, view: JobView) -> dict[str, Any]:
    """The forms this side may need; the one that was sent holds what was typed."""
    do = request.POST.get("do") if request.method == "POST" else None

    def data(*verbs: str) -> Any:
        return request.POST if do in verbs else None

    mine = next((one for one in view.ratings if one.author_id == request.user.pk), None)
    rated = {"stars": mine.stars, "words": mine.words} if mine else None
    forms: dict[str, Any] = {
        "problem_form": ProblemForm(data("report"), prefix="problem"),
        "rating_form": RatingForm(data("rate"), initial=rated, prefix="rating"),
        "my_rating": mine,
    }
    if "tip" in view.can:
        forms["tip_form"] = TipForm(view.job.unit, view.job.price * TIP_OF_PRICE, data("tip"), prefix="tip")
    if view.side == WORKER:
        forms["decline_form"] = DeclineForm(data("decline", "cancel"), prefix="decline")
    if "settle" in view.can:
        forms["settle_form"] = SettleForm(view.job.unit, view.job.price, data("settle", "nobody_came"), prefix="settle")
        if do == "nobody_came":
            forms["settle_form"].fields["refund"].required = False
    if "assign" in view.can:
        free = queries.workers_free_for(request.user, view.job.pk, request.now)
        forms["assign_form"] = AssignForm(free, data("assign"), prefix="assign")
    return forms


def _do(request: Any, view: JobView, forms: dict[str, Any]) -> HttpResponse | None:
    """Do what was asked. None when a form or an action said no (its words then stand in a form or a message)."""
    verb = VERBS.get((view.side, request.POST.get("do", "")))
    if verb is None:
        raise Missing("no such verb")
    name, act = verb
    form = forms.get(name) if name else None
    if name and form is None:
        return redirect("services:job", view.job.pk)
    if form is not None and not form.is_valid():
        return None
    try:
        return act(request, view, form.cleaned_data if form is not None else {}) or _back(request, view)
    except Refused as no:
        if form is not None:
            refuse(form, no)
        else:
            messages.warning(request, str(no.message))
        return None


def _back(request: Any, view: JobView) -> HttpResponse:
    wanted = request.POST.get("next", "")
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if safe else reverse("services:job", args=[view.job.pk]))


Act = Callable[[Any, JobView, dict[str, Any]], HttpResponse | None]


def _cancel(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    """Cancel, if what comes back is still what the button said."""
    said = request.POST.get("back", "")
    if view.refund is not None and said != str(view.refund):
        raise Refused("changed", _("While this page was open, another step of the ladder was reached. Look at what you get back now; nothing was cancelled."))
    actions.cancel_by_client(request.user, view.job.pk, now=request.now)
    messages.success(request, _("The visit is cancelled."))


def _confirm(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    actions.confirm(request.user, view.job.pk, now=request.now)
    messages.success(request, _("Thank you. The worker is paid."))


def _report(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    actions.report_problem(request.user, view.job.pk, clean["words"], now=request.now)
    messages.success(request, _("The office was told. The money stays where it is until a person has decided."))


def _tip(request: Any, view: JobView, clean: dict[str, Any]) -> HttpResponse:
    tip = actions.tip(request.user, view.job.pk, clean["amount"], now=request.now)
    return redirect(f"/pay/{tip.charge_id}/")


def _rate(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    actions.rate(request.user, view.job.pk, clean["stars"], clean["words"], now=request.now)
    messages.success(request, _("Your rating is kept."))


def _accept(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    actions.accept(request.user, view.job.pk, now=request.now)
    messages.success(request, _("The job is yours. The address is on its page."))


def _decline(request: Any, view: JobView, clean: dict[str, Any]) -> HttpResponse:
    actions.decline(request.user, view.job.pk, reason=clean["reason"], now=request.now)
    messages.success(request, _("Declined. The next one is asked; it counts for nothing."))
    return redirect("services:work")


def _drop(request: Any, view: JobView, clean: dict[str, Any]) -> HttpResponse:
    actions.cancel_by_worker(request.user, view.job.pk, reason=clean["reason"], now=request.now)
    messages.success(request, _("Thank you for saying so. The next one is asked."))
    return redirect("services:work")


def _check_in(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    actions.check_in(request.user, view.job.pk, now=request.now)


def _tick(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    try:
        item = int(request.POST.get("item", ""))
    except ValueError:
        raise Missing("no such item") from None
    actions.tick(request.user, view.job.pk, request.POST.get("room", ""), item, done=request.POST.get("off") != "1", now=request.now)


def _check_out(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    actions.check_out(request.user, view.job.pk, now=request.now)


def _assign(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    actions.assign(request.user, view.job.pk, UUID(clean["worker"]), now=request.now)
    messages.success(request, _("The worker was asked."))


def _settle(request: Any, view: JobView, clean: dict[str, Any]) -> None:
    nobody = request.POST.get("do") == "nobody_came"
    actions.settle_problem(request.user, view.job.pk, refund=clean.get("refund") or 0, answer=clean["answer"], nobody_came=nobody, now=request.now)
    messages.success(request, _("Decided; both were told."))


VERBS: dict[tuple[str, str], tuple[str, Act]] = {  # (side, verb) → (the form it needs, what it does)
    (CLIENT, "cancel"): ("", _cancel),
    (CLIENT, "confirm"): ("", _confirm),
    (CLIENT, "report"): ("problem_form", _report),
    (CLIENT, "tip"): ("tip_form", _tip),
    (CLIENT, "rate"): ("rating_form", _rate),
    (WORKER, "accept"): ("", _accept),
    (WORKER, "decline"): ("decline_form", _decline),
    (WORKER, "cancel"): ("decline_form", _drop),
    (WORKER, "check_in"): ("", _check_in),
    (WORKER, "tick"): ("", _tick),
    (WORKER, "check_out"): ("", _check_out),
    (WORKER, "report"): ("problem_form", _report),
    (WORKER, "rate"): ("rating_form", _rate),
    ("office", "assign"): ("assign_form", _assign),
    ("office", "settle"): ("settle_form", _settle),
    ("office", "nobody_came"): ("settle_form", _settle),
    ("office", "report"): ("problem_form", _report),
}


@signed_in
def receipt(request: Any, job_id: UUID) -> HttpResponse:
    """What a client paid, for printing; only for the client, and only once something was paid."""
    view = queries.job_for(request.user, job_id, now=request.now)
    if view.side != CLIENT or view.job.paid_at is None:
        raise Missing("no receipt")
    tip = view.tip if view.tip and view.tip.state == view.tip.PAID else None
    context = jobpage.context(view, request.now) | {"tip": tip, "paid": view.job.price - view.job.refunded}
    return render(request, "services/receipt.html", context)
