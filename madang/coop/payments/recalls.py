"""Payouts called back in part, where the payment service can do that: because who was paid owes it to the co-op."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from madang.coop import ledger
from madang.coop.ledger import queries as books
from madang.coop.ledger.actions import one_at_a_time
from madang.coop.payments import debts, rails
from madang.coop.payments.booking import clearing
from madang.coop.payments.models import Payout, Recall
from madang.coop.payments.waits import wait
from madang.rails.payments import Answer, RailError

log = logging.getLogger(__name__)


@transaction.atomic
def recall(owner: str, unit: str, amount: int, *, now: datetime) -> list[Recall]:
    """Call back up to ``amount`` of what was paid out to ``owner``, the newest payouts first. The rail is told after the commit."""
    made: list[Recall] = []
    paid = Payout.objects.select_for_update(of=("self",)).filter(owner=owner, unit=unit, state="done", kind="payout").exclude(ref="")
    for payout in paid.order_by("-created_at", "pk")[:50]:
        if amount <= 0:
            break
        if rails.payees_at(payout.rail) is None:
            continue
        called = payout.recalls.filter(~Q(state="failed")).aggregate(total=Sum("amount"))["total"] or 0
        part = min(amount, payout.amount - called)
        if part > 0:
            made.append(Recall.objects.create(payout=payout, amount=part, created_at=now, next_at=now + wait(0)))
            amount -= part
    for one in made:
        transaction.on_commit(lambda pk=one.pk: send(pk, now=now))  # type: ignore[misc]
    return made


def send(recall_id: UUID | str, *, now: datetime) -> None:
    """Tell the rail, outside any transaction, and book what it answers."""
    found = Recall.objects.select_related("payout").get(pk=recall_id)
    rail = rails.payees_at(found.payout.rail)
    if found.state != "created" or rail is None:
        return
    try:
        answer = rail.recall(found.payout.ref, found.amount, key=f"recall:{found.pk}", at=now)
    except RailError as error:
        log.warning("recall %s: the rail did not answer: %s", found.pk, error)
        return
    answered(found, answer, now=now)


@transaction.atomic
def answered(recall: Recall, answer: Answer, *, now: datetime) -> Recall:
    """It came back: for the debt, and what is no longer owed stands to the owner's credit. Or it did not, and later earnings pay. Once."""
    locked = Recall.objects.select_for_update(of=("self",)).select_related("payout").get(pk=recall.pk)
    if locked.state != "created" or answer.state not in ("returned", "declined"):
        return locked
    locked.next_at, locked.ref, locked.reason, locked.done_at = None, answer.ref, answer.reason, now
    if answer.state == "declined":
        locked.state = "failed"
        locked.save()
        return locked
    payout = locked.payout
    mine, owes = ledger.account("payable", payout.owner, payout.unit), debts.debt_account(payout.owner, payout.unit)
    one_at_a_time(mine)
    back = clearing(payout.rail, payout.unit)
    for_debt = min(locked.amount, max(0, -books.balance(owes)))
    moves = [ledger.Move(back, owes, for_debt, "recalled")] if for_debt else []
    if locked.amount > for_debt:
        moves.append(ledger.Move(back, mine, locked.amount - for_debt, "recalled"))
    locked.entry = ledger.post("recalled", moves, key=f"recall:{locked.pk}", subject=payout.owner, now=now)
    locked.state = "done"
    locked.save()
    return locked
