"""Who waits for their shares, in which order, how much may go out today, and why not more: the one place that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.db.models import Q, Sum, prefetch_related_objects

from madang.coop import law
from madang.coop.capital import moving, queries, rules
from madang.coop.capital.models import Claim, Suspension, Withdrawal
from madang.coop.decisions import emergency
from madang.coop.ledger import periods
from madang.coop.ledger.models import Account, DayFlow
from madang.coop.members.models import MemberClass, Membership
from madang.kit.surplus import withdrawal


@dataclass(frozen=True)
class Place:
    """One place in the queue: ``amount`` is still to be paid, ``now`` of it may go out today; ``why`` says what holds the rest.

    ``why``: "" nothing · "notice" or "year" (not yet, until ``ready``) · "resolution" (the members have to decide) · "suspended" ·
    "debts" (they owe the co-op) · "cap" (this year's is used up). ``expected``: the day it would be paid, were nothing else to happen.
    """

    item: Claim | Withdrawal
    membership: Membership
    position: int
    asked_on: date
    ready: date
    amount: int
    count: int
    now: int
    why: str
    expected: date | None

    @property
    def key(self) -> str:
        """``claim:<id>`` or ``withdrawal:<id>``."""
        return key_of(self.item)

    @property
    def stays(self) -> bool:
        """Whether this is somebody who stays a member."""
        return isinstance(self.item, Withdrawal)


@dataclass(frozen=True)
class Budget:
    """What may leave in a fiscal year: ``most`` of ``capital`` (at its beginning), ``paid`` of it is gone. ``capped``: whether there is a cap at all."""

    capped: bool
    most: Fraction
    capital: int
    paid: int

    @property
    def whole(self) -> int:
        """All of it, in the smallest unit."""
        return withdrawal.left_this_year(self.capital, self.most, 0)

    @property
    def left(self) -> int:
        """What may still go out."""
        return withdrawal.left_this_year(self.capital, self.most, self.paid)


@dataclass(frozen=True)
class Queue:
    """Everyone who waits, first asked first, and what holds for all."""

    places: list[Place]
    budget: Budget
    suspension: Suspension | None
    unit: str

    @property
    def payable(self) -> int:
        """What may go out today."""
        return sum(one.now for one in self.places)

    @property
    def waiting(self) -> int:
        """What all wait for."""
        return sum(one.amount for one in self.places)


def key_of(item: Claim | Withdrawal) -> str:
    """``claim:<id>`` or ``withdrawal:<id>``."""
    return f"{'claim' if isinstance(item, Claim) else 'withdrawal'}:{item.pk}"


def moment_of(item: Claim | Withdrawal) -> datetime:
    """When exactly it was asked: of one day, the first comes first. (An id decides nothing: whoever asks chooses it.)"""
    return item.made_at if isinstance(item, Claim) else item.asked_at


def _in_order(number: int) -> str:
    """A place as a key that sorts as the places do."""
    return f"{number:09}"


def today(now: datetime) -> date:
    """The day it is for the co-op."""
    return now.astimezone(periods.zone()).date()


def as_member(now: datetime) -> bool:
    """Whether the law lets members who stay draw out capital."""
    return law.profile().bound("withdrawal.as_member", now).yes()


def suspension() -> Suspension | None:
    """The one that runs, if any. One SQL query."""
    return Suspension.objects.filter(running=True).select_related("by").first()


def budget(now: datetime) -> Budget:
    """What may leave this year. Where the law gives leavers all of it after a day (and nothing to who stays), there is no cap. At most 5 queries."""
    most = emergency.lowered("capital.withdrawal_cap", rules.yearly_cap.at(now).value, now)
    if not as_member(now) or most >= 1:
        return Budget(False, Fraction(1), 0, 0)
    year, unit = withdrawal.fiscal_year(today(now)), law.coop().currency
    before = DayFlow.objects.filter(unit=unit, day__lt=date(year, 1, 1))
    found = before.aggregate(into=Sum("amount", filter=Q(credit_kind="shares")), out=Sum("amount", filter=Q(debit_kind="shares")))
    paid = _paid_since(periods.begins(date(year, 1, 1)))
    opening = int(found["into"] or 0) - int(found["out"] or 0)
    return Budget(True, most, opening or queries.capital(unit) + paid, paid)


def _paid_since(moment: datetime) -> int:
    return int(Claim.objects.filter(paid_at__gte=moment).aggregate(total=Sum("amount"))["total"] or 0)


def needs_resolution(claim: Claim) -> bool:
    """Whether the members have to decide that it is paid back, by the law of the day it was made, and have not."""
    if claim.resolution_id or claim.origin == "stay":
        return False
    return law.profile().bound("leaving.refund_needs", claim.made_at).value == "special-resolution"


def owed_to_us(memberships: list[Membership], unit: str) -> dict[str, int]:
    """What people owe the co-op (their account is below zero), by holder. One SQL query."""
    holders = {one.holder_key for one in memberships}
    rows = Account.objects.filter(kind="payable", unit=unit, owner__in=holders).annotate(total=Sum("balances__credits") - Sum("balances__debits"))
    return {row.owner: -int(row.total) for row in rows if (row.total or 0) < 0}


DATES = tuple(f"membership__{name}" for name in ("applied_at", "admitted_at", "active_from", "left_at", "refused_at"))
"""What the queue does not ask of a membership: reading five moments of each of thousands takes longer than the query."""


def open_claims() -> list[Claim]:
    """All that is owed and not paid. At most two SQL queries."""
    found = list(Claim.objects.filter(paid_at=None, lapsed_at=None, amount__gt=0).select_related("membership").defer(*DATES))
    _classed([one.membership for one in found])
    return found


def open_withdrawals() -> list[Withdrawal]:
    """All who stay and wait. At most two SQL queries."""
    found = list(Withdrawal.objects.filter(state="waiting").select_related("membership").defer(*DATES))
    _classed([one.membership for one in found])
    return found


def _classed(memberships: Sequence[Membership]) -> None:
    """The class of each: a handful of classes, however many wait."""
    classes = MemberClass.objects.in_bulk() if memberships else {}
    for one in memberships:
        one.member_class = classes[one.member_class_id]


def named(places: Sequence[Place]) -> Sequence[Place]:
    """The same places, with the people and organisations who hold them read at once. At most two SQL queries."""
    prefetch_related_objects([one.membership for one in places], "person", "organisation")
    return places


def gone(claim: Claim, day: date) -> bool:
    """Whether it lapsed: its day came before anyone asked for it."""
    return claim.claimed_at is None and claim.lapses_on is not None and day >= claim.lapses_on


def queue(now: datetime) -> Queue:
    """Everyone who waits, in order, with what may go out today. At most fifteen SQL queries, however many wait; :func:`named` reads who they are."""
    day, unit, runs = today(now), law.coop().currency, suspension()
    items: list[tuple[Claim | Withdrawal, date, date, int, int]] = []
    for claim in open_claims():
        if not gone(claim, day):
            items.append((claim, claim.asked_on or today(claim.made_at), claim.due_on, claim.amount, 0))
    stay = open_withdrawals()
    holdings = queries.holdings([one.membership for one in stay])
    for one in stay:
        held = holdings[one.membership.pk]
        count = min(one.left, held.count)
        items.append((one, one.asked_on, one.ready_on, moving.value(held, count, one.membership.member_class.share_price), count))
    items.sort(key=lambda row: (row[1], moment_of(row[0]), key_of(row[0])))
    holds_debtors = law.profile().bound("withdrawal.suspended_by", now).value == "debts"
    debts = owed_to_us([row[0].membership for row in items], unit) if holds_debtors else {}
    most = budget(now)
    may = _may(items, day, most, debts, holdings, suspended=runs is not None)
    asked = [(withdrawal.Asked(_in_order(n), since, amount), max(day, ready)) for n, (_item, since, ready, amount, _count) in enumerate(items)]
    capped = {"capital": most.capital, "most": most.most, "paid_this_year": most.paid} if most.capped else _all(asked)
    days = withdrawal.expected(asked, day, **capped)  # type: ignore[arg-type]
    places = []
    for number, (item, since, ready, amount, count) in enumerate(items, 1):
        now_out = may.get(key_of(item), 0)
        why = _why(item, ready, day, debts, runs is not None) or ("cap" if now_out < amount else "")
        foreseen = None if why in ("suspended", "resolution", "debts") else days[_in_order(number - 1)]
        places.append(Place(item, item.membership, number, since, ready, amount, count, now_out, why, foreseen))
    return Queue(places, most, runs, unit)


def _all(asked: list[tuple[withdrawal.Asked, date]]) -> dict[str, object]:
    return {"capital": sum(one.amount for one, _ready in asked), "most": Fraction(1), "paid_this_year": 0}


def _why(item: Claim | Withdrawal, ready: date, day: date, debts: dict[str, int], suspended: bool) -> str:
    """What holds it, apart from the cap."""
    if ready > day:
        return "notice" if isinstance(item, Withdrawal) or item.lapses_on is None else "year"
    if isinstance(item, Claim) and needs_resolution(item):
        return "resolution"
    if suspended:
        return "suspended"
    return "debts" if item.membership.holder_key in debts else ""


def _may(
    items: list[tuple[Claim | Withdrawal, date, date, int, int]], day: date, most: Budget, debts: dict[str, int], holdings: dict[UUID, queries.Holding], *,
    suspended: bool,
) -> dict[str, int]:  # fmt: skip
    """What may go out today to whom: :func:`withdrawal.payments` over those nothing else holds; of who stays in whole shares."""
    ready = [row for row in items if not _why(row[0], row[2], day, debts, suspended)]
    asked = [withdrawal.Asked(_in_order(n), since, amount) for n, (_item, since, _ready, amount, _count) in enumerate(ready)]
    capital = most.capital if most.capped else sum(one.amount for one in asked)
    told = withdrawal.payments(
        asked, day, notice=timedelta(0), capital=capital, most=most.most, paid_this_year=most.paid if most.capped else 0, suspended=suspended
    )
    paid = {key_of(row[0]): told[_in_order(n)] for n, row in enumerate(ready) if _in_order(n) in told}
    for item, _since, _ready, amount, _count in ready:
        key = key_of(item)
        if isinstance(item, Withdrawal) and 0 < paid.get(key, 0) < amount:
            held = holdings[item.membership.pk]
            paid[key] = moving.value(held, whole_shares(held, paid[key], item.membership.member_class.share_price), item.membership.member_class.share_price)
    return {key: amount for key, amount in paid.items() if amount}


def whole_shares(held: queries.Holding, amount: int, price: int) -> int:
    """How many shares ``amount`` pays out in whole: the most whose value is not above it."""
    count = min(held.count, amount * held.count // held.worth) if held.worth > 0 else 0
    while count < held.count and moving.value(held, count + 1, price) <= amount:
        count += 1
    while count and moving.value(held, count, price) > amount:
        count -= 1
    return count


def mine(whole: Queue, memberships: list[Membership]) -> list[Place]:
    """Of the queue, the places of these memberships."""
    keys = {one.pk for one in memberships}
    return list(named([one for one in whole.places if one.membership.pk in keys]))


