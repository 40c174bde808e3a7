"""Who gets what of a patronage refund or a dividend on capital: by class, and inside it by each member's own measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from madang.kit.splits import largest_remainder


@dataclass(frozen=True)
class Group:
    """A class of members: ``weight`` is its part of the whole (a fraction, against the other classes), ``measure`` what is counted ("hours", "sales",
    "plays", "spend"), ``by_member`` {member: whole number ≥ 0 of it}."""

    key: str
    weight: Fraction
    measure: str
    by_member: Mapping[str, int]


def classes(total: int, groups: Sequence[Group], salt: str) -> dict[str, int]:
    """How ``total`` falls to the classes. A class in which nobody has any use counts for nothing, and its part goes to the others.

    Raises ``ValueError`` when there is something to share and nobody to share it with, for two classes of one name, or a negative measure.
    """
    if len({group.key for group in groups}) != len(groups):
        raise ValueError("two classes of one name")
    if any(count < 0 for group in groups for count in group.by_member.values()):
        raise ValueError("a measure is not negative")
    weights = [(group.key, group.weight if any(group.by_member.values()) else Fraction(0)) for group in groups]
    if not total:
        return {key: 0 for key, _weight in weights}
    return largest_remainder(total, weights, f"{salt}|classes")


def share(total: int, groups: Sequence[Group], salt: str) -> dict[tuple[str, str], int]:
    """Share ``total`` among members: {(class, member): amount}; the sum is ``total``, always, and who has no use gets nothing.

    First among the classes by weight, then inside each by measure, both by largest remainder; ``salt`` (the year) breaks ties, so that nobody
    gains by being listed first. Raises as :func:`classes`.
    """
    by_class = classes(total, groups, salt)
    shared: dict[tuple[str, str], int] = {}
    for group in groups:
        amount = by_class[group.key]
        parts = [(member, Fraction(count)) for member, count in group.by_member.items() if count]
        given = largest_remainder(amount, parts, f"{salt}|{group.key}") if amount else {}
        shared.update({(group.key, member): given.get(member, 0) for member in group.by_member})
    return shared


def on_capital(total: int, paid_in: Mapping[str, int], salt: str) -> dict[str, int]:
    """Share ``total`` by what each member paid in: {member: amount}. Raises ``ValueError`` when nobody paid anything in."""
    if not total:
        return dict.fromkeys(paid_in, 0)
    if any(amount < 0 for amount in paid_in.values()):
        raise ValueError("nobody paid in less than nothing")
    return largest_remainder(total, [(member, Fraction(amount)) for member, amount in paid_in.items()], f"{salt}|capital")
