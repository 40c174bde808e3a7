"""Money that leaves: refunds to who paid, payouts to who earned. Written down first, the rail is told after the commit."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import ledger, notices
from madang.coop.decisions import emergency
from madang.coop.ledger import queries as books
from madang.coop.ledger.actions import one_at_a_time
from madang.coop.ledger.models import Account, Entry
from madang.coop.members import queries as members
from madang.coop.members.models import OfficeTerm
from madang.coop.notices import texts
from madang.coop.payments import accounts, approving, debts, payees, rails, recalls
from madang.coop.payments.booking import clearing, purpose, refund_account
from madang.coop.payments.models import Charge, Payout, Recall, Refund
from madang.coop.payments.waits import wait
from madang.coop.people.models import Person
from madang.coop.tax import filings, withholding
from madang.kit import house
from madang.kit.errors import Missing, Refused
from madang.rails.payments import Answer, PayoutBatch, PayoutOrder, RailError

log = logging.getLogger(__name__)
PAYOUTS = "payouts"  # the duty of sending money out
BANK = "bank"


@transaction.atomic
def refund(charge: Charge, amount: int, *, key: str, now: datetime) -> Refund:
    """Send ``amount`` back to who paid ``charge``, once for each ``key``. It must have been put aside first, in ``refund_account(charge)``.

    The rail is told after the commit. Raises ``Refused``: ``key-used`` for another refund under this key, ``not-put-aside`` when it is not there.
    """
    locked = Charge.objects.select_for_update().get(pk=charge.pk)
    if first := Refund.objects.filter(key=key).first():
        if (first.charge_id, first.amount) != (locked.pk, amount):
            raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
        return first
    on_its_way = locked.refunds.filter(state="created").aggregate(total=Sum("amount"))["total"] or 0
    if amount <= 0 or books.balance(refund_account(locked)) - on_its_way < amount:
        raise Refused("not-put-aside", _("There is not enough money there for this. Nothing was booked."))
    made = Refund.objects.create(charge=locked, amount=amount, unit=locked.unit, key=key, created_at=now, next_at=now + wait(0))
    transaction.on_commit(lambda: send_refund(made.pk, now=now))
    return made


def send_refund(refund_id: UUID | str, *, now: datetime) -> None:
    """Tell the rail, outside any transaction, and book what it answers. Silence is tried again later."""
    found = Refund.objects.select_related("charge").get(pk=refund_id)
    if found.state != "created":
        return
    try:
        answer = rails.rail(found.charge.rail).refund(found.charge.ref, found.amount, key=f"refund:{found.pk}", at=now)
    except RailError as error:
        log.warning("refund %s: the rail did not answer: %s", found.pk, error)
        return
    refund_answered(found, answer, now=now)


@transaction.atomic
def refund_answered(refund: Refund, answer: Answer, *, now: datetime) -> Refund:
    """Book what the rail said of a refund: on its way, or never. Once."""
    locked = Refund.objects.select_for_update(of=("self",)).select_related("charge").get(pk=refund.pk)
    if answer.state == "returned" and locked.state == "done" and locked.by_id is None:
        return _came_back(locked, answer, now)
    if locked.state != "created" or answer.state not in ("paid", "declined", "unknown", "returned"):
        return locked
    locked.next_at, locked.ref = None, answer.ref
    if answer.state == "paid":
        return _went_back(locked, now)
    locked.state, locked.reason = "failed", answer.reason or answer.state
    locked.save()
    for person in members.on_duty(PAYOUTS, now):
        _ask(person, locked, now)
    return locked


def _came_back(refund: Refund, answer: Answer, now: datetime) -> Refund:
    """The payer's bank would not take it after all: it is put aside again, and whoever pays out sends it another way."""
    charge = refund.charge
    move = ledger.Move(clearing(charge.rail, charge.unit), refund_account(charge), refund.amount, "refund-returned")
    ledger.post("refund-returned", [move], key=f"refund-returned:{refund.pk}", subject=charge.subject, payer=charge.owner, now=now)
    refund.state, refund.reason, refund.next_at = "failed", answer.reason or "returned", None
    refund.save()
    for person in members.on_duty(PAYOUTS, now):
        _ask(person, refund, now)
    return refund


def _went_back(refund: Refund, now: datetime) -> Refund:
    """It left: book it, tell who paid, and what was paid for."""
    charge, again = refund.charge, ":again" if refund.entry_id else ""
    place = clearing(BANK if refund.by_id and charge.rail != "cash" else charge.rail, charge.unit)
    move = ledger.Move(refund_account(charge), place, refund.amount, "refund-sent")
    refund.entry = ledger.post("refund", [move], key=f"refund:{refund.pk}{again}", subject=charge.subject, payer=charge.owner, now=now)
    refund.state, refund.done_at = "done", now
    params = {"amount": texts.money(refund.amount, refund.unit)}
    notices.tell(charge.payer, "payments.refunded", url=charge.get_absolute_url(), params=params, now=now)
    refund.save()
    if not refund.key.startswith("overpaid:"):  # what came beyond the price stood on no receipt
        filings.on_refunded(charge.pk, refund.pk, refund.amount, now=now)
    if told := purpose(charge.purpose).refunded:
        told(refund, now=now)
    return refund


