"""A member's money at a glance: what they put in, what they earned, what the co-op owes them, what they can take out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.capital import actions, moving, queries, queue, withdrawals, yearend
from madang.coop.capital.models import Application, Claim, ClosingLine, Withdrawal
from madang.coop.decisions import states
from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import in_language, say_citation
from madang.coop.ledger import periods
from madang.coop.ledger import queries as books
from madang.coop.ledger.statements import EARNED, PAID_OUT, Statement
from madang.coop.members.models import Membership
from madang.coop.payments import debts
from madang.coop.payments.models import Refund
from madang.coop.people.models import Person
from madang.kit.dates import say_time
from madang.kit.money import format_amount

LINES = 24


@dataclass(frozen=True)
class Line:
    """One amount with its words; ``why`` leads to where it comes from."""

    text: Any
    amount: int
    why: str = ""
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """One of the four numbers: what it is, how it comes about in a sentence, and its parts."""

    key: str
    title: str
    amount: int
    sentence: str
    why: str
    lines: Sequence[Line]

    @property
    def anchor(self) -> str:
        """Where on the page its parts stand."""
        return f"#{self.key}"


@dataclass(frozen=True)
class Picture:
    """A whole and the parts it is cut into: where what came is now. The parts are never negative and sum to the whole."""

    title: str
    whole: int
    parts: Sequence[Line]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For ``{% bars %}``."""
        return [{"label": one.text, "amount": one.amount, "share": Fraction(one.amount, self.whole), "why": one.why} for one in self.parts]


@dataclass(frozen=True)
class Money:
    """A person's money in the co-op's currency: in sentences, as four numbers, and as pictures of where it is. ``debt``: what they owe the co-op."""

    unit: str
    figures: list[Figure]
    pictures: list[Picture]
    said: list[str]
    surplus: list[Line]
    waiting: list[Line]
    debt: int

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to show yet."""
        return not any(one.amount for one in self.figures) and not self.waiting and not self.debt


def money(person: Person, memberships: Sequence[Membership], *, now: datetime) -> Money:
    """The money of a person: their own memberships' capital and claims (``memberships``), and their own account of earnings."""
    unit = law.coop().currency
    mine = [one for one in memberships if one.person_id == person.pk]
    claims = [one for one in queries.claims(mine) if one.paid_at is None and one.lapsed_at is None and one.amount]
    told = books.statement(ledger.owner_of(person), _since(), _moment_after(now), limit=1)
    put_in, lost = _put_in(mine, unit, now)
    waits = queue.mine(queue.queue(now), list(mine)) if _waits(mine) else []
    figures = [put_in, _earned(told), _owed(person, claims, told), _take_out(mine, waits, told, now)]
    debt = debts.debt(ledger.owner_of(person), unit)
    pictures = [*_where_earned(told), *_where_put_in(put_in, lost, waits)]
    return Money(unit, figures, pictures, _said(figures, told, debt), _surplus(mine), _in_offers(person), debt)


def _said(figures: Sequence[Figure], told: Statement, debt: int) -> list[str]:
    """The whole page in two or three sentences, amounts in bold."""
    put_in, earned, owed, take_out = (one.amount for one in figures)

    def bold(amount: int) -> str:
        return format_html("<strong>{}</strong>", format_amount(amount, told.unit, get_language() or "en"))

    said: list[str] = [format_html(_("You put in {amount}."), amount=bold(put_in))] if put_in else []
    if earned and told.paid_out > 0:
        said.append(format_html(_("You earned {amount}; {paid} of it has left for you."), amount=bold(earned), paid=bold(told.paid_out)))
    elif earned:
        said.append(format_html(_("You earned {amount}."), amount=bold(earned)))
    if owed and owed == take_out:
        said.append(format_html(_("The co-op owes you {amount}, and you can take out all of it now."), amount=bold(owed)))
    elif owed:
        said.append(format_html(_("The co-op owes you {amount}; you can take out {now} of it now."), amount=bold(owed), now=bold(take_out)))
    if debt:
        said.append(format_html(_("You owe the co-op {amount}: it is taken from what you earn next."), amount=bold(debt)))
    return said


