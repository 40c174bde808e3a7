"""Value added tax in a price. What is less than the smallest unit is cut off, never rounded up: the price stays what it is, the tax is whole.

Korea: 부가가치세법 art. 29 (7), a price of which nobody said whether it holds the tax holds it: 100/110 of it is the value of the supply;
국고금 관리법 art. 47 (2), what is less than one won of a tax base is not counted. United Kingdom: VAT Notice 700, 17.5.1, the tax of an invoice
may be rounded down to a whole penny.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from madang.kit.splits import largest_remainder


@dataclass(frozen=True)
class Priced:
    """A price in smallest units: ``net`` (공급가액) + ``tax`` (세액) = ``gross`` (합계)."""

    net: int
    tax: int
    rate: Fraction

    @property
    def gross(self) -> int:
        """What is paid."""
        return self.net + self.tax


def _checked(amount: int, rate: Fraction) -> None:
    if type(amount) is not int or amount < 0:
        raise ValueError(f"not an amount: {amount!r}")
    if not isinstance(rate, Fraction) or not 0 <= rate < 1:
        raise ValueError(f"not a rate: {rate!r}")


def from_gross(gross: int, rate: Fraction) -> Priced:
    """The tax that a price (smallest unit, ≥ 0) holds: ``gross × rate ÷ (1 + rate)``, cut to a whole unit. Raises ``ValueError``."""
    _checked(gross, rate)
    tax = gross * rate.numerator // (rate.numerator + rate.denominator)
    return Priced(gross - tax, tax, rate)


def from_net(net: int, rate: Fraction) -> Priced:
    """The tax that comes on top of a price: ``net × rate``, cut to a whole unit. Raises ``ValueError``."""
    _checked(net, rate)
    return Priced(net, net * rate.numerator // rate.denominator, rate)


def correction(before: Priced, back: int) -> Priced:
    """What a correction says when ``back`` (of the gross, > 0) is given back: figures below zero.

    The tax that is left is the tax in the price that is left, so that corrections one after the other never drift from the whole.
    ``before`` is what stands so far (the first document and its corrections together). Raises ``ValueError`` for more than there is.
    """
    if type(back) is not int or not 0 < back <= before.gross:
        raise ValueError(f"{back!r} of {before.gross} cannot be given back")
    left = from_gross(before.gross - back, before.rate)
    return Priced(left.net - before.net, left.tax - before.tax, before.rate)


def spread(tax: int, lines: Sequence[tuple[str, int]], salt: str) -> dict[str, int]:
    """The tax of a whole document on its lines (name, amount ≥ 0), in proportion, to the last unit. Lines of nothing bear none."""
    if not any(amount for _name, amount in lines):
        if tax:
            raise ValueError("no line to bear the tax")
        return {name: 0 for name, _amount in lines}
    return largest_remainder(tax, [(name, Fraction(amount)) for name, amount in lines], salt)
