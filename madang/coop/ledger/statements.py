"""What someone earned, and why: the lines of their payable account, grouped by what they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.ledger import flows, periods
from madang.coop.ledger.flows import About
from madang.coop.ledger.models import Account
from madang.coop.ledger.owners import names
from madang.kit.errors import Missing

LINES_MAX = 120
EARNED, PAID_OUT = "earned", "paid-out"
"""What the lines of a statement come to: all that came, less what was passed on; and what went to the owner, or was kept back of that by law."""
OUT = ("payout", "payout-returned", "withheld", "withheld-local", "withheld-back", "withheld-local-back")


@dataclass(frozen=True)
class Line:
    """One transfer as its owner sees it: ``amount`` is signed, plus is theirs. ``other`` is who gave or got it, when it was someone."""

    transfer: int
    kind: str
    title: Any
    amount: int
    note: dict[str, Any]
    other: str
    why_url: str


@dataclass(frozen=True)
class Group:
    """All lines of one entry: one job, one payout."""

    entry: UUID
    at: datetime
    about: About
    lines: list[Line]

    @property
    def total(self) -> int:
        """What it all comes to, signed."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True)
class Sorted:
    """What all lines of one kind come to, signed: plus is the owner's."""

    kind: str
    title: Any
    amount: int

    @property
    def out(self) -> bool:
        """Whether this left for the owner, and was not earned or passed on."""
        return self.kind in OUT


@dataclass
class Sum:
    """A day's, a week's or a month's sums, in the smallest unit: ``earned`` (net of what was passed on), ``paid_out``."""

    begins: date
    earned: int = 0
    paid_out: int = 0
    lines: int = 0


@dataclass(frozen=True)
class Statement:
    """What ``owner`` earned in ``[since, until)``. ``more`` is the cursor of older lines, "" when all are here."""

    owner: str
    unit: str
    since: datetime
    until: datetime
    groups: list[Group]
    weeks: list[Sum]
    months: list[Sum]
    kinds: list[Sorted]
    balance: int
    more: str = ""
    earned: int = field(default=0)
    paid_out: int = field(default=0)


_LINES = """
SELECT t.id, t.entry_id, t.kind, t.amount, t.note, t.at, e.subject, t.sign, o.owner FROM (
    (SELECT id, entry_id, kind, amount, note, at, 1 AS sign, debit_id AS other FROM ledger_transfer
     WHERE credit_id = %(account)s AND at >= %(since)s AND at < %(until)s AND (at, id) < (%(before_at)s, %(before_id)s) {sorts}
     ORDER BY at DESC, id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT id, entry_id, kind, amount, note, at, -1 AS sign, credit_id AS other FROM ledger_transfer
     WHERE debit_id = %(account)s AND at >= %(since)s AND at < %(until)s AND (at, id) < (%(before_at)s, %(before_id)s) {sorts}
     ORDER BY at DESC, id DESC LIMIT %(limit)s)
) t JOIN ledger_entry e ON e.id = t.entry_id JOIN ledger_account o ON o.id = t.other
ORDER BY t.at DESC, t.id DESC LIMIT %(limit)s
"""
_SUMS = """
SELECT (at AT TIME ZONE %(zone)s)::date AS day, kind, sum(amount), count(*) FROM (
    SELECT at, kind, amount FROM ledger_transfer WHERE credit_id = %(account)s AND at >= %(since)s AND at < %(until)s {sorts}
    UNION ALL
    SELECT at, kind, -amount FROM ledger_transfer WHERE debit_id = %(account)s AND at >= %(since)s AND at < %(until)s {sorts}
) AS sides GROUP BY 1, 2 ORDER BY 1
"""


def statement(
    owner: str,
    since: datetime,
    until: datetime,
    *,
    unit: str | None = None,
    kind: str = "payable",
    cursor: str = "",
    limit: int = LINES_MAX,
    names_for: str | None = None,
    sort: str = "",
) -> Statement:
    """The earnings statement of an owner for ``[since, until)``, newest lines first, at most ``limit`` (older ones with ``cursor``).

    ``names_for``: the reader (``person:<id>``) of an organisation's statement who is shown no other person's name, nor the way to their lines.
    ``sort``: only the lines that make up ``EARNED`` or ``PAID_OUT``, or those of one kind of transfer.
    Sums are over the whole time. At most 7 SQL queries however long it is. Raises ``Missing`` for a spoilt cursor.
    """
    from madang.coop.ledger.queries import balance

    unit = unit or law.coop().currency
    before = _cursor(cursor, until)
    account = Account.objects.filter(kind=kind, owner=owner, unit=unit).first()
    if account is None:
        return Statement(owner, unit, since, until, [], [], [], [], 0)
    rows, more = _lines(account.pk, since, until, before, min(limit, LINES_MAX), sort)
    weeks, months, kinds = _sums(account.pk, since, until, sort)
    return Statement(
        owner, unit, since, until, _groups(rows, names_for), weeks, months, kinds, balance(account), more,
        earned=sum(month.earned for month in months), paid_out=sum(month.paid_out for month in months),
    )  # fmt: skip


