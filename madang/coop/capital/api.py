"""Share capital for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema

from madang.coop.capital import actions, api_out, limits, queries
from madang.coop.capital import money as purse
from madang.coop.capital.models import Claim
from madang.coop.capital.offers import api as offers
from madang.coop.capital.views import my_memberships
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.payments import outgoing
from madang.coop.people.access import Request
from madang.kit.errors import Missing

router = Router(tags=["capital"])
router.add_router("", api_out.router)
offers.add_to(router)


class HoldingOut(Schema):
    """Shares of one membership; ``amount`` in the smallest unit, ``at_most`` what the law allows at present."""

    membership: UUID
    member_class: str
    count: int
    amount: int
    unit: str
    price: int
    at_most: int


class FigureOut(Schema):
    """One number of a member's money: ``key`` is put-in, earned, owed or take-out; ``amount`` in the smallest unit; ``sentence`` in the reader's language."""

    key: str
    amount: int
    unit: str
    sentence: str


class BuyIn(Schema):
    """How many shares."""

    count: int = Field(ge=1, le=actions.COUNT_MAX)


class BoughtOut(Schema):
    """The charge to pay, at ``url``."""

    charge: UUID
    amount: int
    unit: str
    url: str


class ClaimOut(Schema):
    """What the co-op owes one who left, to be paid from ``due_on``."""

    id: UUID
    member: str
    amount: int
    unit: str
    due_on: date
    paid_at: datetime | None


class PayClaimIn(Schema):
    """Which claim is paid."""

    claim: UUID


def _claim(one: Claim) -> dict[str, Any]:
    fields = {"amount": one.amount, "unit": one.unit, "due_on": one.due_on, "paid_at": one.paid_at}
    return {"id": one.pk, "member": str(one.membership.holder_name), **fields}


@router.get("/shares", response=list[HoldingOut])
def shares(request: Request) -> Any:
    """What I hold, and what the organisations I speak for hold."""
    rows = []
    for one in my_memberships(request.user, request.now):
        held, most = queries.holding(one), limits.limit(one, request.now)
        fields = {"count": held.count, "amount": held.amount, "unit": held.unit, "price": one.member_class.share_price, "at_most": most.count}
        rows.append({"membership": one.pk, "member_class": one.member_class.key, **fields})
    return rows


@router.get("/money", response=list[FigureOut])
def money(request: Request) -> Any:
    """What I put in, earned, am owed and can take out, each with its sentence."""
    told = purse.money(request.user, members.memberships(request.user), now=request.now)
    return [{"key": one.key, "amount": one.amount, "unit": told.unit, "sentence": one.sentence} for one in told.figures]


@router.post("/shares/{uuid:membership}", response=BoughtOut)
def buy(request: Request, membership: UUID, wish: BuyIn) -> Any:
    """Buy shares: returns the charge to pay."""
    found = Membership.objects.filter(pk=membership).first()
    if found is None:
        raise Missing("no such membership, or not yours")
    charge = actions.buy_shares(found, wish.count, request.user, now=request.now)
    return {"charge": charge.pk, "amount": charge.amount, "unit": charge.unit, "url": charge.get_absolute_url()}


@router.get("/claims", response=list[ClaimOut])
def claims(request: Request) -> Any:
    """What those who left may ask for: all of it for who pays out, one's own for anyone else."""
    office = members.has_duty(request.user, outgoing.PAYOUTS, request.now)
    return [_claim(one) for one in (queries.unpaid_claims() if office else queries.claims(my_memberships(request.user, request.now)))]


@router.post("/claims/paid", response=ClaimOut)
def pay_claim(request: Request, wish: PayClaimIn) -> Any:
    """Send a claim that is due to its owner's bank. For who pays out."""
    if not members.has_duty(request.user, outgoing.PAYOUTS, request.now):
        raise Missing("for who pays out")
    found = Claim.objects.select_related("membership__person", "membership__organisation").filter(pk=wish.claim).first()
    if found is None:
        raise Missing("no such claim")
    actions.pay_claim(found, by=request.user, now=request.now)
    found.refresh_from_db(fields=["paid_at"])
    return _claim(found)
