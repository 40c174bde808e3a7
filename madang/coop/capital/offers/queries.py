"""What one asks of share offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, ExpressionWrapper, F, IntegerField, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.capital import limits
from madang.coop.capital.offers import states
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.members import queries as members
from madang.coop.members.models import LIVE, MemberClass, Membership
from madang.coop.payments.models import Charge
from madang.coop.people.models import Organisation, Person
from madang.kit.errors import Missing
from madang.kit.offers import Finding, Standing, check_document, stand

Holder = limits.Holder
DUTY = "share-offers"
OPEN_CHARGE = limits.OPEN_CHARGE
MONEY = ExpressionWrapper(F("count") * F("price"), output_field=IntegerField())
COUNTED = Case(When(state=states.ISSUED, then=F("issued") * F("price")), default=MONEY, output_field=IntegerField())
"""What an application counts for in its offer: what was paid, and once shares were issued, what they cost."""


@dataclass(frozen=True)
class Room:
    """The most shares a holder may still apply for, and the sentence that says which limit it is ("" when none does)."""

    count: int | None
    words: str
    code: str = "limit"


def offer(key: UUID | str) -> Offer:
    """An offer by its id. Raises ``Missing``. One query."""
    found = Offer.objects.select_related("person_class", "organisation_class", "match_holder").filter(pk=key).first()
    if found is None:
        raise Missing("no such offer")
    return found


def shown() -> QuerySet[Offer]:
    """The offers everyone may see, those that run first."""
    order = Case(When(state__in=states.LIVE_OFFER, then=0), default=1, output_field=IntegerField())
    return Offer.objects.exclude(state__in=[states.DRAFT, states.PROPOSED, states.DROPPED]).order_by(order, "-opens_at")


def money(of: Offer) -> tuple[int, int, int]:
    """(paid by others, put in by the match funder, asked and not paid yet), in the smallest unit. One query."""
    rows = Application.objects.filter(offer=of)
    counted = Q(state__in=states.COUNTS)
    found = rows.aggregate(
        paid=Sum(COUNTED, filter=counted & Q(matching=False)),
        match=Sum(COUNTED, filter=counted & Q(matching=True)),
        asked=Sum(MONEY, filter=Q(state=states.ASKED, matching=False, charge__state__in=OPEN_CHARGE)),
    )
    return tuple(int(found[name] or 0) for name in ("paid", "match", "asked"))  # type: ignore[return-value]


def standing(of: Offer, now: datetime) -> Standing:
    """How an offer stands. One query."""
    paid, promised, asked = money(of)
    return stand(of.terms, paid=paid, promised=promised, asked=asked, closes_at=of.ends_at, now=now)


def people(of: Offer) -> int:
    """How many applied and paid."""
    return Application.objects.filter(offer=of, state__in=states.COUNTS, matching=False).values("person", "organisation").distinct().count()


def class_for(of: Offer, holder: Holder) -> MemberClass | None:
    """The class in which this holder's shares would be; None when the offer is not for such holders."""
    return of.organisation_class if isinstance(holder, Organisation) else of.person_class


def membership_of(holder: Holder, kind: MemberClass) -> Membership | None:
    """The holder's live membership in this class, if there is one."""
    return Membership.objects.filter(limits.of_holder(holder), member_class=kind, state__in=LIVE).select_related("member_class").first()


def most_lawful(holder: Holder, of: Offer, now: datetime, *, issuing: bool = False) -> limits.Most:
    """The most share capital a holder may have in all, when this offer's money counts as capital too.

    ``issuing``: shares are given out now, so money counts that will be shares for certain: not whose membership is still to be answered.
    """
    rows = Application.objects.filter(offer=of, state=states.PAID).exclude(limits.of_holder(holder))
    if issuing:
        rows = rows.exclude(membership__state="applied")
    kind = class_for(of, holder)
    coming = int(rows.aggregate(total=Sum(limits.COMING))["total"] or 0)
    return limits.most(holder, now, least=kind.entry_price if kind else 0, coming=coming)


def room_for(holder: Holder, of: Offer, now: datetime, besides: Application | None = None) -> Room:
    """How many shares a holder may still apply for: by the law over all they hold and wait for, by the terms, and by what is left of the offer."""
    found = [_by_law(holder, of, now, besides), _by_terms(holder, of, now, besides), _by_offer(of, now, besides)]
    return min((one for one in found if one.count is not None), key=lambda one: one.count or 0, default=Room(None, ""))


def _by_law(holder: Holder, of: Offer, now: datetime, besides: Application | None) -> Room:
    most = most_lawful(holder, of, now)
    if most.amount is None:
        return Room(None, "")
    key = besides.pk if besides is not None else None
    has = limits.held(holder, of.unit) + limits.paid(holder, key)
    if besides is None:
        has += limits.asked(holder, now)
    return Room(max(0, most.amount - has) // of.price, most.citation, "law")


def _by_terms(holder: Holder, of: Offer, now: datetime, besides: Application | None) -> Room:
    most = of.terms.limits(isinstance(holder, Organisation)).most
    if not most:
        return Room(None, "")
    rows = Application.objects.filter(limits.of_holder(holder), offer=of, matching=False)
    live = Q(state__in=states.COUNTS) | Q(state=states.ASKED, charge__state__in=OPEN_CHARGE, charge__expires_at__gt=now)
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    has = int(rows.filter(live).aggregate(total=Sum(COUNTED))["total"] or 0)
    return Room(max(0, most - has) // of.price, _("the terms of this offer"), "terms")


def _by_offer(of: Offer, now: datetime, besides: Application | None) -> Room:
    left = standing(of, now).room
    if left is None:
        return Room(None, "")
    if besides is not None and besides.state == states.ASKED and besides.charge is not None and besides.charge.state in OPEN_CHARGE:
        left += besides.amount
    return Room(left // of.price, _("what is left of this offer"), "full")


def mine(person: Person, now: datetime) -> Sequence[Application]:
    """The applications of a person and of the organisations they speak for, newest first. Two queries."""
    rows = Application.objects.filter(Q(person=person) | Q(organisation__in=members.spoken_for(person, now)))
    return list(rows.select_related("offer", "person", "organisation", "charge").order_by("-created_at"))


def by_charge(charge: Charge) -> Application:
    """The application a charge pays for."""
    return Application.objects.select_related("offer", "person", "organisation", "by").get(charge=charge)


def findings(of: Offer, now: datetime) -> list[Finding]:
    """What the law profile wants said in the offer document, language by language, and where it stands. No query."""
    asked = str(law.profile().bound("offer.statements", now).value).split()
    if of.kind == "pioneer":
        asked.append("pioneer-risk")
    words = {language: text for language, text in of.document.items() if text.strip()}
    return check_document(words or {law.coop().languages[0]: ""}, asked)


def may_manage(person: Person, now: datetime) -> bool:
    """Whether this person looks after share offers."""
    return members.has_duty(person, DUTY, now)


def opened_by_board(now: datetime) -> bool:
    """Whether the law profile leaves it to the board to make an offer; else the members decide."""
    return law.profile().bound("offer.opened_by", now).value == "board"
