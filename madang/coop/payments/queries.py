"""What people ask about payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Sum
from django.urls import reverse

from madang.coop.ledger import flows
from madang.coop.ledger.models import Account, Transfer
from madang.coop.ledger.owners import names
from madang.coop.payments.booking import purpose
from madang.coop.payments.models import Charge, Payout, Refund
from madang.coop.tax import supply, withholding
from madang.coop.tax.models import Paper
from madang.kit.errors import Missing
from madang.kit.house import Line


def charge_of(charge_id: UUID, payer: Any) -> Charge:
    """A charge of this payer. Raises ``Missing`` for somebody else's. One SQL query."""
    found = Charge.objects.select_related("payer").filter(pk=charge_id, payer_id=getattr(payer, "pk", None)).first()
    if found is None:
        raise Missing("no such charge, or not yours")
    return found


def lines(charge: Charge) -> list[Line]:
    """What is paid for, line by line; they add up to the charge."""
    declared = purpose(charge.purpose)
    told = list(declared.lines(charge)) if declared.lines else []
    return told if sum(line.amount for line in told) == charge.amount else [Line(str(declared.title), charge.amount)]


def tax_in(charge: Charge, now: datetime | None = None) -> supply.Supply:
    """The tax that the price of a taxed purpose holds, by how the co-op stood when it was asked for. One SQL query, none for other purposes."""
    if not purpose(charge.purpose).taxed:
        return supply.Supply(charge.amount, charge.unit)
    return supply.on_supply(charge.amount, charge.unit, now=now or charge.created_at)


def papers_of(charge: Charge) -> list[Paper]:
    """The tax papers of what was paid for. One SQL query."""
    return list(Paper.objects.filter(subject=charge.subject, owner=charge.owner).select_related("corrects").order_by("at"))


def to_whom(charge: Charge) -> str:
    """Whom the money is for, "" for the co-op."""
    told = purpose(charge.purpose).to
    return told(charge) if told else ""


def goes_on(charge: Charge) -> str:
    """Where the person goes on from here."""
    url = purpose(charge.purpose).url
    return url(charge) if url else "/"


@dataclass(frozen=True)
class Booked:
    """One line of a receipt: where money went, with its why."""

    title: Any
    amount: int
    why_url: str


def booked(charge: Charge) -> list[Booked]:
    """How the payment itself was booked. One SQL query."""
    if charge.entry_id is None:
        return []
    rows = Transfer.objects.filter(entry_id=charge.entry_id, debit__kind="clearing").order_by("ordinal")
    return [Booked(flows.flow(one.kind).title, one.amount, reverse("ledger:why", args=[one.pk])) for one in rows]


def went_back(charge: Charge) -> int:
    """What the payer got back, or is getting. One SQL query."""
    return int(charge.refunds.exclude(state="failed").aggregate(total=Sum("amount"))["total"] or 0)


@dataclass(frozen=True)
class Owed:
    """Someone's balance that can be paid out: ``amount`` before tax, ``kept`` of it goes to the tax offices."""

    owner: str
    name: str
    amount: int
    unit: str
    kept: int = 0

    @property
    def net(self) -> int:
        """What is sent, in the smallest unit."""
        return self.amount - self.kept


def to_pay_out(unit: str, limit: int = 100, *, now: datetime | None = None) -> list[Owed]:
    """Who has money to be paid out that is promised to nobody else, most first, at most ``limit``. At most 3 SQL queries; with ``now`` also what the
    law keeps back of each, by how they stand then (up to 3 more for each person where the co-op is registered for tax).
    """
    rows = (
        Account.objects.filter(kind="payable", unit=unit)
        .annotate(total=Sum(F("balances__credits") - F("balances__debits") - F("balances__pending_out")))
        .filter(total__gt=0)
        .order_by("-total", "owner")[:limit]
    )
    found = list(rows)
    called = names([one.owner for one in found])
    kept = {one.owner: withholding.of_payout(one.owner, int(one.total), unit, now=now).figures.total for one in found} if now else {}
    return [Owed(one.owner, called.get(one.owner, one.owner), int(one.total), unit, kept.get(one.owner, 0)) for one in found]


def payouts(limit: int = 50) -> list[tuple[Payout, str]]:
    """The latest payouts with the name of who got them."""
    rows = list(Payout.objects.order_by("-created_at")[:limit])
    called = names([one.party for one in rows])
    return [(one, called.get(one.party, one.name or one.party)) for one in rows]


def refunds_not_sent(limit: int = 100) -> list[Refund]:
    """Refunds the rail would not send and nobody has sent by hand, oldest first, with charge and payer. One SQL query."""
    return list(Refund.objects.filter(state="failed").select_related("charge__payer", "asked_by", "approved_by").order_by("created_at", "pk")[:limit])
