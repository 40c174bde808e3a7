"""What members ask about their shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum

from madang.coop import law, ledger
from madang.coop.capital.models import Claim, Purchase
from madang.coop.ledger.models import Account, DayFlow
from madang.coop.members.models import Membership
from madang.kit.units import unit as unit_of


@dataclass(frozen=True)
class Holding:
    """Shares of one membership: how many, worth how much (smallest unit)."""

    count: int
    amount: int
    unit: str


@dataclass(frozen=True)
class Limit:
    """The most shares one member may hold, and where the law says so."""

    count: int
    citation: str
    url: str


def amounts(memberships: Sequence[Membership], unit: str) -> dict[str, int]:
    """Paid-in share capital by membership owner string. One SQL query."""
    owners = [ledger.owner_of(one) for one in memberships]
    rows = Account.objects.filter(kind="shares", unit=unit, owner__in=owners).annotate(total=Sum(F("balances__credits") - F("balances__debits")))
    return {account.owner: int(account.total or 0) for account in rows}


def holding(membership: Membership) -> Holding:
    """What a membership holds: the balance of its share account over its class's uniform price."""
    unit = law.coop().currency
    amount = amounts([membership], unit).get(ledger.owner_of(membership), 0)
    price = membership.member_class.share_price
    return Holding(amount // price if price else 0, amount, unit)


def capital(unit: str) -> int:
    """All paid-in share capital, in the smallest unit: what ever flowed into share accounts less what flowed out. One SQL query."""
    flows = DayFlow.objects.filter(unit=unit)
    found = flows.aggregate(into=Sum("amount", filter=Q(credit_kind="shares")), out=Sum("amount", filter=Q(debit_kind="shares")))
    return int(found["into"] or 0) - int(found["out"] or 0)


def limit(membership: Membership, now: datetime) -> Limit:
    """The most shares ``membership`` may hold, as the law's ``share.max_fraction`` says of all capital after the purchase.

    With f the fraction and R what all others hold, a holding h keeps h ≤ f · (R + h), so h ≤ f · R / (1 − f). Nobody is kept
    from the least their class asks for: a co-op begins with few.
    """
    bound = law.profile().bound("share.max_fraction", now)
    price, least = membership.member_class.share_price, membership.member_class.min_shares
    fraction = bound.fraction()
    if not price or fraction >= 1:
        return _most_money(membership, now) or Limit(LIMITLESS, bound.citation, bound.url)
    others = capital(law.coop().currency) - holding(membership).amount
    most = int(fraction * others / (1 - fraction)) // price
    return Limit(max(least, most), bound.citation, bound.url)


LIMITLESS = 1_000_000


def _most_money(membership: Membership, now: datetime) -> Limit | None:
    """The most a person may hold where the law says it in money (Great Britain: £100,000; another society may hold more), or None."""
    profile, currency = law.profile(), law.coop().currency
    most, price = profile.bound("share.max_amount", now), membership.member_class.share_price
    if not most.number() or not price or not membership.person_id or profile.bound("share.max_amount.currency", now).value != currency:
        return None
    return Limit(most.number() * unit_of(currency).one // price, most.citation, most.url)


def open_purchases(membership: Membership, now: datetime) -> list[Purchase]:
    """Shares asked for and not yet paid, whose charge is still open."""
    return list(
        Purchase.objects.filter(membership=membership, paid_at=None, charge__state__in=["created", "authorised"], charge__expires_at__gt=now)
        .select_related("charge")
        .order_by("-created_at")
    )


def claims(memberships: Sequence[Membership]) -> list[Claim]:
    """What the co-op owes those who left, of these memberships."""
    return list(Claim.objects.filter(membership__in=memberships).select_related("membership__member_class", "account").order_by("due_on"))


def unpaid_claims() -> list[Claim]:
    """All claims that were not paid yet, by the day they may be asked for."""
    rows = Claim.objects.filter(paid_at=None).select_related("membership__person", "membership__organisation", "membership__member_class")
    return list(rows.order_by("due_on", "made_at"))