def _where_earned(told: Statement) -> list[Picture]:
    """What was earned: sent, kept back for the tax offices, still here."""
    sent = -sum(one.amount for one in told.kinds if one.out and one.kind.startswith("payout"))
    kept = told.paid_out - sent
    parts = [
        Line(_("Already paid to you"), sent, _lines(PAID_OUT)), Line(_("Kept back for the tax offices"), kept, _lines(PAID_OUT)),
        Line(_("Still here for you"), told.balance, "#owed"),
    ]  # fmt: skip
    return _picture(_("Where what you earned is now"), told.earned, parts)


def _where_put_in(put_in: Figure, lost: int, waits: Sequence[queue.Place]) -> list[Picture]:
    """What was put in: stands as shares, is asked back, was taken by losses."""
    asked = sum(one.amount for one in waits if one.stays)
    parts = [
        Line(_("Stands as your shares"), put_in.amount - lost - asked, reverse("capital:shares")),
        Line(_("Asked back, waits in the queue"), asked, reverse("capital:out")),
        Line(_("Taken by losses"), lost, reverse("capital:shares")),
    ]  # fmt: skip
    return _picture(_("Where what you put in is now"), put_in.amount, parts)


def _picture(title: str, whole: int, parts: Sequence[Line]) -> list[Picture]:
    """None where the parts are no picture of the whole: below nothing, or not all of it."""
    shown = [one for one in parts if one.amount]
    fits = whole > 0 and all(one.amount > 0 for one in shown) and sum(one.amount for one in shown) == whole
    return [Picture(title, whole, shown)] if fits else []


def _lines(sort: str) -> str:
    return reverse("ledger:lines", args=[sort])


def _in_offers(person: Person) -> list[Line]:
    """What this person paid into share offers that is no share yet, or is on its way back. One SQL query."""
    rows = Application.objects.filter(person=person, state__in=["paid", "returning"]).select_related("offer").order_by("paid_at")
    said = {"paid": _("held for you until shares are issued"), "returning": _("on its way back to you")}
    return [Line(in_language(one.offer.title), one.amount, reverse("capital:offer", args=[one.offer_id]), said[one.state]) for one in rows]


def _since() -> datetime:
    return law.coop().founded_at


def _put_in(mine: Sequence[Membership], unit: str, now: datetime) -> tuple[Figure, int]:
    """Share capital, one line for each time it came or went; and what losses took of it."""
    lines, total, lost = [], 0, 0
    for one in mine:
        for kind in ("shares", "written-down"):
            told = books.statement(ledger.owner_of(one), _since(), _moment_after(now), unit=unit, kind=kind, limit=LINES)
            total, lost = (total + told.balance, lost) if kind == "shares" else (total, lost - told.balance)
            for group in told.groups:
                day = say_time(group.at, "date", get_language() or "en", periods.zone())
                lines += [Line(line.title, line.amount, line.why_url, day) for line in group.lines]
    sentence = _("What you paid for your shares. It makes you an owner, and is all you are liable with.")
    if lost:
        words = _("Losses took {lost} of it: the shares stand at {worth} now.")
        language = get_language() or "en"
        sentence += " " + words.format(lost=format_amount(lost, unit, language), worth=format_amount(total - lost, unit, language))
    return Figure("put-in", _("Put in"), total, sentence, reverse("capital:shares"), lines), lost


def _moment_after(now: datetime) -> datetime:
    return now + timedelta(microseconds=1)


def _earned(told: Statement) -> Figure:
    """All that came, less what was passed on: by what it came from."""
    lines = [Line(one.title, one.amount, _lines(one.kind)) for one in told.kinds if not one.out]
    sentence = _("All that was ever booked for you, less what you passed on.")
    return Figure("earned", _("Earned"), told.earned, sentence, _lines(EARNED), lines)


