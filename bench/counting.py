"""Counting: a ward by Scotland's rules, equal shares with completion, Schulze of many, a million ballots; beside pref_voting and pabutools.

The peers live in var/judges (``bash tools/judges.sh``) and are measured there in the same run, on the same made-up ballots, by this same
file; without them ours is measured alone. ``kit`` needs nothing but Python, so ours is measured there too: one Python, one machine.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import warnings
from time import perf_counter

from bench.common import ROOT, Bench, arguments, noise, times
from madang.kit.counting.asking import Ask, count
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.result import Result

JUDGES = ROOT / "var" / "judges" / "bin" / "python"


def ward(voters: int, size: int, seed: int = 1) -> dict[tuple[int, ...], int]:
    """Rankings as a ward's: parties with candidates of unlike strength, most ballots short."""
    chance = random.Random(seed)
    strength = [1 / (one + 1.5) for one in range(size)]
    papers: dict[tuple[int, ...], int] = {}
    for _voter in range(voters):
        left, order = list(range(size)), []
        for _place in range(min(size, chance.choice((1, 1, 2, 2, 2, 3, 3, 3, 4, 5, size)))):
            one = chance.choices(left, [strength[each] for each in left])[0]
            left.remove(one)
            order.append(one)
        papers[tuple(order)] = papers.get(tuple(order), 0) + 1
    return papers


def named(size: int) -> tuple[str, ...]:
    return tuple(f"c{one:03}" for one in range(size))


def town(projects: int, voters: int, seed: int = 1) -> tuple[list[int], int, list[tuple[int, ...]]]:
    """(costs, budget, what each voter approves of)."""
    chance = random.Random(seed)
    costs = [chance.randint(10_000, 300_000) for _one in range(projects)]
    liked = [chance.random() ** 2 for _one in range(projects)]
    return costs, sum(costs) * 3 // 10, [tuple(sorted(set(chance.choices(range(projects), liked, k=chance.randint(1, 8))))) for _voter in range(voters)]


def shares(costs: list[int], budget: int, votes: list[tuple[int, ...]]) -> Ballots:
    papers: dict = {}
    for vote in votes:
        key = tuple((one, 1) for one in vote)
        papers[key] = papers.get(key, 0) + 1
    return Ballots(named(len(costs)), {}, papers, costs=tuple(costs), budget=budget)


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> None:
    options = arguments(
        __doc__,
        ("--peers", {"action": "store_true", "help": "measure only the peers, and print them as lines of JSON (what this file asks var/judges)"}),
        ("--million", {"type": int, "default": 1_000_000, "help": "ballots of the largest count"}),
    )
    if options.peers:
        peers()
        return
    bench = Bench("Counting", options)
    theirs = {}
    if JUDGES.exists():
        run = subprocess.run([str(JUDGES), "-m", "bench.counting", "--peers"], cwd=ROOT, capture_output=True, text=True, check=True)
        theirs = {one["name"]: one for one in map(json.loads, run.stdout.splitlines())}
    ballots = Ballots(named(8), ward(5_000, 8), seats=4)
    took = times(lambda: count("stv-scottish", ballots), 30)
    beside(bench, "scottish_ward_5000x8", took, count("stv-scottish", ballots), theirs)
    costs, budget, votes = town(22, 2_500)
    plan = shares(costs, budget, votes)
    took = times(lambda: count("budget-equal-shares", plan), 5)
    beside(bench, "equal_shares_22x2500", took, count("budget-equal-shares", plan), theirs)
    large(bench, options.million)
    bench.close()


def beside(bench: Bench, name: str, took: list[float], result: Result, theirs: dict) -> None:
    """Ours, the peer's, and how many times as fast; the winners must be the same."""
    ours = median(took)
    bench.add(name, ours, "ms", noise(took))
    if name in theirs:
        peer = theirs[name]
        if peer["winners"] != sorted(result.winners):
            raise SystemExit(f"{name}: {peer['peer']} elects {peer['winners']}, ours {sorted(result.winners)}")
        bench.add(f"{name}_{peer['peer']}", peer["ms"], "ms", "same winners")
        bench.add(f"{name}_times_as_fast", peer["ms"] / ours, "times")


def large(bench: Bench, many: int) -> None:
    """Counts for which no peer is waited for."""
    chance = random.Random(3)
    papers: dict[tuple[int, ...], int] = {}
    for _voter in range(100_000):
        order = tuple(chance.sample(range(100), 100))
        papers[order] = papers.get(order, 0) + 1
    ballots = Ballots(named(100), papers)
    started = perf_counter()
    count("schulze", ballots)
    bench.add("schulze_100x100000", perf_counter() - started, "s", "all ballots different and complete")
    del ballots, papers
    listed = Ballots(named(12), ward(many, 12), seats=5)
    started = perf_counter()
    count("stv-scottish", listed)
    bench.add(f"scottish_{many}", perf_counter() - started, "s", f"{len(listed.rankings)} different ballots")
    started = perf_counter()
    count("stv-meek", listed, Ask(seats=5))
    bench.add(f"meek_{many}", perf_counter() - started, "s")
    bench.add("memory_peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB", "of the whole run")


def peers() -> None:
    """One line of JSON for each peer: name, peer, ms, winners."""
    warnings.simplefilter("ignore")
    from pabutools.election import ApprovalBallot, ApprovalProfile, Cost_Sat, Instance, Project
    from pabutools.rules import method_of_equal_shares
    from pref_voting.profiles_with_ties import ProfileWithTies
    from pref_voting.proportional_methods import stv_scottish

    papers = ward(5_000, 8)
    ranks = [{one: at + 1 for at, one in enumerate(order)} for order in papers]
    profile = ProfileWithTies(ranks, rcounts=list(papers.values()), candidates=list(range(8)))
    took = times(lambda: stv_scottish(profile, num_seats=4), 5)
    _say("scottish_ward_5000x8", "pref_voting", median(took), [named(8)[one] for one in stv_scottish(profile, num_seats=4)])
    costs, budget, votes = town(22, 2_500)
    projects = [Project(name, cost) for name, cost in zip(named(22), costs, strict=True)]
    instance = Instance(projects, budget_limit=budget)
    approvals = ApprovalProfile([ApprovalBallot([projects[one] for one in vote]) for vote in votes], instance=instance).as_multiprofile()
    started = perf_counter()
    found = method_of_equal_shares(instance, approvals, Cost_Sat, voter_budget_increment=1)
    _say("equal_shares_22x2500", "pabutools", (perf_counter() - started) * 1000, [one.name for one in found])


def _say(name: str, peer: str, took: float, winners: list[str]) -> None:
    print(json.dumps({"name": name, "peer": peer, "ms": took, "winners": sorted(winners)}), flush=True)


if __name__ == "__main__":
    main()
