"""One amount through the agreements behind a track: label, artist, band, each passing its part on. Pure.

At each agreement first comes what a party still gets back (an advance), out of at most the share of the amount it agreed to; the rest goes by the weights,
by largest remainder. What belongs to a part under dispute, or to nobody yet, is held; everybody else is paid. The parts are the amount, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from madang.kit.splits import largest_remainder

UNCONFIRMED, DISPUTED = "unconfirmed", "disputed"
DEEPEST = 6


@dataclass
class Part:
    """A party of an agreement: ``owner`` as the books write it, or ``inside`` the agreement its part is passed on by (an empty one: nobody agreed yet).

    ``back``: what it still gets back first, out of at most ``back_share`` of each amount; it goes down as amounts are shared.
    """

    key: str
    weight: int
    owner: str = ""
    inside: Agreed | None = None
    back: int = 0
    back_share: Fraction = Fraction(1)
    disputed: bool = False


@dataclass
class Agreed:
    """An agreement and its parts; without parts nobody agreed, and what comes is held for ``waits`` ("artist:7")."""

    key: str
    waits: str
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Portion:
    """What one recipient gets: ``path`` the parties it came through, ``agreement`` the one that gave the last step, ``held`` why it waits ("" it is paid)."""

    owner: str
    amount: int
    path: tuple[str, ...]
    agreement: str
    held: str = ""
    back: bool = False


def portions(amount: int, agreed: Agreed, salt: str) -> list[Portion]:
    """Share ``amount`` (≥ 0) through ``agreed``. The sum of the portions is ``amount``."""
    found = _portions(amount, agreed, salt, ())
    return [one for one in found if one.amount]


def _portions(amount: int, agreed: Agreed, salt: str, path: tuple[str, ...]) -> list[Portion]:
    if not agreed.parts or len(path) >= DEEPEST:
        return [Portion(agreed.waits, amount, path, agreed.key, UNCONFIRMED)]
    found: list[Portion] = []
    left = amount
    for part in agreed.parts:
        first = min(part.back, left, int(amount * part.back_share))
        if first:
            part.back -= first
            left -= first
            found += _to(part, first, agreed, f"{salt}/{part.key}/back", path, back=True)
    shares = largest_remainder(left, [(part.key, Fraction(part.weight)) for part in agreed.parts], salt)
    for part in agreed.parts:
        found += _to(part, shares[part.key], agreed, f"{salt}/{part.key}", path)
    return found


def _to(part: Part, amount: int, agreed: Agreed, salt: str, path: tuple[str, ...], *, back: bool = False) -> list[Portion]:
    if not amount:
        return []
    here = (*path, part.key)
    if part.disputed:
        return [Portion(f"party:{part.key}", amount, here, agreed.key, DISPUTED, back)]
    if part.inside is not None:
        return _portions(amount, part.inside, salt, here)
    return [Portion(part.owner, amount, here, agreed.key, "", back)]


def summed(found: Sequence[Portion]) -> dict[tuple[str, str], int]:
    """Amounts by (owner, why held)."""
    sums: dict[tuple[str, str], int] = {}
    for one in found:
        sums[one.owner, one.held] = sums.get((one.owner, one.held), 0) + one.amount
    return sums
