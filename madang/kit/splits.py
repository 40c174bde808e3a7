"""How one whole is shared so that the parts always add up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256


def largest_remainder(total: int, parts: Sequence[tuple[str, Fraction]], salt: str) -> dict[str, int]:
    """Share ``total`` (smallest units, ≥ 0) in proportion to ``parts`` (name, weight ≥ 0); the sum is ``total``, always.

    Each gets the whole part of their quota; the units left over go to the largest remainders (Hamilton's method).
    Equal remainders are told apart by sha256(salt | name), so nobody gains by being listed first.
    Raises ``ValueError`` for a negative total or weight, two parts of one name, or weights that are all zero.
    """
    if total < 0:
        raise ValueError("a negative total cannot be shared")
    weights = dict(parts)
    if len(weights) != len(parts):
        raise ValueError("two parts have the same name")
    if any(weight < 0 for weight in weights.values()):
        raise ValueError("a part cannot be negative")
    whole = sum(weights.values(), Fraction(0))
    if whole == 0:
        raise ValueError("nobody to share with")
    quotas = {name: total * Fraction(weight) / whole for name, weight in weights.items()}
    shares = {name: quota.numerator // quota.denominator for name, quota in quotas.items()}
    left_over = total - sum(shares.values())

    def order(name: str) -> tuple[Fraction, bytes]:
        return (shares[name] - quotas[name], sha256(f"{salt}|{name}".encode()).digest())

    for name in sorted((name for name in weights if weights[name]), key=order)[:left_over]:
        shares[name] += 1
    return shares
