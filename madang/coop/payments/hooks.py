"""What payments adds to the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from madang.coop.ledger import owner_of
from madang.coop.ledger.books.chart import OWN, AccountKind, Side
from madang.coop.ledger.flows import Flow
from madang.coop.payments import actions, outgoing, sandbox
from madang.coop.payments.models import Charge, Payout, SandboxEvent
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import DueWork, Duty, Message, NavItem, Personal


def _sandbox_post(now: datetime, limit: int) -> list[str]:
    return list(SandboxEvent.objects.filter(delivered_at=None, deliver_at__lte=now).order_by("deliver_at").values_list("event_id", flat=True)[:limit])


def _bring(key: str, *, now: datetime) -> None:
    sandbox.deliver(now, only=key)


due = [
    DueWork("payments: what the pretend bank sends", _sandbox_post, _bring),
    DueWork("payments: stored web hooks", actions.find_messages, actions.act_on),
    DueWork("payments: charges nobody heard of", actions.find_quiet, actions.look_after),
    DueWork("payments: money on its way out", outgoing.find_open, outgoing.tell_again),
]

messages = [
    Message("payments.refunded", _("{amount} is on its way back to you"), _("It should be on your account in a few days.")),
    Message("payments.late", _("Your payment came too late: {amount} goes back to you"), _("What you paid for was no longer open. You need not do anything.")),
    Message(
        "payments.refund_failed",
        _("A refund of {amount} could not be sent"),
        _("The payment service would not send it. Please look at it and settle it by hand."),
        urgent=True,
    ),
]

navigation = [NavItem(_("Payouts"), "payments:out", order=80, audience=f"duty:{outgoing.PAYOUTS}")]

duties = [Duty(outgoing.PAYOUTS, _("sends out what people earned, and the shares of those who left"))]

seated = [outgoing.seated]
unseated = [outgoing.unseated]

account_kinds = [
    AccountKind("clearing", 110, Side.ASSETS, _("Money at payment services")),
    AccountKind("refunds", 230, Side.LIABILITIES, _("Refunds to be sent")),
    AccountKind("card-costs", 510, Side.EXPENSES, _("Card costs"), OWN),
]

money_flows = [
    Flow("charge", _("a payment came in"), 4, _("Somebody paid.")),
    Flow("card-cost", _("card costs"), 70, _("What the payment service keeps of each payment. It is borne by upkeep.")),
    Flow("refund-sent", _("sent back to who paid"), 82, _("Money that was put aside to go back was sent.")),
    Flow("late-money", _("paid too late, goes back"), 84, _("What it was for was no longer open when the payment came.")),
    Flow("payout", _("paid out"), 90, _("The co-op sent this to the bank account.")),
    Flow("payout-returned", _("the bank returned it"), 91, _("The bank did not take the payout, so it stands here again.")),
]


def _export(person: Person) -> list[dict[str, Any]]:
    """Every payment a person was asked for, every one that was sent to them, and those they sent to others in an office."""
    sent = Payout.objects.filter(Q(owner=owner_of(person)) | Q(by=person)).order_by("created_at")
    payouts = [
        {
            "kind": "payout" if one.owner == owner_of(person) else "payout you ordered", "amount": one.amount, "unit": one.unit, "state": one.state,
            "created_at": one.created_at,
        }
        for one in sent
    ]  # fmt: skip
    return payouts + [
        {
            "kind": "charge", "purpose": one.purpose, "amount": one.amount, "unit": one.unit, "state": one.state,
            "created_at": one.created_at, "settled_at": one.settled_at, "refunded": sum(back.amount for back in one.refunds.all()),
        }
        for one in Charge.objects.filter(payer=person).prefetch_related("refunds")
    ]  # fmt: skip


def _erase(person: Person, *, now: datetime) -> None:
    """The books keep amounts and dates as long as tax law asks; the name stands at the person only, and goes with it.

    Raises ``Refused("payout-open")`` while money is on its way to their bank: it may come back, and would be nobody's.
    """
    mine = [owner_of(person), *(owner_of(one) for one in person.memberships.all())]
    if Payout.objects.filter(owner__in=mine, state="created").exists():
        raise Refused("payout-open", now_in_words("Money is on its way to your bank. Once it is there you can be erased."))


personal: Sequence[Personal] = [
    Personal("payments", _export, _erase, _("amounts and dates ten years, as tax law asks; without your name once your data is erased"),
             ("payments.Charge", "payments.Payout")),
]
