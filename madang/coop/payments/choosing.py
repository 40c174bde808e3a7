"""Another way to pay: by bank transfer with a code, or in cash at the office against a receipt."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop.payments import accounts, rails, states
from madang.coop.payments.actions import OPEN, go_and_pay, learn, settle
from madang.coop.payments.booking import purpose
from madang.coop.payments.models import Charge
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.bank.codes import codes_in
from madang.rails.payments import RailError

CASH = "cash"


def may_by_bank(charge: Charge) -> bool:
    """Whether this can wait for a bank transfer and the co-op has an account. At most one query."""
    return charge.state in OPEN and purpose(charge.purpose).bank_days > 0 and accounts.ours() is not None


def by_bank(charge: Charge, *, now: datetime) -> Charge:
    """The payer will send a bank transfer: the charge gets its code and waits as long as its purpose can. Repeating it changes nothing.

    Raises ``Refused``: ``no-bank`` when it cannot wait or the co-op has no account, ``charge-over``, ``paid``, ``rail``.
    """
    if charge.rail == rails.BANK and charge.ref:
        return charge
    if not may_by_bank(charge):
        raise Refused("no-bank", _("This cannot be paid by bank transfer. Nothing was charged."))
    _close_elsewhere(charge, now=now)
    waits = timedelta(days=purpose(charge.purpose).bank_days)
    return go_and_pay(_moved(charge, rails.BANK, now=now, waits=waits), now=now)


def _close_elsewhere(charge: Charge, *, now: datetime) -> None:
    """Nobody shall pay twice: what was opened at another rail is closed there first."""
    if not charge.ref:
        return
    try:
        answer = rails.rail(charge.rail).void(charge.ref, key=f"void:{charge.pk}:{charge.ref}", at=now)
    except RailError as error:
        raise Refused("rail", _("The payment service cannot be reached just now. Nothing was charged; please try again in a few minutes.")) from error
    if answer.state == "paid":
        learn(charge, answer, now=now)
        raise Refused("paid", _("This was paid already."))
    if answer.state not in ("cancelled", "declined", "unknown"):
        raise Refused("charge-busy", _("The bank is still thinking about your first try. Please wait a few minutes."))


@transaction.atomic
def _moved(charge: Charge, rail: str, *, now: datetime, waits: timedelta) -> Charge:
    locked = Charge.objects.select_for_update(of=("self",)).get(pk=charge.pk)
    if locked.state not in OPEN or locked.expires_at <= now:
        raise Refused("charge-over", _("This payment is no longer open. Nothing was charged."))
    if locked.rail != rail:
        locked.rail, locked.ref, locked.checkout_url, locked.ask_at, locked.attempts, locked.reason = rail, "", "", None, 0, ""
        locked.state, locked.expires_at = states.CREATED, max(locked.expires_at, now + waits)
        locked.save()
    return locked


def by_code(code: str) -> Charge:
    """An open charge by the code its payer was given. Raises ``Missing``. At most one query."""
    wanted = (codes_in(code) or [""])[0]
    found = Charge.objects.select_related("payer").filter(rail=rails.BANK, ref=wanted, entry=None, state__in=OPEN).exclude(ref="").first()
    if found is None:
        raise Missing("no open charge with this code")
    return found


@transaction.atomic
def take_cash(charge: Charge, amount: int, *, by: Person, now: datetime) -> Charge:
    """The office has taken ``amount`` (smallest unit) in cash for a charge: it is booked at once, and the payer has a receipt.

    Raises ``Refused``: ``office``, ``charge-over``, ``amount`` unless it is what was asked for (give change first).
    """
    accounts.require_payouts(by, now)
    locked = Charge.objects.select_for_update(of=("self",)).get(pk=charge.pk)
    if locked.rail == CASH and locked.entry_id is not None:
        return locked
    if amount != locked.amount:
        raise Refused("amount", _("Take exactly what is asked for, and give change. Nothing was booked."), "amount")
    if by.pk == locked.payer_id:
        raise Refused("own-cash", _("Somebody else has to take your own cash. Nothing was booked."))
    if locked.state not in OPEN or locked.rail not in (rails.BANK, CASH):
        raise Refused("charge-over", _("This payment is no longer open. Nothing was charged."))
    if locked.rail != CASH:
        locked.rail, locked.ref, locked.ask_at = CASH, f"cash-{locked.pk}", None
        locked.save(update_fields=["rail", "ref", "ask_at"])
    return settle(locked, fee=0, now=now)
