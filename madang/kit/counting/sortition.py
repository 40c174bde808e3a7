"""A panel by lot that keeps to quotas and is as fair as it can be to everyone who stands.

Quotas (so many of each class, at least and at most) leave many panels possible, and drawing "one after the other" gives some people next
to no chance. Here a distribution over panels is looked for in which the smallest chance of anyone is as large as it can be (*maximin*), then the
next smallest, and so on (*leximin*): Flanigan, Gölz, Gupta, Hennig, Procaccia, "Fair algorithms for selecting citizens' assemblies",
Nature 596 (2021), by column generation. It is then written as a plain list of (say) 1,000 panels of which one is drawn, each as likely as the
next: Flanigan, Kehne, Procaccia, "Fair sortition made transparent", NeurIPS 2021. Everyone's chance is then exactly how often they stand in the list.

People whose features are the same are told apart by nothing but the list: the search is over *kinds* of people (how many of each kind sit on a
panel), and within a kind the seats go round, mixed anew each time, so that two of one kind differ by at most one panel of the list. The solver (HiGHS)
counts in floats; what is published does not: that each panel keeps the quotas, and everyone's chance, are counted over the finished list in whole numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from math import floor
from typing import Any

from madang.kit import canonical

Quotas = Mapping[tuple[str, str], tuple[int, int]]
"""By (feature, value): at least and at most how many of them sit on the panel. What is not named is free."""

PANELS = 1000
VOLUNTEERS_MOST, KINDS_MOST, SIZE_MOST = 5000, 200, 100
_CLOSE = 1e-7
_SECONDS = 20.0
_ROUNDS = 2000


@dataclass(frozen=True)
class Change:
    """A quota that cannot be kept, and what it would have to be: (feature, value), and the least and most that would do."""

    quota: tuple[str, str]
    least: int
    most: int


class Impossible(ValueError):
    """No panel keeps all quotas. ``changes``: the fewest that would do; empty when there are simply too few people."""

    def __init__(self, changes: Sequence[Change] = ()) -> None:
        super().__init__("no panel keeps all quotas")
        self.changes = tuple(changes)


@dataclass(frozen=True)
class Lottery:
    """``panels``: each a sorted tuple of volunteers' numbers (from 1), one of which is drawn. ``bound``: no list of panels, however made, gives
    everybody who can be drawn at all a greater chance than this (proved by the solver's prices; ``bound`` itself is counted in fractions)."""

    panels: tuple[tuple[int, ...], ...]
    bound: Fraction

    def chances(self, volunteers: int) -> list[Fraction]:
        """Each volunteer's chance, exactly: in how many of the panels they are."""
        return chances(self.panels, volunteers)


def chances(panels: Sequence[Sequence[int]], volunteers: int) -> list[Fraction]:
    """The chance of number 1, 2, … ``volunteers``, one of ``panels`` being drawn."""
    seen = Counter(number for panel in panels for number in panel)
    return [Fraction(seen[number], len(panels)) for number in range(1, volunteers + 1)]


def draw(seed: bytes, panels: int) -> int:
    """Which of so many panels is drawn (from 0): SHA-256(seed) as a number, divided by how many there are; the rest is it."""
    return int.from_bytes(sha256(b"panel" + seed).digest(), "big") % panels


def seed(secret: str, tally: Mapping[str, Any]) -> bytes:
    """What the panel is drawn from: the secret (hexadecimal) whose hash was published with the list, and what the vote then said in public, in one form.

    Who knows the secret did not know the vote when the list was fixed; who votes does not know the secret. Raises ``ValueError`` for a bad secret.
    """
    said = {name: tally.get(name) for name in ("passed", "reasons", "totals", "classes")}
    return sha256(bytes.fromhex(secret) + sha256(canonical.dumps(said)).digest()).digest()


def root(panels: Iterable[Sequence[int]]) -> str:
    """The hash of a list of panels, hexadecimal: a panel a line, numbers with commas."""
    return sha256("\n".join(",".join(map(str, panel)) for panel in panels).encode()).hexdigest()


def wrong(panels: Sequence[Sequence[int]], volunteers: Sequence[Mapping[str, str]], quotas: Quotas, size: int) -> list[int]:
    """The panels (from 0) that are none: not ``size`` different volunteers, or against a quota. In whole numbers; nothing of the solver's is believed."""
    found = []
    for at, panel in enumerate(panels):
        inside = len(set(panel)) == len(panel) == size and all(1 <= number <= len(volunteers) for number in panel)
        if not inside or any(
            not least <= sum(volunteers[number - 1].get(feature) == value for number in panel) <= most for (feature, value), (least, most) in quotas.items()
        ):
            found.append(at)
    return found


def lottery(volunteers: Sequence[Mapping[str, str]], quotas: Quotas, size: int, *, panels: int = PANELS) -> Lottery:
    """The list of panels. Raises :class:`Impossible`, and ``ValueError`` for a size or a number of people beyond what is drawn here."""
    if not 1 <= size <= SIZE_MOST or len(volunteers) > VOLUNTEERS_MOST or panels < 1:
        raise ValueError(f"a panel has 1 to {SIZE_MOST} seats, drawn from at most {VOLUNTEERS_MOST} people")
    kinds = _Kinds.of(volunteers, quotas)
    if len(kinds.names) > KINDS_MOST:
        raise ValueError(f"at most {KINDS_MOST} combinations of features")
    if len(volunteers) < size:
        raise Impossible
    search = _Search(kinds, size)
    weights = search.run()
    times = _whole_times(search.columns, weights, kinds, panels)
    rows = [column for column, many in zip(search.columns, times, strict=True) for _one in range(many)]
    return Lottery(tuple(_seated(rows, kinds)), search.bound)


def repairs(volunteers: Sequence[Mapping[str, str]], quotas: Quotas, size: int) -> list[Change]:
    """The smallest change of quotas that would leave a panel possible (the fewest seats in all by which any is loosened); [] when none is needed
    or none would help."""
    kinds = _Kinds.of(volunteers, quotas)
    if len(volunteers) < size or _Search(kinds, size).best([0.0] * len(kinds.names)) is not None:
        return []
    model = _model()
    seats = _seats(model, kinds, size)
    slack = {}
    for key, (least, most) in quotas.items():
        down, up = (model.addVariable(lb=0, ub=size) for _side in range(2))
        those = [seats[kind] for kind in kinds.having(key)]
        model.addConstr(_sum([*those, down]) >= least)
        model.addConstr(_sum([*those, -1 * up]) <= most)
        slack[key] = (down, up)
    model.minimize(_sum([one for pair in slack.values() for one in pair]))
    values = model.getSolution().col_value
    changed = {key: tuple(round(values[one.index]) for one in pair) for key, pair in slack.items()}
    return [Change(key, quotas[key][0] - down, quotas[key][1] + up) for key, (down, up) in changed.items() if down or up]


# ---- kinds of people


@dataclass(frozen=True)
class _Kinds:
    """Volunteers who are alike in all that a quota asks: ``names`` (their features), ``members`` (their numbers, in order)."""

    names: tuple[tuple[tuple[str, str], ...], ...]
    members: tuple[tuple[int, ...], ...]
    quotas: Quotas

    @classmethod
    def of(cls, volunteers: Sequence[Mapping[str, str]], quotas: Quotas) -> _Kinds:
        asked = sorted({feature for feature, _value in quotas})
        found: dict[tuple[tuple[str, str], ...], list[int]] = {}
        for number, one in enumerate(volunteers, 1):
            name = tuple((feature, one.get(feature, "")) for feature in asked if (feature, one.get(feature, "")) in quotas)
            found.setdefault(name, []).append(number)
        names = tuple(sorted(found))
        return cls(names, tuple(tuple(found[name]) for name in names), quotas)

    def having(self, key: tuple[str, str]) -> list[int]:
        return [place for place, name in enumerate(self.names) if key in name]

    @property
    def sizes(self) -> list[int]:
        return [len(one) for one in self.members]


# ---- the search


@dataclass
class _Search:
    """Column generation: ``columns`` are panels as (how many of each kind); prices of the linear programme say which panel to look for next."""

    kinds: _Kinds
    size: int
    columns: list[tuple[int, ...]] = field(default_factory=list)
    bound: Fraction = Fraction(0)

    def run(self) -> list[float]:
        """The weights of ``columns``, that make the smallest chance as large as can be, then the next. Raises :class:`Impossible`."""
        many = len(self.kinds.names)
        fixed: dict[int, float] = {}
        for kind in range(many):  # someone of each kind, where the quotas let any in
            column = self.best([1.0 if place == kind else 0.0 for place in range(many)])
            if column is None:
                raise Impossible(_repairs(self.kinds, self.size))
            if not column[kind]:
                fixed[kind] = 0.0
            self._add(column)
        weights = [1.0 / len(self.columns)] * len(self.columns)
        first = True
        while len(fixed) < many:
            value, weights, prices = self._stage(fixed)
            if first:
                self.bound, first = self._proved(prices), False
            settled = [kind for kind in range(many) if kind not in fixed and prices[kind] > _CLOSE]
            for kind in settled or [kind for kind in range(many) if kind not in fixed]:
                fixed[kind] = max(0.0, value)
        return weights

    def _add(self, column: tuple[int, ...]) -> bool:
        if column in self.columns:
            return False
        self.columns.append(column)
        return True

    def _stage(self, fixed: Mapping[int, float]) -> tuple[float, list[float], list[float]]:
        """The largest smallest chance of those not ``fixed``: (it, the weights, the price of each kind). Panels are added while one pays."""
        sizes = self.kinds.sizes
        for _round in range(_ROUNDS):
            value, weights, prices, floor_price = self._master(fixed)
            column = self.best([price / size for price, size in zip(prices, sizes, strict=True)])
            assert column is not None  # one was found before
            worth = sum(price * seats / size for price, seats, size in zip(prices, column, sizes, strict=True))
            if worth <= floor_price + _CLOSE or not self._add(column):
                break
        return value, weights, prices

    def _master(self, fixed: Mapping[int, float]) -> tuple[float, list[float], list[float], float]:
        model, sizes = _model(), self.kinds.sizes
        weights = [model.addVariable(lb=0) for _column in self.columns]
        least = model.addVariable(lb=0)
        model.addConstr(_sum(weights) == 1)
        for kind, size in enumerate(sizes):
            chance = _sum([weight * (column[kind] / size) for weight, column in zip(weights, self.columns, strict=True) if column[kind]])
            if kind in fixed:
                model.addConstr(chance >= fixed[kind] - _CLOSE / 10)
            else:
                model.addConstr(chance - least >= 0)
        model.maximize(least + 0)
        solution = model.getSolution()
        values, duals = list(solution.col_value), list(solution.row_dual)
        return values[len(weights)], values[: len(weights)], [max(0.0, -price) for price in duals[1:]], duals[0]

    def best(self, worth: Sequence[float]) -> tuple[int, ...] | None:
        """The panel that is worth most, a person of each kind being worth so much; None where no panel keeps the quotas."""
        import highspy

        model = _model()
        seats = _seats(model, self.kinds, self.size)
        for key, (least, most) in self.kinds.quotas.items():
            those = self.kinds.having(key)
            if not those and least > 0:
                return None
            if those:
                model.addConstr(_sum([seats[kind] for kind in those]) >= least)
                model.addConstr(_sum([seats[kind] for kind in those]) <= most)
        model.maximize(_sum([seat * price for seat, price in zip(seats, worth, strict=True)]))
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return tuple(round(value) for value in model.getSolution().col_value)

    def _proved(self, prices: Sequence[float]) -> Fraction:
        """No distribution gives everyone more than what the dearest panel is worth at these prices, which add up to 1."""
        sizes = self.kinds.sizes
        exact = [Fraction(price).limit_denominator(10**9) for price in prices]
        total = sum(exact)
        column = self.best([float(price) / size for price, size in zip(exact, sizes, strict=True)])
        if not total or column is None:
            return Fraction(1)
        return min(Fraction(1), sum((price * seats / size for price, seats, size in zip(exact, column, sizes, strict=True)), Fraction(0)) / total)


def _repairs(kinds: _Kinds, size: int) -> list[Change]:
    people: list[dict[str, str]] = [{}] * sum(kinds.sizes)
    for name, numbers in zip(kinds.names, kinds.members, strict=True):
        for number in numbers:
            people[number - 1] = dict(name)
    return repairs(people, kinds.quotas, size)


def _whole_times(columns: Sequence[tuple[int, ...]], weights: Sequence[float], kinds: _Kinds, panels: int) -> list[int]:
    """How often each panel stands in the list: whole numbers that add up to ``panels`` and leave every chance as near as can be."""
    used = [at for at, weight in enumerate(weights) if weight > _CLOSE]
    model = _model(seconds=3.0, gap=0.01)
    times = [model.addIntegral(lb=0, ub=panels) for _at in used]
    off = model.addVariable(lb=0)
    model.addConstr(_sum(times) == panels)
    for kind, size in enumerate(kinds.sizes):
        target = sum(weights[at] * columns[at][kind] for at in used) * panels / size
        inside = _sum([many * (columns[at][kind] / size) for many, at in zip(times, used, strict=True) if columns[at][kind]])
        model.addConstr(inside + off >= target)
    model.minimize(off + 0)
    found = [0] * len(columns)
    for at, value in zip(used, model.getSolution().col_value, strict=False):
        found[at] = round(value)
    return found if sum(found) == panels else _largest_remainder(weights, panels)


def _largest_remainder(weights: Sequence[float], panels: int) -> list[int]:
    whole = sum(weights)
    ideal = [weight / whole * panels for weight in weights]
    found = [floor(one) for one in ideal]
    for at in sorted(range(len(ideal)), key=lambda at: (found[at] - ideal[at], at))[: panels - sum(found)]:
        found[at] += 1
    return found


def _seated(rows: Sequence[tuple[int, ...]], kinds: _Kinds) -> Iterable[tuple[int, ...]]:
    """Names for the seats. Within a kind everyone has a turn before anyone has another, so no two differ by more than one panel; each round of turns is
    mixed anew (by SHA-256, the same for everyone), so that those who stood one after the other do not sit together. Nobody sits twice on one."""
    waiting: list[list[int]] = [[] for _kind in kinds.members]
    rounds = [0] * len(kinds.members)
    for row in rows:
        panel: list[int] = []
        for kind, seats in enumerate(row):
            chosen, waiting[kind] = waiting[kind][:seats], waiting[kind][seats:]
            if len(chosen) < seats:  # the round is over: of the next one, whoever does not sit here already
                rounds[kind] += 1
                order = _mixed(kinds.members[kind], rounds[kind])
                more = [number for number in order if number not in chosen][: seats - len(chosen)]
                waiting[kind] = [number for number in order if number not in more]
                chosen += more
            panel += chosen
        yield tuple(sorted(panel))


def _mixed(numbers: Sequence[int], turn: int) -> list[int]:
    return sorted(numbers, key=lambda number: sha256(b"turn %d %d" % (turn, number)).digest())


# ---- the solver


def _model(seconds: float = _SECONDS, gap: float = 0.0) -> Any:
    """An empty model of HiGHS, silent, to the last digit (or near the best by ``gap``), with an end. Loaded here: few ever draw a panel."""
    import highspy

    model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": gap, "mip_abs_gap": 1e-9, "time_limit": seconds}
    for name, value in options.items():
        model.setOptionValue(name, value)
    return model


def _seats(model: Any, kinds: _Kinds, size: int) -> list[Any]:
    """How many of each kind sit on the panel: whole numbers that add up to its size."""
    seats = [model.addIntegral(lb=0, ub=min(size, many)) for many in kinds.sizes]
    model.addConstr(_sum(seats) == size)
    return seats


def _sum(parts: Sequence[Any]) -> Any:
    """The sum as an expression of the solver; of nothing, one that is 0."""
    import highspy

    total = highspy.highs.highs_linear_expression()
    for part in parts:
        total += part
    return total
