"""How one whole is shared so that the parts always add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import lcm, prod


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
    scale = lcm(*(Fraction(weight).denominator for weight in weights.values()))
    counts = {name: int(weight * scale) for name, weight in weights.items()}
    whole = sum(counts.values())
    if whole == 0:
        raise ValueError("nobody to share with")
    shares, remainders = {}, {}
    for name, count in counts.items():
        shares[name], remainders[name] = divmod(total * count, whole)
    left_over = total - sum(shares.values())

    def order(name: str) -> tuple[int, bytes]:
        return (-remainders[name], sha256(f"{salt}|{name}".encode()).digest())

    for name in sorted((name for name, count in counts.items() if count), key=order)[:left_over]:
        shares[name] += 1
    return shares


@dataclass(frozen=True)
class Branch:
    """A part of a split; with ``inside`` it is passed on among others (a band's members inside the artist's part)."""

    name: str
    weight: Fraction
    inside: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Leaf:
    """What one recipient of a nested split gets: the ``path`` of names from the outside in, and the share of the whole that stands for it.

    ``steps`` tells how it came about, one a level from the outside in: what was shared there, and which part of it went on.
    """

    path: tuple[str, ...]
    share: Fraction
    amount: int
    steps: tuple[tuple[int, Fraction], ...]


def nested(total: int, branches: Sequence[Branch], salt: str) -> list[Leaf]:
    """Share ``total`` (smallest units) level by level: each branch gets its part by largest remainder, and passes on exactly that.

    The sum of the leaves is ``total``, the sum inside a branch is what the branch got: who splits further does not change what others get.
    Raises as :func:`largest_remainder`.
    """
    return _nested(total, branches, salt, (), ())


def _nested(total: int, branches: Sequence[Branch], salt: str, above: tuple[str, ...], steps: tuple[tuple[int, Fraction], ...]) -> list[Leaf]:
    got = largest_remainder(total, [(branch.name, branch.weight) for branch in branches], salt)
    whole = sum((Fraction(branch.weight) for branch in branches), Fraction(0))
    leaves: list[Leaf] = []
    for branch in branches:
        path, way = (*above, branch.name), (*steps, (total, Fraction(branch.weight) / whole))
        if branch.inside:
            leaves += _nested(got[branch.name], branch.inside, f"{salt}/{branch.name}", path, way)
        else:
            leaves.append(Leaf(path, prod((part for _whole, part in way), start=Fraction(1)), got[branch.name], way))
    return leaves


CARRY = 10**12
"""What is carried is counted in 10⁻¹² of the smallest unit: whole numbers that never grow, whatever the shares were."""


@dataclass(frozen=True)
class Settlement:
    """One of many settlements: ``amounts`` in smallest units; ``before`` and ``after`` are what each carried in and out (0 ≤ carried < CARRY);
    ``kept`` is what stays in the pot in all (the sum of ``after``, a whole number of units), ``brought`` what was there."""

    amounts: Mapping[str, int]
    before: Mapping[str, int]
    after: Mapping[str, int]
    brought: int
    kept: int


def settle(total: int, parts: Sequence[tuple[str, Fraction]], carried: Mapping[str, int], salt: str) -> Settlement:
    """Share ``total`` again and again so that nobody drifts: each gets the whole units of what is theirs so far, and carries the rest.

    What is carried is real money that waits in a pot until it makes a whole unit: sum of ``amounts`` + ``kept`` = ``total`` + ``brought``.
    At any time each has got what their shares came to until then, less than one unit short (and less 10⁻¹² of a unit for each settlement);
    nobody gets a unit that is not theirs. Who takes no part this time (not in ``parts``) keeps what they carry.
    Raises ``ValueError`` as :func:`largest_remainder`, and for what is carried that is no whole number of units in all.
    """
    if any(not 0 <= one < CARRY for one in carried.values()) or sum(carried.values()) % CARRY:
        raise ValueError("what is carried is less than a unit each, and whole units in all")
    exact = largest_remainder(total * CARRY, parts, salt)
    before = {name: carried.get(name, 0) for name in {**dict(parts), **carried}}
    sums = {name: before[name] + exact.get(name, 0) for name in before}
    after = {name: value % CARRY for name, value in sums.items()}
    return Settlement(
        {name: value // CARRY for name, value in sums.items()}, before, after, sum(before.values()) // CARRY, sum(after.values()) // CARRY
    )  # fmt: skip
