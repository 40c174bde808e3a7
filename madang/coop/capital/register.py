"""The statutory register of members as on any day: who, in which class, since when, with how many shares, until when. The ledger is where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from madang.coop import law
from madang.coop.ledger import explain
from madang.coop.members import queries as members
from madang.coop.members.models import Membership, Office, OfficeTerm
from madang.coop.payments import outgoing

_AT = """
SELECT owner, kind, sum(amount) FROM (
    SELECT a.owner, a.kind, t.amount FROM ledger_account a JOIN ledger_transfer t ON t.credit_id = a.id
    WHERE a.kind IN ('shares', 'written-down') AND a.unit = %(unit)s AND a.owner = ANY(%(owners)s) AND t.at <= %(at)s
    UNION ALL
    SELECT a.owner, a.kind, -t.amount FROM ledger_account a JOIN ledger_transfer t ON t.debit_id = a.id
    WHERE a.kind IN ('shares', 'written-down') AND a.unit = %(unit)s AND a.owner = ANY(%(owners)s) AND t.at <= %(at)s
) AS sides GROUP BY owner, kind
"""


@dataclass(frozen=True)
class Line:
    """One membership on the register: ``shares`` and what was ``paid_in`` for them on that day (smallest unit), ``lost``: what was written off."""

    membership: Membership
    name: str
    class_title: dict[str, str]
    entered: datetime | None
    left: datetime | None
    shares: int
    paid_in: int
    lost: int


def standing(memberships: Iterable[Membership], at: datetime) -> dict[UUID, tuple[int, int]]:
    """(paid in, written off) of each membership's shares as at a moment, of those that hold any. One SQL query."""
    owners = {f"membership:{one.pk}": one.pk for one in memberships}
    found: dict[UUID, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_AT, {"unit": law.coop().currency, "owners": list(owners), "at": at})
        for owner, kind, amount in cursor.fetchall():
            found.setdefault(owners[owner], [0, 0])[kind != "shares"] += int(amount)
    return {pk: (paid_in, -lost) for pk, (paid_in, lost) in found.items() if paid_in}


def counts(memberships: Sequence[Membership], at: datetime) -> dict[UUID, int]:
    """How many shares each held at a moment, of those that held any. One SQL query, and one for the classes."""
    told = standing(memberships, at)
    return {one.pk: told[one.pk][0] // one.member_class.share_price for one in memberships if one.pk in told and one.member_class.share_price}


def rows(at: datetime, *, with_left: bool = False) -> QuerySet[Membership]:
    """The memberships on the register as at a moment, by class and since; ``with_left`` also those that were over by then."""
    there = members.active_at(at) | (Q(left_at__lte=at, active_from__lte=at) if with_left else Q(pk=None))
    found = Membership.objects.filter(there).select_related("member_class", "person", "organisation")
    return found.order_by("member_class__order", "member_class__key", "active_from", "id")


def lines(memberships: Sequence[Membership], at: datetime) -> list[Line]:
    """Lines of the register for these memberships as at a moment. One SQL query."""
    told = standing(memberships, at)
    found = []
    for one in memberships:
        paid_in, lost = told.get(one.pk, (0, 0))
        price = one.member_class.share_price
        left = one.left_at if one.left_at and one.left_at <= at else None
        found.append(Line(one, one.holder_name, one.member_class.title, one.active_from, left, paid_in // price if price else 0, paid_in, lost))
    return found


def may_read(person: Any, now: datetime) -> bool:
    """Whether the law lets this person see who holds how many shares: the board, who keeps the books or pays out; members where it says so.

    Korea: art. 49 (members). Great Britain: members see the register without the shares of others (CCBS Act 2014, s. 103 (1) (b)).
    """
    if not getattr(person, "is_authenticated", False):
        return False
    if law.profile().bound("register.shares_open", now).yes() and members.is_member(person, now):
        return True
    if members.duties_of(person, now) & {explain.BOOKS, outgoing.PAYOUTS}:
        return True
    return OfficeTerm.objects.filter(members.holding_at(now), person=person, office__role=Office.DIRECTOR).exists()
