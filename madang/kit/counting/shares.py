"""One run of the Method of Equal Shares with cost utility, exactly, and how far its outcome stays the same when everybody has more.

Everyone has the same money; a project is paid by those who support it, each the same or all they have left; the next project is always the
one with the most effective votes (its cost over the most that anybody pays for it). People who support the same projects always have the
same money left, so they are counted together, and those with equal money stand at one *level*.

Money is a linear function of ``t``, the units everyone is given on top: ``value + slope * t``, both whole numbers over one denominator.
Each decision of a run is an inequality between such functions; the smallest bound they give says up to which ``t`` every decision, hence
the outcome, stays as it is. So the search for the completion (add1) skips what it need not count again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import gcd

from madang.kit.counting.result import Number


@dataclass
class Round:
    """``funded`` was chosen among ``tied`` of equal effective votes; ``votes``: (numerator, denominator) of effective votes of those looked at."""

    funded: int
    tied: list[int]
    votes: dict[int, tuple[int, int]]


@dataclass
class Run:
    """The outcome of one run, and ``steps``: for how many further units a head it is the same (None: for ever)."""

    rounds: list[Round] = field(default_factory=list)
    steps: int | None = None

    @property
    def funded(self) -> list[int]:
        """The projects, in the order they were funded."""
        return [one.funded for one in self.rounds]

    def bound(self, value: int, slope: int, strict: bool) -> None:
        """value + slope * t must stay >= 0 (``strict``: > 0) for the outcome to stay; it is so at t = 0."""
        if slope < 0:
            most = (value - strict) // -slope
            if self.steps is None or most < self.steps:
                self.steps = most


@dataclass
class Price:
    """What a project would cost each: the most anybody pays is (value + slope * t) / (heads * scale); with cost utility, over its cost."""

    value: int
    slope: int
    heads: int
    scale: int
    weight: int

    def less(self, other: Price) -> tuple[int, int]:
        """(difference, slope of it) of the other's cost per utility minus mine, both over the same positive number."""
        mine, theirs = other.weight * other.scale, self.weight * self.scale
        return other.value * theirs - self.value * mine, other.slope * theirs - self.slope * mine


class Market:
    """Groups of people who support the same projects, ready for runs. All numbers whole."""

    def __init__(self, costs: Sequence[int], groups: Sequence[tuple[tuple[int, ...], int]], projects: Sequence[int]) -> None:
        self.costs = costs
        self.heads = [number for _chosen, number in groups]
        self.supporters: dict[int, list[int]] = {one: [] for one in projects}
        for group, (chosen, _number) in enumerate(groups):
            for one in chosen:
                if one in self.supporters:
                    self.supporters[one].append(group)
        self.projects = [one for one in projects if self.supporters[one]]

    def search(self, value: int, slope: int, scale: int, rank: Callable[[int], tuple[Number, ...]], *, full: bool = False) -> Search:
        """Runs in which everyone begins with (value + slope * t) / scale. ``rank`` orders projects of equal effective votes, the smallest
        first. ``full``: look at every project in every round, so that the rounds tell all effective votes."""
        return Search(self, _State([(value, slope)], [0] * len(self.heads), dict.fromkeys(self.projects), scale, 0), rank, full)

    def choose(self, run: Run, state: _State, full: bool) -> tuple[Price | None, list[int], dict[int, Price]]:
        """The best price and whose it is. A price of an earlier round can only have risen, so one that is worse already need not be looked at."""
        left = state.left
        order = sorted(left, key=lambda one: _key(left[one]))
        best: Price | None = None
        tied: list[int] = []
        looked: dict[int, Price] = {}
        for one in order:
            old = left[one]
            if best is not None and old is not None and not full:
                more, change = best.less(old)
                if more > 0:
                    run.bound(more, change, True)
                    continue
            price = self._price(run, one, state)
            if price is None:
                del left[one]
                continue
            left[one] = looked[one] = price
            if best is None:
                best, tied = price, [one]
                continue
            more, change = best.less(price)
            if more == 0:
                tied.append(one)
                if change:
                    run.steps = 0
            elif more < 0:
                best, tied = price, [one]
        if best is not None:
            for one, price in looked.items():
                if one not in tied:
                    run.bound(*best.less(price), True)
        return best, tied, looked

    def _price(self, run: Run, one: int, state: _State) -> Price | None:
        """What ``one`` would cost each of its supporters; None if they cannot pay it together."""
        levels, standing, scale = state.levels, state.standing, state.scale
        at: dict[int, int] = defaultdict(int)
        heads = self.heads
        for group in self.supporters[one]:
            at[standing[group]] += heads[group]
        money = sorted((levels[level], number) for level, number in at.items())
        rest, slope = self.costs[one] * scale, 0
        have = sum(value * number for (value, _slope), number in money)
        grow = sum(change * number for (_value, change), number in money)
        if have < rest:
            run.bound(rest - have, -grow, True)
            return None
        payers = sum(at.values())
        for place, ((value, change), number) in enumerate(money):
            if value * payers >= rest:
                for (poor, less), _number in money[:place]:
                    run.bound(rest - payers * poor, slope - payers * less, True)
                for (rich, more), _number in money[place:]:
                    run.bound(payers * rich - rest, payers * more - slope, False)
                run.bound(have - self.costs[one] * scale, grow, False)
                return Price(rest, slope, payers, scale, payers * self.costs[one])
            rest -= value * number
            slope -= change * number
            payers -= number
        raise AssertionError("whoever can pay together can pay")

    def pay(self, one: int, price: Price, state: _State) -> None:
        """Take the price of ``one`` from its supporters."""
        times = price.heads // gcd(price.heads, price.value, price.slope)
        paid, less = price.value * times // price.heads, price.slope * times // price.heads
        if times > 1:
            state.levels = [(value * times, slope * times) for value, slope in state.levels]
            state.scale *= times
        levels, standing = state.levels, state.standing
        moved: dict[int, int] = {}
        known = {level: at for at, level in enumerate(levels)}
        for group in self.supporters[one]:
            old = standing[group]
            if old not in moved:
                value, slope = levels[old]
                new = (value - paid, slope - less) if value >= paid else (0, 0)
                if new not in known:
                    known[new] = len(levels)
                    levels.append(new)
                moved[old] = known[new]
            standing[group] = moved[old]


