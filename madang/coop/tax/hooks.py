"""What taxes add to the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from madang.coop.ledger import owner_of
from madang.coop.ledger.books.chart import OWN, AccountKind, Side
from madang.coop.ledger.flows import About, Flow, Subject
from madang.coop.people.models import Person
from madang.coop.tax import DUTY, filings, keeping, refusals, supply, withholding
from madang.coop.tax import checks as must_hold
from madang.coop.tax.models import Filing, Paper, Reading, Remittance, TaxStatus, Wish, Withholding
from madang.kit.house import Check, DueWork, Message, NavItem, Personal

RETURNED = _("The payout came back, so nothing was paid and nothing is kept back.")

append_only = ["tax_remittance", "tax_reading"]

account_kinds = [
    AccountKind("vat-out", 270, Side.LIABILITIES, _("Value added tax taken in"), OWN),
    AccountKind("withheld", 280, Side.LIABILITIES, _("Income tax kept back from payouts"), OWN),
    AccountKind("withheld-local", 281, Side.LIABILITIES, _("Local income tax kept back from payouts"), OWN),
]

money_flows = [
    Flow("vat", _("value added tax"), 40, _("The price holds value added tax; it is the tax office's and nobody shares in it."), by=supply.on_supply),
    Flow("vat-back", _("value added tax goes back"), 41, _("Money goes back to who paid, and with it the tax that was in it."), by=supply.correct),
    Flow("given-back", _("goes back after the work was done"), 81, _("The price was lowered afterwards."), by=supply.correct),
    Flow("withheld", _("income tax kept back"), 92, _("Whoever pays a person in business keeps this back for the tax office."), by=withholding.of_payout),
    Flow("withheld-local", _("local income tax kept back"), 93, _("A part of the income tax kept back, for the city or county."), by=withholding.of_payout),
    Flow("withheld-back", _("income tax given back"), 94, RETURNED, by=withholding.back),
    Flow("withheld-local-back", _("local income tax given back"), 95, RETURNED, by=withholding.back),
    Flow("tax-paid", _("sent to the tax office"), 96, _("What had been taken in or kept back for the tax office was sent there.")),
    Flow("correction", _("a price was lowered afterwards"), 80, _("The paper of the sale was put right by a correction.")),
    Subject("tax", lambda ids: _taxes(ids)),
]


def _taxes(ids: set[str]) -> Mapping[str, About]:
    names = {
        "vat-out": now_in_words("value added tax"), "withheld": now_in_words("income tax kept back"),
        "withheld-local": now_in_words("local income tax kept back"),
    }  # fmt: skip
    return {one: About(names[one], "/tax/") for one in ids if one in names}


due = [
    DueWork("tax: what goes to the tax office's services", filings.find_open, filings.tell_again),
    DueWork("tax: names the law no longer asks for", keeping.find_old, keeping.forget),
]

messages = [
    Message(
        refusals.MESSAGE,
        _("The tax service did not take a filing: {what}, {amount}"),
        _("{why} Please hand it in again, or do it at the tax office's own site and note the number."),
        urgent=True,
    ),
]

seated = [refusals.seated]
unseated = [refusals.unseated]

checks = [
    Check("tax: papers are numbered without a gap", must_hold.numbers_have_no_gap),
    Check("tax: papers and the tax account say the same", must_hold.papers_are_booked),
    Check("tax: what was kept back is what was booked", must_hold.withheld_is_booked),
]

navigation = [
    NavItem(_("Taxes"), "tax:office", order=82, audience=f"duty:{DUTY}"),
    NavItem(_("Tax papers"), "tax:mine", order=68, audience="person"),
]


def _export(person: Person) -> list[dict[str, Any]]:
    """How a person stands with the tax office, the papers they got, what was kept back of their payouts; what they did in the office."""
    mine = owner_of(person)
    rows: list[dict[str, Any]] = [
        {
            "kind": "tax standing", "standing": one.standing, "number": one.number, "name": one.name, "address": one.address, "since": one.since,
            "resident_number": keeping.masked(one), "said_at": one.at,
        }
        for one in TaxStatus.objects.filter(owner=mine).order_by("at")
    ]  # fmt: skip
    rows += [
        {"kind": one.kind, "number": one.code, "net": one.net, "tax": one.tax, "unit": one.unit, "issued_on": one.issued_on, "customer": one.customer}
        for one in Paper.objects.filter(owner=mine).order_by("at")
    ]
    rows += [
        {"kind": "tax kept back", "gross": one.gross, "income": one.income, "local": one.local, "unit": one.unit, "at": one.at}
        for one in Withholding.objects.filter(owner=mine).order_by("at")
    ]
    rows += [
        {"kind": one.kind, "amount": one.gross, "unit": one.unit, "state": one.state, "to": one.tail, "approval": one.approval, "at": one.created_at}
        for one in Filing.objects.filter(owner=mine).order_by("created_at")
    ]
    rows += [{"kind": "a receipt or invoice you asked for", "use": one.use, "to": one.tail, "at": one.at} for one in Wish.objects.filter(person=person)]
    rows += [
        {"kind": "tax you said was sent", "tax": one.tax, "amount": one.amount, "period": one.period, "at": one.at}
        for one in Remittance.objects.filter(by=person)
    ]
    rows += [{"kind": "statement of payments you took out", "year": one.year, "at": one.at} for one in Reading.objects.filter(by=person)]
    rows += [{"kind": "a filing you saw to", "what": one.kind, "at": one.done_at or one.created_at} for one in Filing.objects.filter(by=person)]
    said = TaxStatus.objects.filter(by=person).exclude(owner=mine)
    return rows + [{"kind": "tax standing you said for others", "since": one.since, "at": one.at} for one in said]


def _erase(person: Person, *, now: datetime) -> None:
    keeping.erase(person, now=now)


personal: Sequence[Personal] = [
    Personal(
        "tax", _export, _erase,
        _("tax papers as long as tax law asks (five or six years); your resident number until the last statement of payments that names you"),
        ("tax.TaxStatus", "tax.Paper", "tax.Withholding", "tax.Remittance", "tax.Wish", "tax.Filing", "tax.Reading"),
    )
]  # fmt: skip
