"""The way out for programs: the queue, shares asked back and passed on, the register of shares. Nominations and deaths are for people's own hands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema

from madang.coop.capital import actions, handovers, queue, withdrawals
from madang.coop.capital import register as book
from madang.coop.capital.models import Claim, Handover, Withdrawal
from madang.coop.capital.views import my_memberships
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.members.views import end_of_day
from madang.coop.payments import outgoing
from madang.coop.people.access import Request
from madang.kit.errors import Missing

router = Router(tags=["capital"])


class QueuePlaceOut(Schema):
    """A place in the queue; ``now`` of ``amount`` (smallest unit) may go out today, ``why`` says what holds the rest (see the page's words)."""

    key: str
    membership: UUID
    position: int
    amount: int
    now: int
    unit: str
    asked_on: date
    ready: date
    why: str
    expected: date | None


class LineOut(Schema):
    """A line of the register of shares as on a day; amounts in the smallest unit."""

    membership: UUID
    name: str
    shares: int
    paid_in: int
    written_off: int
    entered: datetime | None
    left: datetime | None


class CountIn(Schema):
    """So many shares; ``key`` is yours to choose: the same twice is one wish."""

    membership: UUID
    count: int = Field(ge=1, le=actions.COUNT_MAX)
    key: UUID


class ToIn(CountIn):
    """The membership they go to."""

    to: UUID


class WishOut(Schema):
    """What was asked for, and how far it is."""

    id: UUID
    count: int
    state: str


class IdIn(Schema):
    """Which one."""

    id: UUID


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(min_length=1, max_length=withdrawals.REASON_MAX)


def _found(model: Any, key: UUID) -> Any:
    found = model.objects.filter(pk=key).first()
    if found is None:
        raise Missing("no such row, or not yours")
    return found


def _place(one: queue.Place, unit: str) -> dict[str, Any]:
    said = {"position": one.position, "amount": one.amount, "now": one.now, "unit": unit, "asked_on": one.asked_on, "ready": one.ready}
    return {"key": one.key, "membership": one.membership.pk, "why": one.why, "expected": one.expected, **said}


def _wish(one: Withdrawal | Handover) -> dict[str, Any]:
    return {"id": one.pk, "count": one.count, "state": one.state}


PLACES_MOST = 500


@router.get("/queue", response=list[QueuePlaceOut])
def waiting(request: Request) -> Any:
    """Who waits for shares: the first 500 for who pays out, one's own places for anyone else."""
    whole = queue.queue(request.now)
    pays = members.has_duty(request.user, outgoing.PAYOUTS, request.now)
    places = list(whole.places[:PLACES_MOST]) if pays else queue.mine(whole, my_memberships(request.user, request.now))
    return [_place(one, whole.unit) for one in places]


@router.post("/withdrawals", response=WishOut)
def ask(request: Request, wish: CountIn) -> Any:
    """Ask shares back while staying a member."""
    return _wish(withdrawals.ask(_found(Membership, wish.membership), wish.count, by=request.user, key=wish.key, now=request.now))


@router.post("/withdrawals/back", response=WishOut)
def take_back(request: Request, wish: IdIn) -> Any:
    """Keep the shares after all."""
    return _wish(withdrawals.take_back(_found(Withdrawal, wish.id), by=request.user, now=request.now))


@router.post("/withdrawals/paid", response=WishOut)
def pay(request: Request, wish: IdIn) -> Any:
    """Pay what may go out of it today. For who pays out."""
    if not members.has_duty(request.user, outgoing.PAYOUTS, request.now):
        raise Missing("for who pays out")
    found = _found(Withdrawal, wish.id)
    withdrawals.pay(found, by=request.user, now=request.now)
    found.refresh_from_db()
    return _wish(found)


@router.post("/claims/asked", response=list[QueuePlaceOut])
def claim(request: Request, wish: IdIn) -> Any:
    """Ask for a claim of one's own, so that it does not lapse: returns one's places."""
    withdrawals.claim_it(_found(Claim, wish.id), by=request.user, now=request.now)
    whole = queue.queue(request.now)
    return [_place(one, whole.unit) for one in queue.mine(whole, [*my_memberships(request.user, request.now), _found(Claim, wish.id).membership])]


@router.post("/suspension", response={204: None})
def suspend(request: Request, wish: ReasonIn) -> Any:
    """Hold all paying back, for the board."""
    withdrawals.suspend(wish.reason, by=request.user, now=request.now)
    return 204, None


@router.delete("/suspension", response={204: None})
def resume(request: Request) -> Any:
    """Let paying back go on, for the board."""
    withdrawals.resume(by=request.user, now=request.now)
    return 204, None


@router.post("/handovers", response=WishOut)
def offer(request: Request, wish: ToIn) -> Any:
    """Offer shares to another member: nothing moves before they say yes."""
    giver, taker = _found(Membership, wish.membership), _found(Membership, wish.to)
    if not withdrawals.theirs(giver, request.user, request.now):
        raise Missing("no such row, or not yours")
    return _wish(handovers.offer(giver, taker, wish.count, by=request.user, key=wish.key, now=request.now))


@router.post("/handovers/accepted", response=WishOut)
def accept(request: Request, wish: IdIn) -> Any:
    """Take shares that were offered."""
    return _wish(handovers.accept(_found(Handover, wish.id), by=request.user, now=request.now))


@router.post("/handovers/off", response=WishOut)
def call_off(request: Request, wish: IdIn) -> Any:
    """Say no, or call it off."""
    return _wish(handovers.call_off(_found(Handover, wish.id), by=request.user, now=request.now))


@router.post("/conversions", response={204: None})
def convert(request: Request, wish: ToIn) -> Any:
    """Turn shares of one class into shares of another class of one's own."""
    handovers.convert(_found(Membership, wish.membership), _found(Membership, wish.to), wish.count, by=request.user, key=wish.key, now=request.now)
    return 204, None


@router.get("/register", response=list[LineOut])
def register(request: Request, at: date | None = None, left: bool = False) -> Any:
    """The register of shares as on a day, for those the law lets read it; ``left``: with those who left by then."""
    if not book.may_read(request.user, request.now):
        raise Missing("for those the law lets read it")
    moment = min(end_of_day(at), request.now) if at else request.now
    return [
        {"membership": one.membership.pk, "name": one.name, "shares": one.shares, "paid_in": one.paid_in, "written_off": one.lost, "entered": one.entered,
         "left": one.left}
        for one in book.lines(list(book.rows(moment, with_left=left)), moment)
    ]  # fmt: skip
