"""Pages of the books: the statements, how a line of them came about, and my year."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from madang.coop.ledger import periods
from madang.coop.ledger.books import reading, years
from madang.coop.members.access import member_only
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing


@require_GET
@member_only
def books(request: Request) -> HttpResponse:
    """What do we have, what do we owe, what is ours?"""
    found = reading.read(request.user, request.GET.get("at", "")[:12], request.GET.get("unit", "")[:3], request.now)
    today = request.now.astimezone(periods.zone()).date()
    months = [date(found.first.year, number, 1) for number in range(1, 13) if date(found.first.year, number, 1) <= today]
    context = {
        "found": found,
        "told": found.told,
        "unit": found.unit,
        "months": months,
        "year": found.first.year,
        "whole_year": found.asked == str(found.first.year),
        "previous": found.first.year - 1 if found.first.year > reading.OLDEST else None,
        "following": found.first.year + 1 if found.first.year < today.year else None,
    }
    return render(request, "ledger/books.html", context)


@require_GET
@member_only
def line(request: Request, code: int) -> HttpResponse:
    """How did this line come about?"""
    found, told = reading.line(request.user, code, request.GET.get("at", "")[:12], request.GET.get("unit", "")[:3], request.now)
    return render(request, "ledger/books_line.html", {"found": found, "told": told, "unit": found.unit})


@require_GET
@signed_in
def year(request: Request, year: int) -> HttpResponse:
    """What was this year for me?"""
    told = years.year_of(request.user, chosen_year(year, request))
    current = periods.month_of(request.now).year
    context = {
        "year": year,
        "told": told,
        "over": year < current,
        "previous": year - 1 if year > reading.OLDEST else None,
        "following": year + 1 if year < current else None,
    }
    return render(request, "ledger/year.html", context)


def chosen_year(year: int, request: Request) -> int:
    """The year asked for. Raises ``Missing`` for one there never was or will be."""
    if not reading.OLDEST <= year <= periods.month_of(request.now).year:
        raise Missing("no such year")
    return year
