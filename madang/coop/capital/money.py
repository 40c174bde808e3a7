"""A member's money at a glance: what they put in, what they earned, what the co-op owes them, what they can take out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.capital import actions, moving, queries, queue, withdrawals, yearend
from madang.coop.capital.models import Application, Claim, ClosingLine
from madang.coop.decisions import states
from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import in_language, say_citation
from madang.coop.ledger import periods
from madang.coop.ledger import queries as books
from madang.coop.members.models import Membership
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


@dataclass(frozen=True)
class Money:
    """A person's money in the co-op's currency, and the four numbers as bars against the largest."""

    unit: str
    figures: list[Figure]
    surplus: list[Line]
    waiting: list[Line]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For ``{% bars %}``: each number against the largest of them."""
        most = max((one.amount for one in self.figures), default=0)
        return [
            {"label": one.title, "amount": one.amount, "share": Fraction(max(0, one.amount), max(1, most)), "why": f"#{one.key}", "bare": True}
            for one in self.figures
        ]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to show yet."""
        return not any(one.amount for one in self.figures) and not self.waiting


def money(person: Person, memberships: Sequence[Membership], *, now: datetime) -> Money:
    """The money of a person: their own memberships' capital and claims (``memberships``), and their own account of earnings."""
    unit = law.coop().currency
    mine = [one for one in memberships if one.person_id == person.pk]
    claims = [one for one in queries.claims(mine) if one.paid_at is None and one.lapsed_at is None and one.amount]
    figures = [_put_in(mine, unit, now), _earned(person, now), _owed(person, claims, unit), _take_out(person, mine, unit, now)]
    return Money(unit, figures, _surplus(mine), _in_offers(person))


def _in_offers(person: Person) -> list[Line]:
    """What this person paid into share offers that is no share yet, or is on its way back. One SQL query."""
    rows = Application.objects.filter(person=person, state__in=["paid", "returning"]).select_related("offer").order_by("paid_at")
    said = {"paid": _("held for you until shares are issued"), "returning": _("on its way back to you")}
    return [Line(in_language(one.offer.title), one.amount, reverse("capital:offer", args=[one.offer_id]), said[one.state]) for one in rows]


def _since() -> datetime:
    return law.coop().founded_at


def _put_in(mine: Sequence[Membership], unit: str, now: datetime) -> Figure:
    """Share capital, one line for each time it came or went, and what losses took of it."""
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
    return Figure("put-in", _("Put in"), total, sentence, reverse("capital:shares"), lines)


def _moment_after(now: datetime) -> datetime:
    return now + timedelta(microseconds=1)


def _earned(person: Person, now: datetime) -> Figure:
    told = books.statement(ledger.owner_of(person), _since(), _moment_after(now), limit=1)
    lines = [Line(title, amount) for title, amount in told.kinds]
    sentence = _("All that was ever booked for you, less what you passed on. Your statement shows each line with its reason.")
    return Figure("earned", _("Earned"), told.earned, sentence, reverse("ledger:statement"), lines)


def _payable(person: Person, unit: str) -> int:
    return sum(amount for account, amount in books.balances(ledger.owner_of(person), "payable") if account.unit == unit)


def _owed(person: Person, claims: Sequence[Claim], unit: str) -> Figure:
    ready, statement = _payable(person, unit), reverse("ledger:statement")
    lines = [Line(_("Earned and not paid out yet"), ready, statement)] if ready else []
    lines += [Line(_("Shares to be paid back"), one.amount, reverse("capital:shares"), _when(one)) for one in claims]
    sentence = _("What the co-op has of yours and has to pay you, now or on the day beside it.")
    return Figure("owed", _("Owed to you"), ready + sum(one.amount for one in claims), sentence, statement, lines)


def _when(claim: Claim) -> str:
    language = get_language() or "en"
    day = _("from {day} on").format(day=say_time(claim.due_on, "date", language, periods.zone()))
    return f"{day} · {say_citation(claim.citation, language)}" if claim.citation else day


def _take_out(person: Person, mine: Sequence[Membership], unit: str, now: datetime) -> Figure:
    """What can be had today; and of the shares, what waits for what, by which article."""
    ready = max(0, _payable(person, unit))
    lines = [Line(_("To your bank, as soon as whoever pays out sends it"), ready, reverse("ledger:statement"))] if ready else []
    waits = queue.mine(queue.queue(now), list(mine)) if mine else []
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
