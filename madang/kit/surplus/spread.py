"""How what members get is spread among them, from the tenth that gets least to the tenth that gets most, without telling anyone's own figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

FEWEST = 5
"""No figure is shown for fewer people."""


@dataclass(frozen=True)
class Tenth:
    """One group of members, from least to most: how many, what they get together and on average (rounded down), and their part of the whole."""

    number: int
    members: int
    total: int
    average: int
    share: Fraction


def spread(amounts: Iterable[int]) -> list[Tenth]:
    """The members by what they get, in ten groups as equal as can be; in fewer groups where ten would be of under five members, and none for under five."""
    ordered = sorted(amounts)
    groups = min(10, len(ordered) // FEWEST)
    whole = sum(ordered)
    tenths = []
    for number in range(groups):
        some = ordered[number * len(ordered) // groups : (number + 1) * len(ordered) // groups]
        total = sum(some)
        tenths.append(Tenth(number + 1, len(some), total, total // len(some), Fraction(total, whole) if whole else Fraction(0)))
    return tenths