def _cursor(text: str, until: datetime) -> tuple[datetime, int]:
    """``"<moment>.<transfer>"`` as the place to go on from; "" is the end of the time asked for."""
    if not text:
        return until, 0
    moment, _dot, number = text.rpartition(".")
    try:
        before = datetime.fromisoformat(moment), int(number)
    except ValueError as error:
        raise Missing("no such page") from error
    if before[0].tzinfo is None or not 0 <= before[1] < 2**63:
        raise Missing("no such page")
    return before


def _of_sort(sort: str) -> str:
    """The condition for the lines of a sort."""
    return {"": "", EARNED: "AND NOT kind = ANY(%(sorts)s)"}.get(sort, "AND kind = ANY(%(sorts)s)")


def _sorts(sort: str) -> list[str]:
    return list(OUT) if sort in ("", EARNED, PAID_OUT) else [sort]


def _lines(account: int, since: datetime, until: datetime, before: tuple[datetime, int], limit: int, sort: str) -> tuple[list[Any], str]:
    before_at, before_id = before
    params: dict[str, Any] = {
        "account": account, "since": since, "until": until, "before_at": before_at, "before_id": before_id, "limit": limit + 1, "sorts": _sorts(sort),
    }  # fmt: skip
    with connection.cursor() as sql:
        sql.execute(_LINES.format(sorts=_of_sort(sort)), params)
        rows = sql.fetchall()
    if len(rows) <= limit:
        return rows, ""
    last = rows[limit][1]  # the first line of the next page: an entry is not torn apart unless it is longer than a page
    whole = [row for row in rows[:limit] if row[1] != last] or rows[:limit]
    return whole, f"{whole[-1][5].isoformat()}.{whole[-1][0]}"


def _groups(rows: Sequence[Any], names_for: str | None) -> list[Group]:
    titles, told, called = flows.flows(), flows.about(row[6] for row in rows), names([row[8] for row in rows if row[8]])
    groups: dict[UUID, Group] = {}
    for transfer, entry, kind, amount, note, at, subject, sign, other in rows:
        group = groups.setdefault(entry, Group(entry, at, told.get(subject, About("")), []))
        title = titles[kind].title if kind in titles else flows.flow(kind).title
        known = names_for is None or not other.startswith("person:") or other == names_for
        name, url = (called.get(other, ""), reverse("ledger:why", args=[transfer])) if known else (_("a colleague"), "")
        group.lines.append(Line(transfer, kind, title, sign * amount, _loaded(note), name, url))
    for group in groups.values():
        group.lines.reverse()
    return list(groups.values())


def _loaded(note: Any) -> dict[str, Any]:
    return dict(json.loads(note)) if isinstance(note, str) else dict(note or {})


def _sums(account: int, since: datetime, until: datetime, sort: str) -> tuple[list[Sum], list[Sum], list[Sorted]]:
    params: dict[str, Any] = {"account": account, "since": since, "until": until, "zone": str(periods.zone()), "sorts": _sorts(sort)}
    with connection.cursor() as sql:
        sql.execute(_SUMS.format(sorts=_of_sort(sort)), params)
        rows = sql.fetchall()
    weeks: dict[date, Sum] = {}
    months: dict[date, Sum] = {}
    kinds: dict[str, int] = {}
    for day, kind, amount, count in rows:
        kinds[kind] = kinds.get(kind, 0) + int(amount)
        for sums, first in ((weeks, day - timedelta(days=day.weekday())), (months, day.replace(day=1))):
            one = sums.setdefault(first, Sum(first))
            one.lines += count
            if kind in OUT:
                one.paid_out -= int(amount)
            else:
                one.earned += int(amount)
    known = flows.flows()
    by_order = sorted(kinds.items(), key=lambda item: (known[item[0]].order if item[0] in known else 99, item[0]))
    return list(weeks.values()), list(months.values()), [Sorted(kind, flows.flow(kind).title, amount) for kind, amount in by_order]
