"""Apply for shares, pay, take it back. What is paid is held, in the books of nobody's capital, until shares are issued or it goes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.capital import limits
from madang.coop.capital.models import Purchase
from madang.coop.capital.offers import queries, states, telling
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.law.texts import say_citation
from madang.coop.members import actions as joining
from madang.coop.members import queries as register
from madang.coop.members.models import Membership
from madang.coop.payments import actions as payments
from madang.coop.payments.models import Charge, Refund
from madang.coop.people.models import Organisation, Person
from madang.kit.errors import Missing, Refused
from madang.kit.money import format_amount

COUNT_MAX = 100_000_000
PAY_WITHIN = timedelta(minutes=30)
BANK_DAYS = 14


@transaction.atomic
def apply(offer: Offer, count: int, by: Person, *, holder: Organisation | None = None, key: UUID | None = None, now: datetime) -> Application:
    """Ask ``by`` to pay for ``count`` shares, for themselves or for an organisation they speak for (``holder``). Once for each ``key``.

    Raises ``Refused``: "offer-over", "holder" (the offer is not for them), "count", "law", "terms", "full"; ``Missing`` for an organisation that
    is not theirs to speak for.
    """
    law.require_open()
    locked = _locked(offer)
    if key is not None and (first := Application.objects.select_related("charge").filter(pk=key).first()):
        if (first.by_id, first.count, first.offer_id, first.organisation_id) != (by.pk, count, locked.pk, holder.pk if holder else None):
            raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
        return first
    whose: Person | Organisation = by if holder is None else _spoken_for(holder, by, now)
    limits.lock(whose)
    kind = queries.class_for(locked, whose)
    if not locked.running(now):
        raise Refused("offer-over", _("This offer does not run at present. Nothing was charged."))
    if kind is None:
        raise Refused("holder", _("This offer is not for you: it is for people only, or for organisations only. Nothing was charged."), "holder")
    matching = locked.match_holder is not None and _is(locked.match_holder, whose)
    _enough(locked, whose, count, matching, now)
    made = Application(
        pk=key or uuid4(), offer=locked, by=by, count=count, price=locked.price, unit=locked.unit, matching=matching, created_at=now,
        membership=queries.membership_of(whose, kind),
    )  # fmt: skip
    setattr(made, "organisation" if isinstance(whose, Organisation) else "person", whose)
    if made.membership is None and kind.admission != "open":
        made.membership = joining.apply(whose, kind.key, by=by, words=_("With an application for shares."), now=now)
    ends = now + PAY_WITHIN if locked.ends_at is None else min(now + PAY_WITHIN, locked.ends_at)
    subject = f"share-application:{made.pk}"
    made.charge = payments.charge("share-offer", subject, by, made.amount, made.unit, key=subject, now=now, expires_at=ends)
    made.save(force_insert=True)
    return made


def _locked(offer: Offer) -> Offer:
    """The offer as it is now; who else pays or applies waits until we are done."""
    found = Offer.objects.select_for_update(of=("self",)).select_related("person_class", "organisation_class", "match_holder").filter(pk=offer.pk).first()
    if found is None:
        raise Missing("no such offer")
    return found


def _spoken_for(organisation: Organisation, by: Person, now: datetime) -> Organisation:
    if not register.represents(by, organisation, now):
        raise Missing("not yours to speak for")
    return organisation


def _is(membership: Membership, holder: Person | Organisation) -> bool:
    return holder.pk in (membership.person_id, membership.organisation_id)


def _enough(offer: Offer, holder: Person | Organisation, count: int, matching: bool, now: datetime, besides: Application | None = None) -> None:
    """Raise ``Refused`` when the wish is too small, or beyond a limit."""
    language, organisation = get_language() or "en", isinstance(holder, Organisation)
    least = -(-offer.terms.limits(organisation).least // offer.price)
    if matching:
        most = offer.match_cap // offer.price
        if not 0 < count <= most or Application.objects.filter(offer=offer, matching=True, state__in=[states.PAID, states.ISSUED]).exists():
            raise Refused("count", _("The match funder puts in their promise once, and at most what was promised. Nothing was charged."), "count")
    elif not least <= count <= COUNT_MAX:
        said = format_amount(least * offer.price, offer.unit, language)
        raise Refused("count", _("Please choose at least %(least)s shares (%(amount)s). Nothing was charged.") % {"least": least, "amount": said}, "count")
    room = queries._by_law(holder, offer, now, besides) if matching else queries.room_for(holder, offer, now, besides)
    if room.count is not None and count > room.count:
        said = format_amount(room.count * offer.price, offer.unit, language)
        words = _("You can apply for at most %(amount)s more (%(why)s). Nothing was charged.")
        raise Refused(room.code, words % {"amount": said, "why": say_citation(room.words, language)}, "count")


def settled(charge: Charge, *, now: datetime) -> list[ledger.Part]:
    """It is paid: the money is held. When it is too late, or a limit was reached meanwhile, it is refused and payments sends it back by itself."""
    found = queries.by_charge(charge)
    offer = _locked(found.offer)
    application = Application.objects.select_for_update(of=("self",)).select_related("person", "organisation", "charge").get(pk=found.pk)
    if not offer.running(now) or application.state != states.ASKED:
        raise Refused("offer-over", _("This offer does not run at present. Nothing was charged."))
    holder: Person | Organisation = application.person or application.organisation  # type: ignore[assignment]
    limits.lock(holder)
    _enough(offer, holder, application.count, application.matching, now, besides=application)
    held = ledger.hold(charge.subject, charge.amount, charge.unit, payer=charge.owner, key=charge.subject, now=now)
    application.to(states.PAID)
    application.hold, application.paid_at = held, now
    application.save(update_fields=["state", "hold", "paid_at"])
    if offer.state == states.RUNNING and offer.kind != "open" and queries.standing(offer, now).met:
        offer.to(states.MET)
        offer.met_at = now
        offer.save(update_fields=["state", "met_at"])
        telling.all_who_paid(offer, "offers.met", now)
    return [held.part()]


def failed(charge: Charge, *, now: datetime) -> None:
    """Nothing was paid: the application is over, and its shares are free for others."""
    _lapse(queries.by_charge(charge), "unpaid", now)


def _lapse(application: Application, why: str, now: datetime) -> None:
    if application.state == states.ASKED:
        application.to(states.OVER)
        application.ended_at, application.reason = now, why
        application.save(update_fields=["state", "ended_at", "reason"])


def refunded(refund: Refund, *, now: datetime) -> None:
    """The rail has sent money back. When it was all of it, the application is over; when the last of a failed offer is, so is the offer."""
    from madang.coop.capital.offers import closing

    application = Application.objects.select_for_update(of=("self",)).select_related("offer").get(charge=refund.charge_id)
    _lapse(application, "late", now)
    more = Refund.objects.filter(charge=refund.charge_id, state__in=["created", "failed"])
    if application.state == states.RETURNING and not more.exists():
        application.to(states.BACK)
        application.ended_at = now
        application.save(update_fields=["state", "ended_at"])
        closing.finish(application.offer, now=now)


@transaction.atomic
def take_back(application: Application, by: Person, *, now: datetime) -> Application:
    """Who applied changes their mind, while the minimum is not reached: the money goes back. Repeating it changes nothing.

    Raises ``Missing`` for somebody else's, ``Refused("committed")`` once the offer goes ahead.
    """
    offer = _locked(application.offer)
    locked = Application.objects.select_for_update(of=("self",)).select_related("charge", "hold", "offer").get(pk=application.pk)
    if locked.by_id != by.pk:
        raise Missing("not your application")
    if locked.state in (states.RETURNING, states.BACK, states.OVER):
        return locked
    if locked.state == states.ISSUED or offer.state != states.RUNNING or offer.kind == "open":
        raise Refused("committed", _("The minimum is reached, so this can no longer be taken back. Shares come back as their terms say."))
    if locked.state == states.ASKED:
        _lapse(locked, "taken-back", now)
        return locked
    return give_back(locked, "taken-back", now=now)


def give_back(application: Application, why: str, *, now: datetime) -> Application:
    """All of a paid application's money goes back to who paid it. The caller has locked it."""
    assert application.hold is not None and application.charge is not None
    into = payments.refund_account(application.charge)
    ledger.refund_hold(application.hold, into, key=f"share-application-back:{application.pk}", now=now, kind="offer-back")
    application.to(states.RETURNING)
    application.reason, application.allotted = why, 0
    application.save(update_fields=["state", "reason", "allotted"])
    payments.refund(application.charge, application.amount, key=f"share-application-back:{application.pk}", now=now)
    message = "offers.missed" if why == "missed" else "offers.returned"
    telling.one(application, message, {"amount": telling.money(application.amount, application.offer), "why": telling.WHY.get(why, "")}, now)
    return application


