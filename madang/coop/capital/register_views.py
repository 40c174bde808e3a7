"""The statutory register as a page and a file."""

from __future__ import annotations

import csv
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from madang.coop import law
from madang.coop.capital import confirming, queue
from madang.coop.capital import register as book
from madang.coop.capital.models import Society
from madang.coop.law.texts import in_language
from madang.coop.ledger import periods
from madang.coop.members.forms import AsAt
from madang.coop.members.models import LIVE
from madang.coop.members.views import end_of_day
from madang.coop.people.access import Request, signed_in
from madang.coop.people.models import Organisation
from madang.kit.errors import Missing, Refused
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
        "closed": profile.bound("register.shares_open", request.now), "societies": _limited(request) and confirming.may_confirm(request.user, request.now),
    }  # fmt: skip
    return render(request, "capital/register.html", context, status=400 if form.errors else 200)


def _limited(request: Request) -> bool:
    """Whether the law limits in money what one who is no registered society may hold."""
    return bool(law.profile().bound("share.max_amount", request.now).number())


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def societies(request: Request) -> HttpResponse:
    """``/shares/societies/``: which member organisations are registered societies, as a director found? For the board."""
    if not _limited(request) or not confirming.may_confirm(request.user, request.now):
        raise Missing("for the board, where the law asks it")
    form = forms.Form(request.POST or None)
    organisations = Organisation.objects.filter(memberships__state__in=LIVE).distinct().order_by("name", "pk")
    if request.method == "POST" and form.is_valid():
        chosen = {str(one.pk): one for one in organisations}.get(request.POST.get("organisation", ""))
        if chosen is None:
            raise Missing("no member organisation")
        try:
            if request.POST.get("do") == "end":
                confirming.no_more(chosen, by=request.user, now=request.now)
            else:
                confirming.confirm(chosen, request.POST.get("number", ""), by=request.user, now=request.now)
            messages.success(request, _("Written down."))
            return redirect("capital:societies")
        except Refused as no:
            form.add_error(None, str(no.message))
    there = {one.organisation_id: one for one in Society.objects.filter(ended_at=None).select_related("confirmed_by")}
    context = {"form": form, "rows": [(one, there.get(one.pk)) for one in organisations], "bound": law.profile().bound("share.max_amount", request.now)}
    return render(request, "capital/societies.html", context, status=422 if form.errors else 200)


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
