"""Four eyes on a single sum of real money: one person asks, a second looks at it and approves. Before that nothing is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import notices
from madang.coop.ledger.owners import names
from madang.coop.members import queries as members
from madang.coop.notices import texts
from madang.coop.payments import accounts, rails
from madang.coop.payments.models import Payout, Refund
from madang.coop.payments.waits import wait
from madang.coop.people.models import Person
from madang.coop.tax import withholding
from madang.kit.errors import Missing, Refused
from madang.rails.payments import Answer

WAITS = Q(second=True, approved_by=None) | Q(rail=rails.BANK, batch=None)
"""A payout that was made and has not gone anywhere: it waits for a second person, or for the next batch."""


def ask(payout: Payout, *, now: datetime) -> None:
    """Those who may be the second have a task. In the caller's transaction."""
    if payout.by is None:
        return
    for person in accounts.second_people(payout.by, now)[0]:
        params = {"amount": texts.money(payout.amount, payout.unit), "name": payout.by}
        notices.open_task(person, f"payout:{payout.pk}", "payments.batch", url=reverse("payments:payout", args=[payout.pk]), params=params, now=now)


def _locked(payout_id: UUID) -> Payout:
    found = Payout.objects.select_for_update(of=("self",)).select_related("by").filter(pk=payout_id).first()
    if found is None or found.by is None or not (found.second or found.rail == rails.BANK):
        raise Missing("no such payout")
    return found


@transaction.atomic
def approve(payout_id: UUID, *, by: Person, now: datetime) -> Payout:
    """A second person has looked at it: the service is told after the commit. Raises ``Missing``, ``Refused``: ``four-eyes``, ``office``, ``over``."""
    from madang.coop.payments import outgoing

    found = _locked(payout_id)
    if not found.second or found.by is None:
        raise Missing("its batch is approved, not this one")
    if found.approved_by_id == by.pk:
        return found
    accounts.require_second(found.by, by, now)
    if found.state != "created" or found.approved_by_id:
        raise Refused("over", _("This payout was approved or cancelled already."))
    found.approved_by, found.next_at = by, now + wait(0)
    found.save(update_fields=["approved_by", "next_at"])
    notices.close_task(f"payout:{found.pk}", now)
    transaction.on_commit(lambda: outgoing.send_payout(found.pk, now=now))
    return found


@transaction.atomic
def cancel(payout_id: UUID, *, by: Person, now: datetime) -> Payout:
    """It is not sent: the money stands to the owner's credit again. Not once it was approved, or stands in a batch (cancel that).

    Raises ``Missing``, ``Refused``: ``office``, ``over``.
    """
    from madang.coop.payments import outgoing

    found = _locked(payout_id)
    assert found.by is not None
    if by.pk not in {one.pk for one in accounts.second_people(found.by, now)[0]}:
        accounts.require_payouts(by, now)
    if found.state == "failed" and found.reason == "cancelled":
        return found
    if found.approved_by_id or found.batch_id or found.state != "created":
        raise Refused("over", _("This payout was approved or cancelled already."))
    done = outgoing.payout_answered(found, Answer("", "declined", found.amount, found.unit, reason="cancelled"), now=now)
    notices.close_task(f"payout:{found.pk}", now)
    return done


def payout_of(payout_id: UUID, person: Any, now: datetime) -> tuple[Payout, str, int]:
    """(a payout two people have to see, whom it is for, what the law keeps back of it), for those two. Raises ``Missing``."""
    found = Payout.objects.select_related("by", "approved_by", "batch").filter(pk=payout_id).first()
    if found is None or found.by is None or not (found.second or found.rail == rails.BANK):
        raise Missing("no such payout")
    if not (members.has_duty(person, accounts.PAYOUTS, now) or person in accounts.second_people(found.by, now)[0]):
        raise Missing("not yours to see")
    return found, names([found.party]).get(found.party, found.name or found.party), withholding.total_of(found.entry_id)


def waiting(limit: int = 100) -> list[tuple[Payout, str]]:
    """Payouts that wait for a second person or for the next batch, oldest first, with whom they are for. At most three SQL queries."""
    found = list(Payout.objects.filter(WAITS, state="created").select_related("by").order_by("created_at", "pk")[:limit])
    called = names([one.party for one in found])
    return [(one, called.get(one.party, one.name or one.party)) for one in found]


def for_a_batch(limit: int = 1_000) -> list[tuple[Payout, str]]:
    """Of these, the ones that go with the next batch for the bank."""
    return [(one, name) for one, name in waiting(limit) if one.rail == rails.BANK]


# refunds that the service would not send


def _refund(refund_id: UUID) -> Refund:
    found = Refund.objects.select_for_update(of=("self",)).select_related("charge__payer", "asked_by").filter(pk=refund_id).first()
    if found is None:
        raise Missing("no such refund")
    return found


@transaction.atomic
def ask_by_hand(refund_id: UUID, *, by: Person, now: datetime) -> Refund:
    """Whoever pays out wants to send by hand what the service would not send back: a second person is asked first. Repeating it changes nothing.

    Raises ``Missing``, ``Refused``: ``office``, ``alone``, ``on-its-way``, ``own-refund``.
    """
    accounts.require_payouts(by, now)
    found = _refund(refund_id)
    if found.state != "failed":
        raise Refused("on-its-way", _("The payment service sends this refund itself, or has sent it. Do not send it a second time."))
    if found.charge.payer_id == by.pk:
        raise Refused("own-refund", _("This money goes back to you, so somebody else has to send it and say so. Nothing was booked."))
    if found.asked_by_id:
        return found
    accounts.require_not_alone(by, now)
    found.asked_by = by
    found.save(update_fields=["asked_by"])
    for person in accounts.second_people(by, now)[0]:
        params = {"amount": texts.money(found.amount, found.unit), "name": by}
        notices.open_task(person, f"by-hand:{found.pk}", "payments.by_hand", url=reverse("payments:by_hand", args=[found.pk]), params=params, now=now)
    return found


@transaction.atomic
def approve_by_hand(refund_id: UUID, *, by: Person, now: datetime) -> Refund:
    """A second person agrees that it is sent by hand. Raises ``Missing``, ``Refused``: ``four-eyes``, ``office``, ``own-refund``, ``over``."""
    found = _refund(refund_id)
    if found.approved_by_id == by.pk:
        return found
    if found.asked_by is None:
        raise Missing("nobody has asked")
    accounts.require_second(found.asked_by, by, now)
    if found.charge.payer_id == by.pk:
        raise Refused("own-refund", _("This money goes back to you, so somebody else has to send it and say so. Nothing was booked."))
    if found.state != "failed" or found.approved_by_id:
        raise Refused("over", _("This was approved or settled already."))
    found.approved_by = by
    found.save(update_fields=["approved_by"])
    notices.close_task(f"by-hand:{found.pk}", now)
    return found


def by_hand_of(refund_id: UUID, person: Any, now: datetime) -> Refund:
    """A refund somebody wants to send by hand, for those two. Raises ``Missing``."""
    found = Refund.objects.select_related("charge__payer", "asked_by", "approved_by").filter(pk=refund_id).exclude(asked_by=None).first()
    if found is None or found.asked_by is None:
        raise Missing("no such refund")
    if not (members.has_duty(person, accounts.PAYOUTS, now) or person in accounts.second_people(found.asked_by, now)[0]):
        raise Missing("not yours to see")
    return found
