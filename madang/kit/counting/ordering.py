"""From "who beats whom" to who is elected, for methods that end in such a relation: the unbeaten one after the other, ties told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from madang.kit.counting.asking import Ask
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.result import Number, Result, Stage, Tie, named


def unbeaten(ballots: Ballots, beats: Callable[[int, int], bool], ask: Ask, seats: int) -> tuple[list[int], list[Tie]]:
    """Elect ``seats`` of those who stand: each time someone whom nobody left beats; among several the lot, and the tie is told.

    ``beats`` must have no circles. Several for fewer seats is a tie about a seat; several who all win one about their order.
    """
    names, left = ballots.names, ballots.standing
    place = ask.lot.places(names)
    winners: list[int] = []
    ties: list[Tie] = []
    told: set[int] = set()
    while left and len(winners) < seats:
        free = [one for one in left if not any(beats(other, one) for other in left if other != one)]
        free.sort(key=lambda one: place[one])
        if len(free) > 1 and not set(free) <= told:
            room = seats - len(winners)
            chosen = free[:room]
            about = "seat" if len(free) > room else "order"
            ties.append(Tie(1, about, tuple(names[one] for one in sorted(free)), tuple(names[one] for one in chosen), "lot"))
            told.update(free)
        winners.append(free[0])
        left = [one for one in left if one != free[0]]
    return winners, ties


def result(
    method: str, ballots: Ballots, votes: Sequence[Number], winners: Sequence[int], ties: Sequence[Tie], seats: int,
    counted: tuple[Number, Number, Number], tables: Mapping[str, Mapping[str, Mapping[str, Number]]],
) -> Result:
    """A count of one stage, with its tables; ``counted``: (valid, blank, invalid)."""
    elected = tuple(ballots.names[one] for one in winners)
    stage = Stage(named(ballots.names, votes), elected)
    return Result(method, elected, (stage,), tuple(ties), seats, *counted, tables=tables)
