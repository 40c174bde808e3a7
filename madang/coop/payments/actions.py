"""The verbs of a charge: ask someone to pay, learn from the rail what became of it, book it once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import ledger, notices, once
from madang.coop.notices import texts
from madang.coop.payments import questions, rails, states
from madang.coop.payments.booking import purpose, refund_account
from madang.coop.payments.models import Charge, Payout, Refund, WebhookEvent
from madang.coop.payments.outgoing import pay_out, payout_answered, refund, refund_answered, sent_by_hand
from madang.coop.payments.waits import wait
from madang.coop.people.models import Person
from madang.coop.tax import filings
from madang.kit.errors import Refused
from madang.kit.money import LARGEST
from madang.kit.units import unit as known_unit
from madang.rails.payments import Answer, Event, Order, RailError

__all__ = [
    "act_on", "ask", "charge", "close", "expire", "fail", "give_up", "go_and_pay", "learn", "pay_out", "receive_webhook", "refund", "refund_account",
    "sent_by_hand", "settle",
]  # fmt: skip
log = logging.getLogger(__name__)
EXPIRES = timedelta(minutes=30)
QUIET = timedelta(minutes=3)
"""After this long without a word from the rail, we ask."""
EARLY = timedelta(hours=1)
"""So long a message about a name we do not know is kept open: it may have overtaken our own commit."""
TRIES_MAX = 6
OPEN = (states.CREATED, states.AUTHORISED)


@transaction.atomic
def charge(purpose_key: str, subject: str, payer: Person, amount: int, unit: str, *, key: str, now: datetime, expires_at: datetime | None = None) -> Charge:
    """Ask ``payer`` for ``amount`` (smallest unit) for a declared purpose; once for each ``key``. It lapses after 30 minutes unless told otherwise.

    Raises ``Refused`` (``amount``, ``key-used``), ``KeyError`` for an unknown purpose, ``ValueError`` for an unknown currency.
    """
    purpose(purpose_key)
    known_unit(unit)
    if not 0 < amount <= LARGEST:
        raise Refused("amount", _("This amount cannot be paid. Nothing was charged."), "amount")
    new = Charge(
        key=key, purpose=purpose_key, subject=subject, payer=payer, amount=amount, unit=unit, rail=rails.default().name, created_at=now,
        expires_at=expires_at or now + EXPIRES,
    )  # fmt: skip
    if once.insert(new):
        return new
    made = Charge.objects.get(key=key)
    if (made.purpose, made.subject, made.payer_id, made.amount, made.unit) != (purpose_key, subject, payer.pk, amount, unit):
        raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
    return made


def go_and_pay(charge: Charge, *, now: datetime, again: bool = False) -> Charge:
    """The person wants to pay: open the payment at the rail (a second time: the same one) and return the charge with its ``checkout_url``.

    ``again``: the code of a transfer met another's at this very moment, and this is the one more try.

    Raises ``Refused`` when the charge is over, or the rail cannot be reached.
    """
    ready = _ready(charge, now=now)
    if ready.ref and not (ready.rail == rails.PRETEND and not rails.pretends()):
        return ready
    if ready.rail == rails.PRETEND and not rails.pretends():
        raise Refused("no-service", _("This co-op has no service yet that takes this payment at once. Nothing was charged."))
    rail = rails.rail(ready.rail)
    back = settings.SITE_URL.rstrip("/") + reverse("payments:returned", args=[ready.pk])
    order = Order(f"{ready.pk}:{ready.declines}", ready.amount, ready.unit, str(purpose(ready.purpose).title), back, now)
    try:
        checkout = rail.authorise(order)
    except RailError as error:
        raise Refused("rail", _("The payment service cannot be reached just now. Nothing was charged; please try again in a few minutes.")) from error
    try:
        started = _started(ready, checkout.ref, checkout.url, now=now)
    except IntegrityError:
        if again or ready.rail != rails.BANK:
            raise
        return go_and_pay(ready, now=now, again=True)  # its code was given to another at this very moment: it gets the next one
    if started.rail != ready.rail:
        _forget(ready, checkout.ref, now=now)
    if started.declines != ready.declines and not started.ref:
        return go_and_pay(started, now=now)  # the bank said no to this one meanwhile, in another window: a new one
    return started


def _forget(charge: Charge, ref: str, *, now: datetime) -> None:
    """The person chose another way to pay at the same moment: nobody pays what was opened here. Raises ``Refused`` ("charge-busy")."""
    try:
        rails.rail(charge.rail).void(ref, key=f"void:{charge.pk}:{ref}", at=now)
    except RailError as error:
        log.warning("charge %s: what was opened at %s could not be closed: %s", charge.pk, charge.rail, error)
    raise Refused("charge-busy", _("The bank is still thinking about your first try. Please wait a few minutes."))


@transaction.atomic
def _ready(charge: Charge, *, now: datetime) -> Charge:
    locked = _locked(charge)
    if locked.state not in OPEN or locked.expires_at <= now:
        raise Refused("charge-over", _("This payment is no longer open. Nothing was charged."))
    return locked


@transaction.atomic
def _started(charge: Charge, ref: str, url: str, *, now: datetime) -> Charge:
    locked = _locked(charge)
    if locked.state in OPEN and not locked.ref and (locked.rail, locked.declines) == (charge.rail, charge.declines):
        locked.ref, locked.checkout_url, locked.started_at, locked.ask_at = ref, url, now, now + QUIET
        locked.save(update_fields=["ref", "checkout_url", "started_at", "ask_at"])
    return locked


def learn(charge: Charge, answer: Answer, *, now: datetime, closing: bool = False) -> Charge:
    """Book what the rail says of a charge, whoever brought it: web hook, question or the way back. One effect however often.

    ``closing``: its time is over, so whatever is not paid is expired.
    """
    if answer.ref != charge.ref:
        return charge
    if answer.payment and answer.payment != charge.payment_ref:
        Charge.objects.filter(pk=charge.pk).update(payment_ref=answer.payment)
        charge.payment_ref = answer.payment
    if answer.state == "paid":
        if (answer.amount, answer.unit) != (charge.amount, charge.unit):
            raise ValueError(f"charge {charge.pk}: the rail was paid {answer.amount} {answer.unit} instead of {charge.amount} {charge.unit}")
        return settle(charge, fee=answer.fee, now=now)
    if answer.state == "disputed" and (answer.amount, answer.unit) == (charge.amount, charge.unit):
        return settle(charge, fee=answer.fee, now=now)  # it was paid before we heard of it; what the bank took since is told as a dispute
    if answer.state == "authorised":
        return _capture(charge, now=now)
    if closing and answer.state in ("declined", "cancelled", "unknown"):
        return expire(charge, now=now)
    if answer.state in ("declined", "cancelled"):
        return _declined(charge, answer.reason or answer.state, now=now)
    return charge


def _capture(charge: Charge, *, now: datetime) -> Charge:
    """The rail has the person's promise: note it, take the money, book it."""
    with transaction.atomic():
        locked = _locked(charge)
        if locked.state == states.CREATED:
            locked.state = states.AUTHORISED
            locked.save(update_fields=["state"])
    if locked.state != states.AUTHORISED:
        return locked

    def take() -> None:
        try:
            answer = rails.rail(locked.rail).capture(locked.ref, key=f"capture:{locked.pk}:{locked.ref}", at=now)
        except RailError as error:
            log.warning("charge %s: capture unanswered: %s", locked.pk, error)
            return
        if answer.state == "paid":
            settle(locked, fee=answer.fee, now=now)

    transaction.on_commit(take)
    return locked


