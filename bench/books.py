"""The books: how long ``madang books`` takes for a generated ledger of a million transfers, in every format, and what memory it holds meanwhile.

On a database of its own in ``var/bench-books`` (``--data``), filled once and kept; ``--transfers`` below what is there measures what is there.
Every law is on while it is filled, as in ``bench/ledger.py``.
"""

from __future__ import annotations

import os
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bench.common import ROOT, Bench, arguments, open_house, p95, times

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BATCH = 1_000
MOVES = 4


def main() -> None:
    options = arguments(__doc__, ("--transfers", {"type": int, "default": 1_000_000, "help": "transfers of the generated ledger"}))
    os.environ.pop("DATABASE_URL", None)
    data = ROOT / "var" / "bench-books" if options.data == str(ROOT / "var" / "upandgo") else Path(options.data)
    bench = Bench("The books", options)
    open_house(str(data))
    try:
        _measure(bench, options.transfers)
    finally:
        from django.db import connections

        from madang.site import postgres

        connections.close_all()
        postgres.stop(data.resolve())
    bench.close()


def _fill(wanted: int) -> int:
    """Finished jobs of four transfers each over a year: paid, shared with a member co-op, its worker and upkeep. Returns how many transfers there are."""
    from madang.coop import ledger
    from madang.coop.ledger.models import Transfer
    from madang.coop.ledger.moves import Move

    there = Transfer.objects.count()
    clearing, upkeep = ledger.account("clearing", "rail:sandbox", "KRW"), ledger.account("upkeep", "", "KRW")
    places = [ledger.account("payable", f"organisation:{n:08d}-0000-0000-0000-000000000000", "KRW") for n in range(50)]
    workers = [ledger.account("payable", f"person:{n:08d}-0000-0000-0000-000000000000", "KRW") for n in range(1_000)]
    costs = ledger.account("card-costs", "", "KRW")

    def moves(n: int) -> list[Move]:
        place, worker = places[n % 50], workers[n % 1_000]
        return [
            Move(clearing, place, 49_400, "provider", None, {"of": 52_000, "share": "95 %"}),
            Move(clearing, upkeep, 2_600, "upkeep", None, {"of": 52_000, "share": "5 %"}),
            Move(place, worker, 39_520 + n % 97, "worker", None, {"of": 49_400, "share": "80 %"}),
            Move(costs, clearing, 1_508, "card-cost"),
        ]

    for first in range(there // MOVES, wanted // MOVES, BATCH):
        day = NOW - timedelta(minutes=first)
        run = [ledger.Posting("release", moves(n), f"b:{n}", f"job:{n}", at=day) for n in range(first, min(first + BATCH, wanted // MOVES))]
        ledger.post_many(run, now=NOW)
    return Transfer.objects.count()


def _measure(bench: Bench, wanted: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from madang.coop.ledger.books import export
    from madang.coop.ledger.books.checks import statements_agree
    from madang.coop.ledger.books.statements import statements

    there = _fill(wanted)
    with connection.cursor() as sql:
        sql.execute("ANALYZE")
    for fmt in export.FORMATS:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = perf_counter()
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            export.write(nowhere, fmt, lang="ko")
        seconds = perf_counter() - started
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        name = "books_export_1m_s" if fmt == "hledger" else f"books_export_1m_{fmt}_s"
        bench.add(name, seconds * 1_000_000 / there, "s", f"{there:,} transfers in {seconds:.1f} s; memory grew by {grown:.0f} MB")
    measured = times(lambda: statements(NOW.date() - timedelta(days=60), NOW.date(), "KRW"), 20)
    bench.add("books_statements_ms", p95(measured), "ms p95", f"the three statements over {there:,} transfers")
    started = perf_counter()
    assert statements_agree() == []
    bench.add("books_check_ms", (perf_counter() - started) * 1000, "ms", "madang check: the statements against every transfer")


if __name__ == "__main__":
    main()
