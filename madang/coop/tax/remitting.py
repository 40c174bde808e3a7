"""Money on its way to a tax office: booked when whoever deals with it says it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import ledger
from madang.coop.ledger import queries as books
from madang.coop.ledger.actions import one_at_a_time
from madang.coop.ledger.models import Account
from madang.coop.people.actions import clean_line
from madang.coop.people.models import Person
from madang.coop.tax import status
from madang.coop.tax.models import TAXES, Remittance
from madang.kit.errors import Refused


@dataclass(frozen=True)
class Source:
    """A place the money can leave from: what stands at a payment service or bank (smallest unit)."""

    rail: str
    amount: int


def account(tax: str, unit: str) -> Account:
    """The account of one tax. Raises ``Refused("tax")`` for none of them."""
    if tax == "vat-out":
        return ledger.account("vat-out", "", unit)
    if tax == "withheld":
        return ledger.account("withheld", "", unit)
    if tax == "withheld-local":
        return ledger.account("withheld-local", "", unit)
    raise Refused("tax", _("Choose which tax was paid. Nothing was booked."), "tax")


def sources(unit: str) -> list[Source]:
    """Where the co-op has money, most first. One query."""
    rows = Account.objects.filter(kind="clearing", unit=unit, owner__startswith="rail:").order_by("owner")
    found = [Source(one.owner.removeprefix("rail:"), -books.balance(one)) for one in rows]
    return sorted((one for one in found if one.amount > 0), key=lambda one: -one.amount)


@transaction.atomic
def remit(tax: str, period: date, amount: int, unit: str, *, rail: str, reference: str, by: Person, key: str, now: datetime) -> Remittance:
    """``amount`` (smallest unit) was sent to the tax office for the period that begins on ``period``, out of what stands at ``rail``. Once for each ``key``.

    Raises ``Refused``: ``office``, ``tax``, ``reference``, ``period``, ``not-enough`` (on the tax's account), ``source`` (no money there), ``key-used``.
    """
    status.require(by, now)
    if tax not in TAXES:
        raise Refused("tax", _("Choose which tax was paid. Nothing was booked."), "tax")
    place = account(tax, unit)
    one_at_a_time(place)
    if first := Remittance.objects.filter(key=key).first():
        if (first.tax, first.period, first.amount, first.unit) != (tax, period, amount, unit):
            raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
        return first
    said = clean_line(reference, 60, "reference")
    if not said:
        raise Refused("reference", _("Please give the number on the tax office's receipt or the bank's."), "reference")
    if period > status.day_of(now):
        raise Refused("period", _("That period has not begun. Nothing was booked."), "period")
    if amount <= 0 or books.balance(place) < amount:
        raise Refused("not-enough", _("There is not enough money there for this. Nothing was booked."), "amount")
    there = {one.rail: one.amount for one in sources(unit)}
    if there.get(rail, 0) < amount:
        raise Refused("source", _("The co-op has not that much money there. Nothing was booked."), "rail")
    clearing = ledger.account("clearing", f"rail:{rail}", unit)
    note = {"period": period.isoformat(), "reference": said}
    entry = ledger.post("tax-paid", [ledger.Move(place, clearing, amount, "tax-paid", note=note)], key=f"tax-paid:{key}", subject=f"tax:{tax}", now=now)
    return Remittance.objects.create(tax=tax, period=period, amount=amount, unit=unit, reference=said, key=key, entry=entry, by=by, at=now)


def latest(limit: int = 24) -> list[Remittance]:
    """The newest. One query."""
    return list(Remittance.objects.order_by("-at")[:limit])


def new_key(raw: str) -> str:
    """A form's key, if it is one. Raises ``ValueError``."""
    return str(UUID(raw))
