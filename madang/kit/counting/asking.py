"""What a count is asked: how many seats, which lot, and what single methods want to know besides; and the registry of methods."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from madang.kit.counting.ballots import Ballots, Unfit
from madang.kit.counting.lot import Lot
from madang.kit.counting.result import Number, Result, Stage


@dataclass(frozen=True)
class Ask:
    """``seats`` (None: as the ballots say, else 1); ``lot`` for what rules leave tied; ``share`` of the votes a majority must pass;
    ``limit``: dots, or credits of a quadratic vote, that one ballot may use (None: no limit)."""

    seats: int | None = None
    lot: Lot = field(default_factory=Lot)
    share: Fraction = Fraction(1, 2)
    limit: Number | None = None


Method = Callable[[Ballots, Ask, int], Result]


@cache
def methods() -> Mapping[str, Method]:
    """Every method by its name: one file in ``methods/`` each, with ``NAME`` and ``count(ballots, ask, seats)``."""
    package = importlib.import_module("madang.kit.counting.methods")
    found = [importlib.import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)]
    return {module.NAME: module.count for module in sorted(found, key=lambda module: str(module.NAME))}


def count(method: str, ballots: Ballots, ask: Ask | None = None) -> Result:
    """Count ``ballots`` by ``method``. Nobody votes: nobody wins, in every method.

    Raises ``Unfit`` (a ``ValueError``) for an unknown method, less than one seat, or ballots this method cannot read.
    """
    ask = ask or Ask()
    counter = methods().get(method)
    if counter is None:
        raise Unfit(f"no method is called {method!r}")
    seats = ask.seats if ask.seats is not None else (ballots.seats or 1)
    if seats < 1:
        raise Unfit("there must be at least one seat")
    return counter(ballots, ask, seats)


def nobody(method: str, ballots: Ballots, seats: int, blank: Number, invalid: Number) -> Result:
    """The result where no ballot counts, or nobody stands: no winner."""
    return Result(method, (), (Stage(dict.fromkeys(ballots.names, 0)),), (), seats, 0, blank, invalid, notes={"no-votes": 1})
