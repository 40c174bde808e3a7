"""Joining and leaving: apply, be admitted or refused, become active, leave, be expelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from madang.coop import law, notices, record
from madang.coop.members import asking, queries
from madang.coop.members.models import LIVE, MemberClass, Membership
from madang.coop.members.offices import appoint, departed, end_term
from madang.coop.members.work import accept_invitation, end_work, found_organisation, invite, withdraw_invitation
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Organisation, Person, Work
from madang.kit import house
from madang.kit.errors import Missing, Refused

__all__ = [
    "accept_invitation",
    "activate",
    "admit",
    "apply",
    "appoint",
    "choose_primary",
    "end",
    "end_term",
    "end_work",
    "expel",
    "found_organisation",
    "invite",
    "leave",
    "refuse",
    "show_name",
    "withdraw_invitation",
]  # fmt: skip

WORDS_MAX = 2000


@transaction.atomic
def apply(
    holder: Person | Organisation,
    class_key: str,
    *,
    by: Person | None = None,
    words: str = "",
    founding: bool = False,
    paid: bool = False,
    now: datetime,
) -> Membership:
    """Ask to join a class, for oneself or for an organisation one speaks for (``by``). "Open" classes admit at once.

    Asking twice gives the application that is already there. ``paid``: the shares are paid already, nobody is asked to.
    ``founding`` is the charter's: founders join a co-op that is still
    forming. Raises ``Refused``: "forming", "holder" (a person in an organisations' class or the reverse), "not_yours" (``by``
    does not speak for the organisation), "words". ``Missing`` for an unknown class.
    """
    kind = queries.class_of(class_key)
    if not founding:
        law.require_open()
    _fits(holder, kind, by, now, founding)
    words = clean_text(words, WORDS_MAX * 2, "words")
    if len(words) > WORDS_MAX:
        raise Refused("words", _("Please keep it under 2,000 characters."), "words")
    who: dict[str, Any] = {"organisation": holder} if isinstance(holder, Organisation) else {"person": holder}
    live = Membership.objects.filter(**who, state__in=LIVE)
    if there := live.filter(member_class=kind).first():
        return there
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                member_class=kind,
                **who,
                primary=not live.filter(primary=True).exists(),
                founder=founding,
                words=words,
                applied_at=now,
                applied_by=by or _self(holder),
            )
    except IntegrityError:  # the same person in a second window: the first one stands
        there = Membership.objects.filter(**who, member_class=kind, state__in=LIVE).first()
        if there is None:
            raise
        return there
    if founding:
        return membership
    if kind.admission == "open":
        return admitted(membership, paid=paid, now=now)
    if kind.admission.startswith("office:"):
        asking.officers(membership, now)
    for hook in house.collect("applied"):
        hook(membership, now=now)
    return membership


@transaction.atomic
def admit(membership: Membership, *, by: Person | None = None, decision_id: UUID | None = None, now: datetime) -> Membership:
    """Say yes to an application: a holder of the office the class names (``by``), or a passed decision (``decision_id``).

    Repeating it changes nothing. Raises ``Refused`` "not_yours_to_admit", or when it was refused or withdrawn meanwhile.
    """
    membership = _locked(membership)
    _may_answer(membership, by, decision_id, now)
    if membership.state in ("admitted", "active"):
        return membership
    return admitted(membership, by=by, decision_id=decision_id, now=now)


@transaction.atomic
def refuse(membership: Membership, reason: str, *, by: Person | None = None, decision_id: UUID | None = None, now: datetime) -> Membership:
    """Say no to an application, with the reason the applicant reads. Raises ``Refused`` "reason" without one, "not_yours_to_admit"."""
    membership = _locked(membership)
    _may_answer(membership, by, decision_id, now)
    reason = clean_text(reason, WORDS_MAX * 2, "reason")
    if not reason:
        raise Refused("reason", _("Say why: the applicant reads it, and nobody is refused without a reason."), "reason")
    if membership.state == "refused":
        return membership
    membership.to("refused")
    membership.refused_at, membership.reason = now, reason[:WORDS_MAX]
    membership.admitted_by, membership.decision_id = by, decision_id
    membership.save()
    asking.answered(membership, now)
    asking.tell(membership, "members.refused", {"class": membership.member_class.title, "reason": membership.reason}, now)
    return membership


@transaction.atomic
def activate(membership: Membership, *, now: datetime) -> Membership:
    """The shares the class asks for are paid: a member from this moment (``capital`` calls it). Repeating it changes nothing."""
    membership = _locked(membership)
    if membership.state == "active":
        return membership
    membership.to("active")
    membership.active_from = now
    membership.save(update_fields=["state", "active_from"])
    notices.close_task(asking.pay_key(membership), now)
    asking.tell(membership, "members.active", {"class": membership.member_class.title}, now)
    for hook in house.collect("joined"):
        hook(membership, now=now)
    return membership


@transaction.atomic
def leave(membership: Membership, *, by: Person, now: datetime) -> Membership:
    """Leave, or withdraw an application. ``by`` is the member, or who speaks for the member organisation.

    Offices end, shares become a claim as the law says (``capital``'s hook). Repeating it changes nothing.
    Raises ``Missing`` for somebody else's membership.
    """
    membership = _locked(membership)
    if not (membership.person_id == by.pk or (membership.organisation is not None and queries.represents(by, membership.organisation, now))):
        raise Missing("not your membership")
    return _left(membership, "", None, now)


@transaction.atomic
def expel(membership: Membership, reason: str, *, decision_id: UUID, now: datetime) -> Membership:
    """End a membership by a passed decision (``decisions`` calls it, after the notice and the hearing the law asks for)."""
    return _left(_locked(membership), reason[:WORDS_MAX], decision_id, now)


@transaction.atomic
def end(membership: Membership, *, told: bool = True, now: datetime) -> Membership:
    """The membership is over by itself: all its shares passed to somebody else, or the member died (then nobody is ``told``). ``capital`` calls it."""
    return _left(_locked(membership), "", None, now, told=told)


@transaction.atomic
def goes_on(membership: Membership, *, now: datetime) -> Membership:
    """A membership that was ended by mistake (a member who lives was written down as dead) goes on as if it had not ended. ``capital`` calls it.

    Raises ``Refused("member")`` where the person has joined that class anew meanwhile. Twice is once.
    """
    membership = _locked(membership)
    if membership.state != "left" or membership.person_id is None:
        return membership
    if Membership.objects.filter(person=membership.person_id, member_class=membership.member_class_id, state__in=LIVE).exists():
        raise Refused("member", _("They have joined anew meanwhile. Nothing was changed."))
    membership.state = "active" if membership.active_from else "admitted" if membership.admitted_at else "applied"
    membership.left_at, membership.reason = None, ""
    membership.primary = membership.primary and not Membership.objects.filter(person=membership.person_id, primary=True, state__in=LIVE).exists()
    membership.save()
    return membership


@transaction.atomic
def choose_primary(membership: Membership, *, by: Person, now: datetime) -> Membership:
    """Of several memberships, the class one votes in. Raises ``Missing`` for somebody else's, ``Refused`` "not_live" for a past one."""
    membership = _locked(membership)
    if membership.person_id != by.pk:
        raise Missing("not your membership")
    if membership.state not in LIVE:
        raise Refused("not_live", _("This membership is over."))
    Membership.objects.filter(person=by, primary=True, state__in=LIVE).exclude(pk=membership.pk).update(primary=False)
    membership.primary = True
    membership.save(update_fields=["primary"])
    return membership


@transaction.atomic
def show_name(membership: Membership, shown: bool, *, by: Person, now: datetime) -> Membership:
    """Whether other members see this name on the members' page (the register the law opens is another matter). ``Missing`` for another's."""
    membership = _locked(membership)
    if not (membership.person_id == by.pk or (membership.organisation is not None and queries.represents(by, membership.organisation, now))):
        raise Missing("not your membership")
    membership.names_open = shown
    membership.save(update_fields=["names_open"])
    return membership


def _self(holder: Person | Organisation) -> Person | None:
    return holder if isinstance(holder, Person) else None


def _fits(holder: Person | Organisation, kind: MemberClass, by: Person | None, now: datetime, founding: bool) -> None:
    if isinstance(holder, Organisation):
        if kind.holder != MemberClass.ORGANISATION:
            raise Refused("holder", _("This class is for people. Each person joins on their own."), "class_key")
        if not founding and not (by and queries.represents(by, holder, now)):
            raise Refused("not_yours", _("Only someone who speaks for the organisation can apply for it."))
    elif kind.holder != MemberClass.PERSON:
        raise Refused("holder", _("This class is for organisations. Add your organisation first, then apply for it."), "class_key")


def _locked(membership: Membership) -> Membership:
    """The row as it is now, and nobody else's to change until we are done."""
    found = Membership.objects.select_for_update(of=("self",)).select_related("member_class", "person", "organisation").filter(pk=membership.pk).first()
    if found is None:
        raise Missing("membership")
    return found


def _may_answer(membership: Membership, by: Person | None, decision_id: UUID | None, now: datetime) -> None:
    way = "own yes" if membership.founder else membership.member_class.admission
    if way.startswith("vote:") and decision_id is not None:
        return
    if way.startswith("office:") and by is not None and queries.holds(by, way.removeprefix("office:"), now):
        return
    raise Refused("not_yours_to_admit", _("Applications to this class are answered in another way: see how to join."))


def admitted(
    membership: Membership, *, by: Person | None = None, decision_id: UUID | None = None, paid: bool = False, now: datetime
) -> Membership:
    """The step itself; ``charter`` takes it for founders, whose own consent admits them."""
    membership.to("admitted")
    membership.admitted_at, membership.admitted_by, membership.decision_id = now, by, decision_id
    membership.save()
    kind = membership.member_class
    line = {"membership": str(membership.pk), "class": kind.key, "decision": str(decision_id or "")}
    record.write("admission", f"membership:{membership.pk}", [line], public=False, now=now)
    asking.answered(membership, now)
    if kind.entry_price == 0:
        return activate(membership, now=now)
    if not paid:
        asking.payment(membership, now)
    return membership


def _left(membership: Membership, reason: str, decision_id: UUID | None, now: datetime, *, told: bool = True) -> Membership:
    if membership.state == "left":
        return membership
    was = membership.state
    membership.to("left")
    membership.left_at, membership.reason = now, reason
    if decision_id:
        membership.decision_id = decision_id
    membership.save()
    asking.over(membership, now)
    if was == "applied":
        return membership
    lines = [{"membership": str(membership.pk), "class": membership.member_class.key, "expelled": bool(decision_id), "decision": str(decision_id or "")}]
    record.write("departure", f"membership:{membership.pk}", lines, public=False, now=now)
    _next_primary(membership)
    for person in _behind(membership, now):
        departed(person, told=told and (membership.person is None or bool(decision_id)), now=now)
    if was == "active":
        for hook in house.collect("left"):
            hook(membership, now=now)
    if told:
        asking.tell(membership, "members.expelled" if decision_id else "members.left", {"class": membership.member_class.title, "reason": reason}, now)
    return membership


def _behind(membership: Membership, now: datetime) -> list[Person]:
    """The person who was a member by it, or everyone who was one by working in the organisation."""
    if membership.person is not None:
        return [membership.person]
    return list(Person.objects.filter(work__in=Work.objects.filter(queries.working_at(now), organisation=membership.organisation)).distinct().order_by("pk"))


def _next_primary(membership: Membership) -> None:
    """Someone who still is in another class votes there from now on."""
    who = {"person_id": membership.person_id, "organisation_id": membership.organisation_id}
    rest = Membership.objects.filter(**who, state__in=LIVE)
    if not rest.filter(primary=True).exists() and (following := rest.order_by("-active_from", "applied_at").first()):
        following.primary = True
        following.save(update_fields=["primary"])
