"""Amounts as Stripe's API writes them. Exact, or refused.

Stripe counts most currencies in hundredths, some in whole units, some in thousandths with a last digit of 0; and it has exceptions that stay from
earlier days (https://docs.stripe.com/currencies, "Zero-decimal currencies" and "Special cases"). Ours is ISO 4217's smallest unit.
"""

from __future__ import annotations

from madang.kit.units import unit as known_unit

WHOLE = frozenset(["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"])
"""Charged as they are: 500 yen is 500."""
HUNDREDS = frozenset({"ISK"})
"""No decimals any more, yet written in hundredths that must be whole: 5 krónur are 500."""
UNCLEAR = frozenset({"UGX"})
"""Stripe's pages have it both among the whole ones and among the exceptions: refused, rather than a hundred times too much."""
THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
"""Three decimals, of which the last must be 0."""


def decimals(code: str) -> int:
    """How many decimals Stripe writes of this currency. Raises ``ValueError`` where that is not certain."""
    if code in UNCLEAR:
        raise ValueError(f"how Stripe writes {code} is not certain")
    return 0 if code in WHOLE else 3 if code in THOUSANDTHS else 2


def to_stripe(amount: int, code: str) -> int:
    """Our smallest units as Stripe's number. Raises ``ValueError`` for what Stripe cannot write exactly."""
    number = _shifted(amount, decimals(code) - known_unit(code).scale, f"{amount} {code}")
    if (code in THOUSANDTHS and number % 10) or (code in HUNDREDS and number % 100):
        raise ValueError(f"Stripe does not take {amount} {code}: too fine")
    return number


def from_stripe(number: int, code: str) -> int:
    """Stripe's number as our smallest units. Raises ``ValueError`` when it is not a whole number of them."""
    return _shifted(number, known_unit(code).scale - decimals(code), f"{number} of {code}")


def _shifted(number: int, places: int, said: str) -> int:
    if type(number) is not int:
        raise ValueError(f"not a whole number: {said}")
    if places >= 0:
        return int(number * 10**places)
    whole, rest = divmod(number, 10**-places)
    if rest:
        raise ValueError(f"cannot be written exactly: {said}")
    return int(whole)
