"""What must always hold, asked of the data itself: each answers with a sentence for every violation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

MOST = 20

_OVERLAPS = """
SELECT a.id, b.id FROM services_job a JOIN services_job b ON a.worker_id = b.worker_id AND a.id < b.id AND a.busy && b.busy
WHERE a.state IN ('held', 'offered', 'accepted', 'in_progress', 'done') AND b.state IN ('held', 'offered', 'accepted', 'in_progress', 'done') LIMIT %s
"""
_HELD = """
SELECT coalesce(j.id::text, substr(h.subject, 5)), j.state, j.price, h.amount FROM
  (SELECT id, state, price FROM services_job WHERE state IN ('offered', 'accepted', 'in_progress', 'done', 'problem')) j
  FULL JOIN (SELECT subject, sum(amount) AS amount FROM ledger_hold WHERE state = 'held' AND subject LIKE 'job:%%' GROUP BY subject) h
  ON h.subject = 'job:' || j.id::text
WHERE j.price IS DISTINCT FROM h.amount LIMIT %s
"""
_PARTS = """
SELECT j.id, j.price, 0, sums.refund, sums.worker, sums.fund, sums.upkeep, sums.vat,
       j.refunded, j.worker_part, j.fund_part, j.upkeep_part, j.tax_part
FROM services_job j JOIN LATERAL (
  SELECT coalesce(sum(t.amount) FILTER (WHERE t.kind = 'refund'), 0) AS refund, coalesce(sum(t.amount) FILTER (WHERE t.kind = 'worker'), 0) AS worker,
         coalesce(sum(t.amount) FILTER (WHERE t.kind = 'fund'), 0) AS fund, coalesce(sum(t.amount) FILTER (WHERE t.kind = 'upkeep'), 0) AS upkeep,
         coalesce(sum(t.amount) FILTER (WHERE t.kind = 'vat'), 0) AS vat
  FROM ledger_hold h JOIN ledger_transfer t ON t.entry_id = h.entry_id WHERE h.subject = 'job:' || j.id::text
) sums ON true
WHERE j.state IN ('released', 'cancelled', 'unfilled', 'refunded')
  AND (sums.refund, sums.worker, sums.fund, sums.upkeep, sums.vat) IS DISTINCT FROM (j.refunded, j.worker_part, j.fund_part, j.upkeep_part, j.tax_part) LIMIT %s
"""


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [MOST])
        return list(cursor.fetchall())


def overlaps() -> Sequence[str]:
    """No worker has two jobs whose times overlap. One query."""
    return [f"jobs {a} and {b} have the same worker at the same time" for a, b in _rows(_OVERLAPS)]


def held() -> Sequence[str]:
    """Exactly the jobs that are paid and not over have their price in hold. One query."""
    return [f"job {job} is {state or 'over'}: price {price}, in hold {amount}" for job, state, price, amount in _rows(_HELD)]


def parts() -> Sequence[str]:
    """For each job that is over, what it says was paid to whom is what its entry in the books moved. One query."""
    return [f"job {row[0]}: the books moved {row[3:8]}, the job says {row[8:13]}" for row in _rows(_PARTS)]