def _owed(person: Person, claims: Sequence[Claim], told: Statement) -> Figure:
    """Earned less what has left, the shares of who left, and refunds on their way."""
    lines = [Line(_("Earned"), told.earned, _lines(EARNED))] if told.paid_out and told.balance else []
    lines += [Line(_("Paid to you"), -told.paid_out, _lines(PAID_OUT))] if lines else []
    lines = lines or ([Line(_("Earned and not paid out yet"), told.balance, _lines(EARNED))] if told.balance else [])
    lines += [Line(_("Shares to be paid back"), one.amount, reverse("capital:shares"), _when(one)) for one in claims]
    back = Refund.objects.filter(charge__payer=person, unit=told.unit).exclude(state="done").select_related("charge")
    lines += [Line(_("A payment on its way back to you"), one.amount, one.charge.get_absolute_url()) for one in back.order_by("created_at")[:LINES]]
    sentence = _("What the co-op has of yours and has to pay you, now or on the day beside it.")
    return Figure("owed", _("Owed to you"), sum(one.amount for one in lines), sentence, _lines(EARNED), lines)


def _when(claim: Claim) -> str:
    language = get_language() or "en"
    day = _("from {day} on").format(day=say_time(claim.due_on, "date", language, periods.zone()))
    return f"{day} · {say_citation(claim.citation, language)}" if claim.citation else day


def _waits(mine: Sequence[Membership]) -> bool:
    """Whether any of these is in the queue at all: the whole queue is read only for them."""
    open_claims = Claim.objects.filter(membership__in=mine, paid_at=None, lapsed_at=None)
    return bool(mine) and (open_claims.exists() or Withdrawal.objects.filter(membership__in=mine, state="waiting").exists())


def _take_out(mine: Sequence[Membership], waits: Sequence[queue.Place], told: Statement, now: datetime) -> Figure:
    """What can be had today; and of the shares, what waits for what, by which article."""
    unit, ready = told.unit, max(0, told.balance)
    lines = [Line(_("To your bank, as soon as whoever pays out sends it"), ready, _lines(EARNED))] if ready else []
    page = reverse("capital:out")
    lines += [Line(_("Shares drawn out") if one.stays else _("Shares to be paid back"), one.now, page, _may_go(one)) for one in waits if one.now]
    total = ready + sum(one.now for one in waits)
    return Figure("take-out", _("Can take out now"), total, _of_shares(mine, unit, now), page, lines)


def _may_go(place: queue.Place) -> str:
    if isinstance(place.item, Claim):
        return _when(place.item)
    return _("asked on {day}").format(day=say_time(place.asked_on, "date", get_language() or "en", periods.zone()))


def _of_shares(mine: Sequence[Membership], unit: str, now: datetime) -> str:
    """When the shares come back, in a sentence with the article."""
    language = get_language() or "en"
    held = sum(queries.amounts(list(mine), unit).values()) + sum(queries.amounts(list(mine), unit, "written-down").values())
    if not held:
        return _("You hold no shares that could come back.")
    if queue.as_member(now) and (most := _drawable(mine)):
        return _("Of your shares you can ask for {amount} back while you stay a member.").format(amount=format_amount(most, unit, language))
    due, lapses, citation = actions.terms(now)
    words = {"amount": format_amount(held, unit, language), "day": say_time(due, "date", language, periods.zone())}
    said = _("The {amount} of your shares stays while you are a member. If you left today, you could ask for it from {day} on.").format(**words)
    if lapses:
        said += " " + _("The claim would lapse on {day}.").format(day=say_time(lapses, "date", language, periods.zone()))
    return f"{said} ({say_citation(citation, language)})" if citation else said


def _drawable(mine: Sequence[Membership]) -> int:
    """What those shares stand at that could be asked back today, in the smallest unit."""
    total = 0
    for one in mine:
        if one.state == "active" and (count := withdrawals.may_take(one)):
            total += moving.value(queries.holding(one), count, one.member_class.share_price)
    return total


def _surplus(mine: Sequence[Membership]) -> list[Line]:
    """What each decided year gave, newest first."""
    done = Proposal.objects.filter(kind="use_of_surplus", state=states.IN_FORCE).values("pk")
    rows = ClosingLine.objects.filter(membership__in=mine, closing__proposal_id__in=done).select_related("closing").order_by("-closing__year")
    return [
        Line(_("Surplus of %(year)s") % {"year": one.closing.year}, one.amount, reverse("decisions:decision", args=[one.closing_id]))
        for one in rows
    ]  # fmt: skip


def open_year(now: datetime) -> int | None:
    """The newest year that is over and whose use is not decided yet, for whoever may propose it."""
    return next(iter(yearend.open_years(now)), None)
