"""The books for programs: my statement, why?, the treasury."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from ninja import Router, Schema

from madang.coop import law, ledger
from madang.coop.ledger import periods, queries
from madang.coop.ledger.books import reading, years
from madang.coop.ledger.books.views import chosen_year
from madang.coop.ledger.inspection import api as inspection
from madang.coop.ledger.openbooks import reading as openbooks
from madang.coop.ledger.views import chosen_month, whose
from madang.coop.people.access import Request

router = Router(tags=["ledger"])
router.add_router("", inspection.router)


class StatementLineOut(Schema):
    """One transfer of a statement; ``amount`` is signed, in the smallest unit."""

    transfer: int
    kind: str
    title: str
    amount: int
    of: int | None
    share: str
    other: str


class GroupOut(Schema):
    """All lines of one entry."""

    entry: UUID
    at: datetime
    about: str
    total: int
    lines: list[StatementLineOut]


class StatementOut(Schema):
    """What one earned in a month. ``more`` is the cursor of older lines."""

    unit: str
    since: datetime
    until: datetime
    earned: int
    paid_out: int
    balance: int
    groups: list[GroupOut]
    more: str


class WhyOut(Schema):
    """Why an amount is what it is."""

    sentence: str
    amount: int
    unit: str
    rule: str | None
    rule_version: UUID | None
    decision: UUID | None
    leaf: int | None
    receipt: str


class SliceOut(Schema):
    """One part of the picture; ``of_whole`` of each 10,000 smallest units."""

    kind: str
    title: str
    amount: int
    of_whole: int


class TreasuryOut(Schema):
    """Where the money went in a month; null where fewer than five people stand behind a figure."""

    unit: str
    month: date
    distributed: int | None
    slices: list[SliceOut]
    card_costs: int | None
    held: int | None
    capital: int | None


class RowOut(Schema):
    """One line of a statement; ``code`` asks /books/line/."""

    code: int
    title: str
    amount: int


class PartOut(Schema):
    """One side of the books."""

    rows: list[RowOut]
    total: int


class BooksOut(Schema):
    """The statements of ``first`` to ``last``, smallest units: assets = liabilities + equity_total. ``shown`` is false where they would say too much."""

    unit: str
    first: date
    last: date
    shown: bool
    assets: PartOut | None = None
    liabilities: PartOut | None = None
    equity: PartOut | None = None
    income: PartOut | None = None
    expenses: PartOut | None = None
    surplus: int | None = None
    surplus_kept: int | None = None
    equity_total: int | None = None


class ChangeOut(Schema):
    """What one kind of transfer did to a line."""

    title: str
    amount: int


class BooksLineOut(Schema):
    """How one line came about."""

    code: int
    title: str
    side: str
    unit: str
    before: int
    changes: list[ChangeOut]
    after: int


class MonthOut(Schema):
    """A month of one's year."""

    begins: date
    earned: int
    paid_out: int


class StoodOut(Schema):
    """What an account came to when the year began and when it ended."""

    title: str
    before: int
    after: int


class YearOut(Schema):
    """One's year in one unit."""

    unit: str
    earned: int
    paid_out: int
    months: list[MonthOut]
    stood: list[StoodOut]


class PlaceOut(Schema):
    """An account of the journal. ``whose``: "" (the co-op's own), a payment service, a pseudonym, for who keeps the books a name, or "me".
    ``key`` filters by it."""

    code: int
    title: str
    whose: str
    key: str
    mine: bool


class MoveOut(Schema):
    """One transfer, in the smallest unit. ``why`` asks /why/, null where it is not yours to ask."""

    title: str
    amount: int
    unit: str
    debit: PlaceOut
    credit: PlaceOut
    of: int | None
    share: str
    why: int | None


class EventOut(Schema):
    """One entry. ``number`` is a pseudonym that holds for you and this month."""

    number: str
    day: date
    kind: str
    title: str
    moves: list[MoveOut]
    mine: bool


class JournalOut(Schema):
    """A month of the journal, newest first. ``more`` is the cursor of what is older; ``withheld``: entries of groups under five, not shown."""

    month: date
    named: bool
    shown: bool
    withheld: int
    events: list[EventOut]
    more: str


def _out(told: queries.Statement) -> dict[str, Any]:
    groups = [
        {
            "entry": group.entry, "at": group.at, "about": group.about.text, "total": group.total,
            "lines": [
                {
                    "transfer": line.transfer, "kind": line.kind, "title": str(line.title), "amount": line.amount,
                    "of": line.note.get("of"), "share": str(line.note.get("share", "")), "other": line.other,
                }
                for line in group.lines
            ],
        }
        for group in told.groups
    ]  # fmt: skip
    totals = {"unit": told.unit, "since": told.since, "until": told.until, "earned": told.earned, "paid_out": told.paid_out, "balance": told.balance}
    return {**totals, "groups": groups, "more": told.more}


