"""Random elections with many ties, counted by ours and by other people's programs. Runs in ``var/judges`` (``bash tools/judges.sh``):

    var/judges/bin/python -m tests.foreign.counting_judges --elections 2000 --seed 1

A judge answers with the set of those who can win however ties are broken, or one winner. Ours must elect one of the set, whatever the lot;
must find each of several when the lot is drawn often, or tell a tie; and must tell none about a seat where one alone can win. One JSON
object a line: method, judge, elections, how many had ties, what differed. What is known to differ and why stands in docs/counting.md,
and is told apart here by a rule for each judge. Exit code 1 where anything else differs.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import factorial, prod
from typing import Any

from madang.kit.counting import pairs
from madang.kit.counting.asking import Ask, count
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.lot import Lot
from madang.kit.counting.result import Result

SEEDS = 12


@dataclass
class Drawn:
    """One election: ``kind`` of ballots, ours, and the plain data for the judges."""

    ballots: Ballots
    papers: dict[tuple, int]
    size: int
    seats: int = 1
    costs: list[int] = field(default_factory=list)
    budget: int = 0


def rankings(chance: random.Random, *, complete: bool, seats: bool = False, large: bool = False, most: int = 6) -> Drawn:
    """Strict rankings: few voters, so that ties are many; ``large``: many, for STV's fractions."""
    size = chance.randint(2, most)
    papers: dict[tuple, int] = {}
    for _turn in range(chance.randint(1, 25 if large else 9)):
        order = tuple(chance.sample(range(size), size if complete else chance.randint(1, size)))
        papers[order] = papers.get(order, 0) + chance.randint(1, 60 if large else 3)
    open_seats = chance.randint(1, size) if seats else 1
    return Drawn(Ballots(names(size), papers, seats=open_seats), papers, size, open_seats)


def few_equal(chance: random.Random) -> Drawn:
    """Complete rankings with few orders of equal pairs: pref_voting tries them all, and would never end."""
    while True:
        drawn = rankings(chance, complete=True, most=5)
        table = pairs.compare(drawn.ballots)[0]
        groups = Counter(table[a][b] for a in range(drawn.size) for b in range(drawn.size) if a != b and table[a][b] >= table[b][a])
        if prod(factorial(number) for number in groups.values()) <= 120:
            return drawn


def grades(chance: random.Random, most: int = 5) -> Drawn:
    """Scores from 0 to ``most``, of everybody for everybody."""
    size = chance.randint(2, 5)
    papers: dict[tuple, int] = {}
    for _turn in range(chance.randint(1, 6)):
        given = tuple(chance.randint(0, most) for _one in range(size))
        papers[given] = papers.get(given, 0) + chance.randint(1, 3)
    return Drawn(Ballots(names(size), {}, {tuple(enumerate(given)): number for given, number in papers.items()}), papers, size)


