"""Payments for programs: what I am asked to pay, and where."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from madang.coop.payments import actions, queries
from madang.coop.payments.models import Charge
from madang.coop.people.access import Request

router = Router(tags=["payments"])


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
    return _out(actions.go_and_pay(queries.charge_of(charge, request.user), now=request.now))


@router.post("/charges/{uuid:charge}/give-up", response=ChargeOut)
def give_up(request: Request, charge: UUID) -> Any:
    """I do not want to pay this."""
    return _out(actions.give_up(queries.charge_of(charge, request.user), now=request.now))
