"""The only place of the books that reads the ledger's tables: the journal as a stream, and sums of it at a moment.

``until`` is a moment: what is effective before it counts. Amounts are in the smallest unit; a balance is credits − debits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from madang.coop.ledger import periods
from madang.coop.ledger.books.chart import Chart

SORT_MEMORY = "64MB"
"""What the database may use to put the journal in order before it writes to disk; this process holds one entry at a time."""
BEGIN, END = "-infinity", "infinity"

_JOURNAL = """
COPY (
    SELECT t.entry_id, to_char(t.at AT TIME ZONE %(zone)s, 'YYYY-MM-DD'), to_char(e.at AT TIME ZONE %(zone)s, 'YYYY-MM-DD'), e.kind, t.kind,
           t.debit_id, d.kind, CASE WHEN d.owner = '' OR d.owner LIKE 'rail:%%' THEN d.owner END,
           t.credit_id, c.kind, CASE WHEN c.owner = '' OR c.owner LIKE 'rail:%%' THEN c.owner END,
           t.unit, t.amount, t.version_id, v.key, v.decision_id, t.note->>'of', t.note->>'share'
    FROM ledger_transfer t
    JOIN ledger_entry e ON e.id = t.entry_id
    JOIN ledger_account d ON d.id = t.debit_id
    JOIN ledger_account c ON c.id = t.credit_id
    LEFT JOIN rules_ruleversion v ON v.id = t.version_id
    WHERE t.at >= %(since)s::timestamptz AND t.at < %(until)s::timestamptz {left_out}
    ORDER BY t.at, t.entry_id, t.ordinal
) TO STDOUT
"""
_ACCOUNTS = """
COPY (
    SELECT a.kind, CASE WHEN a.owner = '' OR a.owner LIKE 'rail:%%' THEN a.owner END, a.id, a.unit, sum(s.amount)
    FROM (SELECT t.credit_id AS account_id, t.amount FROM ledger_transfer t WHERE t.at >= %(since)s::timestamptz AND t.at < %(until)s::timestamptz {left_out}
          UNION ALL
          SELECT t.debit_id, -t.amount FROM ledger_transfer t WHERE t.at >= %(since)s::timestamptz AND t.at < %(until)s::timestamptz {left_out}) AS s
    JOIN ledger_account a ON a.id = s.account_id
    GROUP BY a.id ORDER BY a.kind, a.id
) TO STDOUT
"""
TOUCHING = """
SELECT entry_id FROM ledger_transfer WHERE debit_id = ANY(%(without)s::bigint[]) AND at >= %(since)s::timestamptz AND at < %(until)s::timestamptz
UNION
SELECT entry_id FROM ledger_transfer WHERE credit_id = ANY(%(without)s::bigint[]) AND at >= %(since)s::timestamptz AND at < %(until)s::timestamptz
"""
"""The entries of a time that touch one of the accounts ``without``."""
LEFT_OUT = f"AND t.entry_id NOT IN ({TOUCHING})"
_FLOWS = """
WITH moved AS (
    SELECT kind, debit_kind, credit_kind, sum(amount) AS amount FROM ledger_dayflow
    WHERE unit = %(unit)s AND day >= %(first)s AND day < %(last)s GROUP BY 1, 2, 3
)
SELECT kind, debit_kind, credit_kind, amount FROM moved WHERE amount <> 0 ORDER BY 1, 2, 3
"""
_APART = """
SELECT id FROM ledger_account
WHERE unit = %(unit)s AND ((kind = ANY(%(own)s) AND owner = '') OR (kind = ANY(%(others)s) AND owner <> ''))
"""
_THROUGH = """
SELECT t.kind, d.kind, d.owner = '', c.kind, c.owner = '', sum(t.amount)
FROM (
    SELECT id, kind, debit_id, credit_id, amount FROM ledger_transfer
    WHERE debit_id = ANY(%(apart)s) AND at >= %(since)s::timestamptz AND at < %(until)s::timestamptz
    UNION
    SELECT id, kind, debit_id, credit_id, amount FROM ledger_transfer
    WHERE credit_id = ANY(%(apart)s) AND at >= %(since)s::timestamptz AND at < %(until)s::timestamptz
) AS t JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
GROUP BY 1, 2, 3, 4, 5
"""
_SPAN = """
SELECT min((t.at AT TIME ZONE %(zone)s)::date), max((t.at AT TIME ZONE %(zone)s)::date) FROM ledger_transfer t
WHERE t.at >= %(since)s::timestamptz AND t.at < %(until)s::timestamptz {left_out}
"""
_BALANCES = """
SELECT a.id, a.kind, a.owner, a.unit, sum(s.amount) FROM (
    SELECT credit_id AS account_id, amount FROM ledger_transfer WHERE credit_id = ANY(%(wanted)s) AND at < %(until)s::timestamptz
    UNION ALL SELECT debit_id, -amount FROM ledger_transfer WHERE debit_id = ANY(%(wanted)s) AND at < %(until)s::timestamptz
) AS s JOIN ledger_account a ON a.id = s.account_id GROUP BY a.id ORDER BY a.unit, a.kind, a.id
"""
_UNITS = "SELECT DISTINCT unit FROM ledger_account ORDER BY unit"


class Line(NamedTuple):
    """One transfer of the journal, each field as the database writes it. Owners are "" (the co-op), ``"rail:<name>"`` or None (somebody)."""

    entry: str
    day: str
    recorded: str
    event: str
    kind: str
    debit: str
    debit_kind: str
    debit_owner: str | None
    credit: str
    credit_kind: str
    credit_owner: str | None
    unit: str
    amount: str
    version: str | None
    rule: str | None
    decision: str | None
    of: str | None
    share: str | None


class Standing(NamedTuple):
    """What one account comes to."""

    kind: str
    owner: str | None
    number: str
    unit: str
    balance: int


class Flow(NamedTuple):
    """What moved between accounts of two kinds by one kind of transfer; ``own``: the co-op's own account, where that makes a difference."""

    kind: str
    debit_kind: str
    debit_own: bool
    credit_kind: str
    credit_own: bool
    amount: int


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read inside is of one moment, whatever is booked meanwhile."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as sql:
            if alone:
                sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            sql.execute(f"SET LOCAL work_mem = '{SORT_MEMORY}'")
        yield


