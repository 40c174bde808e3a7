"""Tax in what is charged: taken out of a price before it is shared, and the paper that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from madang.coop import ledger
from madang.coop.ledger.models import Account, Entry
from madang.coop.tax import filings, status, wishes
from madang.coop.tax.models import Paper, TaxStatus
from madang.kit.errors import Refused
from madang.kit.tax import Priced, correction, from_gross, from_net

NUMBERS_LOCK = 0x746178
LETTERS = {"receipt": "R", "invoice": "I", "correction": "C"}
REASONS = ("returned", "cancelled", "reduced", "mistake", "twice")


@dataclass(frozen=True)
class Supply:
    """What is earned by one supply: ``gross`` (smallest unit) and, where the co-op is registered and the supply is taxed, the tax in it."""

    gross: int
    unit: str
    priced: Priced | None = None
    by: TaxStatus | None = None
    citation: str = ""

    @property
    def net(self) -> int:
        """The base of a split: what is left when the tax is out."""
        return self.priced.net if self.priced else self.gross

    @property
    def tax(self) -> int:
        """What is the tax office's."""
        return self.priced.tax if self.priced else 0

    def parts(self) -> list[ledger.Part]:
        """The part that goes to the tax account, if any."""
        if self.priced is None or not self.tax:
            return []
        note = {"of": self.gross, "share": said(self.priced.rate), "law": self.citation}
        return [ledger.Part(vat_account(self.unit), self.tax, "vat", note=note)]


def said(rate: Fraction) -> str:
    """How much of a price with the tax in it is tax: ``"10/110"`` for 10 %."""
    whole = (rate * 100).numerator, (rate * 100).denominator
    top, bottom = whole[0], whole[1]
    return f"{top}/{100 * bottom + top}"


def vat_account(unit: str) -> Account:
    """Where tax that was taken in waits until it goes to the tax office."""
    return ledger.account("vat-out", "", unit)


def on_supply(gross: int, unit: str, *, kept: bool = False, now: datetime) -> Supply:
    """The tax in ``gross`` (smallest unit) when it is earned at ``now``; none unless the co-op is registered that day. One query.

    ``kept``: it is what stays of a price whose work was not done; the law of the country says whether that bears tax.
    """
    day = status.day_of(now)
    by = status.ours(day)
    if by is None:
        return Supply(gross, unit)
    asked = status.tax_law()
    rate = asked.bound("vat.rate", day)
    if not rate.fraction() or (kept and not asked.bound("vat.kept_is_taxed", day).yes()):
        return Supply(gross, unit)
    return Supply(gross, unit, from_gross(gross, rate.fraction()), by, rate.citation)


def on_top(net: int, unit: str, *, now: datetime) -> Supply:
    """What a price costs its payer: with the tax on top where the co-op says its prices without it, as it is everywhere else. One query."""
    held = on_supply(net, unit, now=now)
    if held.priced is None or held.by is None or not held.by.added:
        return held
    return Supply(from_net(net, held.priced.rate).gross, unit, from_net(net, held.priced.rate), held.by, held.citation)


def issue(supply: Supply, entry: Entry, *, owner: str, subject: str, title: Mapping[str, str], charge: UUID | str | None = None, now: datetime) -> Paper | None:
    """The paper of a supply whose money ``entry`` has booked: an invoice for a customer who asked for one, a receipt otherwise. Once for each entry.

    In the caller's transaction, so that numbers have no gap. None where nothing is taxed.
    """
    if supply.priced is None or supply.by is None:
        return None
    if first := Paper.objects.filter(entry=entry).first():
        return first
    customer = wishes.invoice_to(charge) if charge else {}
    paper = _number(
        Paper(
            kind="invoice" if customer else "receipt", owner=owner, subject=subject, title=dict(title), entry=entry, net=supply.priced.net, tax=supply.tax,
            unit=supply.unit, rate=str(supply.priced.rate), citation=supply.citation, issued_on=status.day_of(now), supplied_on=status.day_of(now), at=now,
            supplier=supplier(supply.by), customer=customer,
        )
    )  # fmt: skip
    if paper.kind == "invoice":
        filings.invoice(paper, now=now)
        wishes.forget(charge)
    return paper


def supplier(by: TaxStatus) -> dict[str, Any]:
    """The co-op as it stands on its papers."""
    return {"number": by.number, "name": by.name, "representative": by.representative, "address": by.address, "trade": by.trade, "item": by.item}


def _number(paper: Paper) -> Paper:
    """Give the next number of its series and save: one at a time until the transaction ends."""
    paper.series = f"{paper.issued_on.year}-{LETTERS[paper.kind]}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [NUMBERS_LOCK, paper.series])
    paper.number = (Paper.objects.filter(series=paper.series).aggregate(last=Max("number"))["last"] or 0) + 1
    paper.save(force_insert=True)
    return paper


def standing(paper: Paper) -> Priced:
    """What still stands of a receipt or an invoice after its corrections. One query."""
    less = paper.corrections.aggregate(net=Sum("net"), tax=Sum("tax"))
    return Priced(paper.net + int(less["net"] or 0), paper.tax + int(less["tax"] or 0), Fraction(paper.rate))


def correct(paper: Paper, back: int, *, into: Account, source: Account, reason: str, key: str, now: datetime) -> Paper:
    """``back`` (of the gross) goes back to who paid: its tax out of the tax account, the rest out of ``source``, both ``into``; and the correction says so.

    In the caller's transaction; once for each ``key``. Raises ``Refused``: ``reason``, ``too-much`` for more than still stands.
    """
    locked = Paper.objects.select_for_update().get(pk=paper.pk)
    if first := Paper.objects.filter(entry__key=key).first():
        return first
    if reason not in REASONS:
        raise Refused("reason", _("Choose why the paper is put right. Nothing was booked."), "reason")
    if locked.kind == "correction" or not 0 < back <= standing(locked).gross:
        raise Refused("too-much", _("More cannot go back than was paid and still stands. Nothing was booked."), "amount")
    less = correction(standing(locked), back)
    note = {"paper": locked.code, "law": status.tax_law().bound("invoice.corrections", status.day_of(now)).citation}
    moves = [
        ledger.Move(place, into, amount, kind, note=note)
        for place, amount, kind in ((vat_account(locked.unit), -less.tax, "vat-back"), (source, -less.net, "given-back"))
        if amount
    ]
    entry = ledger.post("correction", moves, key=key, subject=locked.subject, payer=locked.owner, now=now)
    made = _number(
        Paper(
            kind="correction", owner=locked.owner, subject=locked.subject, title=locked.title, entry=entry, net=less.net, tax=less.tax, unit=locked.unit,
            rate=locked.rate, citation=locked.citation, issued_on=status.day_of(now), supplied_on=locked.supplied_on, at=now, supplier=locked.supplier,
            customer=locked.customer, corrects=locked, reason=reason,
        )
    )  # fmt: skip
    if locked.kind == "invoice":
        filings.invoice(made, now=now)
    return made


def due_on(paper: Paper) -> date | None:
    """The last day for issuing an invoice of this paper's supply (Korea: the 10th of the next month); None where no law says one."""
    day = status.tax_law().bound("invoice.due_day", paper.supplied_on).number()
    if not day:
        return None
    year, month = divmod(paper.supplied_on.year * 12 + paper.supplied_on.month, 12)
    return date(year, month + 1, day)
