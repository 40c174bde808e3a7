"""What happens, as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 12, 24, tzinfo=UTC)
"""Nine in the morning in Seoul, a week before a year ends."""

FAULTS = {
    "server-killed": "the process that books dies by SIGKILL in the middle, and is started again",
    "postgresql-killed": "PostgreSQL dies by SIGKILL in the middle, and is started again",
    "answer-lost": "it is done, the caller does not hear, and asks again with the same key",
    "doubled": "the same request at the same moment in two processes",
    "reordered": "a request arrives before the one it follows, and again in its place",
    "clock-back": "the machine that books has a clock that is behind",
    "clock-ahead": "days pass in which nobody does anything, not even the steward",
    "rail-twice": "the rail tells the same thing twice",
    "rail-silent": "the rail takes the money and its message is lost",
    "rail-late": "the rail answers only after a while",
    "rail-declines": "the rail says no",
    "rail-lies": "the rail's signed message names another amount",
    "rail-misreports": "the rail's own book says another amount than it told us",
    "rail-returns": "the payee's bank refuses a payout, or sends it back a day later",
    "rail-unsigned": "a message with a forged signature",
    "rail-charges-back": "the payer's bank takes the money back, and we are told three times",
}
"""All that can go wrong, in words; the table at the end counts them."""

BY_CHANCE = {"rail-returns"}
"""What the plan cannot know: the bank's mood depends on how much was earned."""

POINTS = ("statement", "before-commit", "after-commit", "answer")


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one step. ``point`` and ``number``: where a process dies (before its n-th statement, around its n-th commit)."""

    kind: str
    point: str = ""
    number: int = 0


@dataclass(frozen=True)
class Step:
    """One request: ``verb`` is ``"<file in steps>.<what>"``, ``args`` name things by the plan's own names (``"v3"``, ``"w1"``)."""

    at: datetime
    verb: str
    args: dict[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    number: int = 0
    counts: tuple[str, ...] = ()

    def moved(self, by: timedelta) -> Step:
        """The same, later. Moments among its arguments move along."""
        args = {name: value + by if isinstance(value, datetime) else value for name, value in self.args.items()}
        return replace(self, at=self.at + by, args=args)

    def said(self) -> str:
        """One line of the trace."""
        told = " ".join(f"{name}={value.isoformat() if isinstance(value, datetime) else value}" for name, value in self.args.items())
        wrong = " ".join([f"!{self.fault.kind}:{self.fault.point}:{self.fault.number}".rstrip(":0")] if self.fault else []) + "".join(
            f" !{one}" for one in self.counts
        )
        return f"{self.number:4} {self.at:%Y-%m-%d %H:%M} {self.verb} {told} {wrong}".rstrip()
