"""Majority: who is first on more than the asked share of the ballots (half, unless said) wins; else nobody does.

Ballots for ``abstain`` (기권) take part and are not counted in the share, as in ``madang.kit.counting.majority``, which also knows quorum and
classes. A share above one half is met by reaching it ("two thirds of the votes"), one half only by passing it.
"""

from __future__ import annotations

from fractions import Fraction

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, strict
from madang.kit.counting.result import Number, Result, Stage, named

NAME = "majority"
ABSTAIN = ("abstain", "abstention", "기권")


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count first preferences (of ballots that score: who stands alone at the top). One winner at most."""
    papers = strict(ballots, gap_ends=False)
    votes: list[Number] = [0] * len(ballots.names)
    for ranking, number in papers.counted.items():
        votes[ranking[0]] += number
    silent = {one for one, name in enumerate(ballots.names) if name.strip().lower() in ABSTAIN}
    decided = sum(many for one, many in enumerate(votes) if one not in silent)
    if not decided:
        return nobody(NAME, ballots, 1, papers.blank, papers.invalid)
    wanted = ask.share * decided
    half = ask.share <= Fraction(1, 2)
    won = [one for one, many in enumerate(votes) if one not in silent and (many > wanted if half else many >= wanted)]
    winners = tuple(ballots.names[one] for one in won) if len(won) == 1 else ()
    stage = Stage(named(ballots.names, votes), winners)
    return Result(NAME, winners, (stage,), (), 1, papers.valid, papers.blank, papers.invalid, notes={"share": ask.share, "decided": decided})
