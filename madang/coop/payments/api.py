"""Payments for programs: what I am asked to pay, and where; what is paid out, for who pays out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema

from madang.coop import law
from madang.coop.law import rations
from madang.coop.members import queries as members
from madang.coop.payments import accounts, actions, authorising, outgoing, queries, resolving
from madang.coop.payments.models import Charge, Difference, Refund
from madang.coop.payments.reconciliations import Reconciliation
from madang.coop.people.access import Request
from madang.kit.errors import Missing

router = Router(tags=["payments"])


class DecidedOut(Schema):
    """A sum the members decided to spend, in the smallest unit: at most ``cap``, of which ``drawn`` is spent, before ``until``."""

    id: UUID
    decision: UUID
    title: str
    to: str
    sort: str
    cap: int
    drawn: int
    unit: str
    until: datetime


class CreditIn(Schema):
    """To whose credit, how much. ``id``: yours, so that sending it twice is one."""

    id: UUID
    person: UUID
    amount: int = Field(gt=0, le=10**15)


class DrawOut(Schema):
    """What was drawn of a decided sum."""

    id: UUID
    amount: int
    unit: str
    at: datetime


def _pays_out(request: Request) -> None:
    if not members.has_duty(request.user, accounts.PAYOUTS, request.now):
        raise Missing("for who pays out")


@router.get("/decided", response=list[DecidedOut], summary="What the members decided to spend")
def decided(request: Request) -> list[DecidedOut]:
    """Of which something is left. For who pays out."""
    _pays_out(request)
    rows = authorising.open_sums(request.now)
    return [
        DecidedOut(id=row.one.pk, decision=row.one.decision_id, title=row.one.title, to=row.one.to, sort=row.one.sort, cap=row.one.cap, drawn=row.drawn,
                   unit=row.one.unit, until=row.one.until) for row in rows
    ]  # fmt: skip


@router.post("/decided/{uuid:sum}/credits", response=DrawOut, summary="Put a part of a decided sum to a member's credit")
def credit(request: Request, sum: UUID, body: CreditIn) -> DrawOut:
    """It is paid out like what they earned. For who pays out."""
    _pays_out(request)
    to = members.people(request.now).filter(pk=body.person).first()
    if to is None:
        raise Missing("no such member")
    made = authorising.credit(sum, to, body.amount, by=request.user, id=body.id, now=request.now)
    return DrawOut(id=made.pk, amount=made.amount, unit=made.authorised.unit, at=made.at)


class ChargeLineOut(Schema):
    """One line of what is paid for, in the smallest unit."""

    text: str
    amount: int


class ChargeOut(Schema):
    """A charge: ``state`` is created, authorised, settled, failed or expired; ``checkout_url`` is where the person pays."""

    id: UUID
    purpose: str
    amount: int
    unit: str
    state: str
    reason: str
    expires_at: datetime
    settled_at: datetime | None
    checkout_url: str
    lines: list[ChargeLineOut]
    returned: int


class BookedOut(Schema):
    """Where a part of the payment went; ``why_url`` says under which rule."""

    title: str
    amount: int
    why_url: str


class ReceiptOut(ChargeOut):
    """A paid charge, with how it was booked."""

    to: str
    booked: list[BookedOut]


class OwedOut(Schema):
    """What someone has earned and not been paid, in the smallest unit."""

    owner: str
    name: str
    amount: int
    unit: str


class PayOutIn(Schema):
    """``owner`` as the list of who is owed names it. The same ``key`` again is the same payout."""

    owner: str = Field(pattern="^(person|organisation):", max_length=90)
    amount: int = Field(ge=1, lt=2**63)
    key: UUID


class PayoutOut(Schema):
    """Money on its way to someone's bank; ``state`` is created, done or failed."""

    id: UUID
    owner: str
    amount: int
    unit: str
    state: str
    reason: str
    created_at: datetime


def _out(found: Charge) -> dict[str, Any]:
    fields = {name: getattr(found, name) for name in ("id", "purpose", "amount", "unit", "state", "reason", "expires_at", "settled_at", "checkout_url")}
    lines = [{"text": str(line.text), "amount": line.amount} for line in queries.lines(found)]
    return {**fields, "lines": lines, "returned": queries.went_back(found)}


@router.get("/charges", response=list[ChargeOut])
def charges(request: Request) -> Any:
    """My latest charges, at most 50."""
    return [_out(one) for one in Charge.objects.filter(payer=request.user).order_by("-created_at")[:50]]


@router.get("/charges/{uuid:charge}", response=ChargeOut)
def charge(request: Request, charge: UUID) -> Any:
    """One charge of mine."""
    return _out(queries.charge_of(charge, request.user))


@router.post("/charges/{uuid:charge}/pay", response=ChargeOut)
def pay(request: Request, charge: UUID) -> Any:
    """Open the payment; go to ``checkout_url``. Repeating it is the same payment."""
    rations.require("pay", request)
    return _out(actions.go_and_pay(queries.charge_of(charge, request.user), now=request.now))


