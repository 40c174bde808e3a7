"""The Method of Equal Shares (Peters, Pierczynski, Skowron 2021) with cost utility, completed by adding one per voter (add1).

Everybody gets an equal share of the budget; see ``madang.kit.counting.shares`` for a run. While the outcome leaves money that would pay for
another supported project, everybody gets one unit of the file's currency more and it is run again; the last outcome that the budget pays
for is taken, the first that leaves nothing to fund ends the search. Equal effective votes: the cheaper first, then more people, then the
lot. All who voted share the budget, those too who supported nothing. Points above 0 are support.
A project that costs more than the whole budget ends the search when the added money would fund it, as in the method's two public
implementations (take such projects off the ballot).
In a stage, ``votes`` are effective votes: the cost over the most that one supporter pays.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import lcm

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.budgets import Plan, plan, spent
from madang.kit.counting.result import Number, Result, Stage, Tie
from madang.kit.counting.shares import Market, Round, Run, Search

NAME = "budget-equal-shares"
Rank = Callable[[int], tuple[Number, ...]]
FULL = 300_000
"""Up to how many (groups times projects) every stage tells the effective votes of every project still open."""


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. ``seats`` is not used: the budget says how many. ``notes``: ``left`` of the budget, ``added`` to each voter's share."""
    planned = plan(ballots, NAME)
    if not planned.supports:
        return nobody(NAME, ballots, seats, planned.blank, ballots.invalid)
    names, costs = planned.names, planned.costs
    people: list[Number] = [sum(number for chosen, number in planned.supports.items() if one in chosen) for one in range(len(names))]
    free = [one for one in range(len(names)) if costs[one] == 0 and people[one]]
    unit = lcm(*(Fraction(number).denominator for number in (*costs, planned.budget, planned.voters)))
    groups = [(chosen, int(number * unit)) for chosen, number in sorted(planned.supports.items())]
    market = Market([int(cost * unit) for cost in costs], groups, [one for one in range(len(names)) if costs[one] > 0])
    place = ask.lot.places(names)

    def rank(one: int) -> tuple[Number, ...]:
        return costs[one], -people[one], place[one]

    added, run, before = _complete(planned, market, unit, rank)
    if len(groups) * len(names) <= FULL:
        run = _search(planned, market, unit, rank, full=True).run(added)
    stages = [Stage({}, (names[one],)) for one in free]
    stages += [_stage(names, one) for one in run.rounds]
    ties = [_tie(at, one, names, rank, "project") for at, one in enumerate(run.rounds, start=1 + len(free)) if len(one.tied) > 1]
    known = {tie.tied for tie in ties}
    ties += [tie for tie in (_tie(at + len(free), one, names, rank, "completion") for at, one in before) if tie.tied not in known]
    winners = [*free, *run.funded]
    left = planned.budget - spent(planned, winners)
    valid = planned.voters - planned.blank
    elected = tuple(names[one] for one in winners)
    notes = {**ballots.notes, "left": left, "added": added}
    return Result(NAME, elected, tuple(stages), tuple(ties), len(winners), valid, planned.blank, ballots.invalid, notes=notes)


def _search(planned: Plan, market: Market, unit: int, rank: Rank, *, full: bool = False) -> Search:
    """With one head as ``unit`` heads and one coin as ``unit`` coins, everyone has (budget / voters + t) * unit / unit."""
    scale = int(planned.voters * unit)
    return market.search(int(planned.budget * unit) * unit, unit * scale, scale * unit, rank, full=full)


def _complete(planned: Plan, market: Market, unit: int, rank: Rank) -> tuple[int, Run, list[tuple[int, Round]]]:
    """Add one per voter until nothing supported could still be paid for: (how much was added, the last outcome that fits, the ties on the
    way with their stage: broken otherwise, the search might have ended elsewhere)."""
    search, added, last = _search(planned, market, unit, rank), 0, Run()
    before: dict[tuple[int, ...], tuple[int, Round]] = {}
    while True:
        run = search.run(added)
        for at, one in enumerate(run.rounds, start=1):
            if len(one.tied) > 1:
                before.setdefault(tuple(one.tied), (at, one))
        cost = spent(planned, run.funded)
        if cost > planned.budget:
            return added - 1, last, list(before.values())
        rest = planned.budget - cost
        if not any(planned.costs[one] <= rest for one in market.projects if one not in run.funded) or run.steps is None:
            return added, run, list(before.values())
        added, last = added + run.steps + 1, run


def _stage(names: tuple[str, ...], one: Round) -> Stage:
    return Stage({names[project]: Fraction(*votes) for project, votes in sorted(one.votes.items())}, (names[one.funded],))


def _tie(stage: int, one: Round, names: tuple[str, ...], rank: Rank, about: str) -> Tie:
    first, second = sorted(rank(project) for project in one.tied)[:2]
    by = "cost" if first[0] != second[0] else "voters" if first[1] != second[1] else "lot"
    return Tie(stage, about, tuple(names[project] for project in one.tied), (names[one.funded],), by)
