"""Score: the scores are added up; the highest sums win. Who has no score on a ballot has 0 there. Ties by the lot."""

from __future__ import annotations

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, scored
from madang.kit.counting.result import Result
from madang.kit.counting.topping import leaders, result, sums

NAME = "score"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. Raises ``Unfit`` for ballots that rank."""
    papers = scored(ballots, NAME)
    valid, blank = sum(number for scores, number in papers.items() if scores), ballots.blank + papers.get((), 0)
    if not valid:
        return nobody(NAME, ballots, seats, blank, ballots.invalid)
    votes = sums(papers, len(ballots.names))
    winners, ties = leaders(ballots.names, ballots.standing, votes.__getitem__, ask, seats)
    return result(NAME, ballots, votes, winners, ties, seats, valid, blank, ballots.invalid)