@router.post("/charges/{uuid:charge}/give-up", response=ChargeOut)
def give_up(request: Request, charge: UUID) -> Any:
    """I do not want to pay this."""
    return _out(actions.give_up(queries.charge_of(charge, request.user), now=request.now))


@router.get("/charges/{uuid:charge}/receipt", response=ReceiptOut)
def receipt(request: Request, charge: UUID) -> Any:
    """The receipt of a charge of mine that was paid."""
    found = queries.charge_of(charge, request.user)
    if found.settled_at is None:
        raise Missing("not paid")
    booked = [{"title": str(one.title), "amount": one.amount, "why_url": one.why_url} for one in queries.booked(found)]
    return {**_out(found), "to": queries.to_whom(found), "booked": booked}


@router.get("/owed", response=list[OwedOut])
def owed(request: Request) -> Any:
    """Who has money to be paid out, most first, at most 100. For who pays out."""
    _pays_out(request)
    return [vars(one) for one in queries.to_pay_out(law.coop().currency)]


@router.get("/payouts", response=list[PayoutOut])
def payouts(request: Request) -> Any:
    """The latest payouts, at most 50. For who pays out."""
    _pays_out(request)
    return [one for one, _name in queries.payouts()]


@router.post("/payouts", response=PayoutOut)
def pay_out(request: Request, wish: PayOutIn) -> Any:
    """Send what someone has earned to their bank. For who pays out."""
    _pays_out(request)
    return outgoing.pay_out(wish.owner, wish.amount, law.coop().currency, by=request.user, key=str(wish.key), now=request.now)


class RefundOut(Schema):
    """Money that could not be sent back to who paid; ``state`` is failed, or done once it was sent by hand."""

    id: UUID
    payer: str
    amount: int
    unit: str
    state: str
    created_at: datetime


class SentIn(Schema):
    """Which refund was sent by hand."""

    refund: UUID


def _refund(found: Refund) -> dict[str, Any]:
    return {**{name: getattr(found, name) for name in ("id", "amount", "unit", "state", "created_at")}, "payer": str(found.charge.payer)}


@router.get("/refunds", response=list[RefundOut])
def refunds_not_sent(request: Request) -> Any:
    """Refunds the payment service would not send, oldest first, at most 100. For who pays out."""
    _pays_out(request)
    return [_refund(one) for one in queries.refunds_not_sent()]


@router.post("/refunds", response=RefundOut)
def sent_by_hand(request: Request, wish: SentIn) -> Any:
    """I have sent this one back another way: it is booked as sent and who paid is told. Repeating it changes nothing. For who pays out."""
    _pays_out(request)
    return _refund(actions.sent_by_hand(wish.refund, by=request.user, now=request.now))


class DifferenceOut(Schema):
    """One difference between a service and the books, in the smallest unit; ``kind`` as in docs/payments.md; ``settled``: what was done about it."""

    id: UUID
    kind: str
    thing: str
    theirs: int
    their_fee: int
    ours: int
    our_fee: int
    settled: str


class ReconciliationOut(Schema):
    """What a service holds and what the books say at the end of ``day``; ``state`` is agreed, differs or silent (nothing is proved)."""

    rail: str
    unit: str
    since: date
    day: date
    state: str
    why: str
    theirs: int
    ours: int
    items: int
    at: datetime
    differences: list[DifferenceOut]


class ResolveIn(Schema):
    """How a difference is settled: ``card-cost``, ``suspense``, ``other-rail`` or ``explained``, and why in words."""

    difference: UUID
    how: str = Field(max_length=12)
    words: str = Field(min_length=1, max_length=200)


def _difference(one: Difference) -> dict[str, Any]:
    done = resolving.settled(one)
    fields = {name: getattr(one, name) for name in ("id", "kind", "thing", "theirs", "their_fee", "ours", "our_fee")}
    return {**fields, "settled": done if isinstance(done, str) else done.words if done else ""}


def _report(one: Reconciliation) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in ("rail", "unit", "since", "day", "state", "why", "theirs", "ours", "items", "at")}
    return {**fields, "differences": [_difference(row) for row in one.differences.all()]}


@router.get("/reconciliations", response=list[ReconciliationOut])
def reconciliations(request: Request) -> Any:
    """The newest daily reports, at most 60. For who pays out."""
    _pays_out(request)
    return [_report(one.report) for one in resolving.days()]


@router.post("/reconciliations", response=DifferenceOut)
def resolve(request: Request, wish: ResolveIn) -> Any:
    """Settle a difference. Repeating it changes nothing. For who pays out."""
    _pays_out(request)
    done = resolving.resolve(wish.difference, wish.how, wish.words, by=request.user, now=request.now)
    return _difference(Difference.objects.get(pk=done.difference_id))
