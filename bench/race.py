"""2,000 racing bookings from 20 clients for the slots of one week: no overlap, and no error but "taken".

The peer is what many booking programs do: look whether the slot is free, then insert (no constraint). It runs in the same database, in a table
of its own, in the same run.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from time import perf_counter

from bench.common import Bench, arguments, open_house

CLIENTS, EACH = 20, 100


def ours(moment: object) -> tuple[Counter[str], float]:
    """Every client books ``EACH`` times, at slots many others want too. Returns what came back, and seconds."""
    import random

    from django.db import connection

    from bench.race_setup import attempt, clients

    people = clients(CLIENTS, EACH)
    results: Counter[str] = Counter()
    lock = threading.Lock()

    def run(number: int) -> None:
        chance = random.Random(number)
        for _ in range(EACH):
            outcome = attempt(people[number], chance, moment)
            connection.close()  # as a request does at its end: the pool's connections are for everyone
            with lock:
                results[outcome] += 1

    threads = [threading.Thread(target=run, args=(n,)) for n in range(CLIENTS)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results, perf_counter() - started


def peer() -> tuple[int, float]:
    """Check, then insert: returns how many pairs overlap afterwards, and seconds."""
    import random

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_peer; CREATE TABLE bench_peer (id serial, worker int, starts timestamptz, ends timestamptz)")

    def run(number: int) -> None:
        chance = random.Random(number)
        with connection.cursor() as cursor:
            for _ in range(EACH):
                worker, hour = chance.randrange(40), chance.randrange(7 * 9)
                slot = [worker, hour, hour]
                cursor.execute(
                    "SELECT 1 FROM bench_peer WHERE worker = %s AND starts < '2030-01-01'::timestamptz + (%s + 2) * interval '1 hour'"
                    " AND ends > '2030-01-01'::timestamptz + %s * interval '1 hour'",
                    slot,
                )
                if not cursor.fetchone():
                    cursor.execute(
                        "INSERT INTO bench_peer (worker, starts, ends) VALUES (%s, '2030-01-01'::timestamptz + %s * interval '1 hour',"
                        " '2030-01-01'::timestamptz + (%s + 2) * interval '1 hour')",
                        slot,
                    )
        connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(CLIENTS)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_peer a JOIN bench_peer b ON a.worker = b.worker AND a.id < b.id AND a.starts < b.ends AND b.starts < a.ends")
        overlaps = cursor.fetchone()[0]
        cursor.execute("DROP TABLE bench_peer")
    return int(overlaps), took


def overlaps() -> int:
    """Pairs of live jobs in which one worker would be in two places."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM services_job a JOIN services_job b ON a.worker_id = b.worker_id AND a.id < b.id AND a.busy && b.busy"
            " WHERE a.state IN ('held','offered','accepted','in_progress') AND b.state IN ('held','offered','accepted','in_progress')"
        )
        return int(cursor.fetchone()[0])


def main() -> None:
    args = arguments(__doc__ or "")
    open_house(args.data)
    from madang.coop import law

    bench = Bench(f"{CLIENTS * EACH:,} racing bookings from {CLIENTS} clients", args)
    results, took = ours(law.clock.now() + timedelta(days=1))
    for name, count in sorted(results.items()):
        bench.add(f"ours: {name}", count, "bookings")
    bench.add("ours: attempts a second", sum(results.values()) / took, "1/s")
    bench.add("ours: overlaps", overlaps(), "pairs")
    found, took = peer()
    bench.add("check-then-insert: overlaps", found, "pairs", "the peer: no constraint, two statements and nothing else")
    bench.add("check-then-insert: attempts a second", CLIENTS * EACH / took, "1/s")
    bench.close()


if __name__ == "__main__":
    main()
