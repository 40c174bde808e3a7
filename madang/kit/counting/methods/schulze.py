"""Schulze's method with winning votes (Schulze 2011, Social Choice and Welfare 36; Debian and Wikimedia elect so).

A path is as strong as its weakest link, a link from a to b counts if more ballots put a above b than b above a, and is as strong as that
number of ballots. Who has the stronger path beats the other. In the stage, ``votes`` are how many others each one beats.
"""

from __future__ import annotations

from collections.abc import Sequence

from madang.kit.counting import ordering, pairs
from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.result import Number, Result

NAME = "schulze"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. Several seats: the first ``seats`` of Schulze's order (not proportional). Several unbeaten: a tie, told; the lot takes one."""
    counted, valid, blank, invalid = pairs.compare(ballots)
    if not valid or not ballots.standing:
        return nobody(NAME, ballots, seats, blank, invalid)
    here = ballots.standing
    paths = strongest(counted, here)
    winners, ties = ordering.unbeaten(ballots, lambda one, other: paths[one][other] > paths[other][one], ask, seats)
    votes: list[Number] = [sum(paths[one][other] > paths[other][one] for other in here) if one in here else 0 for one in range(len(ballots.names))]
    tables = {"pairs": pairs.said(ballots.names, counted, here), "paths": pairs.said(ballots.names, paths, here)}
    return ordering.result(NAME, ballots, votes, winners, ties, seats, (valid, blank, invalid), tables)


def strongest(counted: pairs.Table, here: Sequence[int]) -> pairs.Table:
    """The strength of the strongest path between every two (0: there is none), by Floyd and Warshall's way."""
    size = len(counted)
    paths: pairs.Table = [[counted[a][b] if counted[a][b] > counted[b][a] else 0 for b in range(size)] for a in range(size)]
    for middle in here:
        through = paths[middle]
        for one in here:
            row = paths[one]
            first = row[middle]
            if one != middle and first:
                paths[one] = [old if old >= (way := first if first < then else then) else way for old, then in zip(row, through, strict=True)]
                paths[one][one] = 0
    return paths
