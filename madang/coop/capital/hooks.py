"""What capital adds to the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from madang.coop import law
from madang.coop.capital import actions, dying, outhooks, refunds, register, rules, withdrawals, yearend
from madang.coop.capital.certificates import hooks as certificates
from madang.coop.capital.measures import MEASURES as measures_of_the_books
from madang.coop.capital.models import Purchase
from madang.coop.capital.offers import hooks as offers
from madang.coop.ledger.books.chart import OWN, AccountKind, Side
from madang.coop.ledger.flows import About, Flow, Subject
from madang.coop.members.models import Membership
from madang.coop.payments.models import Charge
from madang.coop.people.models import Person
from madang.kit.house import Check, DueWork, Line, NavItem, Personal, Purpose, RegisterColumn, Stop


def _lines(charge: Charge) -> list[Line]:
    bought = Purchase.objects.get(charge=charge)
    return [Line(ngettext("%(count)s share", "%(count)s shares", bought.count) % {"count": bought.count}, bought.amount)]


def _purchases(ids: set[str]) -> Mapping[str, About]:
    rows = Purchase.objects.filter(pk__in=ids)
    return {str(one.pk): About(ngettext("%(count)s share", "%(count)s shares", one.count) % {"count": one.count}, reverse("capital:shares")) for one in rows}


def _memberships(ids: set[str]) -> Mapping[str, About]:
    return {one: About(_now("Leaving the co-op"), reverse("capital:shares")) for one in ids}


purposes = [
    Purpose(
        "shares", _("Shares of the co-op"), actions.settled, actions.failed, actions.refunded, url=lambda charge: reverse("capital:shares"), lines=_lines,
        bank_days=14,
    ),
    *offers.purposes,
]  # fmt: skip

left = [actions.left, *certificates.left]
paying = offers.paying

seated = [withdrawals.seated]
unseated = [withdrawals.unseated]

due = [
    DueWork("capital: claims that lapse", refunds.find_lapsed, refunds.lapse),
    DueWork("capital: deaths that two people wrote down", dying.find_due, dying.take_effect),
    *offers.due, *certificates.due,
]  # fmt: skip

messages = [*outhooks.messages, *offers.messages]

returned = [actions.returned]

navigation = [NavItem(_("My money"), "capital:money", 29, "member"), NavItem(_("My shares"), "capital:shares", 66, "member"), *offers.navigation]

stops = [
    Stop("capital.withdrawals", _("Asking for shares back while staying a member")),
    Stop("capital.withdrawal_cap", rules.yearly_cap.title, rules.yearly_cap.type, lambda at: rules.yearly_cap.at(at).value),
]
duties = offers.duties
panels = offers.panels

account_kinds = [
    AccountKind("claims", 240, Side.LIABILITIES, _("Shares owed to those who left")),
    AccountKind("shares", 310, Side.EQUITY, _("Share capital")),
    AccountKind("written-down", 311, Side.EQUITY, _("Share capital written off by losses")),
    AccountKind("legal-reserve", 320, Side.EQUITY, _("Legal reserve"), OWN),
    AccountKind("voluntary-reserve", 330, Side.EQUITY, _("Voluntary reserve"), OWN),
    AccountKind("surplus", 360, Side.EQUITY, _("Surplus brought forward"), OWN),
    AccountKind("forfeited", 430, Side.INCOME, _("Share capital not paid back"), OWN),
]

money_flows = [
    Flow("left", _("a member left"), 64, _("A member left.")),
    Flow("shares", _("share capital paid in"), 60, _("A member bought shares. The money stays the member's share of the co-op.")),
    Flow("shares-to-claim", _("shares to be paid back"), 61, _("The member left. The shares became a claim, as the law says.")),
    Flow("share-refund", _("shares paid back"), 62, _("The member left, and the day the law gives has come.")),
    Flow("share-refund-returned", _("the bank returned it"), 63, _("The bank did not take the payment, so the claim stands again.")),
    Flow("year-result", _("result of the year"), 90, _("The members decided what becomes of the year's result.")),
    Flow("cover-loss", _("covers a loss"), 91, _("The reserves cover what the year lost, in the order the law gives.")),
    Flow("legal-reserve", _("to the legal reserve"), 92, _("The law keeps a part of each surplus in the co-op.")),
    Flow("voluntary-reserve", _("to the voluntary reserve"), 93, _("The members decided to keep this in the co-op.")),
    Flow("patronage", _("patronage refund"), 40, _("The members decided to give back a part of the surplus, by the use each made."), by=yearend.post),
    Flow("capital-dividend", _("dividend on capital"), 41, _("The members decided to give a part of the surplus on the capital paid in."), by=yearend.post),
    Subject("purchase", _purchases),
    Subject("surplus", yearend.about),
    Subject("membership", _memberships),
    *outhooks.flows,
    *offers.money_flows,
]


def _shares_at(memberships: Sequence[Membership], at: datetime) -> dict[UUID, str]:
    """How many shares each membership held at a moment, for the register members see; nothing where the law keeps that from them."""
    if not law.profile().bound("register.shares_open", at).yes():
        return {}
    return {pk: str(count) for pk, count in register.counts(memberships, at).items()}


append_only = ["capital_closing", "capital_closingline", "capital_valuation", "capital_valuationline"]

checks = [
    Check("closed years are booked as decided", yearend.booked_as_decided),
    Check("claims stand in the books", outhooks.claims_stand),
    Check("shares asked back are held", outhooks.wishes_are_held),
    *offers.checks,
    *certificates.checks,
]

measures = measures_of_the_books

register_columns = [RegisterColumn(_("Number of shares"), _shares_at)]


def _offers_export(person: Person) -> list[dict[str, Any]]:
    return [*offers.export(person), *certificates.export(person)]


def _offers_erase(person: Person, *, now: datetime) -> None:
    offers.erase(person, now=now)
    certificates.erase(person, now=now)


personal = [
    Personal(
        "share offers and certificates", _offers_export, _offers_erase,
        _("with the share register as long as the co-op exists, without your name once your data is erased"),
        ("capital.Offer", "capital.Application", "capital.Certificate"),
    ),
    outhooks.personal,
]  # fmt: skip
