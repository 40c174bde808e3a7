"""A listener's wallet: put money in, set one's own limits, subscribe."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.ledger import coins
from madang.coop.ledger.models import Account
from madang.coop.ledger.moves import Move, Part
from madang.coop.payments import actions as payments
from madang.coop.payments.models import Charge
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.kit.money import format_amount
from madang.platforms.music import rules, terms
from madang.platforms.music.models import Fee, TopUp, Wallet

PENDING_MAX = 20
A_MONTH = 31


def wallet_of(person: Person, *, now: datetime) -> Wallet:
    """The person's wallet, opened when it is asked for the first time."""
    return Wallet.objects.get_or_create(person=person, defaults={"made_at": now})[0]


def locked(person: Person, *, now: datetime) -> Wallet:
    """The same, for who changes it: until the transaction ends nobody else does."""
    wallet_of(person, now=now)
    return Wallet.objects.select_for_update().get(person=person)


def account(person: Person) -> Account:
    """The books' account of the wallet: never below zero."""
    return ledger.account("wallet", ledger.owner_of(person), terms.unit(), floored=True)


@transaction.atomic
def top_up(person: Person, amount: int, *, now: datetime) -> TopUp:
    """Ask the person for ``amount`` (coins of the co-op's currency) for their wallet; they pay at ``/pay/<charge>/``.

    The same wish while one is open is the same charge. Raises ``Refused`` (``amount``: less than the rule's least).
    """
    currency, wallet = law.coop().currency, locked(person, now=now)
    least = terms.at(now).value(rules.top_up).amount
    if not least <= amount <= 10**9:
        words = _("Please put in at least %(least)s at once: card costs are mostly a fixed sum. Nothing was charged.")
        raise Refused("amount", words % {"least": format_amount(least, currency, get_language() or "en")}, "amount")
    waiting = list(wallet.top_ups.filter(state=TopUp.PENDING).order_by("-at")[:PENDING_MAX])
    for one in waiting:
        if one.amount == amount and (charge := Charge.objects.filter(pk=one.charge_id, state="created").first()) is not None and charge.attempts == 0:
            return one
    made = TopUp(pk=uuid4(), wallet=wallet, amount=amount, unit=currency, at=now)
    made.charge_id = payments.charge("wallet", f"topup:{made.pk}", person, amount, currency, key=f"topup:{made.pk}", now=now).pk
    made.save(force_insert=True)
    return made


def _top_up(charge: Charge) -> TopUp:
    found = TopUp.objects.select_for_update().filter(pk=charge.subject.removeprefix("topup:")).first()
    if found is None:
        raise Missing("no such payment into a wallet")
    return found


def settled(charge: Charge, *, now: datetime) -> list[Part]:
    """The money is there: it stands in the wallet, in millionths. Called by ``payments`` in its transaction."""
    made = _top_up(charge)
    wallet = Wallet.objects.select_for_update().select_related("person").get(pk=made.wallet_id)
    part, move = coins.taken(charge.amount, charge.unit, terms.unit(), account(wallet.person))
    ledger.post("top-up", [move], key=f"topup:{made.pk}", subject=charge.subject, payer=charge.owner, now=now)
    wallet.funded += move.amount
    wallet.save(update_fields=["funded"])
    made.state = TopUp.PAID
    made.save(update_fields=["state"])
    return [part]


def failed(charge: Charge, *, now: datetime) -> None:
    """Nothing came: nothing changes, another may be tried."""
    TopUp.objects.filter(charge_id=charge.pk, state=TopUp.PENDING).update(state=TopUp.FAILED)


def lost(charge: Charge, amount: int, into: Account, *, now: datetime) -> int:
    """The payer's bank took the money back: what is left in the wallet of it goes there too, in whole coins. Answers how much that was."""
    made = _top_up(charge)
    wallet = Wallet.objects.select_for_update().select_related("person").get(pk=made.wallet_id)
    there = min(amount, made.amount - made.back, coins.whole(wallet.left, terms.unit(), charge.unit))
    if there:
        _send_back(wallet, made, there, into, f"topup-lost:{made.pk}:{made.back}", charge, now=now)
    return there


def _send_back(wallet: Wallet, made: TopUp, amount: int, into: Account, key: str, charge: Charge, *, now: datetime) -> None:
    moves = coins.given(amount, account(wallet.person), into)
    ledger.post("wallet-back", moves, key=key, subject=charge.subject, payer=charge.owner, now=now)
    made.back += amount
    made.save(update_fields=["back"])
    wallet.funded -= moves[0].amount
    wallet.save(update_fields=["funded"])


def refunded(refund: object, *, now: datetime) -> None:
    """Money of a wallet went back; the books were right since it was decided."""


@transaction.atomic
def give_back(person: Person, *, now: datetime) -> int:
    """What is left in the wallet goes back the way it came, newest payments first, in whole coins. Returns how much (coins).

    Raises ``Refused`` (``empty``) when there is not one coin. What was played stays paid.
    """
    wallet = locked(person, now=now)
    left = coins.whole(wallet.left, terms.unit(), law.coop().currency)
    back = 0
    for made in wallet.top_ups.select_for_update().filter(state=TopUp.PAID, back__lt=F("amount")).order_by("-at"):
        part = min(left - back, made.amount - made.back)
        if part <= 0:
            break
        charge, key = Charge.objects.get(pk=made.charge_id), f"wallet-back:{made.pk}:{made.back}"
        _send_back(wallet, made, part, payments.refund_account(charge), key, charge, now=now)
        payments.refund(charge, part, key=key, now=now)
        back += part
    if not back:
        raise Refused("empty", _("There is nothing in your wallet that could go back."))
    return back


@transaction.atomic
def set_limits(person: Person, *, cap: int | None, pause_over: int | None, now: datetime) -> Wallet:
    """The listener's own limits: at most ``cap`` a month (None: no limit), and asked before a play over ``pause_over`` (None: as the rule says)."""
    if any(one is not None and not 0 <= one <= 10**15 for one in (cap, pause_over)):
        raise Refused("amount", _("Please write an amount, or leave it empty."), "cap")
    wallet = locked(person, now=now)
    wallet.cap, wallet.pause_over = cap, pause_over
    wallet.save(update_fields=["cap", "pause_over"])
    return wallet


@transaction.atomic
def subscribe(person: Person, *, now: datetime) -> Fee:
    """Pay a month of listening out of the wallet. While one runs, that one. Raises ``Refused`` (``not-sold``, ``wallet``)."""
    wallet, held = locked(person, now=now), terms.at(now)
    if not held.subscription:
        raise Refused("not-sold", _("There is no subscription here: each play has its price."))
    if wallet.paid_until and wallet.paid_until > now:
        return wallet.fees.order_by("-since")[0]
    amount = held.value(rules.fee).amount
    if wallet.left < amount:
        raise Refused("wallet", _("There is not enough in your wallet for a month. Put money in first."))
    until = now + timedelta(days=A_MONTH)
    fee = Fee.objects.create(wallet=wallet, month=terms.month_of(now), since=now, until=until, amount=amount, version=held.version(rules.fee).pk)
    wallet.spent += amount
    wallet.paid_until = until
    wallet.save(update_fields=["spent", "paid_until"])
    return fee


def taken(wallet: Wallet, amount: int, into: Account) -> Move:
    """What a settlement takes out of a wallet for a month's plays."""
    return Move(account(wallet.person), into, amount, "plays")
