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