@transaction.atomic
def sent_by_hand(refund_id: UUID, *, by: Person | None, now: datetime) -> Refund:
    """Whoever pays out has sent, from the co-op's bank account (of cash: out of the drawer), a refund that the rail would not send. Once.

    Where money is real a second person has approved it first (:mod:`approving`). It is booked as gone from there, and the next statement proves it; nobody
    is asked for it any more. Nobody says so of money that goes back to themselves.
    Raises ``Missing`` for no such refund, ``Refused``: ``office`` without that duty, ``on-its-way`` when it did not fail, ``own-refund``, ``not-approved``.
    """
    if by is None or not members.has_duty(by, PAYOUTS, now):
        raise Refused("office", _("Only whoever holds the office that pays out can do this. Nothing was sent."))
    locked = Refund.objects.select_for_update(of=("self",)).select_related("charge__payer").filter(pk=refund_id).first()
    if locked is None:
        raise Missing("no such refund")
    if locked.state == "done" and locked.by_id:
        return locked
    if locked.state != "failed":
        raise Refused("on-its-way", _("The payment service sends this refund itself, or has sent it. Do not send it a second time."))
    if locked.charge.payer_id == by.pk:
        raise Refused("own-refund", _("This money goes back to you, so somebody else has to send it and say so. Nothing was booked."))
    if locked.approved_by_id is None and not rails.pretends():
        raise Refused("not-approved", _("A second person has to approve it before you send it. Nothing was booked."))
    locked.by = by
    notices.close_task(f"refund:{locked.pk}", now)
    return _went_back(locked, now)


def _ask(person: Person, failed: Refund, now: datetime) -> None:
    params = {"amount": texts.money(failed.amount, failed.unit)}
    notices.open_task(person, f"refund:{failed.pk}", "payments.refund_failed", url=reverse("payments:out"), params=params, now=now)


def seated(term: OfficeTerm, *, now: datetime) -> None:
    """Whoever begins to pay out finds the refunds that could not be sent."""
    if PAYOUTS in term.office.does:
        for failed in Refund.objects.filter(state="failed"):
            _ask(term.person, failed, now)


def unseated(term: OfficeTerm, *, now: datetime) -> None:
    """Who pays out no more is not asked to."""
    if PAYOUTS in term.office.does and not members.has_duty(term.person, PAYOUTS, now):
        notices.close_tasks(term.person, ["payments.refund_failed"], now)


def owed(owner: str, unit: str, kind: str = "payable") -> int:
    """What stands to be paid out to an owner, in the smallest unit. One SQL query."""
    return sum(amount for account, amount in books.balances(owner, kind) if account.unit == unit)


def book(source: Account, amount: int, rail: str, *, kind: str, key: str, now: datetime) -> tuple[Entry, int]:
    """``amount`` leaves ``source``: to the rail, and of earnings what the law keeps back to the tax offices. Returns the entry and what is sent.

    In the caller's transaction.
    """
    place = clearing(rail, source.unit)
    if kind != "payout" or source.kind != "payable":
        return ledger.post(kind, [ledger.Move(source, place, amount, kind)], key=key, subject=source.owner, now=now), amount
    kept = withholding.of_payout(source.owner, amount, source.unit, now=now)
    moves = [ledger.Move(source, place, kept.net, kind), *kept.moves(source)]
    entry = ledger.post(kind, moves, key=key, subject=source.owner, now=now)
    withholding.keep(kept, entry, now=now)
    return entry, kept.net


def gross_of(payout: Payout) -> int:
    """What a payout took out of the owner's balance: what was sent and what was kept back. One query."""
    return payout.amount + withholding.total_of(payout.entry_id)


@transaction.atomic
def pay_out(
    owner: str, amount: int, unit: str, *, by: Person | None, key: str, now: datetime, kind: str = "payout", source: str = "payable", whose: str = ""
) -> Payout:  # fmt: skip
    """Whoever pays out puts ``amount`` (smallest unit) of what an owner has aside, to go to the bank account of ``whose`` (the owner's, unless told).

    Once for each ``key``. No real money goes out on one person's word: over a service it waits until a second person approves it; over the bank it
    waits for the next batch, which two people sign. Only the pretend bank is told at once.

    Raises ``Refused``: ``office`` unless ``by`` has that duty at ``now``, ``not-enough`` when the balance is smaller, ``key-used``, ``whose`` and ``no-place``
    (it is not known where they are paid), ``alone`` (nobody could approve it).
    """
    if not members.has_duty(by, PAYOUTS, now):
        raise Refused("office", _("Only whoever holds the office that pays out can do this. Nothing was sent."))
    emergency.require("payments.payouts", now)
    account = ledger.account(source, owner, unit)
    one_at_a_time(account)
    if first := Payout.objects.filter(key=key).first():
        if (first.owner, gross_of(first), first.unit) != (owner, amount, unit):
            raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
        return first
    if source == "payable":
        debts.settle(owner, unit, now=now)
    if amount <= 0 or books.standing(account).available < amount:
        raise Refused("not-enough", _("There is not enough money there for this. Nothing was booked."), "amount")
    whose = whose or payees.holder_of(owner)
    rail, to = payees.place(whose)
    second = rail != BANK and not rails.payout_rail(rail).pretend
    if second or rail == BANK:
        accounts.require_not_alone(by, now)
    entry, sent = book(account, amount, rail, kind=kind, key=f"{kind}:{key}", now=now)
    made = Payout.objects.create(
        owner=owner, source=account, amount=sent, unit=unit, kind=kind, rail=rail, to=to, key=key, by=by, created_at=now, entry=entry, second=second,
        whose="" if whose == owner else whose, next_at=None if second or rail == BANK else now + wait(0),
    )  # fmt: skip
    if second:
        approving.ask(made, now=now)
    elif rail != BANK:
        transaction.on_commit(lambda: send_payout(made.pk, now=now))
    return made


