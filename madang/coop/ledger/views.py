"""Pages of the books: my statement, why?, the treasury."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from madang.coop import law, ledger, record
from madang.coop.ledger import explain, periods, queries
from madang.coop.ledger.flows import flow, flows
from madang.coop.ledger.inspection import queries as inspections
from madang.coop.ledger.statements import EARNED, PAID_OUT
from madang.coop.members import queries as members
from madang.coop.people import queries as people
from madang.coop.people.access import Request, signed_in
from madang.coop.people.models import Organisation, Person, Work
from madang.kit.errors import Missing

OLDEST = 2000
YEAR = timedelta(days=365)


def _month(year: int | None, month: int | None, now: datetime) -> date:
    """The month asked for, or the one it is. Raises ``Missing`` for one there never was or will be."""
    current = periods.month_of(now)
    if year is None or month is None:
        return current
    if not (OLDEST <= year <= current.year and 1 <= month <= 12):
        raise Missing("no such month")
    return date(year, month, 1)


def chosen_month(asked: str, now: datetime) -> date:
    """``"2026-03"`` as its first day, "" as this month. Raises ``Missing`` for anything else."""
    year, dash, month = asked.partition("-")
    if not asked:
        return periods.month_of(now)
    if not (dash and len(asked) <= 7 and year.isascii() and year.isdecimal() and month.isascii() and month.isdecimal()):
        raise Missing("no such month")
    return _month(int(year), int(month), now)


@require_GET
@signed_in
def statement(request: Request, year: int | None = None, month: int | None = None) -> HttpResponse:
    """What did I earn, and why?"""
    places = members.organisations_of(request.user, request.now)
    return _statement(request, ledger.owner_of(request.user), None, year, month, places)


@require_GET
@signed_in
def organisation_statement(request: Request, slug: str, year: int | None = None, month: int | None = None) -> HttpResponse:
    """What did our organisation earn, and why? For those who work in it, without their colleagues' names; with them for those who
    speak for it and the offices that keep the books."""
    place, named = whose(slug, request.user, request.now)
    return _statement(request, ledger.owner_of(place), place, year, month, [], named=named)


def whose(slug: str, reader: Person, now: datetime) -> tuple[Organisation, bool]:
    """The organisation whose statement ``reader`` may read, and whether with the names of its people. Raises ``Missing``."""
    place = Organisation.objects.filter(slug=slug).first()
    if place is None:
        raise Missing("no such organisation, or not yours to see")
    roles = {work.role for work in people.work_of(reader, now) if work.organisation_id == place.pk}
    if Work.REPRESENTATIVE in roles or explain.keeps(reader, now):
        return place, True
    if not roles:
        raise Missing("no such organisation, or not yours to see")
    return place, False


def _statement(
    request: Request, owner: str, place: Organisation | None, year: int | None, month: int | None, places: list[Organisation], *, named: bool = True
) -> HttpResponse:
    coop = law.coop()
    first = _month(year, month, request.now)
    since, until = periods.month(first)
    reader = None if named else ledger.owner_of(request.user)
    told = queries.statement(owner, since, until, cursor=request.GET.get("before", "")[:60], names_for=reader)
    following = periods.next_month(first)
    context = {
        "told": told,
        "unit": coop.currency,
        "month": first,
        "previous_url": _month_url(place, periods.month_before(first)) if first.year > OLDEST else "",
        "next_url": _month_url(place, following) if following <= periods.month_of(request.now) else "",
        "first_page": not request.GET.get("before"),
        "place": place,
        "places": places,
        "weeks": [(one, one.begins + timedelta(days=6)) for one in told.weeks],
    }
    return render(request, "ledger/statement.html", context)


OWED = "owed-back"


@require_GET
@signed_in
def lines(request: Request, sort: str) -> HttpResponse:
    """All my lines of one sort since the beginning: what a sum on the page of my money is made of. 404 for a sort that there is not."""
    titles = {EARNED: _("Earned"), PAID_OUT: _("Paid to you"), OWED: _("You owe the co-op")}
    if sort not in titles and sort not in flows():
        raise Missing("no such sort of lines")
    coop, kind = law.coop(), "debt" if sort == OWED else "payable"
    until, cursor = request.now + timedelta(microseconds=1), request.GET.get("before", "")[:60]
    told = queries.statement(ledger.owner_of(request.user), coop.founded_at, until, kind=kind, cursor=cursor, sort="" if sort == OWED else sort)
    total = sum(one.amount for one in told.kinds)
    context = {
        "told": told, "unit": coop.currency, "first_page": not cursor,
        "total": -total if sort in (PAID_OUT, OWED) else total, "title": titles[sort] if sort in titles else flow(sort).title,
    }  # fmt: skip
    return render(request, "ledger/lines.html", context)


def _month_url(place: Organisation | None, first: date) -> str:
    year, month = first.year, f"{first.month:02d}"
    # a path converter of whole numbers would drop the zero that people expect in a month
    base = reverse("ledger:organisation_statement", args=[place.slug]) if place else reverse("ledger:statement")
    return f"{base}{year}-{month}/"


@require_GET
@signed_in
def why(request: Request, transfer: int) -> HttpResponse:
    """Why this amount?"""
    told = queries.why(transfer, request.user, get_language() or "en", now=request.now)
    return render(request, "ledger/why.html", {"told": told, "line": told.transfer, "title": flow(told.transfer.kind).title})


@require_GET
@signed_in
def receipt(request: Request, transfer: int) -> HttpResponse:
    """The receipt of one line, to keep and to check anywhere."""
    found = explain.line(transfer, request.user, request.now)
    text = record.receipt(f"entry:{found.entry_id}", found.ordinal)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="receipt-{found.pk}.txt"'})


@require_GET
def treasury(request: Request) -> HttpResponse:
    """Where did the money go, and where is it now?"""
    coop = law.coop()
    chosen = chosen_month(request.GET.get("month", ""), request.now)
    told = queries.treasury(*periods.month(chosen), unit=coop.currency)
    context = {
        "told": told,
        "month": chosen,
        "unit": coop.currency,
        "whole": 10_000,
        "bars": [{"label": one.title, "amount": one.of_whole, "share": one.share} for one in told.slices],
        "inspections": inspections.counted(request.now - YEAR, request.now + timedelta(seconds=1)),
        "others": [one for one in told.months if one.begins != chosen],
        "spends": any(one.running for one in told.months),
        "insider": members.is_member(request.user, request.now),
    }
    return render(request, "ledger/treasury.html", context)
