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


def transfers_are_as_recorded() -> list[str]:
    """Each transfer is what its line in the record says, and each recorded line has its transfer."""
    return [
        f"entry {entry}, transfer {number}: the books say {amount} {unit}, the record {said} {said_unit}"
        for entry, number, amount, unit, said, said_unit in _rows(_RECORDED)
    ]