class Part(NamedTuple):
    """What part of the journal is meant: what counts from ``since`` (None: ever) on and before ``until`` (None: for ever), and none of the
    entries that touch one of the accounts ``without``."""

    until: datetime | None = None
    since: datetime | None = None
    without: tuple[int, ...] = ()


def _asked(query: str, part: Part) -> tuple[str, dict[str, Any]]:
    params = {"zone": str(periods.zone()), "until": part.until.isoformat() if part.until else END, "since": part.since.isoformat() if part.since else BEGIN}
    return query.format(left_out=LEFT_OUT if part.without else ""), {**params, "without": list(part.without)}


def _rows(query: str, part: Part) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as sql, sql.copy(*_asked(query, part)) as copy:
        yield from copy.rows()


def entries(part: Part) -> Iterator[list[Line]]:
    """The journal: the transfers of one entry after another, by the day they count from. One query, streamed."""
    gathered: list[Line] = []
    for row in _rows(_JOURNAL, part):
        line = Line._make(row)
        if gathered and line.entry != gathered[0].entry:
            yield gathered
            gathered = []
        gathered.append(line)
    if gathered:
        yield gathered


def standings(part: Part) -> Iterator[Standing]:
    """Each account that ever moved, with its balance, by kind and number: summed anew from the transfers. One query, streamed."""
    for kind, owner, number, unit, balance in _rows(_ACCOUNTS, part):
        yield Standing(kind, owner, number, unit, int(balance))


def span(part: Part) -> tuple[date, date] | None:
    """The first and the last day of the journal in the co-op's time zone; None when there is nothing. One query."""
    with connection.cursor() as sql:
        sql.execute(*_asked(_SPAN, part))
        first, last = sql.fetchone()
    return (first, last) if first else None


def units() -> list[str]:
    """The codes of all units there are accounts of. One query."""
    with connection.cursor() as sql:
        sql.execute(_UNITS)
        return [row[0] for row in sql.fetchall()]


def flows(first: date | None, last: date, unit: str, chart: Chart) -> list[Flow]:
    """What moved from the day ``first`` (None: ever) to the day ``last``, both included, in the co-op's time zone. At most 3 queries.

    The daily totals do not say whose an account is. Where the chart asks for it (a common fund: whose?), the few accounts that are
    not what their kind mostly is are summed by themselves and taken out.
    """
    since, after = (first or date.min), last + timedelta(days=1)
    params: dict[str, Any] = {"unit": unit, "first": since, "last": after, "own": chart.rarely_own(), "others": chart.rarely_others()}
    with connection.cursor() as sql:
        sql.execute(_FLOWS, params)
        total = {(kind, debit, credit): int(amount) for kind, debit, credit, amount in sql.fetchall()}
        sql.execute(_APART, params)
        params["apart"] = [row[0] for row in sql.fetchall()]
        rows: list[tuple[Any, ...]] = []
        if params["apart"]:
            params |= {"since": periods.begins(first) if first else "-infinity", "until": periods.begins(after)}
            sql.execute(_THROUGH, params)
            rows = sql.fetchall()
    found = []
    for kind, debit, debit_own, credit, credit_own, amount in rows:
        found.append(Flow(kind, debit, debit_own, credit, credit_own, int(amount)))
        total[kind, debit, credit] = total.get((kind, debit, credit), 0) - int(amount)
    mostly = chart.mostly_own()
    found += [Flow(kind, debit, debit in mostly, credit, credit in mostly, amount) for (kind, debit, credit), amount in total.items() if amount]
    return found


def balances(wanted: Sequence[int], until: datetime) -> list[tuple[int, str, str, str, int]]:
    """(account, kind, owner, unit, balance) of accounts that moved before a moment. One query."""
    with connection.cursor() as sql:
        sql.execute(_BALANCES, {"wanted": list(wanted), "until": until})
        return [(pk, kind, owner, unit, int(balance)) for pk, kind, owner, unit, balance in sql.fetchall()]


def accounts_of(owners: Sequence[str]) -> list[int]:
    """The numbers of all accounts of these owners. One query."""
    with connection.cursor() as sql:
        sql.execute("SELECT id FROM ledger_account WHERE owner = ANY(%s)", [list(owners)])
        return [row[0] for row in sql.fetchall()]


def parties(first: date, last: date, unit: str, limit: int) -> list[str]:
    """Up to ``limit`` owners whose money moved in the months of these days. One query."""
    with connection.cursor() as sql:
        sql.execute(
            "SELECT DISTINCT owner FROM ledger_party WHERE unit = %s AND month >= %s AND month <= %s AND owner <> '' LIMIT %s",
            [unit, first.replace(day=1), last, limit],
        )
        return [row[0] for row in sql.fetchall()]
