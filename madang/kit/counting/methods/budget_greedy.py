"""Greedy budget: projects by their points, the most first; each is funded if what is left pays for it.

Equal points: the cheaper first, then the lot. A project that does not fit is passed over, and the next ones are still looked at (as most
cities do). In a stage, ``votes`` are the points of those not yet decided, ``exhausted`` what is left of the budget.
"""

from __future__ import annotations

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.budgets import plan
from madang.kit.counting.result import Result, Stage, Tie

NAME = "budget-greedy"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. ``seats`` is not used: the budget says how many. A project nobody gave a point to is not funded."""
    planned = plan(ballots, NAME)
    if not planned.supports:
        return nobody(NAME, ballots, seats, planned.blank, ballots.invalid)
    names, costs, points = planned.names, planned.costs, planned.points
    place = ask.lot.places(names)
    order = sorted((one for one in range(len(names)) if points[one] > 0), key=lambda one: (-points[one], costs[one], place[one]))
    left = planned.budget
    stages: list[Stage] = []
    ties: list[Tie] = []
    for at, one in enumerate(order):
        stood = {names[other]: points[other] for other in order[at:]}
        same = [other for other in order[at:] if points[other] == points[one]]
        if len(same) > 1 and (at == 0 or points[order[at - 1]] != points[one]) and sum(costs[other] for other in same) > left:
            equal = len({costs[other] for other in same}) < len(same)
            ties.append(Tie(len(stages) + 1, "project", tuple(names[other] for other in sorted(same)), (names[one],), "lot" if equal else "cost"))
        if costs[one] <= left:
            left -= costs[one]
            stages.append(Stage(stood, (names[one],), (), {}, left))
        else:
            stages.append(Stage(stood, (), (names[one],), {}, left))
    winners = tuple(name for stage in stages for name in stage.elected)
    valid = planned.voters - planned.blank
    return Result(NAME, winners, tuple(stages), tuple(ties), len(winners), valid, planned.blank, ballots.invalid, notes={**ballots.notes, "left": left})
