"""Pages for offices: answering applications, seeing and filling offices."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.coop import law
from madang.coop.law.texts import in_language
from madang.coop.members import actions, forms, queries
from madang.coop.members.models import Membership, Office, OfficeTerm
from madang.coop.members.offices import months_later
from madang.coop.people.access import Request, signed_in
from madang.kit import house
from madang.kit.errors import Missing, Refused


@signed_in
@require_GET
def applications(request: Request) -> HttpResponse:
    """``/members/applications/``: whose application waits for my answer? Only for who answers some."""
    _answers_some(request)
    rows = [(one, forms.Answer(prefix=str(one.pk))) for one in queries.applications_for(request.user, request.now)]
    return render(request, "members/applications.html", {"rows": rows})


@signed_in
@require_POST
def answer(request: Request, membership_id: UUID) -> HttpResponse:
    """Yes, or no with its reason."""
    _answers_some(request)
    membership = Membership.objects.select_related("member_class").filter(pk=membership_id).first()
    if membership is None:
        raise Missing("application")
    form = forms.Answer(request.POST, prefix=str(membership.pk))
    if form.is_valid():
        try:
            if request.POST.get("answer") == "yes":
                actions.admit(membership, by=request.user, now=request.now)
                messages.success(request, _("Admitted. They have been asked to pay their shares."))
            else:
                actions.refuse(membership, form.cleaned_data["reason"], by=request.user, now=request.now)
                messages.success(request, _("Answered. They read your reason."))
            return redirect("members:applications")
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    rows = [
        (one, form if one.pk == membership.pk else forms.Answer(prefix=str(one.pk))) for one in queries.applications_for(request.user, request.now)
    ]
    return render(request, "members/applications.html", {"rows": rows}, status=400)


def _answers_some(request: Request) -> None:
    """Raises ``Missing`` for someone whose offices answer no applications."""
    keys = [f"office:{term.office.key}" for term in queries.offices_of(request.user, request.now)]
    if not any(kind.admission in keys for kind in queries.classes()):
        raise Missing("not your office")


@require_GET
def offices(request: HttpRequest) -> HttpResponse:
    """``/members/offices/``: who holds which office, until when, and how it is filled. Names for members."""
    now: datetime = request.now  # type: ignore[attr-defined]
    mine = {term.office.key for term in queries.offices_of(request.user, now)}
    found = queries.offices(now)
    known = [office for office, _terms in found]
    rows = [(office, terms, may_fill(office, mine), filled_in_words(office, known), duties_in_words(office)) for office, terms in found]
    return render(request, "members/offices.html", {"rows": rows, "member": queries.is_member(request.user, now)})


def may_fill(office: Office, mine: set[str]) -> bool:
    """Whether a holder of these offices fills that one."""
    return office.filled_by.startswith("office:") and office.filled_by.removeprefix("office:") in mine


def filled_in_words(office: Office, known: list[Office]) -> str:
    """How an office is filled, as a sentence; ``known`` are all offices."""
    kind, _colon, key = office.filled_by.partition(":")
    if kind == "vote":
        return _("The members elect it.")
    other = next((one for one in known if one.key == key), None)
    return _("Appointed by: {office}.").format(office=in_language(other.title) if other else key)


def duties_in_words(office: Office) -> list[Any]:
    """What the program lets the holders of an office do: "sends out what people earned …"."""
    return [duty.title for duty in house.collect("duties") if duty.key in office.does]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: Request, key: str) -> HttpResponse:
    """``/members/offices/<key>/``: give the office to someone. For who fills it; for all others it is not there."""
    office = Office.objects.filter(key=key).first()
    if office is None or not may_fill(office, {term.office.key for term in queries.offices_of(request.user, request.now)}):
        raise Missing("office")
    form = forms.Appoint(request.POST or None, people=queries.people(request.now), initial=_usual(office, request.now))
    if request.method == "POST" and form.is_valid():
        try:
            since = max(_start(form.cleaned_data["since"]), request.now)
            actions.appoint(office, form.cleaned_data["person"], since=since, until=_start(form.cleaned_data["until"]), by=request.user, now=request.now)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
        else:
            messages.success(request, _("Appointed. They have been told."))
            return redirect("members:offices")
    terms = OfficeTerm.objects.filter(office=office, until__gt=request.now).select_related("person")
    return render(request, "members/fill.html", {"office": office, "form": form, "terms": terms}, status=400 if form.errors else 200)


@signed_in
@require_POST
def end(request: Request, term_id: UUID) -> HttpResponse:
    """Take an office back."""
    term = OfficeTerm.objects.select_related("office").filter(pk=term_id).first()
    mine = {one.office.key for one in queries.offices_of(request.user, request.now)}
    if term is None or not may_fill(term.office, mine):
        raise Missing("term")
    actions.end_term(term, by=request.user, now=request.now)
    messages.success(request, _("The term has ended. They have been told."))
    return redirect("members:offices")


def _usual(office: Office, now: datetime) -> dict[str, Any]:
    day = now.astimezone(ZoneInfo(law.coop().time_zone))
    return {"since": day.date(), "until": months_later(day, office.term_months).date()}


def _start(day: Any) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(law.coop().time_zone))
