"""The ledger: transfers a second in batches and one at a time, all on one hot account; bytes a transfer; balances at any date.

On a database of its own, in a temporary folder, through the public functions. Every law is on: limits, balances, daily totals, the record's leaves.
What is booked is what a cleaning books: of five transfers two are plain, three carry a rule version and how it was applied.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bench.common import ROOT, Bench, arguments, noise, open_house, p95, times

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 90
WORKERS = 1_000
NOTE = {"of": 52_000, "share": "95 %"}


def main() -> None:
    options = arguments(
        __doc__,
        ("--rounds", {"type": int, "default": 300, "help": "batches of 100 (a third as many of 1,000)"}),
        ("--singles", {"type": int, "default": 4_000, "help": "transfers booked one by one"}),
        ("--clients", {"type": int, "default": 8, "help": "processes that book one by one at the same time"}),
        ("--writers", {"type": int, "default": 2, "help": "processes that book batches at the same time"}),
        ("--transfers", {"type": int, "default": 200_000, "help": "transfers the books have for the balances (10000000 is what they are made for)"}),
        ("--peer", {"type": Path, "help": "a checkout of github.com/pgr0ss/pgledger, measured beside ours in the same run"}),
    )
    os.environ.pop("DATABASE_URL", None)
    bench = Bench("The ledger", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "data"
        open_house(str(data))
        try:
            _measure(bench, options, str(data))
        finally:
            from django.db import connections

            from madang.site import postgres

            connections.close_all()
            postgres.stop(data.resolve())
    bench.close()


def _accounts():
    """The hot account every transfer takes from, and whom they go to."""
    from madang.coop import ledger

    workers = ledger.accounts([("payable", f"person:{number:08d}-0000-0000-0000-000000000000") for number in range(WORKERS)], "KRW")
    return ledger.account("clearing", "rail:sandbox", "KRW"), workers


def _version():
    """The rule that shares a price, as the founding set it."""
    from madang.coop.rules.models import RuleVersion

    return RuleVersion.objects.get(key="services.split", scope="")


def _moves(hot, workers, version, first: int, size: int):
    from madang.coop.ledger.moves import Move

    return [
        Move(hot, workers[n % WORKERS], 49_400, "provider", version, NOTE) if n % 5 > 1 else Move(hot, workers[n % WORKERS], 49_400, "charge")
        for n in range(first, first + size)
    ]


def _client(data: str, number: int, size: int, rounds: int, name: str, ready, answers) -> None:
    """One process that books ``rounds`` times ``size`` transfers, and says when it began, when it ended and how long each took."""
    open_house(data)
    from madang.coop import ledger

    hot, workers = _accounts()
    version, took = _version(), []
    ledger.post_batch("run", _moves(hot, workers, version, 0, size), key=f"{name}:{number}:warm", now=NOW)
    ready.wait()
    begun = perf_counter()
    for turn in range(rounds):
        moves = _moves(hot, workers, version, (number * rounds + turn) * size, size)
        started = perf_counter()
        ledger.post_batch("run", moves, key=f"{name}:{number}:{turn}", now=NOW + timedelta(milliseconds=turn * 7 + number))
        took.append(perf_counter() - started)
    answers.put((begun, perf_counter(), took))


def _together(data: str, clients: int, size: int, rounds: int, name: str) -> tuple[float, float]:
    """(transfers a second, p99 in ms) of ``clients`` processes at once."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Barrier(clients), context.Queue()
    running = [context.Process(target=_client, args=(data, n, size, rounds, name, ready, answers)) for n in range(clients)]
    for one in running:
        one.start()
    told = [answers.get(timeout=600) for _one in running]
    for one in running:
        one.join()
    took = sorted(second for _begun, _ended, seconds in told for second in seconds)
    wall = max(ended for _begun, ended, _took in told) - min(begun for begun, _ended, _took in told)
    return clients * rounds * size / wall, took[-max(1, len(took) // 100)] * 1000


def _measure(bench: Bench, options, data: str) -> None:
    from django.core.management import call_command

    from madang.coop.charter import actions, reader

    call_command("migrate", verbosity=0)
    actions.found(reader.read_file(ROOT / "charters" / "upandgo.toml", now=NOW - timedelta(days=400)), now=NOW - timedelta(days=400))
    _accounts()
    for name, size, rounds in (("hot_batch_100", 100, options.rounds), ("hot_batch_1000", 1_000, max(1, options.rounds // 3))):
        _together(data, 1, size, max(1, rounds // 10), f"{name}:warm")
        rate, slow = _together(data, options.writers, size, max(1, rounds // options.writers), name)
        bench.add(name, rate, "transfers/s", f"{options.writers} at once on one hot account; p99 {slow:.0f} ms a batch")
        rate, slow = _together(data, 1, size, max(1, rounds // 2), f"{name}:alone")
        bench.add(f"{name}_alone", rate, "transfers/s", f"by one client; p99 {slow:.0f} ms a batch")
    rate, slow = _together(data, options.clients, 1, options.singles // options.clients, "single")
    name = f"single_{options.clients}_clients"
    bench.add(name, rate, "transfers/s", f"one hot account; p99 {slow:.0f} ms each")
    if options.peer:
        _peer(bench, options, data, rate)
    _fill(bench, options)
    _read(bench)


def _peer(bench: Bench, options, data: str, ours: float) -> None:
    """pgledger on the same server: one at a time, and in its own batches."""
    from bench import pgledger
    from madang.site import postgres

    peer, hot, payees = pgledger.install(postgres.address(Path(data).resolve()), options.peer)
    single = pgledger.rate(peer, hot, payees, clients=options.clients, size=1, rounds=options.singles // options.clients)
    bench.add(f"pgledger, {options.clients} clients", single, "transfers/s", f"the peer, one hot account; ours is {ours / single:.1f} times that")
    batch = pgledger.rate(peer, hot, payees, clients=options.writers, size=100, rounds=max(1, options.rounds // 3 // options.writers))
    mine = next(value for name, value, _unit, _note in bench.rows if name == "hot_batch_100")
    words = f"the peer's own batches of 100; ours is {mine / batch:.0f} times that, and {mine / single:.0f} times its single transfers"
    bench.add("pgledger, batches of 100", batch, "transfers/s", words)


def _fill(bench: Bench, options) -> None:
    """Fill the books over ninety days, and weigh what that took on disk."""
    from django.db import connection

    from madang.coop import ledger

    hot, workers = _accounts()
    version, began, dice = _version(), _size(), random.Random(3)
    batches = max(1, options.transfers // 1_000)
    for number in range(batches):
        day = NOW - timedelta(days=DAYS) + timedelta(days=DAYS) * number / batches
        # one batch in twenty counts up to three days before it was booked
        effective = day - timedelta(hours=dice.randrange(1, 72)) if number % 20 == 7 else None
        ledger.post_batch("run", _moves(hot, workers, version, number * 1_000, 1_000), key=f"fill:{number}", now=day, effective_at=effective)
    bench.add("bytes_per_transfer", (_size() - began) / (batches * 1_000), "bytes", "all tables of the books with their indexes, without the record's leaves")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ledger_transfer")
        cursor.execute("VACUUM ANALYZE ledger_entry")
        cursor.execute("VACUUM ANALYZE ledger_period")


def _size() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE 'ledger\\_%' AND relkind = 'r'")
        return int(cursor.fetchone()[0])


def _read(bench: Bench) -> None:
    from madang.coop.ledger import checks, queries
    from madang.coop.ledger.models import Transfer

    hot, workers = _accounts()
    dice, many = random.Random(7), Transfer.objects.count()

    def moment() -> datetime:
        return NOW - timedelta(seconds=dice.randrange(1, DAYS * 86_400))

    cases = [("the hot account", lambda: hot, False), ("anybody's", lambda: dice.choice(workers), False), ("the hot account, as recorded", lambda: hot, True)]
    slowest = []
    for words, whose, recorded in cases:
        measured = times(lambda whose=whose, recorded=recorded: queries.balance_at(whose(), moment(), recorded=recorded), 100, warm=5)
        slowest.append((p95(measured), words, noise(measured)))
        bench.add(f"balance at a moment: {words}", p95(measured), "ms p95", noise(measured))
    worst = max(slowest)
    bench.add("balance_at_date_ms", worst[0], "ms p95", f"{worst[1]}, the slowest of three, over {many:,} transfers; {worst[2]}")
    since, until = NOW - timedelta(days=30), NOW + timedelta(days=30)
    measured = times(lambda: queries.treasury(since, until, unit="KRW"), 40)
    bench.add("treasury page's figures", p95(measured), "ms p95", noise(measured))
    measured = times(lambda: queries.statement(workers[7].owner, since, until, unit="KRW"), 40)
    bench.add("a worker's statement", p95(measured), "ms p95", noise(measured))
    started = perf_counter()
    found = checks.balances_equal_sums() + checks.units_sum_to_zero() + checks.days_equal_sums() + checks.periods_equal_sums()
    assert found == [], found
    bench.add("all balances summed anew", (perf_counter() - started) * 1000, "ms", "madang check")


if __name__ == "__main__":
    main()
