"""What members ask about their shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, Sum

from madang.coop import law, ledger
from madang.coop.capital.models import Claim, Purchase, Withdrawal
from madang.coop.ledger.models import Account, DayFlow
from madang.coop.members.models import Membership


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


FEW = 500


def amounts(memberships: Sequence[Membership], unit: str, kind: str = "shares") -> dict[str, int]:
    """Paid-in share capital by membership owner string. One SQL query."""
    owners = {ledger.owner_of(one) for one in memberships}
    rows = Account.objects.filter(kind=kind, unit=unit)
    if len(owners) <= FEW:
        rows = rows.filter(owner__in=owners)  # beyond that it is quicker to read them all than to name each
    found = rows.values_list("owner").annotate(total=Sum(F("balances__credits") - F("balances__debits")))
    return {owner: int(total or 0) for owner, total in found if owner in owners}


def holding(membership: Membership) -> Holding:
    """What a membership holds: the balance of its share account over its class's uniform price. Two SQL queries."""
    unit, owner = law.coop().currency, ledger.owner_of(membership)
    amount = amounts([membership], unit).get(owner, 0)
    lost = -amounts([membership], unit, "written-down").get(owner, 0)
    price = membership.member_class.share_price
    return Holding(amount // price if price else 0, amount, unit, lost)


def holdings(memberships: Sequence[Membership]) -> dict[UUID, Holding]:
    """What each of these holds, by membership. Two SQL queries, however many they are."""
    unit = law.coop().currency
    paid, lost = amounts(memberships, unit), amounts(memberships, unit, "written-down")
    found = {}
    for one in memberships:
        owner, price = ledger.owner_of(one), one.member_class.share_price
        amount = paid.get(owner, 0)
        found[one.pk] = Holding(amount // price if price else 0, amount, unit, -lost.get(owner, 0))
    return found


def waiting_counts(memberships: Sequence[Membership]) -> dict[UUID, int]:
    """Shares asked back and not paid yet, by membership. One SQL query."""
    rows = Withdrawal.objects.filter(membership__in=memberships, state="waiting").values_list("membership").annotate(total=Sum(F("count") - F("paid_count")))
    return {pk: int(total) for pk, total in rows}


def waiting_count(membership: Membership) -> int:
    """Shares asked back and not paid yet: they stay capital, and cannot be used for anything else. One SQL query."""
    found = Withdrawal.objects.filter(membership=membership, state="waiting").aggregate(total=Sum(F("count") - F("paid_count")))
    return int(found["total"] or 0)


def capital(unit: str) -> int:
    """All paid-in share capital, in the smallest unit: what ever flowed into share accounts less what flowed out. One SQL query."""
    flows = DayFlow.objects.filter(unit=unit)
    found = flows.aggregate(into=Sum("amount", filter=Q(credit_kind="shares")), out=Sum("amount", filter=Q(debit_kind="shares")))
    return int(found["into"] or 0) - int(found["out"] or 0)


LIMITLESS = 1_000_000


def open_purchases(membership: Membership, now: datetime) -> list[Purchase]:
    """Shares asked for and not yet paid, whose charge is still open."""
    return list(
        Purchase.objects.filter(membership=membership, paid_at=None, charge__state__in=["created", "authorised"], charge__expires_at__gt=now)
        .select_related("charge")
        .order_by("-created_at")
    )


def claims(memberships: Sequence[Membership]) -> list[Claim]:
    """What the co-op owes those who left, of these memberships."""
    return list(Claim.objects.filter(membership__in=memberships).select_related("membership__member_class", "account", "payout").order_by("due_on"))


def unpaid_claims() -> list[Claim]:
    """All claims that were not paid and did not lapse yet, by the day they may be asked for."""
    rows = Claim.objects.filter(paid_at=None, lapsed_at=None).select_related("membership__person", "membership__organisation", "membership__member_class")
    return list(rows.order_by("due_on", "made_at"))