@router.get("/statement", response=StatementOut)
def statement(request: Request, month: str = "", before: str = "") -> Any:
    """My earnings statement of a month (``2026-03``; this one by default)."""
    since, until = periods.month(chosen_month(month, request.now))
    return _out(queries.statement(ledger.owner_of(request.user), since, until, cursor=before[:60]))


@router.get("/statement/of/{slug}", response=StatementOut)
def organisation_statement(request: Request, slug: str, month: str = "", before: str = "") -> Any:
    """The statement of an organisation one works in; with its people's names for who speaks for it and the offices that keep the books."""
    place, named = whose(slug, request.user, request.now)
    since, until = periods.month(chosen_month(month, request.now))
    reader = None if named else ledger.owner_of(request.user)
    return _out(queries.statement(ledger.owner_of(place), since, until, cursor=before[:60], names_for=reader))


@router.get("/why/{int:transfer}", response=WhyOut)
def why(request: Request, transfer: int) -> Any:
    """Why this amount? 404 for a line that is not yours to see."""
    told = queries.why(transfer, request.user, get_language() or "en", now=request.now)
    version = told.version
    return {
        "sentence": told.sentence, "amount": told.transfer.amount, "unit": told.transfer.unit, "rule": version.key if version else None,
        "rule_version": version.pk if version else None, "decision": told.decision, "leaf": told.leaf, "receipt": told.receipt_url,
    }  # fmt: skip


@router.get("/treasury", response=TreasuryOut, auth=None)
def treasury(request: Request, month: str = "") -> Any:
    """Where each 10,000 won (or $100) went; for everyone."""
    first = chosen_month(month, request.now)
    told = queries.treasury(*periods.month(first), unit=law.coop().currency)
    slices = [{"kind": one.kind, "title": str(one.title), "amount": one.amount, "of_whole": one.of_whole} for one in told.slices]
    sums = {"distributed": told.distributed, "card_costs": told.card_costs, "held": told.held, "capital": told.capital}
    return {"unit": told.unit, "month": first, "slices": slices, **sums}


@router.get("/books", response=BooksOut)
def books(request: Request, at: str = "", unit: str = "") -> Any:
    """Balance sheet and income statement of a year (``2026``), a month (``2026-03``) or, for who keeps the books, up to a day. For members."""
    found = reading.read(request.user, at[:12], unit[:3], request.now)
    told, head = found.told, {"unit": found.unit, "first": found.first, "last": found.last}
    if told is None:
        return {**head, "shown": False}
    parts = {
        part.side.name.lower(): {"rows": [{"code": r.code, "title": str(r.title), "amount": r.amount} for r in part.rows], "total": part.total}
        for part in told.parts
    }
    return {**head, "shown": True, **parts, "surplus": told.surplus, "surplus_kept": told.surplus_kept, "equity_total": told.equity_total}


@router.get("/books/journal", response=JournalOut)
def journal(request: Request, at: str = "", kind: str = "", account: str = "", before: str = "") -> Any:
    """What was booked in a month (``2026-03``), by pseudonym. ``account``: a number of the chart, or a ``key``. For members."""
    month = openbooks.month_asked(at[:12], request.now)
    who = openbooks.reader(request.user, request.now)
    return openbooks.read(who, month, kind=kind[:40], account=account[:40], cursor=before[:400])


@router.get("/books/line/{int:code}", response=BooksLineOut)
def books_line(request: Request, code: int, at: str = "", unit: str = "") -> Any:
    """How one line of the statements came about, by kind of transfer. For members."""
    found, told = reading.line(request.user, code, at[:12], unit[:3], request.now)
    return {
        "code": code, "title": str(told.kind.title), "side": told.kind.side.name.lower(), "unit": found.unit, "before": told.before, "after": told.after,
        "changes": [{"title": str(title), "amount": amount} for title, amount in told.changes],
    }  # fmt: skip


@router.get("/statement/year/{int:year}", response=list[YearOut])
def year(request: Request, year: int) -> Any:
    """My year, in each currency I have an account in."""
    return [
        {
            "unit": one.unit, "earned": one.earned, "paid_out": one.paid_out,
            "months": [{"begins": month.begins, "earned": month.earned, "paid_out": month.paid_out} for month in one.months],
            "stood": [{"title": str(row.title), "before": row.before, "after": row.after} for row in one.stood],
        }
        for one in years.year_of(request.user, chosen_year(year, request))
    ]  # fmt: skip
