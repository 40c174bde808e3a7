"""What share offers add to the house (capital's hooks take it up)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from madang.coop.capital.offers import applying, closing, queries, states, telling
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.law.texts import in_language
from madang.coop.ledger.flows import About, Flow, Subject
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.payments.models import Charge
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import Check, DueWork, Duty, Line, NavItem, Panel, Purpose


def _lines(charge: Charge) -> list[Line]:
    found = queries.by_charge(charge)
    return [Line(f"{in_language(found.offer.title)} · {applying.words(found)}", found.amount)]


def _url(charge: Charge) -> str:
    return telling.page(queries.by_charge(charge).offer)


def _about(ids: set[str]) -> dict[str, About]:
    rows = Application.objects.filter(pk__in=ids).select_related("offer")
    return {str(one.pk): About(f"{in_language(one.offer.title)} · {applying.words(one)}", telling.page(one.offer)) for one in rows}


def _panel(request: Any) -> Panel | None:
    """My money in offers that are not settled, on the home page."""
    rows = [one for one in queries.mine(request.user, request.now) if one.state in (states.PAID, states.RETURNING)]
    if not rows:
        return None
    said = {states.RETURNING: _now("on its way back to you"), states.PAID: _now("paid, held for you")}
    lines = [(in_language(one.offer.title), said[one.state], telling.page(one.offer)) for one in rows]
    return Panel(_now("Your money in share offers"), lines, reverse("capital:offers"), _now("Share offers"))


def export(person: Person) -> list[dict[str, Any]]:
    """The shares a person applied for, and the offers they wrote."""
    return [
        {
            "kind": "application for shares", "offer": one.offer.title, "count": one.count, "amount": one.amount, "unit": one.unit, "state": one.state,
            "issued": one.issued, "created_at": one.created_at, "paid_at": one.paid_at,
        }
        for one in Application.objects.filter(Q(person=person) | Q(by=person)).select_related("offer")
    ] + [
        {"kind": "share offer you wrote or opened", "title": one.title, "created_at": one.created_at}
        for one in Offer.objects.filter(Q(author=person) | Q(opened_by=person))
    ]  # fmt: skip


def erase(person: Person, *, now: datetime) -> None:
    """What a person applied for stays as amounts and dates. Raises ``Refused("offer-open")`` while their money is held or on its way back."""
    alone = members.spoken_alone(person, now)
    rows = Application.objects.filter(Q(by=person) | Q(person=person) | Q(organisation__in=alone), state__in=[states.PAID, states.RETURNING])
    if rows.exists():
        raise Refused("offer-open", _now("Money of yours is in a share offer. Once it became shares or came back you can be erased."))


def _paid_in_an_offer(membership: Membership) -> bool:
    """Whether the money for this membership's first shares is held in an offer already."""
    rows = Application.objects.filter(membership=membership, state=states.PAID)
    return sum(one.amount for one in rows) >= membership.member_class.entry_price


def _conserved() -> list[str]:
    """Applications whose books do not say what they say: held while paid, share capital and money back when settled."""
    wrong = []
    for one in Application.objects.exclude(hold=None).select_related("hold"):
        held = one.hold
        assert held is not None
        expected = {states.PAID: "held", states.ISSUED: "released", states.RETURNING: "refunded", states.BACK: "refunded"}[one.state]
        if (held.amount, held.state) != (one.amount, expected):
            wrong.append(f"application {one.pk}: {one.state}, and its money is {held.state}")
    return wrong


purposes = [
    Purpose(
        "share-offer", _("Shares in an offer"), applying.settled, applying.failed, applying.refunded, url=_url, lines=_lines, bank_days=applying.BANK_DAYS
    )
]  # fmt: skip
due = [
    DueWork("offers: whose day has come", closing.find_over, closing.end),
    DueWork("offers: shares to issue, money to give back", closing.find_waiting, closing.settle),
]
navigation = [NavItem(_("Share offers"), "capital:offers", 92, "all")]
duties = [Duty(queries.DUTY, _("looks after share offers"), needed=False)]
messages = telling.messages
panels = [_panel]
paying = [_paid_in_an_offer]
checks = [Check("money in share offers is where it belongs", _conserved)]
money_flows = [
    Flow("share-issue", _("shares issued"), 60, _("The offer reached its minimum, so shares were issued.")),
    Flow("offer-back", _("goes back to who applied"), 81, _("No shares were issued for it, so it goes back.")),
    Subject("share-application", _about),
]
