"""A demo many times its size, for measuring: neighbourhoods copied from the one that people's actions made, by COPY, every constraint and trigger on.

What is copied: clients and workers with their homes, hours, memberships and shares, and every visit that is over or agreed, with its payments, entries and
transfers. Organisations, rules and decisions stay one. Each copied entry leaves its leaf in the record like any other.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from madang.coop import record
from madang.platforms.services.models import Job

BOOKINGS = 3_000
"""What one of the scale stands for: --scale 100 is at least 300,000 bookings."""

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_SETUP = f"""
CREATE OR REPLACE FUNCTION pg_temp.re(u uuid, k int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(u::text || '/' || k)::uuid $$;
CREATE OR REPLACE FUNCTION pg_temp.re(t text, k int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN t = '' OR t LIKE 'organisation:%' THEN t
                WHEN t ~ '{_UUID}' THEN regexp_replace(t, '{_UUID}', pg_temp.re(substring(t from '{_UUID}')::uuid, k)::text)
                ELSE t || '/' || k END $$;
CREATE TEMP TABLE c_worker AS SELECT id, person_id FROM services_worker;
CREATE TEMP TABLE c_job AS SELECT id, charge_id, client_id, home_id FROM services_job
    WHERE state IN ('released', 'cancelled', 'unfilled', 'refunded', 'accepted') AND charge_id IS NOT NULL AND NOT (state = 'accepted' AND starts_at < %(now)s);
CREATE TEMP TABLE c_person AS SELECT person_id AS id FROM c_worker UNION SELECT client_id FROM c_job;
CREATE TEMP TABLE c_home AS SELECT DISTINCT home_id AS id FROM c_job;
CREATE TEMP TABLE c_membership AS SELECT id FROM members_membership WHERE person_id IN (SELECT id FROM c_person);
CREATE TEMP TABLE c_purchase AS SELECT id, charge_id FROM capital_purchase WHERE membership_id IN (SELECT id FROM c_membership);
CREATE TEMP TABLE c_tip AS SELECT t.id, t.charge_id FROM services_tip t JOIN c_job j ON j.id = t.job_id;
CREATE TEMP TABLE c_charge AS SELECT charge_id AS id FROM c_job UNION SELECT charge_id FROM c_purchase
    UNION SELECT charge_id FROM c_tip WHERE charge_id IS NOT NULL;
CREATE TEMP TABLE c_entry AS SELECT e.id FROM ledger_entry e
    WHERE e.subject IN (SELECT 'job:' || id FROM c_job UNION ALL SELECT 'purchase:' || id FROM c_purchase);
CREATE TEMP TABLE c_account AS SELECT DISTINCT a.* FROM ledger_account a
    JOIN ledger_transfer t ON a.id IN (t.debit_id, t.credit_id) JOIN c_entry e ON e.id = t.entry_id;
CREATE TEMP TABLE c_map (old_id bigint PRIMARY KEY, new_id bigint NOT NULL);
ANALYZE c_job; ANALYZE c_entry; ANALYZE c_account; ANALYZE c_charge; ANALYZE c_person;
"""  # noqa: S608  nothing here comes from outside

_MINE = {
    "id", "person_id", "client_id", "home_id", "worker_id", "wished_worker_id", "job_id", "charge_id", "author_id", "about_id", "payer_id", "entry_id",
    "reporter_id", "membership_id", "reverses_id",
}  # fmt: skip
_NAMES = {"key", "subject", "payer", "owner", "ref"}

TABLES: list[tuple[str, str]] = [
    ("people_person", "id IN (SELECT id FROM c_person)"),
    ("people_work", "person_id IN (SELECT id FROM c_person) AND role = 'worker'"),
    ("members_membership", "id IN (SELECT id FROM c_membership)"),
    ("services_worker", "id IN (SELECT id FROM c_worker)"),
    ("services_availability", "worker_id IN (SELECT id FROM c_worker)"),
    ("services_timeoff", "worker_id IN (SELECT id FROM c_worker)"),
    ("services_home", "id IN (SELECT id FROM c_home)"),
    ("services_job", "id IN (SELECT id FROM c_job)"),
    ("services_offer", "job_id IN (SELECT id FROM c_job)"),
    ("services_problem", "job_id IN (SELECT id FROM c_job)"),
    ("services_rating", "job_id IN (SELECT id FROM c_job)"),
    ("services_tip", "id IN (SELECT id FROM c_tip)"),
    ("ledger_account", "id IN (SELECT id FROM c_account WHERE owner <> '' AND owner NOT LIKE 'organisation:%')"),
    ("ledger_entry", "id IN (SELECT id FROM c_entry)"),
    ("ledger_transfer", "entry_id IN (SELECT id FROM c_entry)"),
    ("ledger_hold", "subject IN (SELECT 'job:' || id FROM c_job)"),
    ("payments_charge", "id IN (SELECT id FROM c_charge)"),
    ("payments_refund", "charge_id IN (SELECT id FROM c_charge)"),
    ("capital_purchase", "id IN (SELECT id FROM c_purchase)"),
]
_ACCOUNT = "(SELECT m.new_id FROM c_map m WHERE m.old_id = s.{})"
_MAP = """
TRUNCATE c_map;
INSERT INTO c_map SELECT o.id, n.id FROM c_account o JOIN ledger_account n ON n.kind = o.kind AND n.unit = o.unit AND n.owner = pg_temp.re(o.owner, %s);
ANALYZE c_map;
"""


def _columns(cursor: Any, table: str) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT column_name, udt_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND is_generated = 'NEVER' AND is_identity = 'NO' ORDER BY ordinal_position",
        [table],
    )
    return list(cursor.fetchall())


def _source(table: str, columns: list[tuple[str, str]], where: str) -> str:
    """The SELECT that turns one neighbourhood's rows into the next one's."""
    terms = []
    for name, kind in columns:
        if kind == "uuid" and name in _MINE:
            terms.append(f'pg_temp.re(s."{name}", %(k)s)')
        elif table == "people_person" and name == "email":
            terms.append("%(k)s || '.' || s.email")
        elif name in ("account_id", "debit_id", "credit_id"):
            terms.append(_ACCOUNT.format(name))
        elif name in _NAMES and kind in ("varchar", "text"):
            terms.append(f"pg_temp.re(s.{name}::text, %(k)s)")
        else:
            terms.append(f's."{name}"')
    return f"SELECT {', '.join(terms)} FROM {table} s WHERE {where}"  # noqa: S608  names from the list above


def _copy(cursor: Any, table: str, number: int, where: str) -> int:
    """COPY one table's rows out, changed, and in again. Returns how many."""
    columns = _columns(cursor, table)
    query = _source(table, columns, where).replace("%(k)s", str(int(number)))
    names = ", ".join(f'"{name}"' for name, _kind in columns)
    raw = cursor.connection
    blocks = []
    with raw.cursor() as out, out.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as stream:
        blocks = [bytes(block) for block in stream]
    with raw.cursor() as into:
        with into.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as stream:
            for block in blocks:
                stream.write(block)
        return int(into.rowcount)


_LINES = """
SELECT e.id, e.at, t.ordinal, t.kind, t.amount, t.unit, d.kind, d.owner, c.kind, c.owner, t.version_id, t.at
FROM c_entry o JOIN ledger_entry e ON e.id = pg_temp.re(o.id, %s) JOIN ledger_transfer t ON t.entry_id = e.id
JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id ORDER BY e.at, e.id, t.ordinal
"""


def _leaves(cursor: Any, number: int) -> int:
    """A leaf for each copied entry, as its booking would have written it."""
    cursor.execute(_LINES, [number])
    drafts = []
    for (entry, at), rows in groupby(cursor.fetchall(), key=lambda row: (row[0], row[1])):
        lines = [
            {
                "entry": str(entry), "transfer": ordinal, "kind": kind, "amount": amount, "unit": unit, "debit": f"{dk} {do}".strip(),
                "credit": f"{ck} {co}".strip(), "version": str(version) if version else None, "effective_at": effective.isoformat(),
            }
            for _e, _a, ordinal, kind, amount, unit, dk, do, ck, co, version, effective in rows
        ]  # fmt: skip
        drafts.append(("entry", f"entry:{entry}", lines, False, at))
    return record.write_many(drafts)


def multiply(times: int, progress: Callable[[str, int], None], now: datetime) -> dict[str, int]:
    """Add copies of the demo's neighbourhood until there are ``times`` × 3,000 bookings; returns the rows added to each table.

    One transaction a copy, two copies at a time. Raises what the database raises: a constraint is never set aside.
    """
    there = Job.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(_SETUP.replace("%(now)s", "'" + now.isoformat() + "'::timestamptz"))
        cursor.execute("SELECT count(*) FROM c_job")
        each = cursor.fetchone()[0]
    connection.close()
    copies = max(0, -(-(times * BOOKINGS - there) // max(1, each)))
    added: Counter[str] = Counter()
    waiting = iter(range(1, copies + 1))
    lock = threading.Lock()

    def work() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit TO off")
                cursor.execute(_SETUP.replace("%(now)s", "'" + now.isoformat() + "'::timestamptz"))
                while True:
                    with lock:
                        number = next(waiting, None)
                    if number is None:
                        return
                    rows = _neighbourhood(cursor, number)
                    with lock:
                        added.update(rows)
                        progress("More neighbourhoods by COPY", number * 100 // copies)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work), pool.submit(work)]:
            done.result()
    progress("Sealing the record", 0)
    record.seal(now)
    progress("Sealing the record", 100)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return dict(added)


@transaction.atomic
def _neighbourhood(cursor: Any, number: int) -> Counter[str]:
    rows: Counter[str] = Counter()
    for table, where in TABLES:
        rows[table] += _copy(cursor, table, number, where)
        if table == "ledger_account":
            cursor.execute(_MAP, [number])
    rows["leaves"] += _leaves(cursor, number)
    return rows
