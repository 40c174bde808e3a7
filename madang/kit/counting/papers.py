"""What one voter marks, read and put in one form; and many such papers as the ballots a method counts.

A paper is plain JSON, so that it can be kept, published without names, and counted again by anybody: a ranking is a list of ranks, each a list of
options (``[["b"], ["a", "c"]]``: b first, then a and c as equals); approval is a list of options (``["a", "c"]``); scores, dots and credits are
``{"a": 5, "b": 0}``. The options a paper does not name stand below all, or have nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

from madang.kit.counting.asking import Ask, count
from madang.kit.counting.ballots import Ballots, Rank, Unfit
from madang.kit.counting.lot import Lot
from madang.kit.counting.result import Number, Result

RANK, APPROVE, SCORE, DOTS = "rank", "approve", "score", "dots"
SHAPES: Mapping[str, str] = {
    "approval": APPROVE, "score": SCORE, "star": SCORE, "irv": RANK, "schulze": RANK, "ranked-pairs": RANK, "minimax": RANK,
    "stv-scottish": RANK, "stv-meek": RANK, "dots": DOTS, "quadratic": DOTS, "budget-greedy": APPROVE, "budget-equal-shares": APPROVE,
}  # fmt: skip
"""By method: what a voter marks."""
EQUALS = frozenset({"schulze", "ranked-pairs", "minimax"})
"""The methods in which a voter may put two options on one rank."""
BEST = 5
"""The highest score."""


@dataclass(frozen=True)
class Question:
    """What is asked: by ``method``, of these ``options`` (keys, in the order they are shown), for so many ``seats``.

    ``limit``: the dots or credits each voter has. ``costs`` and ``budget``: of projects, in one unit. Raises ``Unfit`` when made of
    an unknown method, of no or equal options.
    """

    method: str
    options: tuple[str, ...]
    seats: int = 1
    limit: int = 10
    costs: tuple[int, ...] = ()
    budget: int | None = None

    def __post_init__(self) -> None:
        if self.method not in SHAPES:
            raise Unfit(f"no method is called {self.method!r}")
        if not self.options or len(set(self.options)) != len(self.options):
            raise Unfit("there must be options, each once")
        if self.method.startswith("budget-") and (self.budget is None or len(self.costs) != len(self.options)):
            raise Unfit("a budget needs a sum, and what each project costs")

    @property
    def shape(self) -> str:
        """What a voter marks."""
        return SHAPES[self.method]


class Unclear(ValueError):
    """A paper that cannot be taken. ``code``: "empty", "unknown", "twice", "together", "range", "limit", "shape"; ``option``: which one it is about."""

    def __init__(self, code: str, option: str = "") -> None:
        super().__init__(f"{code}: {option}" if option else code)
        self.code, self.option = code, option


def read(question: Question, given: Any) -> Any:
    """One voter's paper in its one form, in the order of the options. Raises :class:`Unclear`.

    Ranks left empty are closed up (1st and 3rd are 1st and 2nd: the order is clear). Two options on one rank are taken where the method
    counts equals, and refused ("together") where it does not. A paper that marks nothing is "empty".
    """
    if question.shape == RANK:
        return _ranking(question, given)
    if question.shape == APPROVE:
        return _approved(question, given)
    return _numbers(question, given)


def _ranking(question: Question, given: Any) -> list[list[str]]:
    if not isinstance(given, list) or not all(isinstance(rank, list) for rank in given):
        raise Unclear("shape")
    seen: set[str] = set()
    ranks: list[list[str]] = []
    for rank in given:
        for option in rank:
            _known(question, option)
            if option in seen:
                raise Unclear("twice", option)
            seen.add(option)
        if len(rank) > 1 and question.method not in EQUALS:
            raise Unclear("together", rank[1])
        if rank:
            ranks.append(sorted(rank, key=question.options.index))
    if not ranks:
        raise Unclear("empty")
    return ranks


def _approved(question: Question, given: Any) -> list[str]:
    if not isinstance(given, list):
        raise Unclear("shape")
    for place, option in enumerate(given):
        _known(question, option)
        if option in given[:place]:
            raise Unclear("twice", option)
    if not given:
        raise Unclear("empty")
    return [option for option in question.options if option in given]


def _numbers(question: Question, given: Any) -> dict[str, int]:
    if not isinstance(given, dict):
        raise Unclear("shape")
    most = BEST if question.shape == SCORE else question.limit if question.method == "dots" else isqrt(question.limit)
    for option, number in given.items():
        _known(question, option)
        if type(number) is not int or not 0 <= number <= most:
            raise Unclear("range", option)
    if not any(given.values()):
        raise Unclear("empty")
    if question.shape == DOTS and sum(number if question.method == "dots" else number * number for number in given.values()) > question.limit:
        raise Unclear("limit")
    return {option: given[option] for option in question.options if given.get(option)}


def _known(question: Question, option: Any) -> None:
    if not isinstance(option, str) or option not in question.options:
        raise Unclear("unknown", option[:40] if isinstance(option, str) else "")


def gather(question: Question, papers: Iterable[tuple[int, Any]]) -> Ballots:
    """So many of each paper, as a method counts them. Raises :class:`Unclear` for a paper that could not have been cast."""
    number = {option: place for place, option in enumerate(question.options)}
    rankings: dict[Any, Number] = {}
    scores: dict[Any, Number] = {}
    for many, given in papers:
        paper = read(question, given)
        if question.shape == RANK:
            ranks: tuple[Rank, ...] = tuple(number[rank[0]] if len(rank) == 1 else tuple(number[one] for one in rank) for rank in paper)
            rankings[ranks] = rankings.get(ranks, 0) + many
        else:
            marked = dict.fromkeys(paper, 1) if question.shape == APPROVE else paper
            key = tuple(sorted((number[option], mark) for option, mark in marked.items()))
            scores[key] = scores.get(key, 0) + many
    ranked = question.shape == RANK
    return Ballots(
        question.options, rankings, None if ranked else scores, seats=question.seats, costs=tuple(question.costs), budget=question.budget,
    )  # fmt: skip


def tally(question: Question, papers: Sequence[tuple[int, Any]], seed: bytes) -> Result:
    """The count: ``seed`` is what a tie is broken with, where votes and rules leave one. Raises :class:`Unclear`, ``Unfit``."""
    limit = question.limit if question.shape == DOTS else None
    return count(question.method, gather(question, papers), Ask(question.seats, Lot(seed), limit=limit))
