"""The verbs of share capital: buy, and get back after leaving."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.capital import limits, moving, queries, queue, rules, withdrawals
from madang.coop.capital.models import Claim, Handover, Purchase
from madang.coop.law.texts import say_citation
from madang.coop.ledger import queries as books
from madang.coop.ledger.models import Account, Entry
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

    Raises ``Missing`` when it is not theirs, ``Refused`` (``not-admitted``, ``count``, ``limit``: the most the law lets one holder have).
    """
    limits.lock(membership)
    locked = Membership.objects.select_for_update(of=("self",)).select_related("member_class", "person", "organisation").get(pk=membership.pk)
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
    _within_the_law(locked, limits.limit(locked, now), count)
    for waiting in queries.open_purchases(locked, now):
        if waiting.count == count and waiting.charge is not None and waiting.charge.payer_id == payer.pk:
            return waiting.charge
    bought = Purchase(pk=uuid4(), membership=locked, count=count, price=kind.share_price, unit=held.unit, created_at=now)
    bought.charge = payments.charge("shares", f"purchase:{bought.pk}", payer, bought.amount, held.unit, key=f"purchase:{bought.pk}", now=now)
    bought.save(force_insert=True)
    return bought.charge


def _within_the_law(membership: Membership, most: limits.Limit, more: int) -> None:
    """Raises ``Refused("limit")`` when with ``more`` shares the membership's holder would have more than the law lets one have."""
    held = queries.holding(membership).count
    if held + more > most.count:
        words = _("The law lets one member hold at most %(most)s shares at present (%(citation)s). You hold %(held)s. Nothing was charged.")
        said = words % {"most": most.count, "citation": say_citation(most.citation, get_language() or "en"), "held": held}
        if most.waiting:
            said += " " + _("Shares you asked for elsewhere and that wait count too: %(waiting)s.") % {"waiting": most.waiting}
        raise Refused("limit", said, "count")


def settled(charge: Charge, *, now: datetime) -> list[ledger.Part]:
    """Shares are paid: the money is the membership's capital, and with the least the class asks for one is a member.

    What another payment made too much in the meantime is refused, and payments sends the money back.
    """
    bought = Purchase.objects.select_for_update(of=("self",)).select_related("membership").get(charge=charge)
    limits.lock(bought.membership)
    locked = Membership.objects.select_for_update(of=("self",)).select_related("member_class", "person", "organisation")
    membership = locked.get(pk=bought.membership_id)
    if membership.state not in ("admitted", "active"):
        raise Refused("left", _("The membership is over, so no shares can be bought for it."))
    _within_the_law(membership, limits.limit(membership, now, settling=True), bought.count)
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
    """Someone left: their shares are a claim from the day the law gives (Korea: the next fiscal year, lapsing after two years).

    What losses took of them is closed with them. Shares they had asked back before keep their place in the queue, as claims of their own.
    """
    unit = law.coop().currency
    held, owner = queries.holding(membership), ledger.owner_of(membership)
    wishes = withdrawals.stopped(membership)
    for one in wishes:
        one.to("left")
        one.ended_at = now
        one.save()
    for handover in Handover.objects.select_for_update().filter(Q(giver=membership) | Q(taker=membership), state__in=["offered", "accepted"]):
        handover.to("undone")
        handover.answered_at = handover.answered_at or now
        handover.save()
    if held.amount == 0:
        return
    shares, claim = moving.place("shares", membership, unit), moving.place("claims", membership, unit)
    moves = [ledger.Move(shares, claim, held.worth, "shares-to-claim")] if held.worth else []
    if held.lost:
        moves.append(ledger.Move(shares, moving.place("written-down", membership, unit), held.lost, "written-off"))
    back = Entry.objects.filter(kind="reversal", subject=owner, key__startswith="lives:").count()  # they had been written down as dead by mistake
    ledger.post("left", moves, key=f"left:{membership.pk}" + (f":{back}" if back else ""), subject=owner, now=now)
    rest, price = held.worth, membership.member_class.share_price
    due, lapses, citation = terms(now)
    for one in wishes:
        amount = min(rest, moving.value(held, min(one.left, held.count), price))
        rest -= amount
        _claim(membership, claim, amount, max(one.ready_on, due) if lapses else one.ready_on, lapses, citation, one.asked_on, now)
    _claim(membership, claim, rest, due, lapses, citation, None, now)


def _claim(
    membership: Membership, account: Account, amount: int, due: date, lapses: date | None, citation: str, asked_on: date | None, now: datetime
) -> None:
    if amount:
        Claim.objects.create(
            membership=membership, account=account, amount=amount, unit=account.unit, made_at=now, due_on=due, lapses_on=lapses, citation=citation,
            asked_on=asked_on,
        )  # fmt: skip


def terms(now: datetime) -> tuple[date, date | None, str]:
    """(first day a leaver may ask for their money, the day the claim lapses or None, citation). The fiscal year is the calendar year.

    Where members who stay can draw out too, leaving is no way around the notice.
    """
    profile, today = law.profile(), queue.today(now)
    when = profile.bound("leaving.refund_from", now)
    due = withdrawal.due_on(today, str(when.value))
    if queue.as_member(now) and when.value != "next-fiscal-year":
        due = max(due, queue.today(now + rules.notice.at(now).value))
    return due, withdrawal.lapses_on(due, profile.bound("leaving.claim_lapses_years", now).number()), when.citation


@transaction.atomic
def pay_claim(claim: Claim, *, by: Person, now: datetime) -> Payout:
    """Whoever pays out pays back what someone who left has a claim to, once the day has come. Once for each claim.

    Raises ``Refused`` as :func:`withdrawals.pay`.
    """
    return withdrawals.pay(claim, by=by, now=now)


def returned(payout: Payout, *, now: datetime) -> None:
    """The bank did not take it: the claim stands again, to be paid once more."""
    withdrawals.came_back(payout, now=now)
