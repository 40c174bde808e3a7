"""What an account held at any moment: by when things counted (effective), or by what was booked until then (recorded)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from madang.coop.ledger import periods
from madang.coop.ledger.models import Account

_MICROSECOND = timedelta(microseconds=1)
# Whole months, whole days of the last month, whole hours of the last day (UTC), and what came in the last hour, transfer by transfer.
_BUSY = """
SELECT coalesce((
    SELECT sum(credits - debits) FROM ledger_period
    WHERE account_id = %(account)s AND (level = 0 AND start < date_trunc('month', %(before)s::timestamptz, 'UTC')
        OR level = 1 AND start >= date_trunc('month', %(before)s::timestamptz, 'UTC') AND start < date_trunc('day', %(before)s::timestamptz, 'UTC')
        OR level = 2 AND start >= date_trunc('day', %(before)s::timestamptz, 'UTC') AND start < date_trunc('hour', %(before)s::timestamptz, 'UTC'))
), 0) + coalesce((
    SELECT sum(amount) FROM ledger_transfer
    WHERE credit_id = %(account)s AND at >= date_trunc('hour', %(before)s::timestamptz, 'UTC') AND at < %(before)s
), 0) - coalesce((
    SELECT sum(amount) FROM ledger_transfer
    WHERE debit_id = %(account)s AND at >= date_trunc('hour', %(before)s::timestamptz, 'UTC') AND at < %(before)s
), 0)
"""
_QUIET = """
SELECT coalesce((SELECT sum(amount) FROM ledger_transfer WHERE credit_id = %(account)s AND at < %(before)s), 0)
     - coalesce((SELECT sum(amount) FROM ledger_transfer WHERE debit_id = %(account)s AND at < %(before)s), 0)
"""
# Entries that were booked on one side of the moment and count on the other: booked later for before (out again), or ahead for after (in).
_DATED = """
SELECT coalesce(sum((CASE WHEN e.at < %(before)s THEN 1 ELSE -1 END) * (CASE WHEN t.credit_id = %(account)s THEN t.amount ELSE -t.amount END)), 0)
FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id
WHERE NOT (e.at = e.effective_at) AND tstzrange(least(e.at, e.effective_at), greatest(e.at, e.effective_at)) && tstzrange(%(last)s, %(before)s)
  AND (e.at < %(before)s) <> (e.effective_at < %(before)s) AND %(account)s IN (t.debit_id, t.credit_id)
"""


def balance_at(account: Account, moment: datetime, *, recorded: bool = False) -> int:
    """Credits − debits of an account at a moment, what happened at that very moment included. In the smallest unit.

    By what counted then; with ``recorded`` by what was booked until then (what one would have seen). One SQL query, two with ``recorded``.
    """
    return _before(account, moment + _MICROSECOND, recorded)


def balance_on(account: Account, day: date, *, recorded: bool = False) -> int:
    """The same at the end of a day of the co-op's time zone."""
    return _before(account, periods.begins(day + timedelta(days=1)), recorded)


def _before(account: Account, before: datetime, recorded: bool) -> int:
    params: dict[str, Any] = {"account": account.pk, "before": before, "last": before - _MICROSECOND}
    with connection.cursor() as cursor:
        cursor.execute(_BUSY if account.busy else _QUIET, params)
        total = int(cursor.fetchone()[0])
        if recorded:
            cursor.execute(_DATED, params)
            total += int(cursor.fetchone()[0])
    return total
