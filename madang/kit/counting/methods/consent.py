"""No objection: an option passes unless somebody objects to it. A score above 0 agrees, 0 or nothing stands aside, below 0 objects.

All options that pass are winners, those with more agreement first. In the stage, ``votes`` are who agrees; the table tells objections.
Whether an objection is reasoned is for the meeting to say, before it is counted.
"""

from __future__ import annotations

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, scored
from madang.kit.counting.result import Number, Result, Stage, named
from madang.kit.counting.topping import leaders

NAME = "consent"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. ``seats`` is not used. Nobody agrees and nobody objects: it does not pass. Raises ``Unfit`` for rankings."""
    papers = scored(ballots, NAME)
    size = len(ballots.names)
    agree: list[Number] = [0] * size
    against: list[Number] = [0] * size
    for scores, number in papers.items():
        for one, score in scores:
            if score > 0:
                agree[one] += number
            elif score < 0:
                against[one] += number
    valid, blank = sum(number for scores, number in papers.items() if scores), ballots.blank + papers.get((), 0)
    if not valid:
        return nobody(NAME, ballots, seats, blank, ballots.invalid)
    passed = [one for one in ballots.standing if agree[one] and not against[one]]
    order, _ties = leaders(ballots.names, passed, agree.__getitem__, ask, len(passed))
    winners = tuple(ballots.names[one] for one in order)
    tables = {"votes": {name: {"agree": agree[one], "object": against[one]} for one, name in enumerate(ballots.names)}}
    stage = Stage(named(ballots.names, agree), winners, tuple(ballots.names[one] for one in ballots.standing if against[one]))
    return Result(NAME, winners, (stage,), (), len(winners), valid, blank, ballots.invalid, tables=tables)
