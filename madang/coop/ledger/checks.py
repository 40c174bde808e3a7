"""What must always hold of the books, summed anew from the transfers."""

from __future__ import annotations

from django.db import connection

_BALANCES = """
WITH sums AS (
    SELECT account_id, sum(debit) AS debits, sum(credit) AS credits
    FROM (SELECT debit_id AS account_id, amount AS debit, 0 AS credit FROM ledger_transfer
          UNION ALL SELECT credit_id, 0, amount FROM ledger_transfer) AS sides GROUP BY account_id
), kept AS (SELECT account_id, sum(debits) AS debits, sum(credits) AS credits FROM ledger_balance GROUP BY account_id)
SELECT coalesce(sums.account_id, kept.account_id), coalesce(sums.credits - sums.debits, 0), coalesce(kept.credits - kept.debits, 0)
FROM sums FULL JOIN kept USING (account_id)
WHERE coalesce(sums.debits, 0) <> coalesce(kept.debits, 0) OR coalesce(sums.credits, 0) <> coalesce(kept.credits, 0)
ORDER BY 1 LIMIT 20
"""
_UNITS = """
SELECT a.unit, sum(b.credits - b.debits) FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
GROUP BY a.unit HAVING sum(b.credits - b.debits) <> 0
"""
_HOLDS = """
SELECT a.owner, coalesce(held.amount, 0), b.credits - b.debits
FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM ledger_hold WHERE state = 'held' GROUP BY 1) held ON held.account_id = a.id
WHERE a.kind = 'hold' AND coalesce(held.amount, 0) <> b.credits - b.debits ORDER BY 1 LIMIT 20
"""
_FLOWS = """
SELECT coalesce(f.unit, t.unit), coalesce(f.amount, 0), coalesce(t.amount, 0)
FROM (SELECT unit, sum(amount) AS amount FROM ledger_dayflow GROUP BY 1) f
FULL JOIN (SELECT unit, sum(amount) AS amount FROM ledger_transfer GROUP BY 1) t USING (unit)
WHERE f.amount IS DISTINCT FROM t.amount
"""
_PERIODS = """
WITH sums AS (
    SELECT account_id, date_trunc('hour', at, 'UTC') AS hour, sum(debit) AS debits, sum(credit) AS credits
    FROM (SELECT debit_id AS account_id, at, amount AS debit, 0 AS credit FROM ledger_transfer
          UNION ALL SELECT credit_id, at, 0, amount FROM ledger_transfer) AS sides
    JOIN ledger_account a ON a.id = account_id WHERE a.busy GROUP BY 1, 2
), steps AS (SELECT level, name FROM (VALUES (0, 'month'), (1, 'day'), (2, 'hour')) AS step (level, name)
), wanted AS (
    SELECT account_id, level, date_trunc(name, hour, 'UTC') AS start, sum(debits) AS debits, sum(credits) AS credits FROM sums CROSS JOIN steps GROUP BY 1, 2, 3
), kept AS (SELECT account_id, level, start, sum(debits) AS debits, sum(credits) AS credits FROM ledger_period GROUP BY 1, 2, 3)
SELECT coalesce(wanted.account_id, kept.account_id), coalesce(wanted.start, kept.start), coalesce(wanted.level, kept.level)
FROM wanted FULL JOIN kept USING (account_id, level, start)
WHERE (wanted.debits, wanted.credits) IS DISTINCT FROM (kept.debits, kept.credits) ORDER BY 1, 2, 3 LIMIT 20
"""
_PENDINGS = """
WITH open AS (
    SELECT account_id, sum(going) AS going, sum(coming) AS coming
    FROM (SELECT debit_id AS account_id, amount - posted AS going, 0 AS coming FROM ledger_pending WHERE state = 'pending'
          UNION ALL SELECT credit_id, 0, amount - posted FROM ledger_pending WHERE state = 'pending') AS sides GROUP BY 1
), kept AS (SELECT account_id, sum(pending_out) AS going, sum(pending_in) AS coming FROM ledger_balance GROUP BY 1)
SELECT coalesce(open.account_id, kept.account_id)::text, coalesce(open.going, 0) - coalesce(kept.going, 0), coalesce(open.coming, 0) - coalesce(kept.coming, 0)
FROM open FULL JOIN kept USING (account_id)
WHERE coalesce(open.going, 0) <> coalesce(kept.going, 0) OR coalesce(open.coming, 0) <> coalesce(kept.coming, 0)
UNION ALL
SELECT p.id::text, p.posted, coalesce(sum(x.amount), 0) FROM ledger_pending p LEFT JOIN ledger_pendingpost x ON x.pending_id = p.id
GROUP BY p.id, p.posted HAVING p.posted <> coalesce(sum(x.amount), 0)
UNION ALL
SELECT x.entry_id::text, x.amount, coalesce(sum(t.amount), 0) FROM ledger_pendingpost x LEFT JOIN ledger_transfer t ON t.entry_id = x.entry_id
GROUP BY x.entry_id, x.amount HAVING x.amount <> coalesce(sum(t.amount), 0)
ORDER BY 1 LIMIT 20
"""
_REVERSALS = """
SELECT e.id FROM ledger_entry e WHERE e.reverses_id IS NOT NULL AND (
    SELECT array_agg((debit_id, credit_id, amount, unit)::text ORDER BY ordinal) FROM ledger_transfer WHERE entry_id = e.id
) IS DISTINCT FROM (
    SELECT array_agg((credit_id, debit_id, amount, unit)::text ORDER BY ordinal) FROM ledger_transfer WHERE entry_id = e.reverses_id
) ORDER BY 1 LIMIT 20
"""
_RECORDED = """
WITH said AS (
    SELECT substr(leaf.subject, 7)::uuid AS entry, line.line_no, line.body::jsonb AS body
    FROM (SELECT subject, written FROM record_leaf WHERE kind = 'entry' UNION ALL SELECT subject, id FROM record_pendingleaf WHERE kind = 'entry') AS leaf
    JOIN record_leafline line ON line.written = leaf.written
), moved AS (
    SELECT t.entry_id AS entry, t.ordinal, t.kind, t.amount, t.unit, trim(d.kind || ' ' || d.owner) AS debit, trim(c.kind || ' ' || c.owner) AS credit,
           t.version_id::text AS version
    FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
)
SELECT coalesce(moved.entry, said.entry), coalesce(moved.ordinal, said.line_no), moved.amount, moved.unit, said.body->>'amount', said.body->>'unit'
FROM moved FULL JOIN said ON said.entry = moved.entry AND said.line_no = moved.ordinal
WHERE moved.entry IS NULL OR said.entry IS NULL OR (said.body IS NOT NULL AND (
    (said.body->>'amount')::bigint, said.body->>'unit', said.body->>'kind', said.body->>'debit', said.body->>'credit', said.body->>'version'
) IS DISTINCT FROM (moved.amount, moved.unit, moved.kind, moved.debit, moved.credit, moved.version))
ORDER BY 1, 2 LIMIT 20
"""


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def balances_equal_sums() -> list[str]:
    """Each kept balance is the sum of its transfers."""
    return [f"account {one}: transfers sum to {summed}, the balance says {kept}" for one, summed, kept in _rows(_BALANCES)]


