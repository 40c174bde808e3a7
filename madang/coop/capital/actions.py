"""The verbs of share capital: buy, and get back after leaving."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.capital import queries
from madang.coop.capital.models import Claim, Purchase
from madang.coop.law.texts import say_citation
from madang.coop.ledger import queries as books
from madang.coop.members import actions as members
from madang.coop.members import queries as register
from madang.coop.members.models import Membership
from madang.coop.payments import actions as payments
from madang.coop.payments.models import Charge, Payout
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.kit.surplus import withdrawal

COUNT_MAX = 100_000


def may_buy(membership: Membership, payer: Person, now: datetime) -> bool:
    """Whether ``payer`` is this member, or speaks for the member organisation."""
    if membership.person_id:
        return bool(membership.person_id == payer.pk)
    return membership.organisation is not None and register.represents(payer, membership.organisation, now)


@transaction.atomic
def buy_shares(membership: Membership, count: int, payer: Person, *, now: datetime) -> Charge:
    """Ask ``payer`` for ``count`` shares of the membership's class at its uniform price. The same wish while one is open is the same charge.

    Raises ``Missing`` when it is not theirs, ``Refused`` (``not-admitted``, ``count``, ``limit``: the law's share of all capital).
    """
    locked = Membership.objects.select_for_update(of=("self",)).select_related("member_class", "organisation").get(pk=membership.pk)
    if not may_buy(locked, payer, now):
        raise Missing("not your membership")
    if locked.state not in ("admitted", "active"):
        raise Refused("not-admitted", _("Shares can be bought once you are admitted. Nothing was charged."))
    held, kind = queries.holding(locked), locked.member_class
    least = max(1, kind.min_shares - held.count)
    if not kind.share_price:
        raise Refused("count", _("This class has no shares to pay. Nothing was charged."))
    if not least <= count <= COUNT_MAX:
        raise Refused("count", _("Please choose at least %(least)s shares. Nothing was charged.") % {"least": least}, "count")
    _within_the_law(locked, count, now)
    for waiting in queries.open_purchases(locked, now):
        if waiting.count == count and waiting.charge is not None and waiting.charge.payer_id == payer.pk:
            return waiting.charge
    bought = Purchase(pk=uuid4(), membership=locked, count=count, price=kind.share_price, unit=held.unit, created_at=now)
    bought.charge = payments.charge("shares", f"purchase:{bought.pk}", payer, bought.amount, held.unit, key=f"purchase:{bought.pk}", now=now)
    bought.save(force_insert=True)
    return bought.charge


def _within_the_law(membership: Membership, more: int, now: datetime) -> None:
    """Raises ``Refused("limit")`` when with ``more`` shares the membership would hold more than the law's share of all capital."""
    held, most = queries.holding(membership).count, queries.limit(membership, now)
    if held + more > most.count:
        words = _("The law lets one member hold at most %(most)s shares at present (%(citation)s). You hold %(held)s. Nothing was charged.")
        raise Refused("limit", words % {"most": most.count, "citation": say_citation(most.citation, get_language() or "en"), "held": held}, "count")


def settled(charge: Charge, *, now: datetime) -> list[ledger.Part]:
    """Shares are paid: the money is the membership's capital, and with the least the class asks for one is a member.

    What another payment made too much in the meantime is refused, and payments sends the money back.
    """
    bought = Purchase.objects.select_for_update().get(charge=charge)
    membership = Membership.objects.select_for_update(of=("self",)).select_related("member_class").get(pk=bought.membership_id)
    if membership.state not in ("admitted", "active"):
        raise Refused("left", _("The membership is over, so no shares can be bought for it."))
    _within_the_law(membership, bought.count, now)
    bought.paid_at = now
    bought.save(update_fields=["paid_at"])
    account = ledger.account("shares", ledger.owner_of(membership), charge.unit)
    before = books.balance(account)
    if membership.state == "admitted" and before + charge.amount >= membership.member_class.entry_price:
        members.activate(membership, now=now)
    return [ledger.Part(account, charge.amount, "shares", note={"count": bought.count, "price": bought.price})]


def failed(charge: Charge, *, now: datetime) -> None:
    """Not paid: nothing was promised, the person may try again."""


def refunded(refund: object, *, now: datetime) -> None:
    """Money for shares went back; the books say it all."""


def left(membership: Membership, *, now: datetime) -> None:
    """Someone left: their shares are a claim from the day the law gives (Korea: the next fiscal year, lapsing after two years)."""
    unit = law.coop().currency
    shares = ledger.account("shares", ledger.owner_of(membership), unit)
    amount = books.balance(shares)
    if amount == 0:
        return
    claim = ledger.account("claims", ledger.owner_of(membership), unit)
    key = f"left:{membership.pk}"
    ledger.post("left", [ledger.Move(shares, claim, amount, "shares-to-claim")], key=key, subject=ledger.owner_of(membership), now=now)
    due, lapses, citation = terms(now)
    Claim.objects.create(membership=membership, account=claim, amount=amount, unit=unit, made_at=now, due_on=due, lapses_on=lapses, citation=citation)


def terms(now: datetime) -> tuple[date, date | None, str]:
    """(first day a leaver may ask for their money, the day the claim lapses or None, citation). The fiscal year is the calendar year."""
    coop = law.coop()
    profile = law.profile()
    today = now.astimezone(ZoneInfo(coop.time_zone)).date()
    when = profile.bound("leaving.refund_from", now)
    due = withdrawal.due_on(today, str(when.value))
    return due, withdrawal.lapses_on(due, profile.bound("leaving.claim_lapses_years", now).number()), when.citation


@transaction.atomic
def pay_claim(claim: Claim, *, by: Person, now: datetime) -> Payout:
    """Whoever pays out pays back what someone who left has a claim to, once the day has come. Once for each claim.

    Raises ``Refused``: ``office``, ``too-early``, ``lapsed``.
    """
    locked = Claim.objects.select_for_update(of=("self",)).select_related("account", "payout").get(pk=claim.pk)
    if locked.payout is not None:
        return locked.payout
    today = now.astimezone(ZoneInfo(law.coop().time_zone)).date()
    if today < locked.due_on:
        raise Refused("too-early", _("This can be paid back from %(day)s on. Nothing was sent.") % {"day": locked.due_on.isoformat()})
    if locked.lapses_on and today >= locked.lapses_on:
        raise Refused("lapsed", _("This claim lapsed on %(day)s. Nothing was sent.") % {"day": locked.lapses_on.isoformat()})
    before = Payout.objects.filter(source=locked.account, state="failed").count()
    key = f"claim:{locked.pk}" + (f":{before}" if before else "")
    payout = payments.pay_out(locked.account.owner, locked.amount, locked.unit, by=by, key=key, kind="share-refund", source="claims", now=now)
    locked.payout, locked.paid_at = payout, now
    locked.save(update_fields=["payout", "paid_at"])
    return payout


def returned(payout: Payout, *, now: datetime) -> None:
    """The bank did not take it: the claim stands again, to be paid once more."""
    Claim.objects.filter(payout=payout).update(payout=None, paid_at=None)
