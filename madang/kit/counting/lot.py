"""The lot: an order of names that anyone can draw again from the seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Lot:
    """Who goes first where votes and rules leave a tie: names in the order of SHA-256(seed || name in UTF-8).

    Earlier is better: first in the order takes the seat, last in the order is excluded. Without a seed the order is still fixed,
    but known to all beforehand: good for looking at old ballots, not for deciding.
    """

    seed: bytes = b""

    def order(self, names: Iterable[str]) -> list[str]:
        """``names``, best first."""
        return sorted(names, key=lambda name: (sha256(self.seed + name.encode()).digest(), name))

    def places(self, names: Iterable[str]) -> list[int]:
        """The place (0 is best) of each of ``names``, as they stand."""
        listed = list(names)
        place = {index: at for at, index in enumerate(sorted(range(len(listed)), key=lambda i: (sha256(self.seed + listed[i].encode()).digest(), i)))}
        return [place[index] for index in range(len(listed))]
