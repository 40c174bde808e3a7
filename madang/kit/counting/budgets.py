"""What the methods for budgets share: projects, their costs, who supports which."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from madang.kit.counting.ballots import Ballots, Unfit, approved, scored
from madang.kit.counting.result import Number
from madang.kit.counting.topping import sums


@dataclass(frozen=True)
class Plan:
    """``costs`` and ``budget`` in one unit; ``supports``: {projects someone supports: how many people}; ``voters``: all who voted, blank ones too;
    ``points``: what each project got."""

    names: tuple[str, ...]
    costs: tuple[Number, ...]
    budget: Number
    supports: dict[tuple[int, ...], Number]
    voters: Number
    points: tuple[Number, ...]
    blank: Number


def plan(ballots: Ballots, method: str) -> Plan:
    """Read ballots for a budget. Points above 0 are support. Raises ``Unfit`` without costs and a budget."""
    if not ballots.costs or ballots.budget is None:
        raise Unfit(f"{method} needs the projects' costs and a budget, as Pabulib's .pb files have them")
    supports: dict[tuple[int, ...], Number] = defaultdict(int)
    for chosen, number in approved(ballots).items():
        supports[chosen] += number
    none = supports.pop((), 0)
    voters = sum(supports.values()) + none + ballots.blank
    points = sums(scored(ballots, method), len(ballots.names))
    return Plan(ballots.names, ballots.costs, ballots.budget, dict(supports), voters, tuple(points), ballots.blank + none)


def spent(planned: Plan, funded: list[int]) -> Number:
    """What they cost together."""
    return sum((planned.costs[one] for one in funded), Fraction(0))
