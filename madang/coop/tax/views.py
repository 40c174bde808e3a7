"""Pages of taxes: for whoever deals with them what is due; for everyone how they stand, their papers and what was kept back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.coop import law, ledger
from madang.coop.law import rations
from madang.coop.ledger.owners import names
from madang.coop.people.access import Request, signed_in
from madang.coop.tax import einvoices, periods, refusals, remitting, statements, status, supply
from madang.coop.tax.forms import RemitForm, StandingForm
from madang.coop.tax.models import Filing, Paper, TaxStatus
from madang.kit.errors import Missing, Refused
from madang.kit.money import format_amount, parse_amount

PLACES = {"sandbox": gettext_lazy("the pretend bank"), "bank": gettext_lazy("the co-op's bank account"), "cash": gettext_lazy("the till")}
SHOWN = 50


def _deals(request: Request) -> None:
    if not status.may_deal(request.user, request.now):
        raise Missing("for who deals with taxes")


@require_http_methods(["GET", "POST"])
@signed_in
def office(request: Request) -> HttpResponse:
    """What is due to the tax office, and when? For who deals with it."""
    _deals(request)
    unit = law.coop().currency
    rails = [(one.rail, f"{PLACES.get(one.rail, one.rail)}: {format_amount(one.amount, unit, request.LANGUAGE_CODE)}") for one in remitting.sources(unit)]
    form = RemitForm(request.POST or None, rails=rails)
    if request.method == "POST" and form.is_valid():
        rations.require("tax", request)
        said = form.cleaned_data
        try:
            amount, key = parse_amount(said["amount"], unit), remitting.new_key(request.POST.get("key", ""))
            remitting.remit(
                said["tax"], said["period"], amount, unit, rail=said["rail"], reference=said["reference"], by=request.user, key=key, now=request.now
            )
            messages.success(request, _("The payment to the tax office is booked."))
            return redirect("tax:office")
        except ValueError:
            form.add_error("amount", _("That amount could not be read. Nothing was booked."))
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    day = status.day_of(request.now)
    asked = status.tax_law()
    filings = Filing.objects.exclude(state="done").order_by("-created_at")[:SHOWN]
    context = {
        "unit": unit, "ours": status.at("", day), "law": asked.in_force(day), "taxes": asked.taxes(day), "quarters": periods.quarters(unit, request.now),
        "months": periods.months_of(unit, request.now), "form": form, "key": uuid4(), "remittances": remitting.latest(), "filings": filings,
        "years": range(day.year, day.year - 3, -1), "months_long": asked.bound("vat.period_months", day).number(),
    }  # fmt: skip
    return render(request, "tax/office.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def standing(request: Request) -> HttpResponse:
    """How do I, an organisation I speak for, or the co-op stand with the tax office?"""
    mine = status.owners_of(request.user, request.now)
    owner = request.POST.get("owner", request.GET.get("owner", mine[0]))
    owner = "" if owner == "coop" else owner
    if owner not in mine:
        raise Missing("not yours")
    day, asked = status.day_of(request.now), status.tax_law()
    now_said = status.at(owner, day)
    needs = asked.bound("withholding.resident_number", day).yes() and owner.startswith("person:")
    form = StandingForm(request.POST or None, ours=not owner, resident=needs, initial={**_initial(now_said), "since": day.isoformat()})
    if request.method == "POST" and form.is_valid():
        rations.require("tax", request)
        try:
            status.say(owner, form.facts(), since=form.cleaned_data["since"], by=request.user, now=request.now)
            messages.success(request, _("That is kept, from that day on."))
            return redirect("tax:office" if not owner else "tax:mine")
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    called = names(mine) | {"": _("the co-op")}
    rows = [(one or "coop", called.get(one, one), status.at(one, day)) for one in mine]
    coming = TaxStatus.objects.filter(owner=owner, since__gt=day).order_by("since").first()
    context = {"form": form, "rows": rows, "owner": owner or "coop", "name": called.get(owner, ""), "taxes": asked.taxes(day), "coming": coming}
    return render(request, "tax/standing.html", context)


def _initial(said: TaxStatus | None) -> dict[str, Any]:
    if said is None:
        return {}
    shown = ("standing", "number", "name", "representative", "address", "trade", "item", "added", "cash_receipts")
    return {name: getattr(said, name) for name in shown}


@require_GET
@signed_in
def mine(request: Request) -> HttpResponse:
    """My receipts and invoices, what was kept back of my earnings, how I stand."""
    me, day = ledger.owner_of(request.user), status.day_of(request.now)
    papers = Paper.objects.filter(owner=me).order_by("-at")[:SHOWN]
    context = {
        "papers": papers, "years": statements.years_of(me), "said": status.at(me, day), "treated": status.payee_standing(me, day),
        "taxes": status.tax_law().taxes(day), "ours": status.ours(day),
    }  # fmt: skip
    return render(request, "tax/mine.html", context)


@require_GET
@signed_in
def paper(request: Request, paper: UUID) -> HttpResponse:
    """One receipt, invoice or correction, to keep or print: for whom it was made, and for who deals with taxes."""
    found = _paper_of(request, paper)
    form = einvoices.form_of(found)
    corrections = list(found.corrections.order_by("number"))
    filing = Filing.objects.filter(paper=found).first()
    cash = Filing.objects.filter(subject=found.subject, owner=found.owner, kind__startswith="cash-receipt", state="done").order_by("created_at")
    context = {
        "paper": found, "unit": found.unit, "corrections": corrections, "filing": filing, "cash": cash, "due": supply.due_on(found),
        "must": status.tax_law().bound("invoice.must_say", found.issued_on), "name": names([found.owner]).get(found.owner, ""),
        "left": supply.standing(found), "deals": status.may_deal(request.user, request.now) and found.kind != "correction", "key": uuid4(),
        "form": form.TITLE if form else "",
    }  # fmt: skip
    return render(request, "tax/paper.html", context)


def _paper_of(request: Request, key: UUID) -> Paper:
    """A paper of who asks, or any for who deals with taxes. Raises ``Missing``."""
    found = Paper.objects.select_related("corrects").filter(pk=key).first()
    if found is None or not (found.owner == ledger.owner_of(request.user) or status.may_deal(request.user, request.now)):
        raise Missing("no such paper, or not yours")
    return found


@require_GET
@signed_in
def einvoice(request: Request, paper: UUID) -> HttpResponse:
    """An invoice or its correction in the country's standard form, for whom it was made and for who deals with taxes."""
    found = _paper_of(request, paper)
    if einvoices.form_of(found) is None:
        raise Missing("this paper has no electronic form")
    rations.require("tax.einvoice", request)
    made = einvoices.file(found)
    return _file(made.body, made.name, made.content_type)


