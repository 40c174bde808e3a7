"""Where the co-op's money is and where it went, for everyone. No figure is shown for a group under five."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.ledger import flows, periods
from madang.coop.ledger.books.chart import CLOSING, AccountKind, Chart, Side
from madang.coop.ledger.models import Hold
from madang.coop.people.models import Work
from madang.kit.splits import largest_remainder

FEWEST = 5
LOOK = 200
"""Open holds looked at before all are counted."""
WHOLE = 10_000
"""The picture shares out 10,000 smallest units: 10,000 won, $100."""


@dataclass(frozen=True)
class Slice:
    """One part of the picture: ``amount`` in the smallest unit, ``of_whole`` of each 10,000."""

    kind: str
    title: Any
    amount: int
    of_whole: int
    share: Fraction


@dataclass(frozen=True)
class Month:
    """What a month moved; None where fewer than five people stand behind a figure."""

    begins: date
    distributed: int | None
    upkeep: int | None
    card_costs: int | None
    refunded: int | None
    running: int


@dataclass(frozen=True)
class Heading:
    """What the co-op itself spent (or took in: ``income``) under one heading of its running costs, in the smallest unit."""

    code: int
    title: Any
    amount: int
    income: bool


@dataclass(frozen=True)
class Treasury:
    """The treasury page. Figures are in the smallest unit; None means "not shown: too few people".

    ``running``: the co-op's own costs and incomes of the months by heading (one of them can tell one person's pay, so they are for members), ``spent``
    what they come to together, less what came in.

    ``hidden``: the month's picture is not shown; then neither are the stocks, whose growth would tell what it hides.
    """

    unit: str
    since: datetime
    until: datetime
    distributed: int | None
    slices: list[Slice]
    card_costs: int | None
    upkeep_left: int | None
    held: int | None
    held_count: int
    capital: int | None
    balances: list[tuple[Any, int]]
    months: list[Month]
    running: list[Heading]
    hidden: bool = field(default=False)

    @property
    def spent(self) -> int:
        """The running costs together, less the other income."""
        return _spent(self.running)


Flows = dict[tuple[str, str, str], int]
_MONTHS = """
SELECT date_trunc('month', day)::date, kind, debit_kind, credit_kind, sum(amount) FROM ledger_dayflow WHERE unit = %s GROUP BY 1, 2, 3, 4
"""
_PARTIES = """
SELECT asked.month, asked.kind, ARRAY(
    SELECT owner FROM ledger_party p WHERE p.month = asked.month AND p.unit = %s AND p.kind = asked.kind AND p.owner <> '' ORDER BY owner LIMIT 5
) FROM unnest(%s::date[], %s::text[]) AS asked (month, kind)
"""


def treasury(since: datetime, until: datetime, *, unit: str | None = None) -> Treasury:
    """Where the money went in the whole months of ``[since, until)``, and where it is now. At most 6 SQL queries."""
    unit = unit or law.coop().currency
    by_month = _by_month(unit)
    first, last = since.astimezone(periods.zone()).date(), until.astimezone(periods.zone()).date()
    chosen = [month for month in by_month if first <= month < last]
    recent = sorted(by_month)[-12:]
    groups = _groups(unit, {(month, kind) for month in {*chosen, *recent} for kind, _debit, _credit in by_month[month]})
    moved: Flows = {}
    for month in chosen:
        for key, amount in by_month[month].items():
            moved[key] = moved.get(key, 0) + amount
    crowd = {kind: set().union(*(groups.get((month, kind), set()) for month in chosen)) for kind, _debit, _credit in moved}
    sizes = people_behind({owner for owners in [*crowd.values(), *groups.values()] for owner in owners})

    def shown(amount: int, owners: set[str]) -> int | None:
        return amount if not owners or sum(sizes.get(owner, 1) for owner in owners) >= FEWEST else None

    slices, hidden = _slices(moved, crowd, sizes)
    costs = shown(_total(moved, kind="card-cost"), crowd.get("card-cost", set()))
    upkeep = next((one.amount for one in slices if one.kind == "upkeep"), None)
    stock, headings = _stock(by_month.values()), [one for one in Chart().kinds if one.running]
    running = _running(moved, headings)
    held, payers, held_count = _held(unit)
    members = _share_holders(unit)
    return Treasury(
        unit, since, until,
        distributed=None if hidden else sum(one.amount for one in slices),
        slices=slices,
        card_costs=costs,
        upkeep_left=upkeep - costs - _spent(running) if upkeep is not None and costs is not None else None,
        held=held if payers >= FEWEST or not held else None,
        held_count=held_count,
        capital=stock.get("shares", 0) if members >= FEWEST or not members else None,
        balances=[] if hidden else [(title, stock[kind]) for kind, title in _places() if stock.get(kind) and (kind != "card-costs" or costs is not None)],
        months=[_month(month, by_month[month], groups, sizes, headings) for month in reversed(recent)],
        running=running,
        hidden=hidden,
    )  # fmt: skip


def _places() -> list[tuple[str, Any]]:
    return [("upkeep", _("Upkeep of the platform")), ("card-costs", _("Card costs so far")), ("fund", _("Common funds")), ("goodwill", _("Goodwill"))]


def _by_month(unit: str) -> dict[date, Flows]:
    with connection.cursor() as sql:
        sql.execute(_MONTHS, [unit])
        months: dict[date, Flows] = {}
        for month, kind, debit, credit, amount in sql.fetchall():
            months.setdefault(month, {})[(kind, debit, credit)] = int(amount)
    return months


def _groups(unit: str, asked: set[tuple[date, str]]) -> dict[tuple[date, str], set[str]]:
    """Up to five owners whose money moved, by month and kind of transfer."""
    pairs = sorted(asked)
    with connection.cursor() as sql:
        sql.execute(_PARTIES, [unit, [month for month, _kind in pairs], [kind for _month, kind in pairs]])
        return {(month, kind): set(owners) for month, kind, owners in sql.fetchall()}


def people_behind(owners: set[str]) -> dict[str, int]:
    """How many people stand behind an owner: an organisation counts those who work in it."""
    organisations = [UUID(owner.removeprefix("organisation:")) for owner in owners if owner.startswith("organisation:")]
    if not organisations:
        return {}
    rows = Work.objects.filter(organisation__in=organisations, until=None).values("organisation").annotate(people=Count("person", distinct=True))
    return {f"organisation:{row['organisation']}": row["people"] for row in rows}


def head_count(owners: set[str]) -> int:
    """How many people stand behind owners together. At most one SQL query."""
    sizes = people_behind(owners)
    return sum(sizes.get(owner, 1) for owner in owners)


def _total(moved: Flows, *, kind: str | None = None, debit: str | None = None, credit: str | None = None) -> int:
    return sum(
        amount
        for (one, taken, given), amount in moved.items()
        if (kind is None or one == kind) and (debit is None or taken == debit) and (credit is None or given == credit)
    )


def _slices(moved: Flows, crowd: dict[str, set[str]], sizes: dict[str, int]) -> tuple[list[Slice], bool]:
    """What was held and then released, by where it went. Small groups are put together; if that is still too few, nothing is shown."""
    sums: dict[str, int] = {}
    for (kind, debit, credit), amount in moved.items():
        if debit == "hold" and credit != "refunds" and credit != "hold":
            sums[kind] = sums.get(kind, 0) + amount
    small = [kind for kind in sums if crowd.get(kind) and sum(sizes.get(owner, 1) for owner in crowd[kind]) < FEWEST]
    if small:
        together = set().union(*(crowd[kind] for kind in small))
        if sum(sizes.get(owner, 1) for owner in together) < FEWEST:
            return [], True
        sums["other"] = sum(sums.pop(kind) for kind in small)
    known = flows.flows()
    order = sorted(sums, key=lambda kind: (known[kind].order if kind in known else 99, kind))
    whole = sum(sums.values())
    if not whole:
        return [], False
    of_whole = largest_remainder(WHOLE, [(kind, Fraction(sums[kind])) for kind in order], "treasury")
    titles = {kind: known[kind].title if kind in known else _("other") for kind in order}
    return [Slice(kind, titles[kind], sums[kind], of_whole[kind], Fraction(of_whole[kind], WHOLE)) for kind in order], False


def _running(moved: Flows, headings: list[AccountKind]) -> list[Heading]:
    """What was spent under each heading and did not come back; other income likewise. What a year's closing takes out is neither."""
    found = []
    for one in headings:
        taken = sum(amount for (kind, debit, _credit), amount in moved.items() if debit == one.kind and kind != CLOSING)
        given = sum(amount for (kind, _debit, credit), amount in moved.items() if credit == one.kind and kind != CLOSING)
        if taken != given:
            income = one.side is Side.INCOME
            found.append(Heading(one.code, one.title, (given - taken) if income else (taken - given), income))
    return found


