"""Quadratic voting: n votes for (or, below 0, against) an option cost n squared credits; the most votes win. Ties: more people, then the lot.

The cells are votes, not credits (Lalley and Weyl 2018; Colorado's House of Representatives votes so).
"""

from __future__ import annotations

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, scored
from madang.kit.counting.result import Number, Result
from madang.kit.counting.topping import leaders, result, sums

NAME = "quadratic"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. A ballot with parts of a vote, or whose votes cost more than ``ask.limit`` credits, is invalid. Raises ``Unfit`` for rankings."""
    papers: dict[tuple[tuple[int, Number], ...], Number] = {}
    blank, invalid = ballots.blank, ballots.invalid
    for scores, number in scored(ballots, NAME).items():
        cost = sum((score * score for _one, score in scores), 0)
        if any(score != int(score) for _one, score in scores) or (ask.limit is not None and cost > ask.limit):
            invalid += number
        elif not cost:
            blank += number
        else:
            papers[scores] = number
    valid = sum(papers.values())
    if not valid:
        return nobody(NAME, ballots, seats, blank, invalid)
    votes = sums(papers, len(ballots.names))
    people: list[Number] = [0] * len(votes)
    for scores, number in papers.items():
        for one, score in scores:
            people[one] += number if score > 0 else 0
    winners, ties = leaders(ballots.names, ballots.standing, votes.__getitem__, ask, seats, [("voters", people.__getitem__)])
    return result(NAME, ballots, votes, winners, ties, seats, valid, blank, invalid)
