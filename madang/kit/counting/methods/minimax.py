"""Minimax (Simpson, Kramer) with winning votes: whose worst defeat is smallest wins.

A defeat is as large as the ballots for the other side, if they are more than those for one's own; who is never defeated has 0. In the
stage, ``votes`` are the worst defeats: fewer is better.
"""

from __future__ import annotations

from madang.kit.counting import ordering, pairs
from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.result import Number, Result
from madang.kit.counting.topping import leaders

NAME = "minimax"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. Several seats: those with the smallest worst defeats. Ties by the lot."""
    counted, valid, blank, invalid = pairs.compare(ballots)
    if not valid or not ballots.standing:
        return nobody(NAME, ballots, seats, blank, invalid)
    here = ballots.standing
    worst: list[Number] = [max((counted[b][a] for b in here if counted[b][a] > counted[a][b]), default=0) for a in range(len(ballots.names))]
    winners, ties = leaders(ballots.names, here, lambda one: -worst[one], ask, seats)
    tables = {"pairs": pairs.said(ballots.names, counted, here)}
    return ordering.result(NAME, ballots, worst, winners, ties, seats, (valid, blank, invalid), tables)