@transaction.atomic
def settle(charge: Charge, *, now: datetime, fee: int | None = None) -> Charge:
    """The money is ours: ask the purpose where it goes, book that and the rail's ``fee`` (smallest unit), once.

    When the purpose no longer wants it (too late, the slot is gone), the money is put aside and sent back by itself.
    """
    locked = _locked(charge)
    if locked.settled_at or locked.entry_id:
        return locked
    kept = rails.rail(locked.rail).fee(locked.amount, locked.unit) if fee is None else fee
    if locked.state not in OPEN:
        return _send_back(locked, kept, now=now)
    try:
        with transaction.atomic():
            parts = purpose(locked.purpose).settled(locked, now=now)
    except Refused as no:
        states.charge.check(locked.state, states.FAILED)
        locked.state, locked.ended_at, locked.reason = states.FAILED, now, no.code[:40]
        return _send_back(locked, kept, now=now)
    if not parts or sum(part.amount for part in parts) != locked.amount:
        raise ValueError(f"purpose {locked.purpose} of charge {locked.pk}: its parts do not add up to {locked.amount}")
    states.charge.check(locked.state, states.SETTLED)
    locked.entry = _book(locked, parts, kept, now=now)
    locked.state, locked.fee, locked.settled_at, locked.ended_at, locked.ask_at = states.SETTLED, kept, now, now, None
    locked.save()
    if purpose(locked.purpose).taxed:
        filings.on_paid(locked.pk, locked.rail, subject=locked.subject, owner=locked.owner, amount=locked.amount, unit=locked.unit, now=now)
    return locked


