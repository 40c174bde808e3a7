"""Dots: everyone puts dots on options, as many on one as they like; the most dots win. Equal dots: more people, then the lot."""

from __future__ import annotations

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, Unfit, scored
from madang.kit.counting.result import Number, Result
from madang.kit.counting.topping import leaders, result, sums

NAME = "dots"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. A ballot with a part of a dot, less than none, or more than ``ask.limit`` together is invalid. Raises ``Unfit`` for rankings."""
    papers: dict[tuple[tuple[int, Number], ...], Number] = {}
    blank, invalid = ballots.blank, ballots.invalid
    for scores, number in scored(ballots, NAME).items():
        if any(score < 0 or score != int(score) for _one, score in scores) or (ask.limit is not None and sum(score for _one, score in scores) > ask.limit):
            invalid += number
        elif not any(score for _one, score in scores):
            blank += number
        else:
            papers[scores] = number
    if ask.limit is not None and ask.limit < 1:
        raise Unfit("nobody can place less than one dot")
    valid = sum(papers.values())
    if not valid:
        return nobody(NAME, ballots, seats, blank, invalid)
    votes = sums(papers, len(ballots.names))
    people: list[Number] = [0] * len(votes)
    for scores, number in papers.items():
        for one, score in scores:
            people[one] += number if score else 0
    winners, ties = leaders(ballots.names, ballots.standing, votes.__getitem__, ask, seats, [("voters", people.__getitem__)])
    return result(NAME, ballots, votes, winners, ties, seats, valid, blank, invalid)
