"""What a check is, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang.platforms.music.subsonic.check.talk import Talk

OK, BROKEN, ABSENT = "ok", "broken", "not offered"


class Broken(Exception):
    """The server does not do what the protocol says. The text is what came instead."""


class Absent(Exception):
    """There is nothing to look at: the server does not offer this, or has no music for it. The text says which."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``says`` is what the protocol says, ``came`` what came instead (or why there was nothing to look at)."""

    group: str
    name: str
    outcome: str
    says: str
    came: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. ``writes`` where it changes something on the server (and puts it back)."""

    group: str
    name: str
    says: str
    act: Callable[[Talk], None]
    writes: bool = False


CHECKS: list[Check] = []


def check(group: str, *, writes: bool = False) -> Callable[[Callable[[Talk], None]], Callable[[Talk], None]]:
    """Register a function as a check: its name is the name, its docstring is what the protocol says."""

    def register(act: Callable[[Talk], None]) -> Callable[[Talk], None]:
        says = " ".join((act.__doc__ or "").split())
        CHECKS.append(Check(group, act.__name__, says, act, writes))
        return act

    return register


def expect(holds: object, came: str) -> None:
    """Raises ``Broken(came)`` unless it holds."""
    if not holds:
        raise Broken(came)
