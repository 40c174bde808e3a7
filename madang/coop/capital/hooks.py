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

from madang.coop.capital import actions
from madang.coop.capital.models import Claim, Purchase
from madang.coop.ledger import periods
from madang.coop.ledger.books.chart import AccountKind, Side
from madang.coop.ledger.flows import About, Flow, Subject
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.payments.models import Charge
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import Line, NavItem, Personal, Purpose, RegisterColumn


def _lines(charge: Charge) -> list[Line]:
    bought = Purchase.objects.get(charge=charge)
    return [Line(ngettext("%(count)s share", "%(count)s shares", bought.count) % {"count": bought.count}, bought.amount)]


def _purchases(ids: set[str]) -> Mapping[str, About]:
    rows = Purchase.objects.filter(pk__in=ids)
    return {str(one.pk): About(ngettext("%(count)s share", "%(count)s shares", one.count) % {"count": one.count}, reverse("capital:shares")) for one in rows}


def _memberships(ids: set[str]) -> Mapping[str, About]:
    return {one: About(_now("Leaving the co-op"), reverse("capital:shares")) for one in ids}


purposes = [
    Purpose("shares", _("Shares of the co-op"), actions.settled, actions.failed, actions.refunded, url=lambda charge: reverse("capital:shares"), lines=_lines),
]

left = [actions.left]

returned = [actions.returned]

navigation = [NavItem(_("My shares"), "capital:shares", 66, "member")]

account_kinds = [
    AccountKind("claims", 240, Side.LIABILITIES, _("Shares to be paid back")),
    AccountKind("shares", 310, Side.EQUITY, _("Share capital")),
]

money_flows = [
    Flow("left", _("a member left"), 64, _("A member left.")),
    Flow("shares", _("share capital paid in"), 60, _("A member bought shares. The money stays the member's share of the co-op.")),
    Flow("shares-to-claim", _("shares to be paid back"), 61, _("The member left. The shares became a claim, as the law says.")),
    Flow("share-refund", _("shares paid back"), 62, _("The member left, and the day the law gives has come.")),
    Flow("share-refund-returned", _("the bank returned it"), 63, _("The bank did not take the payment, so the claim stands again.")),
    Subject("purchase", _purchases),
    Subject("membership", _memberships),
]


def _export(person: Person) -> list[dict[str, Any]]:
    """Shares a person bought and claims they have."""
    bought = [
        {"kind": "shares", "count": one.count, "amount": one.amount, "unit": one.unit, "created_at": one.created_at, "paid_at": one.paid_at}
        for one in Purchase.objects.filter(membership__person=person)
    ]
    owed = [
        {"kind": "claim", "amount": one.amount, "unit": one.unit, "due_on": one.due_on, "lapses_on": one.lapses_on, "paid_at": one.paid_at}
        for one in Claim.objects.filter(membership__person=person)
    ]
    return bought + owed


def _erase(person: Person, *, now: datetime) -> None:
    """The share register keeps counts and dates; the name stands at the person only, and goes with it.

    Raises ``Refused("claim-left")`` while the co-op still owes them their shares, or owes an organisation its shares that nobody else
    speaks for (a claim that has not lapsed).
    """
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


register_columns = [RegisterColumn(_("Number of shares"), _shares_at)]

personal = [
    Personal(
        "capital", _export, _erase, _("the share register as long as the co-op exists, without your name once your data is erased"),
        ("capital.Purchase", "capital.Claim"),
    )
]  # fmt: skip
