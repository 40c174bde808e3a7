"""Tax kept back from what somebody earned, for the tax office, and the local tax that is a part of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Rates:
    """``income`` of what is paid, ``local`` of the income tax. An income tax below ``small`` is not collected (0: every one is);
    each tax is cut to whole ``step`` units. Korea: 3 %, 10 % of it, steps of 10 won (국고금 관리법 art. 47 (1))."""

    income: Fraction
    local: Fraction
    small: int = 0
    step: int = 1


@dataclass(frozen=True)
class Withheld:
    """Of ``gross``: ``income`` and ``local`` to the tax offices, ``net`` to the one who earned it (smallest units)."""

    gross: int
    income: int
    local: int

    @property
    def net(self) -> int:
        """What is sent."""
        return self.gross - self.income - self.local

    @property
    def total(self) -> int:
        """What is kept back."""
        return self.income + self.local


def withhold(gross: int, rates: Rates | None) -> Withheld:
    """What is kept back of ``gross`` (smallest unit, ≥ 0); nothing without ``rates``. Raises ``ValueError`` for what is no amount or no rate."""
    if type(gross) is not int or gross < 0:
        raise ValueError(f"not an amount: {gross!r}")
    if rates is None:
        return Withheld(gross, 0, 0)
    if not 0 <= rates.income < 1 or not 0 <= rates.local < 1 or rates.step < 1 or rates.small < 0:
        raise ValueError(f"not a rate: {rates}")
    exact = gross * rates.income
    if exact < rates.small:
        return Withheld(gross, 0, 0)
    income = _cut(exact, rates.step)
    return Withheld(gross, income, _cut(income * rates.local, rates.step))


def _cut(amount: Fraction, step: int) -> int:
    return amount.numerator // (amount.denominator * step) * step
