"""Budgets: greedy and equal shares, beside a slow count in fractions that does what the paper says, one voter and one unit at a time."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kit.counting.asking import count
from madang.kit.counting.ballots import Ballots


def slow(costs: list, budget, votes: list[tuple[int, ...]]) -> tuple[list[int], bool]:
    """(funded, was there a tie of effective votes?) by the definition."""
    tied = False

    def once(each: Fraction) -> list[int]:
        nonlocal tied
        money = [each] * len(votes)
        funded: list[int] = []
        while True:
            rates = {}
            for project, cost in enumerate(costs):
                payers = sorted((money[voter], voter) for voter, vote in enumerate(votes) if project in vote)
                if project in funded or sum(have for have, _voter in payers) < cost or not payers:
                    continue
                rest = Fraction(cost)
                for place, (have, _voter) in enumerate(payers):
                    each_pays = rest / (len(payers) - place)
                    if have >= each_pays:
                        rates[project] = each_pays / cost
                        break
                    rest -= have
            if not rates:
                return funded
            best = min(rates.values())
            same = [project for project in rates if rates[project] == best]
            tied = tied or len(same) > 1
            chosen = same[0]
            funded.append(chosen)
            for voter, vote in enumerate(votes):
                if chosen in vote:
                    money[voter] -= min(money[voter], best * costs[chosen])

    added, last = 0, []
    supported = {project for vote in votes for project in vote}
    while True:
        funded = once(Fraction(budget) / len(votes) + added)
        spent = sum(costs[one] for one in funded)
        if spent > budget:
            return last, tied
        if not any(costs[one] + spent <= budget for one in supported - set(funded)):
            return funded, tied
        last, added = funded, added + 1


def plan(costs: list, budget, votes: list[tuple[int, ...]]) -> Ballots:
    papers: dict = {}
    for vote in votes:
        key = tuple((one, 1) for one in vote)
        papers[key] = papers.get(key, 0) + 1
    blank = papers.pop((), 0)
    return Ballots(tuple(f"p{one}" for one in range(len(costs))), {}, papers, costs=tuple(costs), budget=budget, blank=blank)


def draw(chance: random.Random, halves: bool) -> tuple[list, object, list[tuple[int, ...]]]:
    size, step = chance.randint(1, 6), chance.choice([1, 10, 50])
    costs = [Fraction(chance.randint(1, 12 * step), 2 if halves else 1) for _ in range(size)]
    votes = [tuple(sorted(chance.sample(range(size), chance.randint(0, size)))) for _ in range(chance.randint(1, 12))]
    return costs, Fraction(chance.randint(1, int(sum(costs)) + 1), 2 if halves else 1), votes


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_equal_shares_as_the_definition_says_and_within_the_budget(seed: int, halves: bool) -> None:
    costs, budget, votes = draw(random.Random(seed), halves)
    result = count("budget-equal-shares", plan(costs, budget, votes))
    assert sum(costs[int(name[1:])] for name in result.winners) <= budget
    if not any(votes):
        assert result.winners == ()
        return
    wanted, tied = slow(costs, budget, votes)
    if not tied:
        assert [int(name[1:]) for name in result.winners] == wanted
        assert not result.ties
    assert result.notes["left"] == budget - sum(costs[int(name[1:])] for name in result.winners)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.randoms())
def test_the_order_of_votes_and_projects_never_matters(seed: int, chance) -> None:
    costs, budget, votes = draw(random.Random(seed), False)
    turned = list(range(len(costs)))
    chance.shuffle(turned)
    ballots = plan(costs, budget, votes)
    other = plan([costs[one] for one in turned], budget, [tuple(sorted(turned.index(one) for one in vote)) for vote in chance.sample(votes, len(votes))])
    other = Ballots(tuple(f"p{one}" for one in turned), {}, other.scores, costs=other.costs, budget=budget, blank=other.blank)
    for method in ("budget-equal-shares", "budget-greedy"):
        assert count(method, ballots).winners == count(method, other).winners


def test_a_group_gets_its_share_that_the_greedy_count_gives_to_the_larger_one() -> None:
    votes = [(0, 1, 2)] * 6 + [(3,)] * 4
    ballots = plan([30, 30, 30, 30], 100, votes)
    assert set(count("budget-greedy", ballots).winners) == {"p0", "p1", "p2"}
    assert "p3" in count("budget-equal-shares", ballots).winners


def test_greedy_passes_over_what_does_not_fit_and_tells_ties() -> None:
    result = count("budget-greedy", plan([70, 40, 30, 30], 75, [(0, 1), (0, 1), (0, 2), (3,)]))
    assert result.winners == ("p0",) and result.notes["left"] == 5
    tie = count("budget-greedy", plan([40, 40, 30], 75, [(0, 1), (0, 1), (2,)])).ties[0]
    assert tie.tied == ("p0", "p1") and tie.by == "lot"


def test_a_project_that_costs_nothing_is_funded_if_somebody_wants_it() -> None:
    assert set(count("budget-equal-shares", plan([0, 0, 5], 5, [(0, 2)])).winners) == {"p0", "p2"}


def test_effective_votes_are_told() -> None:
    stage = count("budget-equal-shares", plan([10, 10], 20, [(0,), (0,), (1,)])).stages[0]
    assert stage.votes == {"p0": 2, "p1": 1}
