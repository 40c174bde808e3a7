"""Balance sheet, income statement and equity of the co-op, summed by kind of account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from madang.coop.ledger import flows
from madang.coop.ledger.books import journal
from madang.coop.ledger.books.chart import CLOSING, UNDECLARED, AccountKind, Chart, Side
from madang.coop.ledger.books.journal import Flow


@dataclass(frozen=True)
class Row:
    """One line of a statement: ``amount`` in the smallest unit, with the sign of its side (an asset we have is plus)."""

    code: int
    title: Any
    amount: int

    @property
    def leads(self) -> bool:
        """Whether there is a page about it."""
        return self.code != UNDECLARED


@dataclass(frozen=True)
class Part:
    """One side of a statement."""

    side: Side
    rows: list[Row]

    @property
    def total(self) -> int:
        """What its rows come to."""
        return sum(row.amount for row in self.rows)


@dataclass(frozen=True)
class Change:
    """What a line of equity was before, what was added and taken by kind of transfer, and what it is after."""

    code: int
    title: Any
    before: int
    changes: list[tuple[Any, int]]
    after: int


@dataclass(frozen=True)
class Statements:
    """The three statements of the days ``first`` to ``last`` in one unit, as they stand at the end of ``last``.

    ``surplus`` is of that time, ``surplus_before`` of all time before it, less the results of years that were closed (also during it).
    """

    unit: str
    first: date
    last: date
    assets: Part
    liabilities: Part
    equity: Part
    income: Part
    expenses: Part
    surplus_before: int
    equity_changes: list[Change] = field(default_factory=list)

    @property
    def parts(self) -> list[Part]:
        """All five."""
        return [self.assets, self.liabilities, self.equity, self.income, self.expenses]

    @property
    def surplus(self) -> int:
        """Income less expenses of the time."""
        return self.income.total - self.expenses.total

    @property
    def surplus_kept(self) -> int:
        """All income less all expenses up to the end: it belongs to the members until a year is closed."""
        return self.surplus_before + self.surplus

    @property
    def equity_total(self) -> int:
        """Equity with the surplus in it."""
        return self.equity.total + self.surplus_kept

    @property
    def off(self) -> int:
        """Assets less liabilities less equity: nothing, always."""
        return self.assets.total - self.liabilities.total - self.equity_total


def statements(first: date, last: date, unit: str, chart: Chart | None = None) -> Statements:
    """The statements of the days ``first`` to ``last`` of the co-op. At most 6 SQL queries however long the books are."""
    chart = chart or Chart()
    before, during = journal.flows(None, first - timedelta(days=1), unit, chart), journal.flows(first, last, unit, chart)
    earlier, moved = _sums(before, chart), _sums(during, chart)
    earned = _sums((one for one in during if one.kind != CLOSING), chart)
    after = {code: earlier.get(code, 0) + moved.get(code, 0) for code in {*earlier, *moved}}
    results = (Side.INCOME, Side.EXPENSES)

    def part(side: Side) -> Part:
        return _part(side, earned if side in results else after, chart)

    closed = sum(amount - earned.get(code, 0) for code, amount in moved.items() if code // 100 in results)
    surplus_before = closed + sum(amount for code, amount in earlier.items() if code // 100 in results)
    five = (part(Side.ASSETS), part(Side.LIABILITIES), part(Side.EQUITY), part(Side.INCOME), part(Side.EXPENSES))
    return Statements(unit, first, last, *five, surplus_before, _changes(earlier, during, chart))


def _code(kind: str, own: bool, chart: Chart) -> int:
    found = chart.of(kind, own)
    return found.code if found else UNDECLARED


def _sums(moved: Iterable[Flow], chart: Chart) -> dict[int, int]:
    """Credits − debits by code."""
    sums: dict[int, int] = {}
    for one in moved:
        taken, given = _code(one.debit_kind, one.debit_own, chart), _code(one.credit_kind, one.credit_own, chart)
        sums[taken] = sums.get(taken, 0) - one.amount
        sums[given] = sums.get(given, 0) + one.amount
    return sums


def closings(last: date, unit: str, chart: Chart) -> dict[int, int]:
    """What closing years took out of each line and put into others, ever, up to the day ``last``: credits − debits by code."""
    return _sums((one for one in journal.flows(None, last, unit, chart) if one.kind == CLOSING), chart)


def title(code: int, chart: Chart) -> Any:
    """What a line is called."""
    found = chart.by_code(code)
    return found.title if found else _("Undeclared")


def _part(side: Side, sums: dict[int, int], chart: Chart) -> Part:
    rows = [Row(code, title(code, chart), side.sign * amount) for code, amount in sorted(sums.items()) if code // 100 == side and amount]
    return Part(side, rows)


def _changes(earlier: dict[int, int], during: list[Flow], chart: Chart) -> list[Change]:
    """How each line of equity changed, by kind of transfer."""
    moved: dict[int, dict[str, int]] = {}
    for one in during:
        for kind, own, sign in ((one.debit_kind, one.debit_own, -1), (one.credit_kind, one.credit_own, 1)):
            code = _code(kind, own, chart)
            if code // 100 == Side.EQUITY:
                by_kind = moved.setdefault(code, {})
                by_kind[one.kind] = by_kind.get(one.kind, 0) + sign * one.amount
    codes = sorted({code for code in earlier if code // 100 == Side.EQUITY and earlier[code]} | set(moved))
    known = flows.flows()
    order = {kind: (flow.order, kind) for kind, flow in known.items()}
    found = []
    for code in codes:
        by_kind = moved.get(code, {})
        changes = [(flows.flow(kind).title, by_kind[kind]) for kind in sorted(by_kind, key=lambda kind: order.get(kind, (99, kind))) if by_kind[kind]]
        was = earlier.get(code, 0)
        found.append(Change(code, title(code, chart), was, changes, was + sum(by_kind.values())))
    return found


@dataclass(frozen=True)
class MadeOf:
    """How one line of a statement came about: amounts with the sign of its side."""

    kind: AccountKind
    before: int
    changes: list[tuple[Any, int]]
    after: int


def made_of(code: int, first: date, last: date, unit: str, chart: Chart | None = None) -> MadeOf | None:
    """What moved a line of a statement, by kind of transfer; None for a code nobody declared. At most 6 SQL queries."""
    chart = chart or Chart()
    kind = chart.by_code(code)
    if kind is None:
        return None
    sign = kind.side.sign
    before = sign * _sums(journal.flows(None, first - timedelta(days=1), unit, chart), chart).get(code, 0)
    by_kind: dict[str, int] = {}
    for one in journal.flows(first, last, unit, chart):
        out, into = _code(one.debit_kind, one.debit_own, chart) == code, _code(one.credit_kind, one.credit_own, chart) == code
        by_kind[one.kind] = by_kind.get(one.kind, 0) + sign * one.amount * (int(into) - int(out))
    known = flows.flows()
    ordered = sorted(by_kind, key=lambda one: (known[one].order if one in known else 99, one))
    changes = [(flows.flow(one).title, by_kind[one]) for one in ordered if by_kind[one]]
    return MadeOf(kind, before, changes, before + sum(amount for _title, amount in changes))
