"""STV by Meek's method: the reference rule of the Proportional Representation Foundation, after Hill, Wichmann and Woodall,
"Algorithm 123: Single Transferable Vote by Meek's method" (The Computer Journal 30, 1987).

Fixed point with nine decimals, here whole billionths; omega is a millionth; keep values and keep factors are rounded up, the quota is
truncated and one billionth is added; one candidate is excluded at a time (no batches). Candidates whose votes are no more than the lowest
plus the total surplus are tied for exclusion (rule B.3); the lot decides (procedure T leaves the way open), its last is excluded.
A stage is a round: the votes when its iteration ended, who was elected in it, or who was excluded at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, strict
from madang.kit.counting.result import Result, Stage, Tie, named

NAME = "stv-meek"
ONE = 10**9
OMEGA = ONE // 10**6


@dataclass
class _Count:
    names: tuple[str, ...]
    seats: int
    papers: Sequence[tuple[tuple[int, ...], int]]
    total: int
    scale: int
    keep: list[int]
    hopeful: list[bool]
    votes: list[int]
    quota: int = 0
    elected: list[int] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    @property
    def continuing(self) -> list[int]:
        return [one for one, here in enumerate(self.hopeful) if here]


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. A rank left empty is passed over; an overvote ends the ballot."""
    papers = strict(ballots, gap_ends=False)
    if not papers.valid or not ballots.standing:
        return nobody(NAME, ballots, seats, papers.blank, papers.invalid)
    scale = lcm(*(Fraction(number).denominator for number in papers.counted.values()))
    size = len(ballots.names)
    hopeful = [one not in ballots.withdrawn for one in range(size)]
    counted = [(ranking, int(number * scale)) for ranking, number in papers.counted.items()]
    total = sum(number for _ranking, number in counted)
    state = _Count(ballots.names, seats, counted, total, scale, [ONE if here else 0 for here in hopeful], hopeful, [0] * size)
    while 0 < seats - len(state.elected) < len(state.continuing):
        _round(state, ask)
    if rest := state.continuing:
        _last(state, rest if len(state.elected) < seats else [], ask)
    winners = tuple(state.names[one] for one in state.elected)
    quota = named(("",), (state.quota,), ONE * scale)[""]
    return Result(NAME, winners, tuple(state.stages), tuple(state.ties), seats, papers.valid, papers.blank, papers.invalid, quota)


def _round(state: _Count, ask: Ask) -> None:
    """Rule B.2: iterate until somebody is elected or the surplus is spread; then B.3: exclude."""
    before: int | None = None
    while True:
        _distribute(state)
        state.quota = sum(state.votes) // (state.seats + 1) + 1
        met = [one for one in state.continuing if state.votes[one] >= state.quota]
        if met:
            place = ask.lot.places(state.names)
            met.sort(key=lambda one: (-state.votes[one], place[one]))
            for one in met:
                state.hopeful[one] = False
            state.elected += met
            _stage(state, met, [])
            return
        surplus = max(0, sum(state.votes[one] - state.quota for one in state.elected))
        if surplus < OMEGA * state.scale or (before is not None and surplus >= before):
            _exclude(state, surplus, ask)
            return
        before = surplus
        for one in state.elected:
            kept = -(-state.keep[one] * state.quota // (ONE * state.scale))
            state.keep[one] = -(-kept * ONE * state.scale // state.votes[one])


def _distribute(state: _Count) -> None:
    """Rule B.2.a: each candidate keeps their factor of what reaches them, rounded up."""
    votes, keep = [0] * len(state.names), state.keep
    for ranking, number in state.papers:
        weight = ONE
        for one in ranking:
            if factor := keep[one]:
                kept = -(-weight * factor // ONE)
                votes[one] += kept * number
                weight -= kept
                if weight <= 0:
                    break
    state.votes = votes


def _exclude(state: _Count, surplus: int, ask: Ask) -> None:
    lowest = min(state.votes[one] for one in state.continuing)
    tied = [one for one in state.continuing if state.votes[one] <= lowest + surplus]
    place = ask.lot.places(state.names)
    out = max(tied, key=lambda one: place[one])
    if len(tied) > 1:
        state.ties.append(Tie(len(state.stages) + 1, "exclusion", tuple(state.names[one] for one in tied), (state.names[out],), "lot"))
    _stage(state, [], [out])
    state.hopeful[out], state.keep[out] = False, 0


def _last(state: _Count, rest: list[int], ask: Ask) -> None:
    """Rule C: who is left takes the seats that are left (in the stage in which that became clear)."""
    place = ask.lot.places(state.names)
    rest = sorted(rest, key=lambda one: (-state.votes[one], place[one]))
    state.elected += rest
    if not rest:
        return
    if not state.stages:
        _distribute(state)
        state.quota = sum(state.votes) // (state.seats + 1) + 1
        rest.sort(key=lambda one: (-state.votes[one], place[one]))
        state.elected = rest
        _stage(state, rest, [])
        return
    end = state.stages[-1]
    elected = (*end.elected, *(state.names[one] for one in rest))
    state.stages[-1] = Stage(end.votes, elected, end.excluded, end.transferred, end.exhausted, end.source)


def _stage(state: _Count, elected: list[int], excluded: list[int]) -> None:
    unit = ONE * state.scale
    votes = named(state.names, state.votes, unit)
    before = state.stages[-1].votes if state.stages else None
    gained = {name: many - before[name] for name, many in votes.items() if many > before[name]} if before else {}
    lost = named(("",), (state.total * ONE - sum(state.votes),), unit)[""]
    source = ", ".join(state.stages[-1].excluded or state.stages[-1].elected) if state.stages else ""
    state.stages.append(Stage(votes, tuple(state.names[one] for one in elected), tuple(state.names[one] for one in excluded), gained, lost, source))
