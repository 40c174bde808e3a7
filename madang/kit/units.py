"""Units of money: a currency code and its scale (how many decimals its smallest unit has)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from iso4217 import Currency


@dataclass(frozen=True)
class Unit:
    """A currency: ``code`` and ``scale`` (KRW 0, USD 2). An amount is an ``int`` of its smallest unit.

    ``code`` is ISO 4217's ("EUR"), or that and a finer scale where amounts below the smallest coin are kept ("EUR.6": millionths of a euro);
    ``currency`` is ISO 4217's code in both. Money of two scales is of two units: they meet through a named account only.
    """

    code: str
    scale: int
    currency: str

    @property
    def one(self) -> int:
        """One major unit in smallest units: 1 for KRW, 100 for USD, 1,000,000 for EUR.6."""
        return int(10**self.scale)

    @property
    def coin(self) -> int:
        """The currency's smallest coin in smallest units of this unit: 1 for USD, 10,000 for USD.6."""
        return int(10 ** (self.scale - unit(self.currency).scale))


FINEST = 9
_CODE = re.compile(r"([A-Z]{3})(?:\.([1-9]))?")


@lru_cache(maxsize=256)
def unit(code: str) -> Unit:
    """The unit of a code: "KRW", "USD", "USD.6". Raises ``ValueError`` for a currency ISO 4217 does not know or that has no scale (gold, tests),
    and for a scale that is not finer than the currency's own."""
    try:
        currency, scale = _CODE.fullmatch(code).groups()  # type: ignore[union-attr]
        found = Currency(currency)
    except (AttributeError, ValueError):
        raise ValueError(f"unknown currency: {code[:12]!r}") from None
    if found.exponent is None:
        raise ValueError(f"{code} is not money one can pay with")
    own = int(found.exponent)
    if scale is not None and int(scale) <= own:
        raise ValueError(f"{code} is not finer than {currency}")
    return Unit(code, own if scale is None else int(scale), currency)


def finer(code: str, scale: int = 6) -> str:
    """The code of the same currency with ``scale`` decimals: "USD" to "USD.6". Raises as :func:`unit`."""
    return unit(f"{unit(code).currency}.{scale}").code
