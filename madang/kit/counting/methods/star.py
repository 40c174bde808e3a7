"""STAR: score, then automatic run-off, with the tie rules of the Equal Vote Coalition.

Scoring: the two highest sums are finalists. Equal sums for the last place: out goes who lost most head-to-head matches among those tied,
then who has fewest top scores, then the lot. Run-off: whom more ballots score higher wins; equal: the higher sum, then more top scores,
then the lot. Several seats (Bloc STAR): the winner is taken off and it is done again. Two stages a seat: the sums, then the run-off
(``exhausted``: ballots that score both finalists alike).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from madang.kit.counting import pairs
from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, scored, weak
from madang.kit.counting.result import Number, Result, Stage, Tie, named
from madang.kit.counting.topping import sums

NAME = "star"

Rule = tuple[str, Callable[[int, Sequence[int]], Number]]


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count. Raises ``Unfit`` for ballots that rank."""
    papers = scored(ballots, NAME)
    names, size = ballots.names, len(ballots.names)
    valid, blank = sum(number for scores, number in papers.items() if scores), ballots.blank + papers.get((), 0)
    if not valid or not ballots.standing:
        return nobody(NAME, ballots, seats, blank, ballots.invalid)
    votes = sums(papers, size)
    table = pairs.table(weak(Ballots(names, {}, papers, withdrawn=ballots.withdrawn))[0], size, ballots.withdrawn)
    best = max(score for scores in papers for _one, score in scores)
    top: list[Number] = [sum(number for scores, number in papers.items() if (one, best) in scores) for one in range(size)]
    place = ask.lot.places(names)

    def lost(one: int, among: Sequence[int]) -> Number:
        return -sum(table[other][one] > table[one][other] for other in among)

    rules: list[Rule] = [("head-to-head", lost), ("top-scores", lambda one, _among: top[one]), ("lot", lambda one, _among: Fraction(-place[one]))]
    stages: list[Stage] = []
    ties: list[Tie] = []
    winners: list[str] = []
    left = ballots.standing
    while left and len(winners) < seats:
        finalists = _finalists(names, left, votes, rules, len(stages) + 1, ties)
        stages.append(Stage(named(names, [votes[one] if one in left else 0 for one in range(size)])))
        won = finalists[0]
        if len(finalists) == 2:
            won = _runoff(names, finalists, table, votes, top, place, len(stages) + 1, ties)
        final: list[Number] = [0] * size
        for one, other in (finalists, finalists[::-1]) if len(finalists) == 2 else ():
            final[one] = table[one][other]
        stages.append(Stage(named(names, final), (names[won],), (), {}, valid - sum(final) if len(finalists) == 2 else 0))
        winners.append(names[won])
        left = [one for one in left if one != won]
    tables = {"pairs": pairs.said(names, table, ballots.standing)}
    return Result(NAME, tuple(winners), tuple(stages), tuple(ties), seats, valid, blank, ballots.invalid, tables=tables)


def _finalists(names: Sequence[str], left: Sequence[int], votes: Sequence[Number], rules: Sequence[Rule], stage: int, ties: list[Tie]) -> list[int]:
    """The two best sums, better first where they differ."""
    chosen: list[int] = []
    for level in sorted({votes[one] for one in left}, reverse=True):
        same = [one for one in left if votes[one] == level]
        room = 2 - len(chosen)
        if room <= 0:
            break
        kept, by = _narrow(same, room, rules)
        if by:
            ties.append(Tie(stage, "finalist", tuple(names[one] for one in same), tuple(names[one] for one in kept), by))
        chosen += kept
    return chosen


def _narrow(tied: list[int], room: int, rules: Sequence[Rule]) -> tuple[list[int], str]:
    """Take the worst out, rule by rule, until no more than ``room`` are left; and the rule that did it ("" where there was room)."""
    left, by = list(tied), ""
    while len(left) > room:
        for name, rule in rules:
            worst = min(rule(one, left) for one in left)
            out = [one for one in left if rule(one, left) == worst]
            if len(left) - len(out) >= room:
                left, by = [one for one in left if one not in out], name
                break
    return left, by


def _runoff(
    names: Sequence[str], two: Sequence[int], table: pairs.Table, votes: Sequence[Number], top: Sequence[Number], place: Sequence[int],
    stage: int, ties: list[Tie],
) -> int:
    one, other = two
    if table[one][other] != table[other][one]:
        return one if table[one][other] > table[other][one] else other
    for by, marks in (("score", votes), ("top-scores", top), ("lot", [-at for at in place])):
        if marks[one] != marks[other]:
            won = one if marks[one] > marks[other] else other
            ties.append(Tie(stage, "runoff", (names[one], names[other]), (names[won],), by))
            return won
    raise AssertionError("a lot has no equals")
