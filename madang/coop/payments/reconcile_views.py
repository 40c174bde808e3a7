"""Pages of the daily reconciliation, for who pays out: the days, and one day's differences."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.coop import law
from madang.coop.members import queries as members
from madang.coop.payments import accounts, resolving
from madang.coop.payments.gaps import TRANSIT
from madang.coop.payments.reconciliations import Difference, Resolution
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused
from madang.kit.money import parse_amount


def _pays_out(request: Request) -> None:
    if not members.has_duty(request.user, accounts.PAYOUTS, request.now):
        raise Missing("for who pays out")


@require_GET
@signed_in
def days(request: Request) -> HttpResponse:
    """Does every service hold what the books say? For who pays out."""
    _pays_out(request)
    page = resolving.pages().get_page(request.GET.get("page"))
    here = list(page)
    found = resolving.days_between(here[-1], here[0]) if here else []
    standing = resolving.standing() if page.number == 1 else []
    context = {
        "days": found, "page": page, "standing": standing, "open": sum(one.open for one in standing), "differs": any(one.report.gap for one in standing),
    }  # fmt: skip
    return render(request, "payments/reconciliations.html", context)


def kinds() -> dict[str, tuple[str, str]]:
    """Each kind of difference: what it is, and what to do about it."""
    return {
        "missing-here": (
            _("It is there and not in the books"),
            _("Perhaps a message got lost: look at the payment first. A fee is a card cost; what nobody can name is set aside until somebody can."),
        ),
        "missing-there": (
            _("It is in the books and not there"),
            _("Ask the service where it is. If it was sent from the bank account by hand, book it so; if it never moved, set it aside."),
        ),
        "amount": (_("Another amount"), _("Compare it with the service's own page. What is there counts: book the rest where it belongs.")),
        "fee": (_("Another fee"), _("The service kept more or less than was booked. Book the rest as card costs if its price list says so.")),
        "state": (
            _("One side is a step further"),
            _("A payout came back, or a payer's bank took a payment back, and the books do not know it yet. Book it, then talk to whom it concerns."),
        ),
        "double": (_("It is there twice"), _("Ask the service. If the payer really paid twice, set the second one aside and send it back.")),
        "sum": (_("Their lines do not lead to their balance"), _("A file is missing or was read in part. Read the statement of these days again.")),
        "rest": (_("Something no item explains"), _("Ask whoever runs this house to look at the log.")),
        TRANSIT: (_("Only late"), _("It was booked on one side before midnight and on the other after. Nothing is to be done.")),
    }


def hows() -> dict[str, str]:
    """How a difference can be settled, in words."""
    return {
        "card-cost": _("Book it as card costs"),
        "cash-loss": _("It is missing for good: book it as a cost, with the card costs"),
        "suspense": _("Set it aside as money nobody can name yet"),
        "other-rail": _("It came from or went to the co-op's bank account"),
        "explained": _("The books are right, and this is why"),
    }


def whys() -> dict[str, str]:
    """Why nothing is proved of a day."""
    return {
        "no-statement": _("No statement of this day was read."),
        "not-counted": _("Nobody counted the drawer on this day."),
        "no-rail": _("The service is not connected any more."),
    }


def _row(one: Difference, chosen: UUID | None) -> dict[str, Any]:
    done = resolving.settled(one)
    made = done if isinstance(done, Resolution) else None
    title, todo = kinds()[one.kind]
    if one.thing == "drawer":
        title, todo = _("Another amount than the books say"), _("Count once more. If it stays so, book the difference and say what you know of it.")
    said = hows() | ({"card-cost": hows()["cash-loss"]} if one.thing == "drawer" else {})
    return {
        "it": one, "title": title, "todo": todo, "late": one.kind == TRANSIT, "done": made, "how": said[made.how] if made else "",
        "words": made.words if made else done or "", "ways": [(key, said[key]) for key in resolving.ways(one)], "open": done is None and one.kind != TRANSIT,
        "chosen": one.pk == chosen,
        "name": _("the whole drawer") if one.thing == "drawer" else one.thing.partition(":")[2] or one.thing,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in
def reconciliation(request: Request, rail: str, day: str) -> HttpResponse:
    """What differs on this day, and what is to be done about it? For who pays out."""
    _pays_out(request)
    try:
        report = resolving.report_of(rail, date.fromisoformat(day))
        chosen = UUID(request.POST.get("difference", "")) if request.method == "POST" else None
    except ValueError:
        raise Missing("no such day") from None
    refused = ""
    if chosen is not None:
        try:
            resolving.resolve(chosen, request.POST.get("how", ""), request.POST.get("words", ""), by=request.user, now=request.now)
            messages.success(request, _("Settled. The next report will show it."))
            return redirect("payments:reconciliation", rail=rail, day=day)
        except Refused as no:
            refused = str(no.message)
    rows = [_row(one, chosen) for one in report.differences.all()]
    rows.sort(key=lambda row: not row["open"])
    context = {
        "report": report, "name": resolving.name_of(rail), "unit": report.unit, "why": whys().get(report.why, ""), "rows": rows,
        "open": sum(1 for row in rows if row["open"]), "typed": request.POST.get("words", ""), "how": request.POST.get("how", ""), "no": refused,
    }  # fmt: skip
    return render(request, "payments/reconciliation.html", context, status=422 if chosen else 200)


@require_POST
@signed_in
def count(request: Request) -> HttpResponse:
    """What is in the drawer, counted. For who pays out."""
    _pays_out(request)
    unit = law.coop().currency
    try:
        resolving.count_drawer(parse_amount(request.POST.get("amount", ""), unit), unit, by=request.user, now=request.now)
        messages.success(request, _("Noted. Tomorrow's report holds it against the books."))
    except ValueError:
        return _not_counted(request, _("That amount could not be read. Nothing was noted."))
    except Refused as no:
        return _not_counted(request, str(no.message))
    return redirect("payments:cash")


def _not_counted(request: Request, why: str) -> HttpResponse:
    context = {"counted": request.POST.get("amount", "")[:30], "no_count": why}
    return render(request, "payments/cash.html", context, status=422)
