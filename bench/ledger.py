"""The ledger: transfers a second, alone, together on one hot account, and in batches; and the treasury page over all of them.

On a database of its own, in a temporary folder. Every law is on: unit and account keys, floors, balances, daily totals, the record's leaves.
"""

from __future__ import annotations

import os
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bench.common import Bench, arguments, noise, open_house, p95, times

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def main() -> None:
    options = arguments(
        __doc__,
        ("--singles", {"type": int, "default": 1_500, "help": "entries booked one by one"}),
        ("--clients", {"type": int, "default": 8, "help": "how many book at the same time"}),
        ("--batch", {"type": int, "default": 1_000, "help": "entries in a batch"}),
        ("--transfers", {"type": int, "default": 200_000, "help": "transfers the books have in the end (1000000 is what the treasury page is made for)"}),
    )
    os.environ.pop("DATABASE_URL", None)
    bench = Bench("The ledger", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "data"
        open_house(str(data))
        try:
            _measure(bench, options)
        finally:
            from django.db import connections

            from madang.site import postgres

            connections.close_all()
            postgres.stop(data.resolve())
    bench.close()


def _measure(bench: Bench, options) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from madang.coop import ledger
    from madang.coop.ledger import checks, queries
    from madang.coop.ledger.moves import Move

    clearing, upkeep = ledger.account("clearing", "rail:sandbox", "KRW"), ledger.account("upkeep", "", "KRW")
    workers = [ledger.account("payable", f"person:{number:08d}-0000-0000-0000-000000000000", "KRW") for number in range(1_000)]

    def moves(number: int) -> list[Move]:
        return [Move(clearing, workers[number % 1_000], 49_400, "provider"), Move(clearing, upkeep, 2_600, "upkeep")]

    def single(number: int, name: str) -> None:
        ledger.post("release", moves(number), key=f"{name}:{number}", subject=f"run:{number}", now=NOW)

    started = perf_counter()
    for number in range(options.singles):
        single(number, "one")
    bench.add("one after the other", options.singles * 2 / (perf_counter() - started), "transfers/s", "two transfers and a leaf each; two hot accounts")
    _together(bench, options, single)

    size, number, held = options.batch, 0, []
    while (number + size) * 2 <= options.transfers:
        day = NOW - timedelta(days=number * 90 // max(1, options.transfers // 2))
        postings = [ledger.Posting("release", moves(n), f"b:{n}", f"run:{n}", at=day) for n in range(number, number + size)]
        held.append(_timed(lambda postings=postings: ledger.post_many(postings, now=NOW)))
        number += size
    slowest = sorted(held)[-max(1, len(held) // 100)] * 1000
    bench.add("in batches", 2 * size * len(held) / sum(held), "transfers/s", f"of {size:,} entries; p99 {slowest:.0f} ms")
    started = perf_counter()
    assert ledger.post_many(postings, now=NOW) == 0
    bench.add("a batch replayed", (perf_counter() - started) * 1000, "ms", "books 0")
    since, until = NOW - timedelta(days=30), NOW + timedelta(days=30)
    measured = times(lambda: queries.treasury(since, until, unit="KRW"), 40)
    bench.add("treasury page's figures", p95(measured), "ms p95", f"over {2 * number:,} transfers; {noise(measured)}")
    measured = times(lambda: queries.statement(workers[7].owner, since, until, unit="KRW"), 40)
    bench.add("a worker's statement", p95(measured), "ms p95", noise(measured))
    started = perf_counter()
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == checks.days_equal_sums() == []
    bench.add("all balances summed anew", (perf_counter() - started) * 1000, "ms", "madang check")


def _timed(run) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started


def _together(bench: Bench, options, single) -> None:
    from django.db import connections

    connections.close_all()  # the pool is as large as the clients are many
    each = options.singles // options.clients
    ready = threading.Barrier(options.clients + 1, timeout=30)

    def work(client: int) -> None:
        connections["default"].ensure_connection()
        ready.wait()
        for number in range(each):
            single(number, f"client{client}")
        connections.close_all()

    threads = [threading.Thread(target=work, args=(client,)) for client in range(options.clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = perf_counter()
    for thread in threads:
        thread.join()
    bench.add(f"{options.clients} at once", each * options.clients * 2 / (perf_counter() - started), "transfers/s", "all on the same two hot accounts")


if __name__ == "__main__":
    main()
