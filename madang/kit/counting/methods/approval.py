"""Approval: one vote for everyone a ballot approves of; the most approved win. Ties by the lot."""

from __future__ import annotations

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, approved
from madang.kit.counting.result import Number, Result
from madang.kit.counting.topping import leaders, result

NAME = "approval"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. A score above 0 approves; of rankings, everyone ranked (of complete ones, not the last rank)."""
    votes: list[Number] = [0] * len(ballots.names)
    valid: Number = 0
    blank = ballots.blank
    for chosen, number in approved(ballots).items():
        if chosen:
            valid += number
        else:
            blank += number
        for one in chosen:
            votes[one] += number
    if not valid:
        return nobody(NAME, ballots, seats, blank, ballots.invalid)
    winners, ties = leaders(ballots.names, ballots.standing, votes.__getitem__, ask, seats)
    return result(NAME, ballots, votes, winners, ties, seats, valid, blank, ballots.invalid)