def issue(application: Application, *, now: datetime) -> Application:
    """Shares for a paid application: what was allotted and the law allows becomes share capital, the rest goes back. The caller has locked it."""
    from madang.coop.capital.certificates import actions as certificates

    offer, holder = application.offer, application.person or application.organisation
    assert holder is not None and application.hold is not None and application.charge is not None
    count, why = _issuable(application, holder, now)
    membership = _membership(application, holder, now) if count else None
    if membership is None or membership.state not in ("admitted", "active"):
        return give_back(application, why if not count else "not-admitted", now=now)
    paid, rest = count * application.price, (application.count - count) * application.price
    account = ledger.account("shares", ledger.owner_of(membership), application.unit)
    parts = [ledger.Part(account, paid, "shares", note={"count": count, "price": application.price, "offer": str(offer.pk)})]
    if rest:
        parts.append(ledger.Part(payments.refund_account(application.charge), rest, "offer-back"))
    ledger.release(application.hold, parts, key=f"share-application:{application.pk}:issue", now=now, kind="share-issue")
    application.to(states.ISSUED)
    application.issued, application.membership, application.ended_at, application.reason = count, membership, now, why if rest else ""
    application.save(update_fields=["state", "issued", "membership", "ended_at", "reason"])
    Purchase.objects.create(membership=membership, count=count, price=application.price, unit=application.unit, created_at=application.created_at, paid_at=now)
    if membership.state == "admitted":
        joining.activate(membership, now=now)
    certificates.certify(membership, now=now)
    telling.one(application, "offers.issued", {"count": count, "amount": telling.money(paid, offer)}, now)
    if rest:
        payments.refund(application.charge, rest, key=f"share-application-rest:{application.pk}", now=now)
        telling.one(application, "offers.part_back", {"amount": telling.money(rest, offer)}, now)
    return application


def _issuable(application: Application, holder: Person | Organisation, now: datetime) -> tuple[int, str]:
    """How many shares it gets, and why not more: what was allotted, and no more than the law lets them hold with all they have."""
    offer, wanted = application.offer, application.count if application.allotted is None else application.allotted
    why = "" if wanted == application.count else ("match" if application.matching else "full")
    most = queries.most_lawful(holder, offer, now, issuing=True).amount
    if most is not None:
        lawful = max(0, most - limits.held(holder, offer.unit)) // application.price
        if lawful < wanted:
            return lawful, "law"
    return wanted, why


def _membership(application: Application, holder: Person | Organisation, now: datetime) -> Membership | None:
    """Whose share account it is: the membership that was there or applied for, or in an open class a new one."""
    kind = queries.class_for(application.offer, holder)
    assert kind is not None
    there = queries.membership_of(holder, kind) or application.membership
    if there is None and kind.admission == "open":
        there = joining.apply(holder, kind.key, by=application.by, paid=True, now=now)
    return there


def words(application: Application) -> str:
    """ "120 shares" for receipts and statements."""
    return ngettext("%(count)s share", "%(count)s shares", application.count) % {"count": application.count}
