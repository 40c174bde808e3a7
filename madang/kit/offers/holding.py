"""How much one holder may hold, over all offers and what they hold already. Amounts in the smallest unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Cap:
    """The most a holder may have in all, and which of the two laws says so: "amount", "fraction" or "" (none does)."""

    amount: int | None
    by: str = ""


def most_for(others: int, *, amount: int | None, fraction: Fraction, least: int = 0) -> Cap:
    """The most one may hold when all ``others`` together hold so much: ``amount`` (None: no such law), and ``fraction`` of all capital.

    With f the fraction and R what others hold, a holding h keeps h ≤ f · (R + h), so h ≤ f · R / (1 − f). Nobody is kept from ``least`` by
    the fraction: a co-op begins with few.
    """
    by_fraction = None if fraction >= 1 else max(least, int(fraction * others / (1 - fraction)))
    if amount is not None and (by_fraction is None or amount <= by_fraction):
        return Cap(amount, "amount")
    return Cap(by_fraction, "fraction" if by_fraction is not None else "")
