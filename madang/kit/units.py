"""Units of money: a currency code and its scale (how many decimals its smallest unit has)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from iso4217 import Currency


@dataclass(frozen=True)
class Unit:
    """A currency: ``code`` (ISO 4217) and ``scale`` (KRW 0, USD 2). An amount is an ``int`` of its smallest unit."""

    code: str
    scale: int

    @property
    def one(self) -> int:
        """One major unit in smallest units: 1 for KRW, 100 for USD."""
        return int(10**self.scale)


@lru_cache(maxsize=256)
def unit(code: str) -> Unit:
    """The unit of a currency code. Raises ``ValueError`` for a code ISO 4217 does not know or that has no scale (gold, tests)."""
    try:
        found = Currency(code)
    except ValueError:
        raise ValueError(f"unknown currency: {code[:12]!r}") from None
    if found.exponent is None:
        raise ValueError(f"{code} is not money one can pay with")
    return Unit(code=str(found.code), scale=int(found.exponent))
