"""Instant run-off: while nobody has more than half of the ballots that still count, who has the fewest is excluded, one at a time.

Equal fewest: the most recent stage where they differed, then the lot. Several seats: the first winner is taken off all ballots and the
rest is counted again (not proportional; STV is).
"""

from __future__ import annotations

from collections.abc import Mapping

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, strict
from madang.kit.counting.lookback import break_tie
from madang.kit.counting.result import Number, Result, Stage, Tie, named

NAME = "irv"


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. A rank left empty is passed over; an overvote ends the ballot."""
    papers = strict(ballots, gap_ends=False)
    if not papers.valid or not ballots.standing:
        return nobody(NAME, ballots, seats, papers.blank, papers.invalid)
    standing = ballots.standing
    winners: list[str] = []
    stages: list[Stage] = []
    ties: list[Tie] = []
    while standing and len(winners) < seats:
        won = _round(ballots.names, papers.counted, standing, ask, stages, ties)
        winners.append(ballots.names[won])
        standing = [one for one in standing if one != won]
    return Result(NAME, tuple(winners), tuple(stages), tuple(ties), seats, papers.valid, papers.blank, papers.invalid)


def _round(
    names: tuple[str, ...], papers: Mapping[tuple[int, ...], Number], standing: list[int], ask: Ask, stages: list[Stage], ties: list[Tie]
) -> int:
    """Elect one of ``standing``; adds its stages and ties."""
    here = [one in standing for one in range(len(names))]
    total = sum(papers.values())
    piles: list[list[tuple[tuple[int, ...], int, Number]]] = [[] for _ in names]
    votes: list[Number] = [0] * len(names)
    gained = _deal([(ranking, 0, number) for ranking, number in papers.items()], here, piles, votes)
    history: list[list[Number]] = []
    out = None
    while True:
        continuing = [one for one in standing if here[one]]
        alive = sum(votes)
        best = max(continuing, key=lambda one: votes[one])
        won = len(continuing) == 1 or votes[best] * 2 > alive
        gone = (names[out],) if out is not None else ()
        got = {name: many for name, many in named(names, gained).items() if many and out is not None}
        elected = (names[best],) if won else ()
        stages.append(Stage(named(names, list(votes)), elected, gone, got, total - alive, "".join(gone)))
        if won:
            return best
        fewest = min(votes[one] for one in continuing)
        tied = [one for one in continuing if votes[one] == fewest]
        out, tie = break_tie(tied, history, names, ask.lot, stage=len(stages) + 1, about="exclusion", highest=False)
        if tie:
            ties.append(tie)
        history.append(list(votes))
        here[out], votes[out] = False, 0
        pile, piles[out] = piles[out], []
        gained = _deal(pile, here, piles, votes)


def _deal(
    pile: list[tuple[tuple[int, ...], int, Number]], here: list[bool], piles: list[list[tuple[tuple[int, ...], int, Number]]], votes: list[Number]
) -> list[Number]:
    gained: list[Number] = [0] * len(votes)
    for ranking, at, number in pile:
        size = len(ranking)
        while at < size and not here[ranking[at]]:
            at += 1
        if at < size:
            piles[ranking[at]].append((ranking, at + 1, number))
            gained[ranking[at]] += number
    for one, more in enumerate(gained):
        votes[one] += more
    return gained
