"""The books for programs: my statement, why?, the treasury."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from ninja import Router, Schema

from madang.coop import law, ledger
from madang.coop.ledger import periods, queries
from madang.coop.ledger.views import chosen_month, whose
from madang.coop.people.access import Request

router = Router(tags=["ledger"])


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
