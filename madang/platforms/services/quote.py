"""What a visit costs and how long it takes: from the size of the home and what is wanted, line by line.

The price of a *Refresh* is ``base + bedrooms × per bedroom + bathrooms × per bathroom`` (our own formula: Up&Go publishes its extras, not
its sizes). Extras have a price each, a most, what they are free with, and what they need from the client's home.
Pure: no database, no clock. Amounts are ``int`` in the smallest unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.kit.errors import Refused

REFRESH = "refresh"
VAT, VAT_TITLE = "vat", {"en": "Value added tax", "ko": "부가가치세"}
LADDER, MACHINE = "ladder", "machine"
BEDROOMS_MAX, BATHROOMS_MAX = 10, 10
MINUTES_MAX = 12 * 60

Text = Mapping[str, str]


@dataclass(frozen=True)
class Size:
    """Prices (smallest unit) and minutes of a visit before extras."""

    base: int
    per_bedroom: int
    per_bathroom: int
    base_minutes: int
    minutes_per_bedroom: int
    minutes_per_bathroom: int


@dataclass(frozen=True)
class Extra:
    """One thing on the price list. ``price`` and ``minutes`` are for one ``per``; ``most`` is how many one visit can hold."""

    code: str
    title: Text
    price: int
    minutes: int
    per: str = "visit"
    most: int = 1
    free_with: Set[str] = frozenset()
    needs: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a quote. ``version`` names the rule version that set the amount, ``free_with`` the extra that made it free."""

    code: str
    title: Text
    quantity: int
    amount: int
    minutes: int
    version: str = ""
    free_with: str = ""
    needs: str = ""

    def as_json(self) -> dict[str, Any]:
        """As :attr:`Job.lines` keeps it."""
        return {
            "code": self.code, "title": dict(self.title), "quantity": self.quantity, "amount": self.amount,
            "minutes": self.minutes, "version": self.version, "free_with": self.free_with, "needs": self.needs,
        }


@dataclass(frozen=True)
class Quote:
    """Lines, their sum in ``unit``, and how long one worker needs (minutes, whole quarters)."""

    lines: tuple[Line, ...]
    unit: str
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """What the client pays, in the smallest unit."""
        return sum(line.amount for line in self.lines)

    @property
    def minutes(self) -> int:
        """Minutes of work, rounded up to a quarter of an hour."""
        return -(-sum(line.minutes for line in self.lines) // 15) * 15

    @property
    def needs(self) -> list[str]:
        """What the worker needs from the home: "ladder", "machine"."""
        return sorted({line.needs for line in self.lines if line.needs})


def check_size(bedrooms: int, bathrooms: int) -> None:
    """Raises ``Refused`` for a home nobody could clean in one visit, or without a bathroom."""
    if not 0 <= bedrooms <= BEDROOMS_MAX:
        raise Refused("size", _("Between 0 (a studio) and 10 bedrooms can be booked here. Write to the coordinator about a bigger home."), "bedrooms")
    if not 1 <= bathrooms <= BATHROOMS_MAX:
        raise Refused("size", _("Between 1 and 10 bathrooms can be booked here. Write to the coordinator about a bigger home."), "bathrooms")


def make(
    size: Size, list_: Mapping[str, Extra], *, bedrooms: int, bathrooms: int, wanted: Mapping[str, int], has: Set[str], unit: str,
    titles: Mapping[str, Text], versions: Mapping[str, str],
) -> Quote:
    """The quote for a home and what is wanted (``{extra's code: quantity}``; a quantity of 0 is not wanted).

    ``has``: what the home has of "ladder" and "machine". ``titles``: ``{"refresh": {lang: text}}``. ``versions``: rule key → version id.
    Raises ``Refused`` with the field for a size, a code or a quantity that is not on the list, a missing machine, or a visit past 12 hours.
    """
    check_size(bedrooms, bathrooms)
    chosen = {code: _quantity(list_, code, quantity) for code, quantity in wanted.items() if quantity}
    base = Line(
        REFRESH, titles[REFRESH], 1,
        size.base + bedrooms * size.per_bedroom + bathrooms * size.per_bathroom,
        size.base_minutes + bedrooms * size.minutes_per_bedroom + bathrooms * size.minutes_per_bathroom,
        versions.get("services.refresh", ""),
    )
    lines = [base]
    for code, extra in list_.items():  # the list's order, whatever order they were asked in
        if code in chosen:
            lines.append(_line(extra, chosen, has, versions.get("services.extras", "")))
    found = Quote(tuple(lines), unit, dict(versions))
    if found.minutes > MINUTES_MAX:
        raise Refused("too-long", _("This is more than one worker can do in a day. Leave something for a second visit."), "extras")
    if found.total <= 0:
        raise Refused("free", _("A visit has to cost something. The price list is being corrected; try again later."), "extras")
    return found


def with_tax(found: Quote, tax: int) -> Quote:
    """The quote with ``tax`` (smallest unit) on top, as a line of its own; itself where the prices hold their tax."""
    return replace(found, lines=(*found.lines, Line(VAT, VAT_TITLE, 1, tax, 0))) if tax else found


def _quantity(list_: Mapping[str, Extra], code: str, quantity: object) -> int:
    if code not in list_:
        raise Refused("unknown", _("This is not on the price list any more. Choose again from the list."), code[:40])
    most = list_[code].most
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 < quantity <= most:
        raise Refused("quantity", _("Choose a number between 0 and %(most)s.") % {"most": most}, code)
    return quantity


def _line(extra: Extra, chosen: Mapping[str, int], has: Set[str], version: str) -> Line:
    if extra.needs == MACHINE and MACHINE not in has:
        raise Refused("needs", _("This needs a washing machine in your home. Say in your home's description that there is one, or leave it out."), extra.code)
    quantity = chosen[extra.code]
    free = next((code for code in sorted(extra.free_with) if code in chosen), "")
    return Line(extra.code, extra.title, quantity, 0 if free else extra.price * quantity, extra.minutes * quantity, version, free, extra.needs)