@require_http_methods(["GET", "POST"])
@signed_in
def filing(request: Request, filing: UUID) -> HttpResponse:
    """Did it reach the tax office? For who deals with taxes; what was refused is handed in again here, or said to be done elsewhere."""
    _deals(request)
    error: dict[str, str] = {}
    if request.method == "POST":
        rations.require("tax", request)
        act = request.POST.get("act", "")
        try:
            if act == "elsewhere":
                refusals.settled_elsewhere(filing, request.POST.get("approval", ""), by=request.user, now=request.now)
            else:
                refusals.again(filing, by=request.user, number=request.POST.get("number", ""), now=request.now)
            messages.success(request, _("That is noted."))
            return redirect("tax:filing", filing)
        except Refused as no:
            error = {"act": act if act == "elsewhere" else "again", "message": str(no.message)}
    found = Filing.objects.select_related("paper", "by").filter(pk=filing).first()
    if found is None:
        raise Missing("no such filing")
    context = {
        "filing": found, "what": refusals.WHAT[found.kind], "why": refusals.why(found.reason), "error": error, "typed": request.POST.get("approval", "")[:40],
        "open": found.state == "refused" and found.reason != refusals.NOTHING,
    }  # fmt: skip
    return render(request, "tax/filing.html", context, status=422 if error else 200)


@require_GET
@signed_in
def kept(request: Request, year: int) -> HttpResponse:
    """What was kept back of my earnings in a year (원천징수영수증), to keep or print."""
    me = ledger.owner_of(request.user)
    if not 1970 < year < 9999:
        raise Missing("no such year")
    unit = law.coop().currency
    rows = statements.standing(year, unit, me)
    day = min(date(year, 12, 31), status.day_of(request.now))
    sums = {name: sum(getattr(one, name) for one in rows) for name in ("gross", "income", "local", "net")}
    context = {"year": year, "unit": unit, "rows": rows, "sums": sums, "said": status.at(me, day), "ours": status.ours(day), "shown": bool(rows)}
    return render(request, "tax/kept.html", context)


@require_POST
@signed_in
def statement(request: Request) -> HttpResponse:
    """The year's statement of payments as a table. It holds resident numbers: only for who deals with taxes, and that it was taken is written down."""
    _deals(request)
    rations.require("tax.statement", request)
    raw = request.POST.get("year", "")
    if not (len(raw) == 4 and raw.isdecimal() and raw.isascii()):
        raise Refused("year", _("Choose a year."), "year")
    body = statements.statement_of_payments(int(raw), law.coop().currency, by=request.user, now=request.now)
    return _file(body, f"statement-of-payments-{raw}.csv")


@require_GET
@signed_in
def papers(request: Request) -> HttpResponse:
    """The papers of a period as a table, for who deals with taxes: ``?since=2026-01-01``."""
    _deals(request)
    try:
        begins = date.fromisoformat(request.GET.get("since", "")[:10])
    except ValueError:
        raise Missing("no such period") from None
    months = max(1, status.tax_law().bound("vat.period_months", begins).number())
    if not 1970 < begins.year < 9998:
        raise Missing("no such period")
    rows = periods.papers(periods.quarter_of(begins, months), months, law.coop().currency)
    return _file(statements.papers_table(rows), f"tax-papers-{begins.isoformat()}.csv")


def _file(body: bytes, name: str, content_type: str = "text/csv; charset=utf-8") -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(body, content_type=content_type, headers=headers)
