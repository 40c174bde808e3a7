"""The members' pages: who owns the co-op, how to join, my membership, the register."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.coop import law
from madang.coop.law import rations
from madang.coop.law.models import Coop
from madang.coop.law.texts import in_language
from madang.coop.members import actions, forms, leaving, queries
from madang.coop.members.access import member_only
from madang.coop.members.models import LIVE, MemberClass, Membership, Office, OfficeTerm
from madang.coop.members.queries import RegisterLine
from madang.coop.people.access import Request, signed_in
from madang.kit import house
from madang.kit.errors import Missing, Refused

NAMES_A_PAGE = 60
LINES_A_PAGE = 30


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """``/members/``: who owns this co-op? Figures for everyone (none under five), names for members, as far as each allows."""
    now: datetime = request.now  # type: ignore[attr-defined]
    counts, offices = queries.count_by_class(now), queries.offices(now)
    member = queries.is_member(request.user, now)
    page = Paginator(queries.open_names(now), NAMES_A_PAGE).get_page(request.GET.get("page")) if member else None
    context = {
        "counts": counts,
        "total": queries.members_count(now),
        "smallest": queries.SMALLEST_GROUP,
        "member": member,
        "names": page,
        "answers": queries.applications_to([office.key for office, terms in offices if any(term.person_id == request.user.pk for term in terms)]),
        "class_words": [(one, way_in(one.member_class, [office for office, _terms in offices])) for one in counts],
    }
    return render(request, "members/home.html", context)


def way_in(kind: MemberClass, offices: Iterable[Office]) -> str:
    """How one gets into a class, as a sentence; ``offices`` are those of the co-op."""
    if kind.admission == "open":
        return _("Open: you are admitted at once.")
    if kind.admission.startswith("office:"):
        office = next((one for one in offices if one.key == kind.admission.removeprefix("office:")), None)
        return _("An office answers applications: {office}.").format(office=in_language(office.title) if office else kind.admission)
    return _("The members vote on each application.")


@require_GET
def join(request: HttpRequest) -> HttpResponse:
    """``/members/join/``: what would I join as, what does it cost, what do I get?"""
    mine = {one.member_class_id: one for one in queries.memberships(request.user) if one.state in LIVE} if request.user.is_authenticated else {}
    offices = list(Office.objects.all())
    rows = [(kind, way_in(kind, offices), mine.get(kind.pk)) for kind in queries.classes()]
    return render(request, "members/join.html", {"rows": rows, "forming": law.coop().state == Coop.FORMING})


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, key: str) -> HttpResponse:
    """``/members/join/<class>/``: say it, and go on to the shares. Nothing is lost when it fails."""
    kind = queries.class_of(key)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    now: datetime = request.now  # type: ignore[attr-defined]
    person = request.user
    organisations = queries.spoken_for(person, now) if kind.holder == MemberClass.ORGANISATION else None
    form = forms.Apply(request.POST or None, organisations=organisations)
    if request.method == "POST":
        rations.require("members.apply", request)
    if request.method == "POST" and form.is_valid():
        holder = form.cleaned_data.get("organisation") or person
        try:
            membership = actions.apply(holder, key, by=person, words=form.cleaned_data["words"], now=now)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
        else:
            return _after_applying(request, membership)
    homeless = organisations is not None and not organisations.exists()
    context = {"kind": kind, "form": form, "way_in": way_in(kind, Office.objects.all()), "needs_organisation": homeless}
    return render(request, "members/apply.html", context, status=400 if form.errors else 200)


def _after_applying(request: HttpRequest, membership: Membership) -> HttpResponse:
    if membership.state == "admitted":
        messages.success(request, _("You are admitted. One step is left: pay your shares."))
        return redirect(f"/shares/buy/{membership.pk}/")
    if membership.state == "active":
        messages.success(request, _("Welcome: you are a member."))
    else:
        messages.success(request, _("Your application is in. You will be told as soon as it is answered."))
    return redirect("members:me")


@signed_in
@require_GET
def me(request: Request) -> HttpResponse:
    """``/members/me/``: what am I here, and what can I do about it?"""
    mine, spoken = queries.memberships(request.user), queries.represented(request.user, request.now)
    everything = [*mine, *spoken]
    columns = _columns(everything, request.now)
    context = {
        "mine": [one for one in mine if one.state in LIVE],
        "past": [one for one in mine if one.state not in LIVE],
        "spoken": spoken,
        "organisations": queries.organisations_of(request.user, request.now),
        "terms": queries.offices_of(request.user, request.now),
        "several": sum(one.state in LIVE for one in mine) > 1,
        "lines": {one.pk: [(title, values.get(one.pk)) for title, values in columns if values.get(one.pk)] for one in everything},
    }
    return render(request, "members/me.html", context)


def _mine(request: Request, membership_id: UUID) -> Membership:
    """A membership of the person's own, or of an organisation they speak for. Raises ``Missing`` for any other."""
    found = Membership.objects.select_related("member_class", "person", "organisation").filter(pk=membership_id).first()
    if found is None or not (
        found.person_id == request.user.pk or (found.organisation is not None and queries.represents(request.user, found.organisation, request.now))
    ):
        raise Missing("membership")
    return found


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: Request, membership_id: UUID) -> HttpResponse:
    """``/members/leave/<id>/``: what happens if I leave? And then: do it."""
    membership = _mine(request, membership_id)
    if request.method == "POST":
        actions.leave(membership, by=request.user, now=request.now)
        messages.success(request, _("You have left.") if membership.state == "active" else _("Your application is taken back."))
        return redirect("members:me")
    if membership.state not in LIVE:
        return redirect("members:me")
    return render(request, "members/leave.html", {"one": membership, "consequences": leaving.consequences(membership, request.now)})