def units_sum_to_zero() -> list[str]:
    """What is in one account is out of another: all balances of a unit sum to nothing."""
    return [f"{unit}: all balances sum to {total}" for unit, total in _rows(_UNITS)]


def holds_match() -> list[str]:
    """What stands in a hold's account is what is held."""
    return [f"{owner}: {held} held, {there} there" for owner, held, there in _rows(_HOLDS)]


def days_equal_sums() -> list[str]:
    """The daily totals of the treasury page are the transfers."""
    return [f"{unit}: the days say {days}, the transfers {summed}" for unit, days, summed in _rows(_FLOWS)]


def periods_equal_sums() -> list[str]:
    """The sums by month, day and hour of busy accounts are the transfers."""
    steps = {0: "month", 1: "day", 2: "hour"}
    return [f"account {one}: the {steps.get(int(str(level)))} of {start} is not the sum of its transfers" for one, start, level in _rows(_PERIODS)]


def pendings_match() -> list[str]:
    """What balances say is promised is what is open; what was posted of a promise is in the books."""
    return [f"{one}: promised or posted figures differ ({first}, {second})" for one, first, second in _rows(_PENDINGS)]


def reversals_mirror() -> list[str]:
    """What takes an entry back moves the same amounts the other way."""
    return [f"entry {one} does not move back what it names" for (one,) in _rows(_REVERSALS)]


def transfers_are_as_recorded() -> list[str]:
    """Each transfer is what its line in the record says, and each recorded line has its transfer."""
    return [
        f"entry {entry}, transfer {number}: the books say {amount} {unit}, the record {said} {said_unit}"
        for entry, number, amount, unit, said, said_unit in _rows(_RECORDED)
    ]
