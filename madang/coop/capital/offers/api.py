"""Share offers for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema

from madang.coop.capital.offers import applying, queries, states
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.members import queries as members
from madang.coop.people.access import Request
from madang.kit.errors import Missing


class ShareOfferOut(Schema):
    """An offer as it stands; amounts in the smallest unit, 0 where there is none."""

    id: UUID
    title: dict[str, str]
    document: dict[str, str]
    kind: str
    state: str
    unit: str
    price: int
    minimum: int
    optimum: int
    maximum: int
    raised: int
    opens_at: datetime
    ends_at: datetime | None


class ApplyIn(Schema):
    """``shares`` wanted, for oneself or for an organisation one speaks for; ``key``: the caller's own id, so that asking twice is once."""

    offer: UUID
    shares: int = Field(ge=1, le=applying.COUNT_MAX)
    organisation: UUID | None = None
    key: UUID | None = None


class ApplicationOut(Schema):
    """An application; ``pay_at`` while it is not paid."""

    id: UUID
    offer: UUID
    shares: int
    amount: int
    unit: str
    state: str
    issued: int
    pay_at: str


def _offer(one: Offer, now: datetime) -> dict[str, Any]:
    names = ("title", "document", "kind", "state", "unit", "price", "minimum", "optimum", "maximum", "opens_at", "ends_at")
    return {"id": one.pk, "raised": queries.standing(one, now).raised, **{name: getattr(one, name) for name in names}}


def _application(one: Application) -> dict[str, Any]:
    pay_at = one.charge.get_absolute_url() if one.charge is not None and one.state == states.ASKED else ""
    fields = {"shares": one.count, "amount": one.amount, "unit": one.unit, "state": one.state, "issued": one.issued}
    return {"id": one.pk, "offer": one.offer_id, "pay_at": pay_at, **fields}


def add_to(router: Router) -> None:
    """The routes of share offers."""

    @router.get("/offers", response=list[ShareOfferOut], auth=None)
    def offers(request: Any) -> Any:
        """All offers that are or were open."""
        return [_offer(one, request.now) for one in queries.shown()[:100]]

    @router.get("/applications", response=list[ApplicationOut])
    def applications(request: Request) -> Any:
        """What I applied for, and the organisations I speak for."""
        return [_application(one) for one in queries.mine(request.user, request.now)]

    @router.post("/applications", response=ApplicationOut)
    def apply(request: Request, wish: ApplyIn) -> Any:
        """Apply for shares: returns where to pay."""
        holder = None
        if wish.organisation is not None:
            holder = members.spoken_for(request.user, request.now).filter(pk=wish.organisation).first()
            if holder is None:
                raise Missing("not yours to speak for")
        one = queries.shown().filter(pk=wish.offer).first()
        if one is None:
            raise Missing("no such offer")
        return _application(applying.apply(one, wish.shares, request.user, holder=holder, key=wish.key, now=request.now))
