"""The statutory register as a page and a file."""

from __future__ import annotations

import csv
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from madang.coop import law
from madang.coop.capital import queue
from madang.coop.capital import register as book
from madang.coop.law.texts import in_language
from madang.coop.ledger import periods
from madang.coop.members.forms import AsAt
from madang.coop.members.views import end_of_day
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing
from madang.kit.units import unit as unit_of

LINES_A_PAGE = 30


class OnDay(AsAt):
    """Which day, and whether those who left by then stand there too."""

    left = forms.BooleanField(label=gettext_lazy("With those who left by then"), required=False)


@require_GET
@signed_in
def register(request: Request) -> HttpResponse:
    """``/shares/register/?at=2026-03-01&left=on``: who held how many shares on that day? As a file with ``&as=csv``."""
    if not book.may_read(request.user, request.now):
        raise Missing("for those the law lets read it")
    form = OnDay(request.GET if "at" in request.GET else None, initial={"at": queue.today(request.now)})
    moment, with_left = request.now, False
    if form.is_bound and form.is_valid():
        moment, with_left = min(end_of_day(form.cleaned_data["at"]), request.now), form.cleaned_data["left"]
    rows = book.rows(moment, with_left=with_left)
    if request.GET.get("as") == "csv":
        return _file(book.lines(list(rows), moment), moment)
    page = Paginator(rows, LINES_A_PAGE).get_page(request.GET.get("page"))
    profile = law.profile()
    context = {
        "form": form, "page": page, "lines": book.lines(list(page), moment), "moment": moment, "with_left": with_left, "unit": law.coop().currency,
        "capital": sum(amount for amount, _lost in book.standing(rows, moment).values()), "day": moment.astimezone(periods.zone()).date(),
        "closed": profile.bound("register.shares_open", request.now),
    }  # fmt: skip
    return render(request, "capital/register.html", context, status=400 if form.errors else 200)


def _file(lines: list[book.Line], moment: Any) -> HttpResponse:
    """The whole register for a spreadsheet (UTF-8 with a mark, so that Korean is read as Korean); amounts in major units, days by the co-op's clock."""
    zone, scale, language = periods.zone(), unit_of(law.coop().currency).scale, get_language() or "ko"
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="shares-{moment.astimezone(zone):%Y-%m-%d}.csv"'
    writer = csv.writer(response)
    writer.writerow([_("Member's name"), _("Class"), _("Entered"), _("Shares"), _("Paid in"), _("Written off"), _("Left")])

    def money(amount: int) -> str:
        whole, rest = divmod(amount, 10**scale)
        return f"{whole}.{rest:0{scale}d}" if scale else str(whole)

    def day(at: Any) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d}" if at else ""

    for one in lines:
        name = f"'{one.name}" if one.name[:1] in "=+-@\t" else one.name  # a spreadsheet must not take a name for a formula
        title = in_language(one.class_title, language)
        writer.writerow([name, title, day(one.entered), one.shares, money(one.paid_in), money(one.lost), day(one.left)])
    return response
