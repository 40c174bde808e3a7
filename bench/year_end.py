"""A whole year end of 100,000 members: worked out from the books, fixed line by line, booked to everyone's account.

``--members N`` says how many. Twice: the pure core alone (waterfall, patronage of three classes by hours, plays and spend, dividends on capital, the spread),
and the real thing through PostgreSQL with every law on, on a database of its own in a temporary folder: members with shares, a year of earning and spending, a
proposal for the surplus written, opened (its lines are fixed) and booked as it is when it takes effect. The vote between the last two is not part of it.
"""

from __future__ import annotations

import os
import random
import tempfile
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from time import perf_counter

from bench.common import ROOT, Bench, arguments, open_house

FOUNDED = datetime(2024, 1, 10, tzinfo=UTC)
WORKED = datetime(2025, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 2, 2, tzinfo=UTC)
RUN = 5_000


def main() -> None:
    options = arguments(__doc__, ("--members", {"type": int, "default": 100_000, "help": "how many members"}))
    os.environ.pop("DATABASE_URL", None)
    bench = Bench("A year end", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "data"
        open_house(str(data))
        try:
            bench.add("year_end_core_s", _core(options.members), "s", f"the pure core, {options.members:,} members in three classes")
            _measure(bench, options.members)
        finally:
            from django.db import connections

            from madang.site import postgres

            connections.close_all()
            postgres.stop(data.resolve())
    bench.close()


def _core(members: int, seed: int = 1) -> float:
    """Seconds of one year end in pure Python; checks that it adds up to the unit."""
    from madang.coop.law import profiles
    from madang.kit.surplus import Group, Law, Wish, Year, on_capital, share, spread, use

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
    began = perf_counter()
    made = use(Year(20_000_000_003, 17, 0, 0, sum(paid_in.values())), law, Wish(voluntary=Fraction(1, 5), patronage=Fraction(4, 5), capital=Fraction(1, 100)))
    by_use, by_capital = share(made.patronage, groups, "2026"), on_capital(made.capital, paid_in, "2026")
    own = dict(by_capital)
    for (_group, member), amount in by_use.items():
        own[member] += amount
    tenths = spread(own.values())
    took = perf_counter() - began
    if sum(own.values()) != made.dividends or sum(tenth.total for tenth in tenths) != made.dividends:
        raise SystemExit("it does not add up")
    return took


def _measure(bench: Bench, members: int) -> None:
    from django.core.management import call_command

    from madang.coop.capital import yearend
    from madang.coop.capital.models import ClosingLine
    from madang.coop.charter import actions, reader
    from madang.coop.decisions import actions as decisions
    from madang.coop.law.models import Coop
    from madang.coop.ledger import checks

    call_command("migrate", verbosity=0)
    actions.found(reader.read_file(ROOT / "charters" / "upandgo.toml", now=FOUNDED), now=FOUNDED)
    Coop.objects.update(state="open", opened_at=FOUNDED)
    author = _lived(members)
    groups = {"worker": {"parts": 3, "measure": "earned"}, "client": {"parts": 1, "measure": "spent"}}
    details = {"year": 2025, "legal": "10%", "voluntary": "20%", "patronage": "60%", "capital": "1%", "groups": groups}
    marks = [perf_counter()]
    one = decisions.draft(author, "use_of_surplus", "Use of the surplus", "Because.", details=details, now=NOW)
    marks.append(perf_counter())
    one = decisions.open_discussion(one, author, now=NOW)
    marks.append(perf_counter())
    yearend.post(one, now=NOW + timedelta(days=30))
    marks.append(perf_counter())
    for name, words, begun, ended in zip(
        ("year_end_draft_s", "year_end_open_s", "year_end_book_s"), ("worked out and held to the law", "worked out again, lines fixed", "booked"),
        marks, marks[1:], strict=False,
    ):  # fmt: skip
        bench.add(name, ended - begun, "s", words)
    lines = ClosingLine.objects.filter(closing=one.pk).count()
    bench.add("year_end_100k_s", (marks[-1] - marks[0]) * 100_000 / members, "s", f"all three, {lines:,} lines, for 100,000 members")
    wrong = checks.balances_equal_sums() + checks.units_sum_to_zero() + yearend.booked_as_decided()
    if wrong or lines < members:
        raise SystemExit(f"it does not add up: {lines} lines, {wrong}")


def _lived(members: int):
    """Members with shares, who earned or spent in 2025. Returns one who may propose."""
    from madang.coop import ledger
    from madang.coop.ledger.booking import Posting
    from madang.coop.members.models import MemberClass, Membership
    from madang.coop.people.models import Person

    dice = random.Random(5)
    classes = {one.key: one for one in MemberClass.objects.all()}
    people = [Person(email=f"m{n}@example.org", name=f"Member {n}") for n in range(members)]
    Person.objects.bulk_create(people, batch_size=2_000)
    rows = [
        Membership(member_class=classes["worker" if n % 3 else "client"], person=one, state="active", primary=True,
                   applied_at=FOUNDED, admitted_at=FOUNDED, active_from=FOUNDED) for n, one in enumerate(people)
    ]  # fmt: skip
    Membership.objects.bulk_create(rows, batch_size=2_000)
    bank = ledger.account("clearing", "rail:sandbox", "KRW")
    upkeep, held = ledger.account("upkeep", "", "KRW"), ledger.account("hold", "job:bench", "KRW")
    for start in range(0, members, RUN):
        some = rows[start : start + RUN]
        places = ledger.accounts([("shares", f"membership:{one.pk}") for one in some], "KRW")
        moves = [ledger.Move(bank, place, 10_000 * dice.randrange(1, 9), "shares") for place in places]
        ledger.post_batch("shares", moves, key=f"shares:{start}", now=FOUNDED)
        earners = [one for n, one in enumerate(some, start) if n % 3]
        purses = ledger.accounts([("payable", f"person:{one.person_id}") for one in earners], "KRW")
        earned = [dice.randrange(10_000, 2_000_000) for _one in earners]
        ledger.post_batch("paid", [ledger.Move(bank, held, sum(earned) * 2, "charge")], key=f"paid:{start}", now=WORKED)
        work = [ledger.Move(held, purse, amount, "provider") for purse, amount in zip(purses, earned, strict=True)]
        ledger.post_batch("work", work, key=f"work:{start}", now=WORKED)
        spenders = [one for n, one in enumerate(some, start) if n % 3 == 0]
        left, bills = sum(earned), []
        for one in spenders:
            amount = dice.randrange(1, max(2, left // len(spenders)))
            bills.append(Posting("spent", [ledger.Move(held, upkeep, amount, "upkeep")], f"spent:{one.pk}", payer=f"person:{one.person_id}", at=WORKED))
        ledger.post_many(bills, now=WORKED)
    return people[1]


if __name__ == "__main__":
    main()