def _book(charge: Charge, parts: list[ledger.Part], fee: int, *, now: datetime) -> Any:
    """Clearing → parts, and what the rail keeps: card costs → clearing. Card costs are borne by upkeep."""
    clearing, costs = ledger.accounts([("clearing", f"rail:{charge.rail}"), ("card-costs", "")], charge.unit)
    moves = [part.out_of(clearing) for part in parts]
    if fee:
        moves.append(ledger.Move(costs, clearing, fee, "card-cost", note={"of": charge.amount, "rail": charge.rail}))
    return ledger.post("charge", moves, key=f"charge:{charge.pk}", subject=charge.subject, payer=charge.owner, now=now)


def _send_back(charge: Charge, fee: int, *, now: datetime) -> Charge:
    """Money for a charge that is over: put it aside in the payer's name and give it back."""
    back = ledger.Part(refund_account(charge), charge.amount, "late-money")
    charge.entry, charge.fee, charge.ask_at = _book(charge, [back], fee, now=now), fee, None
    charge.save()
    refund(charge, charge.amount, key=f"late:{charge.pk}", now=now)
    params = {"amount": texts.money(charge.amount, charge.unit)}
    notices.tell(charge.payer, "payments.late", url=charge.get_absolute_url(), params=params, now=now)
    return charge


@transaction.atomic
def _declined(charge: Charge, reason: str, *, now: datetime) -> Charge:
    """The bank said no. The charge stays open until it expires, so that another card may be tried; after six tries it failed."""
    locked = _locked(charge)
    if locked.state not in OPEN or locked.ref != charge.ref:
        return locked
    locked.declines += 1
    locked.reason, locked.ref, locked.checkout_url, locked.ask_at, locked.attempts = reason[:40], "", "", None, 0
    locked.state = states.CREATED
    locked.save()
    return fail(locked, reason, now=now) if locked.declines >= TRIES_MAX else locked


@transaction.atomic
def fail(charge: Charge, reason: str, *, now: datetime) -> Charge:
    """Nothing came and nothing will: the purpose is told. Once."""
    return _end(charge, states.FAILED, reason, now)


@transaction.atomic
def expire(charge: Charge, *, now: datetime) -> Charge:
    """Nobody paid in time: the purpose is told (a slot is free again). Once."""
    return _end(charge, states.EXPIRED, "", now)


def _end(charge: Charge, state: str, reason: str, now: datetime) -> Charge:
    locked = _locked(charge)
    if locked.state not in OPEN:
        return locked
    states.charge.check(locked.state, state)
    locked.state, locked.reason, locked.ended_at, locked.ask_at = state, (reason or locked.reason)[:40], now, None
    locked.save()
    purpose(locked.purpose).failed(locked, now=now)
    return locked


def give_up(charge: Charge, *, now: datetime) -> Charge:
    """The person does not want to pay. What the bank has meanwhile is asked first; what it takes later is sent back."""
    if charge.ref:
        try:
            answer = rails.rail(charge.rail).void(charge.ref, key=f"void:{charge.pk}:{charge.ref}", at=now)
        except RailError:
            answer = Answer(charge.ref, "cancelled")
        if answer.state == "paid":
            return learn(charge, answer, now=now)
    return fail(charge, "given-up", now=now)


def ask(charge: Charge, *, now: datetime) -> Charge:
    """Ask the rail what became of a charge (its web hook may be lost) and book the answer. Never inside a transaction of its own."""
    if not charge.ref or charge.entry_id:
        return charge
    try:
        answer = rails.rail(charge.rail).fetch(charge.ref, at=now)
    except RailError as error:
        log.warning("charge %s: the rail did not answer: %s", charge.pk, error)
        return charge
    return learn(charge, answer, now=now)


def close(charge: Charge, *, now: datetime) -> Charge:
    """Its time is over: close it at the rail, and expire it unless it turns out paid."""
    if not charge.ref:
        return expire(charge, now=now)
    try:
        answer = rails.rail(charge.rail).void(charge.ref, key=f"void:{charge.pk}:{charge.ref}", at=now)
    except RailError as error:
        log.warning("charge %s: the rail did not answer: %s", charge.pk, error)
        return charge
    return learn(charge, answer, now=now, closing=True)


