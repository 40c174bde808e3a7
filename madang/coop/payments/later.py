"""A price lowered after the work was done: money goes back out of upkeep, and its tax out of the tax account, by a correction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import ledger
from madang.coop.ledger import queries as books
from madang.coop.ledger.actions import one_at_a_time
from madang.coop.payments import accounts
from madang.coop.payments.booking import purpose, refund_account
from madang.coop.payments.models import Charge, Refund
from madang.coop.payments.outgoing import refund
from madang.coop.people.models import Person
from madang.coop.tax import supply
from madang.coop.tax.models import Paper
from madang.kit.errors import Missing, Refused


@transaction.atomic
def give_back(paper_id: UUID, amount: int, *, reason: str, by: Person, key: str, now: datetime) -> Refund:
    """Whoever pays out gives back ``amount`` (smallest unit, tax included) of what a receipt or invoice says, to who paid it. Once for each ``key``.

    The part without tax comes out of upkeep: who did the work keeps what they earned. Raises ``Missing``, ``Refused``: ``office``, ``reason``, ``too-much``,
    ``not-enough`` when upkeep has not that much, ``key-used``.
    """
    accounts.require_payouts(by, now)
    paper = Paper.objects.filter(pk=paper_id).exclude(kind="correction").first()
    if paper is None:
        raise Missing("no such paper")
    paid = Charge.objects.filter(subject=paper.subject, state="settled", payer__pk=UUID(paper.owner.removeprefix("person:")))
    charge = next((one for one in paid.order_by("settled_at") if purpose(one.purpose).taxed), None)
    if charge is None:
        raise Missing("nothing was paid for it")
    upkeep = ledger.account("upkeep", "", paper.unit)
    one_at_a_time(upkeep)
    if first := Refund.objects.filter(key=f"later:{key}").first():
        if (first.charge_id, first.amount) != (charge.pk, amount):
            raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
        return first
    if 0 < amount <= supply.standing(paper).gross and books.balance(upkeep) < amount:
        raise Refused("not-enough", _("There is not enough money there for this. Nothing was booked."), "amount")
    supply.correct(paper, amount, into=refund_account(charge), source=upkeep, reason=reason, key=f"later:{key}", now=now)
    return refund(charge, amount, key=f"later:{key}", now=now)