@signed_in
@require_POST
def primary(request: Request, membership_id: UUID) -> HttpResponse:
    """Choose the class one votes in."""
    actions.choose_primary(_mine(request, membership_id), by=request.user, now=request.now)
    messages.success(request, _("Saved."))
    return redirect("members:me")


@signed_in
@require_POST
def shown(request: Request, membership_id: UUID) -> HttpResponse:
    """Show or hide one's name on the members' page."""
    actions.show_name(_mine(request, membership_id), request.POST.get("shown") == "yes", by=request.user, now=request.now)
    messages.success(request, _("Saved."))
    return redirect("members:me")


@signed_in
@require_POST
def resign(request: Request, term_id: UUID) -> HttpResponse:
    """Lay down an office."""
    term = OfficeTerm.objects.filter(pk=term_id, person=request.user).first()
    if term is None:
        raise Missing("term")
    actions.end_term(term, by=request.user, now=request.now)
    messages.success(request, _("Your term has ended."))
    return redirect("members:me")


@member_only
@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """``/members/register/?at=2026-03-01``: who was a member on that day? For members, printable; the law opens it to them."""
    now: datetime = request.now  # type: ignore[attr-defined]
    today = now.astimezone(ZoneInfo(law.coop().time_zone)).date()
    form = forms.AsAt(request.GET if "at" in request.GET else None, initial={"at": today})
    moment = now
    if form.is_bound and form.is_valid():
        moment = min(end_of_day(form.cleaned_data["at"]), now)
    if request.GET.get("as") == "csv":
        return _register_csv(moment)
    page = Paginator(queries.registered(moment).values_list("pk", flat=True), LINES_A_PAGE).get_page(request.GET.get("page"))
    titles, rows = _rows(queries.register_lines(queries.registered(moment).filter(pk__in=list(page))), moment)
    context = {"form": form, "rows": rows, "columns": titles, "moment": moment, "now": now, "page": page}
    return render(request, "members/register.html", context, status=400 if form.errors else 200)


def _rows(lines: list[RegisterLine], moment: datetime) -> tuple[list[Any], list[dict[str, Any]]]:
    """Titles of the further columns, and each line with them."""
    columns = _columns([line.membership for line in lines], moment)
    rows: list[dict[str, Any]] = [{"line": line, "more": [values.get(line.membership.pk, "") for _title, values in columns]} for line in lines]
    return [title for title, _values in columns], rows


def _register_csv(moment: datetime) -> HttpResponse:
    """The whole register as a file that a spreadsheet opens (UTF-8 with a mark, so that Korean is read as Korean)."""
    titles, rows = _rows(queries.register(moment), moment)
    language = get_language() or "ko"
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="register-{moment:%Y-%m-%d}.csv"'
    writer = csv.writer(response)
    writer.writerow([_("Member's name"), _("Class"), _("Since"), *titles])
    for row in rows:
        line = row["line"]
        name = f"'{line.name}" if line.name[:1] in "=+-@\t" else line.name  # a spreadsheet must not take a name for a formula
        title = line.class_title.get(language) or next(iter(line.class_title.values()), line.class_key)
        writer.writerow([name, title, f"{line.since:%Y-%m-%d}", *row["more"]])
    return response


def _columns(memberships: list[Membership], at: datetime) -> list[tuple[Any, dict[Any, Any]]]:
    """What other apps know about these memberships, such as their shares."""
    return [(column.title, column.values(memberships, at)) for column in house.collect("register_columns")]


def end_of_day(day: Any) -> datetime:
    """The last moment of a day in the co-op's time zone."""
    start = datetime.combine(day, time(), ZoneInfo(law.coop().time_zone))
    return start + timedelta(days=1) - timedelta(microseconds=1)
