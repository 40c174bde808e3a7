"""What members ask about their shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum

from madang.coop import law, ledger
from madang.coop.capital.models import Claim, Purchase, Withdrawal
from madang.coop.ledger.models import Account, DayFlow
from madang.coop.members.models import LIVE, Membership
from madang.kit.units import unit as unit_of


@dataclass(frozen=True)
class Holding:
    """Shares of one membership: how many, what was paid in for them, and what of it was written off by losses (smallest unit)."""

    count: int
    amount: int
    unit: str
    lost: int = 0

    @property
    def worth(self) -> int:
        """What they stand at: what was paid in less what losses took."""
        return self.amount - self.lost


@dataclass(frozen=True)
class Limit:
    """The most shares one member may hold, and where the law says so."""

    count: int
    citation: str
    url: str


def amounts(memberships: Sequence[Membership], unit: str, kind: str = "shares") -> dict[str, int]:
    """Paid-in share capital by membership owner string. One SQL query."""
    owners = [ledger.owner_of(one) for one in memberships]
    rows = Account.objects.filter(kind=kind, unit=unit, owner__in=owners).annotate(total=Sum(F("balances__credits") - F("balances__debits")))
    return {account.owner: int(account.total or 0) for account in rows}


def holding(membership: Membership) -> Holding:
    """What a membership holds: the balance of its share account over its class's uniform price. Two SQL queries."""
    unit, owner = law.coop().currency, ledger.owner_of(membership)
    amount = amounts([membership], unit).get(owner, 0)
    lost = -amounts([membership], unit, "written-down").get(owner, 0)
    price = membership.member_class.share_price
    return Holding(amount // price if price else 0, amount, unit, lost)


def waiting_count(membership: Membership) -> int:
    """Shares asked back and not paid yet: they stay capital, and cannot be used for anything else. One SQL query."""
    found = Withdrawal.objects.filter(membership=membership, state="waiting").aggregate(total=Sum(F("count") - F("paid_count")))
    return int(found["total"] or 0)


def same_holder(membership: Membership) -> list[Membership]:
    """All live memberships of the person or organisation that holds this one, it included. One SQL query."""
    who = {"person_id": membership.person_id, "organisation_id": membership.organisation_id}
    return list(Membership.objects.filter(**who, state__in=LIVE).select_related("member_class"))


def capital(unit: str) -> int:
    """All paid-in share capital, in the smallest unit: what ever flowed into share accounts less what flowed out. One SQL query."""
    flows = DayFlow.objects.filter(unit=unit)
    found = flows.aggregate(into=Sum("amount", filter=Q(credit_kind="shares")), out=Sum("amount", filter=Q(debit_kind="shares")))
    return int(found["into"] or 0) - int(found["out"] or 0)


def limit(membership: Membership, now: datetime) -> Limit:
    """The most shares ``membership`` may hold, as the law's ``share.max_fraction`` says of all capital after the purchase.

    With f the fraction and R what all others hold, a holding h keeps h ≤ f · (R + h), so h ≤ f · R / (1 − f). Nobody is kept
    from the least their class asks for: a co-op begins with few. Who is a member in two classes is one member.
    """
    bound = law.profile().bound("share.max_fraction", now)
    price, least = membership.member_class.share_price, membership.member_class.min_shares
    fraction = bound.fraction()
    if not price or fraction >= 1:
        return _most_money(membership, now) or Limit(LIMITLESS, bound.citation, bound.url)
    unit = law.coop().currency
    held = amounts(same_holder(membership), unit)
    others = capital(unit) - sum(held.values())
    elsewhere = sum(held.values()) - held.get(ledger.owner_of(membership), 0)
    most = max(0, int(fraction * others / (1 - fraction)) - elsewhere) // price
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
    """All claims that were not paid and did not lapse yet, by the day they may be asked for."""
    rows = Claim.objects.filter(paid_at=None, lapsed_at=None).select_related("membership__person", "membership__organisation", "membership__member_class")
    return list(rows.order_by("due_on", "made_at"))