def budget(chance: random.Random) -> Drawn:
    """Projects, their costs and approvals."""
    size, step = chance.randint(1, 8), chance.choice([1, 20, 300])
    costs = [chance.randint(1, 9 * step) for _one in range(size)]
    papers: dict[tuple, int] = {}
    for _turn in range(chance.randint(1, 25)):
        vote = tuple(sorted(chance.sample(range(size), chance.randint(1, min(4, size)))))
        papers[vote] = papers.get(vote, 0) + 1
    money = max(1, sum(costs) * chance.choice([2, 4, 7]) // 10)
    scores = {tuple((one, 1) for one in vote): number for vote, number in papers.items()}
    return Drawn(Ballots(names(size), {}, scores, costs=tuple(costs), budget=money), papers, size, 1, costs, money)


def approvals(chance: random.Random) -> Drawn:
    """Approvals of few voters, some of nobody; several seats."""
    size = chance.randint(2, 6)
    papers: dict[tuple, int] = {}
    for _turn in range(chance.randint(1, 8)):
        vote = tuple(sorted(chance.sample(range(size), chance.randint(0, size))))
        papers[vote] = papers.get(vote, 0) + chance.randint(1, 3)
    seats = chance.randint(1, max(1, len({one for vote in papers for one in vote})))
    return Drawn(Ballots(names(size), {}, {tuple((one, 1) for one in vote): number for vote, number in papers.items()}, seats=seats), papers, size, seats)


def spread(low: int, high: int, *, several: bool = True) -> Callable[[random.Random], Drawn]:
    """Whole numbers from ``low`` to ``high`` that voters put on some of the options: dots, votes that cost their square, yes and no."""

    def draw(chance: random.Random) -> Drawn:
        size = chance.randint(2, 5)
        papers: dict[tuple, int] = {}
        for _turn in range(chance.randint(1, 7)):
            vote = tuple((one, chance.randint(low, high)) for one in sorted(chance.sample(range(size), chance.randint(1, size))))
            papers[vote] = papers.get(vote, 0) + chance.randint(1, 3)
        seats = chance.randint(1, len({one for vote in papers for one, _mark in vote})) if several else 1
        return Drawn(Ballots(names(size), {}, dict(papers), seats=seats), papers, size, seats)

    return draw


def names(size: int) -> tuple[str, ...]:
    """c0, c1, …"""
    return tuple(f"c{one}" for one in range(size))


# The judges: each returns the sets of winners that are possible, as frozensets of candidates.

Answer = set[frozenset[int]]


def _profile(drawn: Drawn, *, ties: bool) -> Any:
    from pref_voting.profiles import Profile
    from pref_voting.profiles_with_ties import ProfileWithTies

    if not ties:
        return Profile([list(order) for order in drawn.papers], rcounts=list(drawn.papers.values()))
    ranks = [{one: place + 1 for place, one in enumerate(order)} for order in drawn.papers]
    made = ProfileWithTies(ranks, rcounts=list(drawn.papers.values()), candidates=list(range(drawn.size)))
    made.use_extended_strict_preference()
    return made


def _singles(winners: Any) -> Answer:
    return {frozenset([int(one)]) for one in winners}


def pv_irv(drawn: Drawn) -> Answer:
    """pref_voting: every order of exclusions that ties allow."""
    from pref_voting.iterative_methods import instant_runoff_put

    return _singles(instant_runoff_put(_profile(drawn, ties=False)))


def pv_schulze(drawn: Drawn) -> Answer:
    """pref_voting: beat path, with support (winning votes)."""
    from pref_voting.margin_based_methods import beat_path

    made = _profile(drawn, ties=True)
    return _singles(beat_path(made, strength_function=made.support))


def pv_ranked_pairs(drawn: Drawn) -> Answer:
    """pref_voting: every order of equal pairs. Of complete ballots, where winning votes and margins are one."""
    from pref_voting.margin_based_methods import ranked_pairs

    return _singles(ranked_pairs(_profile(drawn, ties=False)))


def pv_minimax(drawn: Drawn) -> Answer:
    """pref_voting: minimax with support (winning votes)."""
    from pref_voting.margin_based_methods import minimax

    made = _profile(drawn, ties=True)
    return _singles(minimax(made, strength_function=made.support))


def pv_scottish(drawn: Drawn) -> Answer:
    """pref_voting, drawing lots often."""
    from pref_voting.proportional_methods import stv_scottish

    made = _profile(drawn, ties=True)
    return {frozenset(stv_scottish(made, num_seats=drawn.seats, rng=random.Random(seed))) for seed in range(SEEDS)}


def pv_meek(drawn: Drawn) -> Answer:
    """pref_voting: Meek in floating point."""
    from pref_voting.proportional_methods import stv_meek

    return {frozenset(stv_meek(_profile(drawn, ties=True), num_seats=drawn.seats))}


def pv_star(drawn: Drawn) -> Answer:
    """pref_voting: every pair of finalists that ties allow (it breaks none by rule)."""
    from pref_voting.grade_methods import star
    from pref_voting.grade_profiles import GradeProfile

    rows = [dict(enumerate(given)) for given in drawn.papers]
    return _singles(star(GradeProfile(rows, list(range(6)), gcounts=list(drawn.papers.values()), candidates=list(range(drawn.size)))))


def pv_score(drawn: Drawn) -> Answer:
    """pref_voting: the highest sum."""
    from pref_voting.grade_methods import score_voting
    from pref_voting.grade_profiles import GradeProfile

    rows = [dict(enumerate(given)) for given in drawn.papers]
    made = GradeProfile(rows, list(range(6)), gcounts=list(drawn.papers.values()), candidates=list(range(drawn.size)))
    return _singles(score_voting(made, evaluation_method="sum"))


def _votelib(drawn: Drawn, evaluator: Any) -> Answer:
    from votelib.convert import RankedToCondorcetVotes
    from votelib.evaluate.core import Tie

    everybody = set(range(drawn.size))
    votes: dict[tuple, int] = {}
    for order, number in drawn.papers.items():
        rest = frozenset(everybody - set(order))
        full = order if not rest else (*order, *rest) if len(rest) == 1 else (*order, rest)
        votes[full] = votes.get(full, 0) + number
    won = evaluator.evaluate(RankedToCondorcetVotes().convert(votes), 1)
    return {frozenset(int(one) for each in won for one in (each if isinstance(each, Tie) else [each]))}


def vl_schulze(drawn: Drawn) -> Answer:
    """votelib: Schulze (winning votes)."""
    from votelib.evaluate.condorcet import Schulze

    return _votelib(drawn, Schulze())


def vl_minimax(drawn: Drawn) -> Answer:
    """votelib: minimax, winning votes."""
    from votelib.evaluate.condorcet import MinimaxCondorcet

    return _votelib(drawn, MinimaxCondorcet(pairwin_scoring="winning_votes"))


def pr_irv(drawn: Drawn) -> Answer:
    """pyrankvote: instant run-off (it draws lots by itself, from Python's chance)."""
    from pyrankvote import Ballot, Candidate, instant_runoff_voting

    people = [Candidate(str(one)) for one in range(drawn.size)]
    papers = [Ballot([people[one] for one in order]) for order, number in drawn.papers.items() for _one in range(number)]
    found = set()
    for seed in range(SEEDS):
        random.seed(seed)
        found.add(frozenset(int(str(one)) for one in instant_runoff_voting(people, papers).get_winners()))
    return found


def _seats(won: Any) -> Answer:
    """Every set of winners that votelib's ties leave possible."""
    from votelib.evaluate.core import Tie

    sure = frozenset(int(one) for one in won if not isinstance(one, Tie))
    tied = [one for one in won if isinstance(one, Tie)]
    if not tied:
        return {sure}
    return {sure | frozenset(map(int, some)) for some in combinations(sorted(tied[0]), len(tied))}


def vl_approval(drawn: Drawn) -> Answer:
    """votelib: approvals added up, the most win."""
    from votelib.convert import ApprovalToSimpleVotes
    from votelib.evaluate.core import Plurality

    votes = ApprovalToSimpleVotes().convert({frozenset(vote): number for vote, number in drawn.papers.items() if vote})
    return _seats(Plurality().evaluate(votes, drawn.seats)) if votes else {frozenset()}


def vl_sums(drawn: Drawn) -> Answer:
    """votelib: cumulative voting, the highest sums win."""
    from votelib.evaluate.cardinal import ScoreVoting

    votes: dict[frozenset, int] = {}
    for vote, number in drawn.papers.items():
        if any(mark for _one, mark in vote):  # it knows nobody but whom a ballot names
            whole = frozenset({**dict.fromkeys(range(drawn.size), 0), **dict(vote)}.items())
            votes[whole] = votes.get(whole, 0) + number
    return _seats(ScoreVoting("sum").evaluate(votes, drawn.seats)) if votes else {frozenset()}


def vl_half(drawn: Drawn) -> Answer:
    """votelib: more than half of the first preferences."""
    return _share(drawn, Fraction(1, 2), False)


def vl_two_thirds(drawn: Drawn) -> Answer:
    """votelib: two thirds of the first preferences or more."""
    return _share(drawn, Fraction(2, 3), True)


def _share(drawn: Drawn, share: Fraction, reached: bool) -> Answer:
    """Its threshold as a number of votes: as a share, it holds what is just reached against the share itself, and never finds it."""
    from votelib.convert import RankedToFirstPreference
    from votelib.evaluate.threshold import AbsoluteThreshold

    votes = RankedToFirstPreference().convert(dict(drawn.papers))
    return {frozenset(int(one) for one in AbsoluteThreshold(share * sum(votes.values()), accept_equal=reached).evaluate(votes))}


def sql_consent(drawn: Drawn) -> Answer:
    """SQLite, asked for the options somebody agrees to and nobody objects to: no program is known that counts this."""
    with closing(sqlite3.connect(":memory:")) as books:
        books.execute("CREATE TABLE marks (option INTEGER, mark INTEGER, many INTEGER)")
        books.executemany("INSERT INTO marks VALUES (?, ?, ?)", [(one, mark, number) for vote, number in drawn.papers.items() for one, mark in vote])
        rows = books.execute("SELECT option FROM marks GROUP BY option HAVING max(mark) > 0 AND min(mark) >= 0")
        return {frozenset(one for (one,) in rows)}


def _pb(drawn: Drawn) -> tuple[Any, Any, list[Any]]:
    from pabutools.election import ApprovalBallot, ApprovalProfile, Instance, Project

    projects = [Project(f"c{one}", cost) for one, cost in enumerate(drawn.costs)]
    instance = Instance(projects, budget_limit=drawn.budget)
    papers = [ApprovalBallot([projects[one] for one in vote]) for vote, number in drawn.papers.items() for _one in range(number)]
    return instance, ApprovalProfile(papers, instance=instance), projects


def pt_shares(drawn: Drawn) -> Answer:
    """pabutools: equal shares, cost satisfaction, one more a voter."""
    from pabutools.election import Cost_Sat
    from pabutools.rules import method_of_equal_shares

    instance, profile, _projects = _pb(drawn)
    return {frozenset(int(one.name[1:]) for one in method_of_equal_shares(instance, profile, Cost_Sat, voter_budget_increment=1))}


def pt_greedy(drawn: Drawn) -> Answer:
    """pabutools: greedy by cost satisfaction for the cost, which is the number of people."""
    from pabutools.election import Cost_Sat
    from pabutools.rules import greedy_utilitarian_welfare

    instance, profile, _projects = _pb(drawn)
    return {frozenset(int(one.name[1:]) for one in greedy_utilitarian_welfare(instance, profile, Cost_Sat))}


@dataclass(frozen=True)
class Trial:
    """Which elections ``judge`` sees. ``whole``: it answers with all that ties allow; else it breaks ties its own way, and an election in
    which we tell a tie is not compared."""

    method: str
    judge: Callable[[Drawn], Answer]
    draw: Callable[[random.Random], Drawn]
    whole: bool = True
    share: Fraction = Fraction(1, 2)
    explained: Callable[[Drawn, Answer, Answer], bool] = lambda drawn, found, theirs: False


def _unbeaten(drawn: Drawn, found: Answer, theirs: Answer) -> bool:
    """votelib's minimax looks only at who has lost to somebody: it never elects one whom nobody beats. Its fault."""
    return any(value == 0 for value in count("minimax", drawn.ballots).stages[0].votes.values())


def _unwanted(drawn: Drawn, found: Answer, theirs: Answer) -> bool:
    """pabutools funds projects without a single vote if money is left; we do not. A choice; the cities of Pabulib do as we do."""
    wanted = {one for vote in drawn.papers for one in vote}
    return {one & wanted for one in theirs} == found


TRIALS = (
    Trial("irv", pv_irv, lambda chance: rankings(chance, complete=True)),
    Trial("irv", pr_irv, lambda chance: rankings(chance, complete=False), False),
    Trial("schulze", pv_schulze, lambda chance: rankings(chance, complete=False)),
    Trial("schulze", vl_schulze, lambda chance: rankings(chance, complete=False), False),
    Trial("ranked-pairs", pv_ranked_pairs, few_equal),
    Trial("minimax", pv_minimax, lambda chance: rankings(chance, complete=False)),
    Trial("minimax", vl_minimax, lambda chance: rankings(chance, complete=False), False, explained=_unbeaten),
    Trial("stv-scottish", pv_scottish, lambda chance: rankings(chance, complete=False, seats=True), False),
    Trial("stv-scottish", pv_scottish, lambda chance: rankings(chance, complete=False, seats=True, large=True), False),
    Trial("stv-meek", pv_meek, lambda chance: rankings(chance, complete=False, seats=True, large=True), False),
    Trial("star", pv_star, grades),
    Trial("score", pv_score, grades),
    Trial("budget-equal-shares", pt_shares, budget, False),
    Trial("approval", vl_approval, approvals),
    Trial("dots", vl_sums, spread(0, 4)),
    Trial("quadratic", vl_sums, spread(-3, 3)),
    Trial("majority", vl_half, lambda chance: rankings(chance, complete=False, most=3)),
    Trial("majority", vl_two_thirds, lambda chance: rankings(chance, complete=False, most=3), share=Fraction(2, 3)),
    Trial("consent", sql_consent, spread(-1, 2, several=False)),
    Trial("budget-greedy", pt_greedy, budget, False, explained=_unwanted),
)


def ours(trial: Trial, drawn: Drawn) -> tuple[Answer, list[Result]]:
    """What we elect, lot after lot."""
    results = [count(trial.method, drawn.ballots, Ask(drawn.seats, Lot(bytes([seed])), trial.share)) for seed in range(SEEDS)]
    return {frozenset(int(name[1:]) for name in result.winners) for result in results}, results


def differs(trial: Trial, drawn: Drawn) -> tuple[str, bool]:
    """("" or what differs, whether we told a tie that matters)."""
    found, results = ours(trial, drawn)
    tied = any(tie.about != "order" for result in results for tie in result.ties)
    if not trial.whole:
        if tied:
            return "", True
        theirs = trial.judge(drawn)
        same = found == theirs or (len(theirs) > 1 and found <= theirs)
        return ("" if same else "explained" if trial.explained(drawn, found, theirs) else f"{found} {theirs}"), False
    theirs = trial.judge(drawn)
    if not found <= theirs:
        return f"elects {found}, possible are {theirs}", tied
    if len(theirs) > 1 and not tied:
        return f"tells no tie among {theirs}", tied
    if len(theirs) == 1 and any(tie.about == "seat" for result in results for tie in result.ties):
        return f"tells a tie, and only {theirs} can win", tied
    return "", tied


def run(elections: int, seed: int, only: str = "") -> Iterator[dict[str, Any]]:
    """Every trial on ``elections`` random elections."""
    for trial in TRIALS:
        if only and only not in trial.method:
            continue
        name = f"{trial.judge.__name__}"
        chance = random.Random(f"{seed}:{trial.method}:{name}")
        seen = ties = known = 0
        wrong: list[str] = []
        for _turn in range(elections):
            drawn = trial.draw(chance)
            said, tied = differs(trial, drawn)
            seen, ties = seen + 1, ties + tied
            if said == "explained":
                known += 1
            elif said:
                wrong.append(f"{drawn.papers} seats {drawn.seats} {drawn.costs} {drawn.budget}: {said}")
        yield {"method": trial.method, "judge": name, "elections": seen, "ties": ties, "explained": known, "differ": len(wrong), "first": wrong[:2]}


def main() -> int:
    """Print a line for each method and judge; 1 where any differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elections", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    bad = 0
    for line in run(options.elections, options.seed, options.only):
        bad += line["differ"]
        print(json.dumps(line), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