def _spent(running: list[Heading]) -> int:
    return sum(-one.amount if one.income else one.amount for one in running)


def _stock(months: Iterable[Flows]) -> dict[str, int]:
    """What stands in the accounts of each kind: all that came in less all that went out."""
    stock: dict[str, int] = {}
    for moved in months:
        for (_kind, debit, credit), amount in moved.items():
            stock[debit] = stock.get(debit, 0) - amount
            stock[credit] = stock.get(credit, 0) + amount
    return stock


def _held(unit: str) -> tuple[int, int, int]:
    """(kept until the work is done, people who paid it, up to the few that decide whether it is shown, for how many jobs)."""
    open_holds = Hold.objects.filter(unit=unit, state=Hold.HELD)
    row = open_holds.aggregate(total=Sum("amount"), jobs=Count("id"))
    payers = len(set(open_holds.values_list("payer", flat=True)[:LOOK])) if row["jobs"] else 0
    if payers < FEWEST:
        payers = open_holds.values("payer").distinct().count()
    return int(row["total"] or 0), payers, int(row["jobs"])


def _share_holders(unit: str) -> int:
    """How many hold shares, counted only as far as decides whether a figure is shown."""
    with connection.cursor() as sql:
        sql.execute(
            "SELECT count(*) FROM (SELECT 1 FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id "
            "WHERE a.kind = 'shares' AND a.unit = %s AND b.credits > b.debits LIMIT %s) AS few",
            [unit, FEWEST],
        )
        return int(sql.fetchone()[0])


def _month(month: date, moved: Flows, groups: dict[tuple[date, str], set[str]], sizes: dict[str, int], headings: list[AccountKind]) -> Month:
    crowd = {kind: groups.get((month, kind), set()) for kind, _debit, _credit in moved}
    slices, hidden = _slices(moved, crowd, sizes)

    def figure(kind: str) -> int | None:
        owners = crowd.get(kind, set())
        return _total(moved, kind=kind) if not owners or sum(sizes.get(owner, 1) for owner in owners) >= FEWEST else None

    upkeep = next((one.amount for one in slices if one.kind == "upkeep"), 0)
    distributed = None if hidden else sum(one.amount for one in slices)
    return Month(month, distributed, None if hidden else upkeep, figure("card-cost"), figure("refund-sent"), _spent(_running(moved, headings)))
