"""Who carries whose vote: pure, in a fixed order, and able to say why a vote was not carried.

LiquidFeedback's semantics: one's own ballot stands before any delegate's; a delegate who has not voted passes what they carry on to their own
delegate; who leads back to somebody on the way has delegated to nobody. Beyond that a cap on how many one person carries, and who left is out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V", bound=Hashable)
CARRIED, OWN, LOOP, FULL, NOBODY, LEFT = "carried", "own", "loop", "full", "nobody", "left"


@dataclass(frozen=True)
class Fate(Generic[V]):
    """What became of a delegated vote, and of "carried" by whom."""

    outcome: str
    carrier: V | None = None


def carry(edges: Mapping[V, V | None], cast: Collection[V], gone: Collection[V], order: Sequence[V], most: int) -> dict[V, Fate[V]]:
    """What becomes of each vote of ``order``, the earliest delegation first.

    ``edges``: to whom each voter delegated (None: somebody without a vote here). ``cast``: who cast a ballot of their own; ``gone``: who left
    since voting opened, or took back; ``most``: how many others' votes one person carries.
    """
    carries: Counter[V] = Counter()
    fates: dict[V, Fate[V]] = {}
    for voter in order:
        if voter in cast:
            fates[voter] = Fate(OWN)
            continue
        fate: Fate[V] = _follow(voter, edges, cast, gone)
        if fate.carrier is not None:
            carries[fate.carrier] += 1
            if carries[fate.carrier] > most:
                carries[fate.carrier] = most
                fate = Fate(FULL)
        fates[voter] = fate
    return fates


def _follow(voter: V, edges: Mapping[V, V | None], cast: Collection[V], gone: Collection[V]) -> Fate[V]:
    if voter in gone:
        return Fate(LEFT)
    seen: set[V] = {voter}
    at: V | None = edges.get(voter)
    while at is not None and at not in gone:
        if at in seen:
            return Fate(LOOP)
        if at in cast:
            return Fate(CARRIED, at)
        seen.add(at)
        at = edges.get(at)
    return Fate(NOBODY)
