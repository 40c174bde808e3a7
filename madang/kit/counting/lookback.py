"""Ties between candidates in a count by stages: the most recent stage where they differed, then the lot."""

from __future__ import annotations

from collections.abc import Sequence

from madang.kit.counting.lot import Lot
from madang.kit.counting.result import Number, Tie


def break_tie(
    tied: list[int], history: Sequence[Sequence[Number]], names: Sequence[str], lot: Lot, *, stage: int, about: str, highest: bool
) -> tuple[int, Tie | None]:
    """Which of ``tied`` is highest (or lowest), and the ``Tie`` to tell if they were several.

    ``history``: the votes at the end of each preceding stage. At the most recent one where those still tied differed, the highest (lowest)
    stay; of three who tie, two may then still be equal, and those two are compared further back. Equal at all stages: the lot,
    whose first is taken for a seat or surplus and whose last is excluded.
    """
    if len(tied) == 1:
        return tied[0], None
    left, by = list(tied), "look-back"
    for votes in reversed(history):
        edge = max(votes[one] for one in left) if highest else min(votes[one] for one in left)
        left = [one for one in left if votes[one] == edge]
        if len(left) == 1:
            break
    if len(left) > 1:
        by = "lot"
        place = lot.places(names)
        left.sort(key=lambda one: place[one])
        left = left[:1] if highest else left[-1:]
    return left[0], Tie(stage, about, tuple(names[one] for one in tied), (names[left[0]],), by)