def send_payout(payout_id: UUID | str, *, now: datetime) -> None:
    """Tell the rail, outside any transaction, and book what it answers."""
    found = Payout.objects.get(pk=payout_id)
    if found.state != "created" or found.rail == BANK or (found.second and found.approved_by_id is None):
        return
    try:
        order = PayoutOrder(f"payout:{found.pk}", found.whose or found.owner, found.amount, found.unit, account=found.to)
        (answer,) = rails.payout_rail(found.rail).send(PayoutBatch(order.key, (order,), now, now.date())).answers
    except RailError as error:
        log.warning("payout %s: the rail did not answer: %s", found.pk, error)
        return
    payout_answered(found, answer, now=now)


@transaction.atomic
def payout_answered(payout: Payout, answer: Answer, *, now: datetime) -> Payout:
    """Book what the rail said of a payout; what the bank would not take, or sent back later, stands to the owner's credit again. Once."""
    locked = Payout.objects.select_for_update(of=("self",)).select_related("source").get(pk=payout.pk)
    if answer.state == "waiting" and locked.state == "created" and answer.ref and not locked.ref and not locked.batch_id:
        locked.ref = answer.ref  # the rail has it and thinks about it: by this name it will tell
        locked.save(update_fields=["ref"])
    came_back = answer.state == "returned" and locked.state in ("created", "done")
    if not came_back and (locked.state != "created" or answer.state not in ("paid", "declined", "unknown")):
        return locked
    locked.next_at, locked.ref, locked.done_at = None, answer.ref, now
    locked.state = "done" if answer.state == "paid" else "failed"
    if locked.state == "failed":
        locked.reason = answer.reason or answer.state
        back = ledger.Move(clearing(locked.rail, locked.unit), locked.source, locked.amount, f"{locked.kind}-returned")
        moves = [back, *withholding.back(locked.entry_id, locked.source)]
        returned = ledger.post("payout-returned", moves, key=f"payout-returned:{locked.pk}", subject=locked.owner, now=now)
        withholding.gave_back(locked.entry_id, returned)
    locked.save()
    if locked.state == "done" and locked.whose.partition(":")[0] not in ("person", "organisation"):
        accounts.end_account(locked.whose, now=now)  # it was given for this one payment
    if locked.state == "failed":
        _tell_who_waits(locked, now)
        for hook in house.collect("returned"):
            hook(locked, now=now)
    return locked


def _tell_who_waits(payout: Payout, now: datetime) -> None:
    """A person whose account the bank would not pay into has to look at it."""
    kind, _colon, ident = payout.owner.partition(":")
    if payout.batch_id is None or payout.reason == "cancelled" or kind != "person":
        return
    person = Person.objects.filter(pk=ident, erased_at=None).first()
    if person is not None:
        params = {"amount": texts.money(payout.amount, payout.unit)}
        notices.tell(person, "payments.came_back", url=reverse("payments:account"), params=params, now=now)


SENDS: dict[str, tuple[Any, Any]] = {"refund": (Refund, send_refund), "payout": (Payout, send_payout), "recall": (Recall, recalls.send)}


def find_open(now: datetime, limit: int) -> list[str]:
    """Refunds, payouts and recalls the rail is to be told (again), as ``"refund:<id>"``, ``"payout:<id>"``, ``"recall:<id>"``."""
    found: list[str] = []
    for name, (model, _send) in SENDS.items():
        due = model.objects.filter(state="created", next_at__lte=now).order_by("next_at").values_list("pk", flat=True)[: limit - len(found)]
        found += [f"{name}:{key}" for key in due]
    return found


def tell_again(key: str, *, now: datetime) -> None:
    """Note the try, then tell the rail after the commit."""
    name, _colon, ident = key.partition(":")
    model, send = SENDS[name]
    row = model.objects.select_for_update().get(pk=ident)
    if row.state != "created":
        return
    row.attempts += 1
    row.next_at = now + wait(row.attempts)
    row.save(update_fields=["attempts", "next_at"])
    transaction.on_commit(lambda: send(ident, now=now))
