"""Free start times over 28 days: our bitmaps beside the same question as one PostgreSQL multirange query, in the same run, with the same answer.

On a database of its own, in a temporary folder: workers with a week each, their month filled with jobs to about two thirds.
The aims: ≤ 50 ms for 50 workers, ≤ 700 ms for 1,000.

    python -m bench.slots [--json] [--workers 50,1000,4000]
"""

from __future__ import annotations

import os
import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bench.common import Bench, arguments, noise, open_house, times

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAYS, MINUTES, TRAVEL = 28, 180, timedelta(minutes=30)

_FILL = """
INSERT INTO people_person (id, password, is_superuser, email, name, language, time_zone, is_operator, is_active)
SELECT md5('p' || n)::uuid, '!', false, 'p' || n || '@example.org', 'P' || n, 'ko', 'Asia/Seoul', false, true
FROM generate_series(%(first)s - 1, %(workers)s) n ON CONFLICT DO NOTHING;
INSERT INTO people_organisation (id, name, slug, about) VALUES (md5('o')::uuid, 'O', 'o', '') ON CONFLICT DO NOTHING;
INSERT INTO services_worker (id, person_id, organisation_id, time_zone, about, active, since)
SELECT md5('w' || n)::uuid, md5('p' || n)::uuid, md5('o')::uuid, 'Asia/Seoul', '', true, %(now)s FROM generate_series(%(first)s, %(workers)s) n;
INSERT INTO people_work (organisation_id, person_id, role, since)
SELECT md5('o')::uuid, md5('p' || n)::uuid, 'worker', %(now)s FROM generate_series(%(first)s, %(workers)s) n;
INSERT INTO services_availability (worker_id, weekday, start, "end")
SELECT md5('w' || n)::uuid, day, 480 + 60 * (n %% 4), 1020 + 60 * (n %% 3)
FROM generate_series(%(first)s, %(workers)s) n, generate_series(0, 5) day WHERE (n + day) %% 6 <> 0;
INSERT INTO services_home (id, client_id, name, district, address, directions, bedrooms, bathrooms, has_ladder, has_machine)
SELECT md5('h' || n)::uuid, md5('p0')::uuid, '', 'x', 'y', '', 2, 1, false, false FROM generate_series(%(first)s, %(workers)s) n;
INSERT INTO services_job (id, client_id, home_id, worker_id, organisation_id, state, starts_at, ends_at, free_at, bedrooms, bathrooms,
  lines, minutes, price, unit, versions, client_note, reasons, ticks, booked_at, hold_until, cancelled_by, goodwill,
  late_told, reminded, refunded, worker_part, fund_part, upkeep_part)
SELECT gen_random_uuid(), md5('p0')::uuid, md5('h' || n)::uuid, md5('w' || n)::uuid, md5('o')::uuid, 'accepted', at,
  at + interval '165 min', at + interval '195 min', 2, 1, '[]', 165, 52000, 'KRW', '{}', '', '{}', '{}', %(now)s, %(now)s, '', 0, false, false, 0, 0, 0, 0
FROM generate_series(%(first)s, %(workers)s) n, generate_series(0, 27) day, generate_series(0, 1) half,
  LATERAL (SELECT %(now)s::timestamptz + make_interval(days => day, mins => 15 * ((n + day) %% 5) + 240 * half) AS at) t
WHERE (n * 7 + day * 3 + half) %% 10 < 7
"""


def main() -> None:
    options = arguments(
        __doc__, ("--workers", {"default": "50,1000,4000", "help": "how many workers, one measurement each"}), ("--rounds", {"type": int, "default": 15})
    )
    os.environ.pop("DATABASE_URL", None)
    bench = Bench("Free slots over 28 days", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "data"
        open_house(str(data))
        try:
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            for workers in map(int, options.workers.split(",")):
                _measure(bench, workers, options.rounds)
        finally:
            from django.db import connections

            from madang.site import postgres

            connections.close_all()
            postgres.stop(data.resolve())
    bench.close()


def _member() -> None:
    """The workers' organisation is a member, so that jobs go to it."""
    from madang.coop.members.models import MemberClass, Membership
    from madang.coop.people.models import Organisation

    kind = MemberClass.objects.create(key="provider", title={}, holder=MemberClass.ORGANISATION)
    Membership.objects.create(
        member_class=kind, organisation=Organisation.objects.get(), state="active", applied_at=NOW, admitted_at=NOW, active_from=NOW
    )


def _measure(bench: Bench, workers: int, rounds: int) -> None:
    from django.db import connection

    from madang.platforms.services import free

    since, until = NOW + timedelta(hours=4), NOW + timedelta(days=DAYS)
    days = [(NOW + timedelta(days=shift)).date() for shift in range(-1, DAYS + 2)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM services_worker")
        first = cursor.fetchone()[0] + 1
        for statement in filter(str.strip, _FILL.split(";")):
            cursor.execute(statement, {"first": first, "workers": workers, "now": NOW})
        if first == 1:
            _member()
        cursor.execute("SELECT count(*) FROM services_job")
        jobs = cursor.fetchone()[0]
        cursor.execute("VACUUM ANALYZE services_job, services_worker, services_availability")

    def ours() -> list[datetime]:
        return free.starts(MINUTES, TRAVEL, since=since, until=until)

    def all_workers() -> list[datetime]:
        return free.starts(MINUTES, TRAVEL, since=since, until=until, at_once=True)

    def peer() -> list[datetime]:
        return free.peer(MINUTES, TRAVEL, since=since, until=until, days=days)

    started = perf_counter()
    found = ours()
    cold = (perf_counter() - started) * 1000
    if not found == peer() == all_workers():
        raise SystemExit("the two do not find the same times")
    note = f"{jobs:,} jobs, {len(found):,} times found"
    bench.add(f"{workers:,} workers, first time", cold, "ms", "weeks not yet remembered")
    measured, whole, theirs = [], [], []
    for _round in range(rounds):  # side by side, so that both meet the same noise
        measured += times(ours, 1, 0)
        whole += times(all_workers, 1, 0)
        theirs += times(peer, 1, 0)
    bench.add(f"{workers:,} workers", statistics.median(measured), "ms", f"{note}; {noise(measured)}")
    bench.add(f"{workers:,} workers, everyone looked at", statistics.median(whole), "ms", noise(whole))
    bench.add(f"{workers:,} workers, PostgreSQL multiranges", statistics.median(theirs), "ms", noise(theirs))
    bench.add(f"{workers:,} workers, the peer's time over ours", statistics.median(theirs) / statistics.median(measured), "×")


if __name__ == "__main__":
    main()
