"""How much share capital one holder may have by law, over all classes, purchases and offers together: the one place that says so.

Who holds is a person or an organisation, never a membership. Counted is what they hold, what they paid into offers and waits for its shares, and,
when they ask for more, what they asked for and have not paid yet. Every verb that gives somebody shares takes :func:`lock` first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, Q, Sum, When

from madang.coop import law, ledger
from madang.coop.capital import queries
from madang.coop.capital.models import Application, Purchase, Society
from madang.coop.members.models import Membership
from madang.coop.people.models import Organisation, Person
from madang.kit.offers import most_for
from madang.kit.units import unit as unit_of

Holder = Person | Organisation
OPEN_CHARGE = ("created", "authorised")
COST = ExpressionWrapper(F("count") * F("price"), output_field=BigIntegerField())
COMING = Case(When(allotted__isnull=False, then=F("allotted") * F("price")), default=COST, output_field=BigIntegerField())
"""What a paid application will become: what was allotted, or all of it while that is not settled."""


@dataclass(frozen=True)
class Most:
    """The most share capital a holder may have in all, in the smallest unit (None: no law says so), and the law that says it."""

    amount: int | None
    citation: str = ""
    url: str = ""


@dataclass(frozen=True)
class Limit:
    """The most shares one membership may hold, what of it is spoken for already in offers and unpaid wishes, and where the law says so."""

    count: int
    citation: str
    url: str
    waiting: int = 0


def holder_of(membership: Membership) -> Holder:
    """Who holds a membership."""
    found = membership.person or membership.organisation
    assert found is not None
    return found


def of_holder(holder: Holder) -> Q:
    """Rows (applications, memberships) of this holder."""
    return Q(organisation=holder) if isinstance(holder, Organisation) else Q(person=holder)


def lock(membership_or_holder: Membership | Holder) -> None:
    """One at a time for one holder: whoever comes second sees what the first took. Before any membership is locked, so that none waits for the other.

    ``no_key``: what only names the person (a notice, a task) goes on.
    """
    if isinstance(membership_or_holder, Membership):
        of_people = membership_or_holder.person_id is not None
        key = membership_or_holder.person_id or membership_or_holder.organisation_id
    else:
        of_people, key = isinstance(membership_or_holder, Person), membership_or_holder.pk
    assert key is not None
    rows = Person.objects.all() if of_people else Organisation.objects.all()
    rows.select_for_update(no_key=True).only("pk").get(pk=key)


def held(holder: Holder, unit: str) -> int:
    """Share capital of all memberships of a holder, in the smallest unit. Two SQL queries."""
    return sum(queries.amounts(list(Membership.objects.filter(of_holder(holder))), unit).values())


def paid(holder: Holder, besides: UUID | None = None) -> int:
    """What a holder paid into offers and waits for its shares. One SQL query."""
    rows = Application.objects.filter(of_holder(holder), ~Q(pk=besides) if besides else Q(), state="paid")
    return int(rows.aggregate(total=Sum(COMING))["total"] or 0)


def asked(holder: Holder, now: datetime, *, besides: UUID | None = None, instead_of: Membership | None = None) -> int:
    """What a holder asked for and can still pay: in offers, and shares bought straight. Two SQL queries.

    ``besides``: an application that is not counted; ``instead_of``: a membership whose own open purchases a new wish takes the place of.
    """
    live = Q(charge__state__in=OPEN_CHARGE, charge__expires_at__gt=now)
    wishes = Application.objects.filter(of_holder(holder), live, ~Q(pk=besides) if besides else Q(), state="asked")
    mine = Q(membership__organisation=holder) if isinstance(holder, Organisation) else Q(membership__person=holder)
    bought = Purchase.objects.filter(mine, live, paid_at=None)
    if instead_of is not None:
        bought = bought.exclude(membership=instead_of)
    return sum(int(rows.aggregate(total=Sum(COST))["total"] or 0) for rows in (wishes, bought))


def is_society(holder: Holder) -> bool:
    """Whether somebody confirmed that this organisation is a registered society, which the limit in money does not bind. One SQL query."""
    return isinstance(holder, Organisation) and Society.objects.filter(organisation=holder, ended_at=None).exists()


def most(holder: Holder, now: datetime, *, least: int = 0, coming: int = 0) -> Most:
    """The most share capital ``holder`` may have in all, where all others have what they hold and ``coming`` besides. At most five SQL queries.

    In money (Great Britain: £100,000 of one who is no registered society), and as a part of all capital (Korea: 30 %; the price of a share is the
    same for all, so parts of the money are parts of the shares). With f the fraction and R what all others hold, a holding h keeps
    h ≤ f · (R + h), so h ≤ f · R / (1 − f). Nobody is kept from ``least`` by the fraction: a co-op begins with few.
    """
    unit, profile = law.coop().currency, law.profile()
    amount, fraction = profile.bound("share.max_amount", now), profile.bound("share.max_fraction", now)
    bound = None
    if amount.number() and profile.bound("share.max_amount.currency", now).value == unit and not is_society(holder):
        bound = amount.number() * unit_of(unit).one
    part = fraction.fraction()
    others = queries.capital(unit) - held(holder, unit) + coming if part < 1 else 0
    cap = most_for(others, amount=bound, fraction=part, least=least)
    said = amount if cap.by == "amount" else fraction
    return Most(cap.amount, said.citation, said.url)


def passing(holder: Holder, more: int, now: datetime, *, least: int = 0) -> Most | None:
    """The law that keeps ``holder`` from taking on ``more`` of the capital there is, which does not change by it; None when none does."""
    found = most(holder, now, least=least, coming=-more)
    has = held(holder, law.coop().currency) + paid(holder)
    return found if found.amount is not None and has + more > found.amount else None


def limit(membership: Membership, now: datetime, *, settling: bool = False) -> Limit:
    """The most shares ``membership`` may hold: what its holder has elsewhere, and waits for, is off it.

    ``settling``: money has come, so what is only asked for and not paid does not count. Nobody is kept from the least their class asks for by the law's
    fraction. At most ten SQL queries.
    """
    holder, price, unit = holder_of(membership), membership.member_class.share_price, law.coop().currency
    least = membership.member_class.min_shares * price
    found = most(holder, now, least=least)
    if not price or found.amount is None:
        return Limit(queries.LIMITLESS, found.citation, found.url)
    here = queries.amounts([membership], unit).get(ledger.owner_of(membership), 0)
    waits = paid(holder) + (0 if settling else asked(holder, now, instead_of=membership))
    return Limit(max(0, found.amount - (held(holder, unit) - here) - waits) // price, found.citation, found.url, -(-waits // price))
