"""Ranked pairs (Tideman 1987) with winning votes.

Every pair that one side wins is locked in, the most winning votes first, then the fewest opposing, unless it would close a circle with
pairs locked before. Pairs that are equal in both are taken in the order of the lot (Zavist and Tideman 1989: by the winner's, then the
loser's place in one drawn order), which is told as a tie where their order matters: where they cannot all be locked in.
In the stage, ``votes`` are how many others each one beats through locked pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from madang.kit.counting import ordering, pairs
from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.result import Number, Result, Tie

NAME = "ranked-pairs"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. Several seats: the first of the order that the locked pairs make."""
    counted, valid, blank, invalid = pairs.compare(ballots)
    if not valid or not ballots.standing:
        return nobody(NAME, ballots, seats, blank, invalid)
    here = ballots.standing
    below, ties = lock(counted, here, ballots.names, ask)
    winners, more = ordering.unbeaten(ballots, lambda one, other: bool(below[one] >> other & 1), ask, seats)
    votes: list[Number] = [below[one].bit_count() for one in range(len(ballots.names))]
    tables = {"pairs": pairs.said(ballots.names, counted, here)}
    return ordering.result(NAME, ballots, votes, winners, [*ties, *more], seats, (valid, blank, invalid), tables)


def lock(counted: pairs.Table, here: Sequence[int], names: Sequence[str], ask: Ask) -> tuple[list[int], list[Tie]]:
    """For each candidate, a set of bits: whom it beats through locked pairs; and the ties where the lot decided."""
    place = ask.lot.places(names)
    won = [(one, other) for one in here for other in here if counted[one][other] > counted[other][one]]

    def weight(pair: tuple[int, int]) -> tuple[Number, Number]:
        return -counted[pair[0]][pair[1]], counted[pair[1]][pair[0]]

    won.sort(key=lambda pair: (weight(pair), place[pair[0]], place[pair[1]]))
    below = [0] * len(names)
    ties: list[Tie] = []
    for _weight, group in groupby(won, key=weight):
        equal = list(group)
        able = [pair for pair in equal if not below[pair[1]] >> pair[0] & 1]
        locked = [pair for pair in able if _lock(below, pair, here)]
        if len(locked) < len(able):
            ties.append(Tie(1, "pair", _said(able, names), _said(locked, names), "lot"))
    return below, ties


def _lock(below: list[int], pair: tuple[int, int], here: Sequence[int]) -> bool:
    """Lock ``pair`` in unless that closes a circle."""
    one, other = pair
    if below[other] >> one & 1:
        return False
    gained = below[other] | 1 << other
    for each in here:
        if each == one or below[each] >> one & 1:
            below[each] |= gained
    return True


def _said(those: Sequence[tuple[int, int]], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{names[one]} > {names[other]}" for one, other in sorted(those))
