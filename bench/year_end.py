"""How long a whole year end of 100,000 members takes: the waterfall, patronage of three classes by hours, plays and spend, dividends on capital, the spread.

``python -m bench.year_end [--members N] [--json]``: the pure core, one process, made-up members from a fixed seed. Prints ``year_end_100k_s`` (seconds).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from datetime import date
from fractions import Fraction

from madang.coop.law import profiles
from madang.kit.surplus import Group, Law, Wish, Year, on_capital, share, spread, use


def year_end(members: int, seed: int = 1) -> tuple[float, int]:
    """(seconds, what was shared out) of one year end; checks that it adds up to the unit."""
    pick = random.Random(seed)
    profile = profiles.profile("kr-general")
    law = Law.of(lambda name: profile.bound(name, date(2026, 12, 31)))
    third = members // 3
    makers = {f"membership:{number}": pick.randrange(1, 2_000) for number in range(third)}
    players = {f"membership:{number}": pick.randrange(0, 500_000) for number in range(third, 2 * third)}
    users = {f"membership:{number}": pick.randrange(0, 3_000_000) for number in range(2 * third, members)}
    paid_in = {name: 10_000 * pick.randrange(1, 30) for name in [*makers, *players, *users]}
    groups = [
        Group("makers", Fraction(45, 100), "hours", makers),
        Group("players", Fraction(35, 100), "plays", players),
        Group("users", Fraction(20, 100), "spend", users),
    ]
    began = time.perf_counter()
    made = use(Year(20_000_000_003, 17, 0, 0, sum(paid_in.values())), law, Wish(voluntary=Fraction(1, 5), patronage=Fraction(4, 5), capital=Fraction(1, 100)))
    by_use, by_capital = share(made.patronage, groups, "2026"), on_capital(made.capital, paid_in, "2026")
    own = dict(by_capital)
    for (_group, member), amount in by_use.items():
        own[member] += amount
    tenths = spread(own.values())
    took = time.perf_counter() - began
    if sum(own.values()) != made.dividends or sum(tenth.total for tenth in tenths) != made.dividends:
        raise SystemExit("it does not add up")
    return took, made.dividends


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--members", type=int, default=100_000)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    took, shared = year_end(given.members)
    if given.json:
        print(json.dumps({"year_end_100k_s": round(took * 100_000 / given.members, 3), "members": given.members}))
    else:
        print(f"{given.members:,} members, {shared:,} shared out: {took:.2f} s")


if __name__ == "__main__":
    main()
