"""What capital adds to the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from madang.coop.capital import actions, yearend
from madang.coop.capital.certificates import hooks as certificates
from madang.coop.capital.measures import MEASURES as measures_of_the_books
from madang.coop.capital.models import Claim, ClosingLine, Purchase
from madang.coop.capital.offers import hooks as offers
from madang.coop.ledger import periods
from madang.coop.ledger.books.chart import OWN, AccountKind, Side
from madang.coop.ledger.flows import About, Flow, Subject
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.payments.models import Charge
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import Check, Line, NavItem, Personal, Purpose, RegisterColumn


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

returned = [actions.returned]

navigation = [NavItem(_("My money"), "capital:money", 29, "member"), NavItem(_("My shares"), "capital:shares", 66, "member"), *offers.navigation]

due = [*offers.due, *certificates.due]
duties = offers.duties
messages = offers.messages
panels = offers.panels

account_kinds = [
    AccountKind("claims", 240, Side.LIABILITIES, _("Shares owed to those who left")),
    AccountKind("shares", 310, Side.EQUITY, _("Share capital")),
    AccountKind("legal-reserve", 320, Side.EQUITY, _("Legal reserve"), OWN),
    AccountKind("voluntary-reserve", 330, Side.EQUITY, _("Voluntary reserve"), OWN),
    AccountKind("surplus", 360, Side.EQUITY, _("Surplus brought forward"), OWN),
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
    *offers.money_flows,
]


def _export(person: Person) -> list[dict[str, Any]]:
    """Shares a person bought, claims they have, and what proposals for using a surplus said of them."""
    bought = [
        {"kind": "shares", "count": one.count, "amount": one.amount, "unit": one.unit, "created_at": one.created_at, "paid_at": one.paid_at}
        for one in Purchase.objects.filter(membership__person=person)
    ]
    owed = [
        {"kind": "claim", "amount": one.amount, "unit": one.unit, "due_on": one.due_on, "lapses_on": one.lapses_on, "paid_at": one.paid_at}
        for one in Claim.objects.filter(membership__person=person)
    ]
    shared = [
        {
            "kind": "surplus", "year": one.closing.year, "decision": one.closing_id, "counted": one.counted, "measure": one.measure,
            "patronage": one.patronage, "capital": one.capital, "unit": one.closing.unit,
        }
        for one in ClosingLine.objects.filter(membership__person=person).select_related("closing")
    ]  # fmt: skip
    return bought + owed + shared + offers.export(person) + certificates.export(person)


def _erase(person: Person, *, now: datetime) -> None:
    """The share register keeps counts and dates; the name stands at the person only, and goes with it.

    Raises ``Refused("claim-left")`` while the co-op still owes them their shares, or owes an organisation its shares that nobody else
    speaks for (a claim that has not lapsed).
    """
    offers.erase(person, now=now)
    certificates.erase(person, now=now)
    today = now.astimezone(periods.zone()).date()
    theirs = Q(membership__person=person) | Q(membership__organisation__in=members.spoken_alone(person, now))
    rows = Claim.objects.filter(theirs, paid_at=None).exclude(lapses_on__lte=today).select_related("membership__organisation")
    owed = rows.order_by("due_on").first()
    if owed is None:
        return
    if owed.membership.organisation is not None:
        words = _now("The co-op still owes %(name)s its shares, and nobody else speaks for it. Name another representative first, then you can be erased.")
        raise Refused("claim-left", words % {"name": owed.membership.organisation.name})
    words = _now("The co-op still owes you your shares; they can be paid back from %(day)s on. After that you can be erased.")
    raise Refused("claim-left", words % {"day": owed.due_on.isoformat()})


def _shares_at(memberships: Sequence[Membership], at: datetime) -> dict[UUID, str]:
    """How many shares each membership had paid by a moment, for the register. One SQL query."""
    rows = Purchase.objects.filter(membership__in=memberships, paid_at__lte=at).values("membership").annotate(total=Sum("count"))
    return {row["membership"]: str(row["total"]) for row in rows}


append_only = ["capital_closing", "capital_closingline"]

checks = [Check("closed years are booked as decided", yearend.booked_as_decided), *offers.checks, *certificates.checks]

measures = measures_of_the_books

register_columns = [RegisterColumn(_("Number of shares"), _shares_at)]

personal = [
    Personal(
        "capital", _export, _erase, _("the share register as long as the co-op exists, without your name once your data is erased"),
        ("capital.Purchase", "capital.Claim", "capital.Closing", "capital.ClosingLine", "capital.Offer", "capital.Application", "capital.Certificate"),
    )
]  # fmt: skip
