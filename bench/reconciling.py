"""What the daily reconciliation costs with years of history behind it: a day of 300 payments after 1,000, 10,000 and 100,000 items.

On a database of its own, in a temporary folder. History is payments that settled and agreed, told by the service and booked; of each hundredth the
service told otherwise later. Then one day is held against the books: what the service tells (three days of it) is stored, compared, and a report
written. The service itself answers from memory: its own cost is not ours. The aim: the day costs what the day had, whatever stands behind it.

    python -m bench.reconciling [--json] [--history 1000,10000,100000]
"""

from __future__ import annotations

import os
import tempfile
import uuid
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace

from bench.common import ROOT, Bench, arguments, open_house, p95

FOUNDED = datetime(2024, 1, 10, tzinfo=UTC)
FIRST = datetime(2026, 3, 2, 3, tzinfo=UTC)
A_DAY, DAYS, RUN, RAIL = 300, 6, 5_000, "sandbox"
DAY = timedelta(days=1)


def main() -> None:
    options = arguments(__doc__, ("--history", {"default": "1000,10000,100000", "help": "items that stand behind the day, in growing order"}))
    os.environ.pop("DATABASE_URL", None)
    bench = Bench("The daily reconciliation", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "data"
        open_house(str(data))
        try:
            _measure(bench, [int(one) for one in options.history.split(",")])
        finally:
            from django.db import connections

            from madang.site import postgres

            connections.close_all()
            postgres.stop(data.resolve())
    bench.close()


def _measure(bench: Bench, sizes: list[int]) -> None:
    from django.core.management import call_command
    from django.db import connection

    from madang.coop.charter import actions, reader
    from madang.coop.law.models import Coop
    from madang.coop.people.models import Person

    call_command("migrate", verbosity=0)
    actions.found(reader.read_file(ROOT / "charters" / "upandgo.toml", now=FOUNDED), now=FOUNDED)
    Coop.objects.update(state="open", opened_at=FOUNDED)
    life = _Life(Person.objects.create(email="payer@example.org", name="Payer"))
    day, first = FIRST, 0.0
    for size in sizes:
        life.history(size, before=FIRST - 2 * DAY)
        with connection.cursor() as sql:
            sql.execute("ANALYZE")
        life.look(day)  # a day that stores the history's own end
        walls, queries = [], 0
        for _round in range(DAYS):
            day += DAY
            wall, queries = life.look(day)
            walls.append(wall)
        middle = sorted(walls)[len(walls) // 2]
        first = first or middle
        note = f"{size:,} items behind it, {queries} queries, {middle / first:.1f} times the first, p95 {p95(walls):.0f} ms"
        bench.add(f"reconcile_day_{size}_ms", middle, "ms", note)
        day += DAY
    bench.add("reconcile_everything_s", life.everything(day), "s", "all there is, thing by thing: only when the sums do not close")


class _Life:
    """A service and the books, kept in step."""

    def __init__(self, payer) -> None:
        self.payer, self.made, self.told = payer, 0, []

    def history(self, wanted: int, *, before: datetime) -> None:
        """Payments until there are ``wanted`` items, each on both sides."""
        while self.made < wanted:
            some = min(RUN, wanted - self.made)
            self._pay([before - timedelta(minutes=10 * (self.made + one)) for one in range(some)], told=True)

    def _pay(self, moments: list[datetime], *, told: bool) -> None:
        from madang.coop import ledger
        from madang.coop.ledger.models import Entry
        from madang.coop.payments.models import Charge, RailItem
        from madang.rails.payments import Movement

        bank, upkeep, costs = ledger.account("clearing", f"rail:{RAIL}", "KRW"), ledger.account("upkeep", "", "KRW"), ledger.account("card-costs", "", "KRW")
        ids = [uuid.uuid4() for _one in moments]
        runs = []
        for key, at in zip(ids, moments, strict=True):
            moves = [ledger.Move(bank, upkeep, 52_000, "upkeep"), ledger.Move(costs, bank, 1_508, "card-cost")]
            runs.append(ledger.Posting("charge", moves, f"charge:{key}", f"job:{key}", at=at))
        for start in range(0, len(runs), 1_000):
            ledger.post_many(runs[start : start + 1_000], now=FIRST)
        entries = dict(Entry.objects.filter(key__in=[f"charge:{key}" for key in ids]).values_list("key", "pk"))
        Charge.objects.bulk_create([
            Charge(id=key, purpose="job", subject=f"job:{key}", payer=self.payer, amount=52_000, unit="KRW", rail=RAIL, state="settled", ref=f"pay_{key}",
                   key=f"b:{key}", fee=1_508, created_at=at, expires_at=at, started_at=at, settled_at=at, entry_id=entries[f"charge:{key}"])
            for key, at in zip(ids, moments, strict=True)
        ], batch_size=2_000)  # fmt: skip
        moved = [Movement(f"pay_{key}", "payment", 52_000, "KRW", at, 1_508) for key, at in zip(ids, moments, strict=True)]
        if told:
            rows = [
                RailItem(rail=RAIL, kind="payment", ref=one.ref, amount=one.amount - (number % 100 == 0), fee=one.fee, unit="KRW", at=one.at, told_at=one.at)
                for number, one in enumerate(moved)
            ]  # fmt: skip
            rows += [
                RailItem(rail=RAIL, kind="payment", ref=one.ref, revision=1, amount=one.amount, fee=one.fee, unit="KRW", at=one.at, told_at=one.at)
                for one in moved[::100]
            ]  # fmt: skip
            RailItem.objects.bulk_create(rows, batch_size=2_000)
        self.made += len(moments)
        self.told += moved

    def look(self, day: datetime) -> tuple[float, int]:
        """A day of payments, then the reconciliation of it. Returns milliseconds and SQL queries of the latter."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from madang.coop.payments import rails, reconciling

        self._pay([day + timedelta(minutes=one) for one in range(A_DAY)], told=False)
        told, real = sorted(self.told, key=lambda one: one.at), rails.either
        moments = [one.at for one in told]
        rails.either = lambda _name: SimpleNamespace(reconcile=lambda since, until: told[bisect_left(moments, since) : bisect_left(moments, until)])
        try:
            with CaptureQueriesContext(connection) as asked:
                began = perf_counter()
                (report,) = reconciling.reconcile(RAIL, now=day.replace(hour=20) + timedelta(hours=4))
                wall = (perf_counter() - began) * 1000
        finally:
            rails.either = real
        if report.state != "agreed" or report.theirs != report.ours:
            raise SystemExit(f"it does not agree: {report.theirs} and {report.ours}")
        return wall, len(asked)

    def everything(self, day: datetime) -> float:
        """Seconds of the comparison of all things, as after sums that do not close."""
        from madang.coop.payments.gaps import compare
        from madang.coop.payments.items import Books, Told

        began = perf_counter()
        if compare(Told(RAIL, "KRW").legs(None), Books(RAIL, "KRW").legs(None), day + DAY, set()):
            raise SystemExit("things differ that do not")
        return perf_counter() - began


if __name__ == "__main__":
    main()
