"""Payouts in one file for the bank: one person makes it, a second approves it, then it is taken to the bank; the statement tells the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import law, ledger, notices, once
from madang.coop.decisions import emergency
from madang.coop.ledger import periods
from madang.coop.ledger import queries as books
from madang.coop.ledger.actions import one_at_a_time
from madang.coop.ledger.owners import names
from madang.coop.members import queries as members
from madang.coop.notices import texts
from madang.coop.payments import accounts, codes, copies, debts, rails, sealing
from madang.coop.payments.models import BankAccount, Batch, Payout
from madang.coop.payments.outgoing import book, gross_of, payout_answered
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.bank.accounts import masked
from madang.rails.bank.orders import LONGEST, BadOrder
from madang.rails.payments import Answer, File, PayoutBatch, PayoutOrder

RAIL = "bank"


@transaction.atomic
def make(wishes: Sequence[tuple[str, int]], *, on: date, by: Person, key: str, now: datetime, waiting: Sequence[UUID] = ()) -> Batch:
    """Put aside what each (owner, amount in the smallest unit) is paid, and write the one file for the bank: of these, and of the payouts
    ``waiting`` for a batch (single ones, shares paid back), which were put aside when they were made. Once for each ``key``.

    Raises ``Refused``: ``office``, ``alone`` (nobody could approve it), ``no-account`` (the co-op has none), ``whose`` (somebody has not said where),
    ``not-enough``, ``empty``, ``day`` (in the past), ``key-used``, ``over`` (one of those that wait does not any more), and what no bank would take.
    Nothing is booked then.
    """
    accounts.require_payouts(by, now)
    if first := Batch.objects.filter(key=key).first():
        if not _as_before(first, wishes, waiting):
            raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
        return first
    accounts.require_not_alone(by, now)
    ours = accounts.ours()
    if ours is None:
        raise Refused("no-account", _("First name the co-op's bank account and have it confirmed. Nothing was booked."))
    count = len(wishes) + len(waiting)
    if not 0 < count <= LONGEST or len({owner for owner, _amount in wishes}) != len(wishes) or len(set(waiting)) != len(waiting):
        raise Refused("empty", _("Choose whom to pay: at least one, each once, at most %(most)s at a time.") % {"most": LONGEST})
    if on < now.astimezone(periods.zone()).date():
        raise Refused("day", _("The day to pay on is over. Nothing was booked."), "on")
    unit, ready = law.coop().currency, _waiting(waiting)
    batch = Batch(
        key=key, code=codes.new(f"batch:{key}"), unit=unit, format=rails.bank_format(ours.kind),
        total=sum(amount for _owner, amount in wishes) + sum(one.amount for one in ready), count=count, on=on, made_by=by, made_at=now,
    )  # fmt: skip
    if any(amount <= 0 for _owner, amount in wishes):
        raise Refused("not-enough", _("There is not enough money there for this. Nothing was booked."))
    if not once.insert(batch):
        raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
    orders = [_put_aside(owner, amount, batch, by, now) for owner, amount in sorted(wishes)] + [_joins(one, batch) for one in ready]
    batch.total, batch.sealed = sum(order.amount for order in orders), sealing.seal(_written(orders, batch))
    batch.save(update_fields=["total", "sealed"])
    for person in accounts.second_people(by, now)[0]:
        params = {"amount": texts.money(batch.total, unit), "name": by}
        notices.open_task(person, f"batch:{batch.pk}", "payments.batch", url=reverse("payments:batch", args=[batch.pk]), params=params, now=now)
    return batch


def _as_before(batch: Batch, wishes: Sequence[tuple[str, int]], waiting: Sequence[UUID]) -> bool:
    """Whether a batch is what is asked for once more."""
    rows = list(batch.payouts.all())
    made = sorted((one.owner, gross_of(one)) for one in rows if one.key.startswith(f"{batch.key}:"))
    return made == sorted(wishes) and {one.pk for one in rows if not one.key.startswith(f"{batch.key}:")} == set(waiting)


def _waiting(ids: Sequence[UUID]) -> list[Payout]:
    """Payouts that wait for a batch, locked so that no other batch takes them. Raises ``Refused("over")``."""
    rows = Payout.objects.select_for_update(of=("self",)).filter(pk__in=ids, rail=RAIL, batch=None, state="created")
    found = list(rows.order_by("created_at", "pk"))
    if len(found) != len(ids):
        raise Refused("over", _("Some of these payouts do not wait any more. Look at the list again; nothing was booked."))
    return found


def _where(owner: str) -> BankAccount:
    """The account of ``owner``. Raises ``Refused("whose")``."""
    found = accounts.account_of(owner)
    if found is None:
        raise Refused("whose", _("%(name)s has not said yet where to be paid. Nothing was booked.") % {"name": names([owner]).get(owner, owner)})
    return found


def _joins(payout: Payout, batch: Batch) -> PayoutOrder:
    """A payout that waited goes with this batch: its money was put aside when it was made. It goes to where its owner is paid now."""
    place = accounts.place(_where(payout.party))
    payout.batch, payout.code, payout.name = batch, codes.new(f"payout:{payout.pk}"), place.holder
    payout.to = f"{place.bank_name} {masked(place.number)}"[:40]
    payout.save(update_fields=["batch", "code", "name", "to"])
    return PayoutOrder(str(payout.pk), payout.party, payout.amount, batch.unit, place.holder, place.number, place.bank, payout.code)


def _put_aside(owner: str, amount: int, batch: Batch, by: Person, now: datetime) -> PayoutOrder:
    """Book one payout towards the bank, so that nobody can pay it a second time, and say where it goes."""
    where = _where(owner)
    source = ledger.account("payable", owner, batch.unit)
    one_at_a_time(source)
    debts.settle(owner, batch.unit, now=now)
    if books.standing(source).available < amount:
        raise Refused("not-enough", _("There is not enough money there for this. Nothing was booked."))
    key = f"{batch.key}:{owner}"
    entry, sent = book(source, amount, RAIL, kind="payout", key=f"payout:{key}", now=now)
    place = accounts.place(where)
    made = Payout.objects.create(
        owner=owner, source=source, amount=sent, unit=batch.unit, rail=RAIL, key=key, batch=batch, code=codes.new(f"payout:{key}"), name=place.holder,
        to=f"{place.bank_name} {masked(place.number)}"[:40], by=by, created_at=now, entry=entry,
    )  # fmt: skip
    return PayoutOrder(str(made.pk), owner, sent, batch.unit, place.holder, place.number, place.bank, made.code)


def _written(orders: Sequence[PayoutOrder], batch: Batch) -> bytes:
    words = {
        "account": _("The number of an account is wrong. Nothing was booked."),
        "bank": _("A bank is missing or unknown. Nothing was booked."),
        "name": _("The name of an account's holder cannot be written in this bank's file. Nothing was booked."),
    }
    try:
        sent = rails.bank().send(PayoutBatch(f"batch:{batch.key}", tuple(orders), batch.made_at, batch.on, batch.code))
    except BadOrder as no:
        raise Refused(f"bank-{no.code}", words.get(no.code, _("No bank would take this file. Nothing was booked."))) from None
    if sent.file is None:
        raise ValueError("the bank rail writes a file")
    return sent.file.body


def _locked(batch_id: UUID) -> Batch:
    found = Batch.objects.select_for_update(of=("self",)).select_related("made_by").filter(pk=batch_id).first()
    if found is None:
        raise Missing("no such batch")
    return found


@transaction.atomic
def approve(batch_id: UUID, *, by: Person, now: datetime) -> Batch:
    """A second person has looked through it: it may go to the bank. Raises ``Refused`` (``four-eyes``, ``office``, ``over``)."""
    batch = _locked(batch_id)
    if batch.state == "approved" and batch.approved_by_id == by.pk:
        return batch
    accounts.require_second(batch.made_by, by, now)
    emergency.require("payments.payouts", now)
    if batch.state != "made":
        raise Refused("over", _("This batch was approved or cancelled already."))
    batch.state, batch.approved_by, batch.approved_at = "approved", by, now
    batch.save(update_fields=["state", "approved_by", "approved_at"])
    notices.close_task(f"batch:{batch.pk}", now)
    return batch


@transaction.atomic
def take(batch_id: UUID, *, by: Person, now: datetime) -> File:
    """The file, for whoever carries it to the bank. Raises ``Refused``: ``office``; ``not-approved`` until a second person approved it; ``over``;
    ``copy`` once it was taken, until a second person allows one more (:mod:`copies`)."""
    batch = _locked(batch_id)
    accounts.require_payouts(by, now)
    if batch.state == "made":
        raise Refused("not-approved", _("A second person has to approve this batch before it can go to the bank."))
    if batch.state != "approved" or batch.sealed is None:
        raise Refused("over", _("The bank has answered for this batch, or it was cancelled: its file is no longer kept."))
    copies.hand_out(batch, by, now)
    writer = rails.bank_writer(batch.format)
    return File(f"{batch.on.isoformat()}-{batch.code}.{writer.ENDING}", writer.CONTENT_TYPE, sealing.unseal(batch.sealed))


@transaction.atomic
def cancel(batch_id: UUID, *, by: Person, now: datetime) -> Batch:
    """Nothing of it goes to the bank: what was put aside stands to everyone's credit again. Not once the file was taken.

    Raises ``Refused``: ``office``, ``taken``, ``over``.
    """
    batch = _locked(batch_id)
    if by.pk not in {one.pk for one in accounts.second_people(batch.made_by, now)[0]}:
        accounts.require_payouts(by, now)
    if batch.state == "cancelled":
        return batch
    if batch.state == "done":
        raise Refused("over", _("The bank has answered for this batch, or it was cancelled: its file is no longer kept."))
    if batch.taken_at:
        raise Refused("taken", _("The file was taken to the bank already. Say for each payout what the bank did with it."))
    for payout in batch.payouts.filter(state="created"):
        payout_answered(payout, Answer(payout.code, "declined", payout.amount, payout.unit, reason="cancelled"), now=now)
    batch.state, batch.sealed, batch.ended_at = "cancelled", None, now
    batch.save(update_fields=["state", "sealed", "ended_at"])
    notices.close_task(f"batch:{batch.pk}", now)
    return batch


@transaction.atomic
def refused_by_bank(payout_id: UUID, *, by: Person, now: datetime) -> Payout:
    """The bank would not even take this one in (no statement will ever name it): it is booked back. Nobody says so of their own money.

    Raises ``Missing``, ``Refused``: ``office``, ``own-payout``, ``not-taken``, ``over``.
    """
    payout = Payout.objects.select_related("batch__made_by").filter(pk=payout_id, rail=RAIL, batch__isnull=False).first()
    if payout is None or payout.batch is None:
        raise Missing("no such payout")
    if by.pk not in {one.pk for one in accounts.second_people(payout.batch.made_by, now)[0]}:
        accounts.require_payouts(by, now)
    if payout.party in accounts.owners_of(by, now):
        raise Refused("own-payout", _("This is your own money, so somebody else has to say what the bank did with it. Nothing was booked."))
    if payout.batch.taken_at is None:
        raise Refused("not-taken", _("This batch has not gone to the bank. Cancel it instead."))
    if payout.state == "done":
        raise Refused("over", _("The bank's statement says this was paid. If it comes back, the next statement will say so."))
    answered = payout_answered(payout, Answer(payout.code, "declined", payout.amount, payout.unit, reason="account"), now=now)
    finish(payout.batch, now=now)
    return answered


def finish(batch: Batch, *, now: datetime) -> None:
    """Once the bank has answered for every payout the batch is done, and its file is forgotten."""
    if batch.state == "approved" and not batch.payouts.filter(state="created").exists():
        Batch.objects.filter(pk=batch.pk, state="approved").update(state="done", sealed=None, ended_at=now)
        batch.state = "done"


def made_before(key: str, by: Person) -> Batch | None:
    """What this person made from this form already: a second click finds it. One query."""
    return Batch.objects.filter(key=key, made_by=by).first()


def batch_of(batch_id: UUID, person: Any, now: datetime) -> Batch:
    """A batch, for who pays out and who may approve it. Raises ``Missing``."""
    found = Batch.objects.select_related("made_by", "approved_by", "taken_by").filter(pk=batch_id).first()
    if found is None or not (members.has_duty(person, accounts.PAYOUTS, now) or person in accounts.second_people(found.made_by, now)[0]):
        raise Missing("no such batch, or not yours to see")
    return found


def latest(limit: int = 30) -> list[Batch]:
    """The newest batches. One query."""
    return list(Batch.objects.select_related("made_by").order_by("-made_at")[:limit])


def with_accounts(owners: Sequence[str]) -> dict[str, BankAccount]:
    """Who has said where to be paid. One query."""
    return {one.owner: one for one in BankAccount.objects.filter(owner__in=owners, ended_at=None)}
