"""The judge's own idea of the co-op: dictionaries of whole numbers. No Django, no line of the program's, nothing but what the documents say."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

Account = tuple[str, str]
"""(kind, the plan's name of whose it is: "" the co-op, "w1" a person, "v3" a job …)"""
Move = tuple[Account, Account, int]
"""(out of, into, how much)"""


class No(Exception):
    """The program has to refuse this, with this code (with one of these, where more than one thing is wrong)."""

    def __init__(self, *codes: str) -> None:
        super().__init__(" or ".join(codes))
        self.codes = codes


class Wrong(Exception):
    """What the program answered, or has in its books, cannot be."""


def shared(total: int, parts: dict[str, Fraction], salt: str) -> dict[str, int]:
    """Largest remainder, as DESIGN §4.2 says it: ties by a hash of entry and recipient. Written anew: the program's own is not asked."""
    low = {name: int(total * share) for name, share in parts.items()}
    order = sorted(
        (name for name in parts if parts[name]),
        key=lambda name: (-(total * parts[name] - low[name]), hashlib.sha256(f"{salt}|{name}".encode()).digest()),
    )
    for name in order[: total - sum(low.values())]:
        low[name] += 1
    return low


class Model:
    """What must be in the books. ``things`` is where each kind of step keeps what it remembers."""

    def __init__(self, seed: int, balances: dict[Account, int], facts: dict[str, Any]) -> None:
        self.seed, self.facts = seed, facts
        self.balances: Counter[Account] = Counter(balances)
        self.keys: dict[str, tuple[str, tuple[Move, ...]]] = {}
        self.things: dict[str, dict[str, Any]] = {}
        self.faults: Counter[str] = Counter()
        self.log: list[tuple[datetime, Account, Account, int]] = []

    def of(self, kind: str) -> dict[str, Any]:
        """What one kind of step remembers, by name."""
        return self.things.setdefault(kind, {})

    def book(self, key: str, moves: Iterable[Move], now: datetime) -> None:
        """Book once. The same key a second time is a mistake of this model or a doubled booking that the program would have to show too."""
        made = tuple(move for move in moves if move[2])
        if key in self.keys:
            raise Wrong(f"{key} would be booked a second time")
        self.keys[key] = (key, made)
        for out, into, amount in made:
            if amount < 0:
                raise Wrong(f"{key}: {amount} from {out} to {into}")
            self.balances[out] -= amount
            self.balances[into] += amount
            self.log.append((now, out, into, amount))

    def standing(self, until: datetime | None = None) -> dict[Account, int]:
        """All accounts that are not at nothing, now or as they were before a moment."""
        found = Counter(self.balances)
        for at, out, into, amount in self.log:
            if until is not None and at >= until:
                found[out] += amount
                found[into] -= amount
        return {account: amount for account, amount in sorted(found.items()) if amount}