def _key(price: Price | None) -> tuple[int, int]:
    """Those never looked at first, then roughly by price (a shift of bits; the exact comparison comes after)."""
    return (0, 0) if price is None else (1, (price.value << 64) // (price.weight * price.scale))


@dataclass
class _State:
    """Before a round: the levels of money, at which one each group stands, the projects left and their last prices; at this ``t``."""

    levels: list[tuple[int, int]]
    standing: list[int]
    left: dict[int, Price | None]
    scale: int
    at: int
    limit: int | None = None

    def later(self, t: int) -> _State:
        """A copy, at a later ``t``."""
        more = t - self.at
        levels = [(value + slope * more, slope) for value, slope in self.levels]
        left = {one: price and Price(price.value + price.slope * more, price.slope, price.heads, price.scale, price.weight) for one, price in self.left.items()}
        return _State(levels, list(self.standing), left, self.scale, t, self.limit)


class Search:
    """Runs for a growing ``t``. What is decided alike as before is not decided again: a run goes on from the first round that changes."""

    def __init__(self, market: Market, begin: _State, rank: Callable[[int], tuple[Number, ...]], full: bool) -> None:
        self._market, self._rank, self._full = market, rank, full
        self._states = [begin]
        self._rounds: list[Round] = []

    def run(self, t: int) -> Run:
        """The outcome where everybody has ``t`` units more; ``t`` must not fall from one call to the next."""
        keep = 0
        while keep + 1 < len(self._states) and _holds(self._states[keep + 1].limit, t):
            keep += 1
        del self._states[keep + 1 :], self._rounds[keep:]
        state = self._states[keep].later(t)
        run = Run(list(self._rounds), None if state.limit is None else state.limit - t)
        while True:
            best, tied, looked = self._market.choose(run, state, self._full)
            if best is None:
                return run
            chosen = min(tied, key=self._rank)
            votes = {one: (self._market.costs[one] * price.heads * price.scale, price.value) for one, price in looked.items()}
            self._rounds.append(Round(chosen, sorted(tied), votes))
            run.rounds.append(self._rounds[-1])
            del state.left[chosen]
            self._market.pay(chosen, looked[chosen], state)
            state.limit = None if run.steps is None else t + run.steps
            self._states.append(state.later(t))


def _holds(limit: int | None, t: int) -> bool:
    return limit is None or t <= limit
