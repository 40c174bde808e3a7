"""Methods that add something up and take those with the most: one place for the order, the ties and the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from madang.kit.counting.asking import Ask
from madang.kit.counting.ballots import Ballots, Scores
from madang.kit.counting.result import Number, Result, Stage, Tie, named

Rule = tuple[str, Callable[[int], Number]]
"""How ties are broken: (its name, a number for each candidate, more is better)."""


def leaders(
    names: Sequence[str], standing: Sequence[int], value: Callable[[int], Number], ask: Ask, seats: int, rules: Sequence[Rule] = (), stage: int = 1
) -> tuple[list[int], list[Tie]]:
    """The ``seats`` of ``standing`` with the highest ``value``, best first, and the ties to tell.

    Equals go by ``rules`` in turn, then by the lot. A tie within the winners (only their order hangs on it) is told as "order".
    """
    place = ask.lot.places(names)
    order = sorted(standing, key=lambda one: ([-value(one)] + [-rule(one) for _name, rule in rules], place[one]))
    winners = order[:seats]
    ties: list[Tie] = []
    at = 0
    while at < len(winners):
        same = [one for one in order if value(one) == value(order[at])]
        if len(same) > 1:
            inside = [one for one in winners if one in same]
            about = "seat" if len(inside) < len(same) else "order"
            ties.append(Tie(stage, about, _names(names, sorted(same)), _names(names, inside), _by(same, len(inside), about, rules)))
        at += len(same)
    return winners, ties


def _names(names: Sequence[str], of: Sequence[int]) -> tuple[str, ...]:
    return tuple(names[one] for one in of)


def _by(same: Sequence[int], places: int, about: str, rules: Sequence[Rule]) -> str:
    """The first rule after which it is clear who goes in (or in which order)."""
    for depth, (name, _rule) in enumerate(rules, start=1):
        marks = sorted((tuple(rule(one) for _name, rule in rules[:depth]) for one in same), reverse=True)
        if (about == "seat" and marks[places - 1] != marks[places]) or (about == "order" and len(set(marks)) == len(marks)):
            return name
    return "lot"


def result(
    method: str, ballots: Ballots, votes: Sequence[Number], winners: Sequence[int], ties: Sequence[Tie], seats: int, valid: Number, blank: Number,
    invalid: Number = 0,
) -> Result:
    """A count of one stage."""
    elected = _names(ballots.names, winners)
    return Result(method, elected, (Stage(named(ballots.names, votes), elected),), tuple(ties), seats, valid, blank, invalid)


def sums(papers: Mapping[Scores, Number], size: int) -> list[Number]:
    """The scores of each candidate, added up."""
    votes: list[Number] = [0] * size
    for scores, number in papers.items():
        for one, score in scores:
            votes[one] += score * number
    return votes