def receive_webhook(provider: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Event:
    """A message from a rail: check that it is the rail's, store it, then act on it; what cannot be acted on now is swept later.

    Raises ``BadSignature`` (nothing is stored) and ``KeyError`` for an unknown rail.
    """
    if provider == rails.PRETEND and not rails.pretends():
        raise KeyError(provider)  # where money is real nobody is let in by a pretend bank
    event = rails.rail(provider).verify_webhook(headers, body, at=now)
    answer = event.answer
    told = {**asdict(answer), "about": event.about}
    try:
        with transaction.atomic():
            row = WebhookEvent.objects.create(provider=provider, event_id=event.event_id, kind=event.kind[:40], ref=event.ref, body=told, received_at=now)
    except IntegrityError:
        return event  # it came before: stored, and acted on or about to be
    try:
        act_on(row.pk, now=now)
    except Exception:
        log.exception("web hook %s of %s is kept and tried again", event.event_id, provider)
    return event


@transaction.atomic
def act_on(webhook_id: int | str, *, now: datetime) -> None:
    """Do what a stored message asks, once."""
    row = WebhookEvent.objects.select_for_update().get(pk=webhook_id)
    if row.handled_at:
        return
    about = row.body.get("about", "payment")
    answer = Answer(**{name: value for name, value in row.body.items() if name != "about"})
    known = True
    if about in ("dispute", "payee"):
        questions.note(row.provider, about, row.ref, now=now)
    elif about == "refund":
        _refund_told(row.ref, answer, now=now)
    elif about == "payment":
        known = _payment_told(row.provider, row.ref, answer, now=now)
    if not known and now - row.received_at < EARLY:
        return  # it may have been faster than our own note of the name it speaks of: it is looked at again
    row.handled_at = now
    row.save(update_fields=["handled_at"])


def _payment_told(provider: str, ref: str, answer: Answer, *, now: datetime) -> bool:
    """A message about a payment or a payout. One that says no more than that something changed has the rail asked after the commit. Whether we know it."""
    found = Charge.objects.filter(rail=provider, ref=ref).first()
    if found is not None and answer.state == "ask":
        locked = _locked(found)
        if locked.state in OPEN:
            locked.ask_at, locked.attempts = now, 0
            locked.save(update_fields=["ask_at", "attempts"])
        transaction.on_commit(lambda: ask(locked, now=now) and None)
    elif found is not None:
        learn(found, answer, now=now)
    elif sent := Payout.objects.filter(rail=provider, ref=ref).exclude(ref="").first():
        payout_answered(sent, answer, now=now)
    else:
        return False
    return True


def _refund_told(key: str, answer: Answer, *, now: datetime) -> None:
    """A message about a refund, which carries the key we gave it: ``refund:<id>``."""
    _name, _colon, ident = key.partition(":")
    try:
        found = Refund.objects.filter(pk=UUID(ident)).first()
    except ValueError:
        return  # not one of ours
    if found is not None:
        refund_answered(found, answer, now=now)


def find_quiet(now: datetime, limit: int) -> list[str]:
    """Open charges whose time is over, or that nothing was heard of."""
    over = Charge.objects.filter(state__in=OPEN, expires_at__lte=now, ask_at=None)
    quiet = Charge.objects.filter(ask_at__lte=now)
    found = [*over.order_by("expires_at").values_list("pk", flat=True)[:limit], *quiet.order_by("ask_at").values_list("pk", flat=True)[:limit]]
    return [str(key) for key in found[:limit]]


def look_after(key: str | UUID, *, now: datetime) -> None:
    """One of them: note that we look, then ask or close after the commit."""
    locked = Charge.objects.select_for_update().get(pk=key)
    if locked.state not in OPEN:
        return
    if not locked.ref:
        if locked.expires_at <= now:
            expire(locked, now=now)
        return
    locked.attempts += 1
    locked.ask_at = now + wait(locked.attempts)
    locked.save(update_fields=["attempts", "ask_at"])
    then = close if locked.expires_at <= now else ask
    transaction.on_commit(lambda: then(locked, now=now) and None)


def find_messages(now: datetime, limit: int) -> list[str]:
    """Stored messages nobody acted on yet."""
    found = WebhookEvent.objects.filter(handled_at=None, received_at__lte=now).order_by("received_at").values_list("pk", flat=True)
    return [str(key) for key in found[:limit]]


def _locked(charge: Charge) -> Charge:
    return Charge.objects.select_for_update(of=("self",)).get(pk=charge.pk)
