"""Spending that the members decided: a decision in force lets whoever pays out spend up to its cap, until its day. What is drawn names the decision.

Two ways to draw: a line of the bank's statement is booked as this (the money has left already), or a member is credited, and is paid out like
anything they earned, which two people sign where money is real. Never beyond the cap: the row is locked, and the database refuses it too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.decisions import emergency
from madang.coop.decisions.models import Proposal
from madang.coop.ledger import periods
from madang.coop.ledger.books.chart import Chart, Side
from madang.coop.ledger.flows import About
from madang.coop.ledger.models import Balance, Entry
from madang.coop.payments import accounts
from madang.coop.payments.models import BankLine
from madang.coop.payments.models_authorised import Authorised, Draw
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.kit.money import format_amount

KIND, STOP = "authorised", "payments.spending"


@dataclass(frozen=True)
class Spending:
    """An authorised sum with what was drawn on it, in the smallest unit."""

    one: Authorised
    drawn: int

    @property
    def left(self) -> int:
        """What may still be drawn."""
        return self.one.cap - self.drawn


def authorise(decision: Proposal, sums: Iterable[tuple[str, str, str, int]], *, sort: str, until: datetime, now: datetime) -> list[Authorised]:
    """A decision takes effect: keep each (key, title, to, cap) it authorises. In the caller's transaction. Raises ``Refused("until")`` when its day is over."""
    if until <= now:
        raise Refused("until", _("The day until which it could have been spent is over."))
    unit = law.coop().currency
    rows = [
        Authorised(decision=decision, key=key, title=title, to=to, sort=sort, cap=cap, unit=unit, since=now, until=until) for key, title, to, cap in sums
    ]  # fmt: skip
    return Authorised.objects.bulk_create(rows)


ORDER = ("since", "decision_id", Length("key"), "key")


def _with_drawn(rows: QuerySet[Authorised]) -> list[Spending]:
    found = rows.select_related("decision").annotate(drawn=Sum("draws__amount"))
    return [Spending(one, int(one.drawn or 0)) for one in found]


def open_sums(now: datetime) -> list[Spending]:
    """What may be drawn on now, something being left. One query."""
    rows = Authorised.objects.filter(withdrawn_at=None, until__gt=now).alias(used=Sum("draws__amount")).filter(Q(used=None) | Q(used__lt=F("cap")))
    return _with_drawn(rows.order_by(*ORDER))


def over_sums(now: datetime, limit: int = 30) -> list[Spending]:
    """Those used up, run out or withdrawn, newest first. One query."""
    rows = Authorised.objects.alias(used=Sum("draws__amount")).filter(Q(until__lte=now) | Q(withdrawn_at__isnull=False) | Q(used__gte=F("cap")))
    return _with_drawn(rows.order_by("-since")[:limit])


def of(decision: Proposal) -> list[Spending]:
    """What a decision authorised. One query."""
    return _with_drawn(Authorised.objects.filter(decision=decision).order_by(*ORDER))


def draws_of(sums: Sequence[Spending]) -> dict[Any, list[Draw]]:
    """What was drawn, by authorised sum. One query."""
    found: dict[Any, list[Draw]] = {}
    for one in Draw.objects.filter(authorised__in=[row.one for row in sums]).select_related("by", "line"):
        found.setdefault(one.authorised_id, []).append(one)
    return found


def free(unit: str) -> int:
    """What the co-op has of its own to spend, in the smallest unit: the money at its payment services, its bank and in its drawer, less all that it owes
    to others. One query."""
    chart, rows = Chart(), Balance.objects.filter(account__unit=unit).values("account__kind", own=Q(account__owner="")).order_by()
    amount = 0
    for row in rows.annotate(total=Sum(F("credits") - F("debits"))):
        kind = row["account__kind"]
        known = chart.of(kind, bool(row["own"])) or chart.of(kind, not row["own"])
        if kind == "clearing" or (known is not None and known.side is Side.LIABILITIES):
            amount -= int(row["total"])
    return amount


@transaction.atomic
def credit(authorised: uuid.UUID | str, to: Person, amount: int, *, by: Person, id: uuid.UUID, now: datetime) -> Draw:
    """Put ``amount`` (smallest unit) of an authorised sum to a person's credit; it is paid out like what they earned. Once for each ``id``.

    Raises ``Missing``, ``Refused``: ``office``, ``emergency``, ``own-payout`` (to oneself), ``over``, ``beyond`` (more than is left), ``not-enough`` (the
    co-op has not so much of its own), ``key-used``.
    """
    accounts.require_payouts(by, now)
    emergency.require(STOP, now)
    one = _locked(authorised)
    owner = ledger.owner_of(to)
    if first := Draw.objects.filter(pk=id).first():
        if (first.authorised_id, first.owner, first.amount) != (one.pk, owner, amount):
            raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
        return first
    if owner in accounts.owners_of(by, now):
        raise Refused("own-payout", _("This is your own money, so somebody else has to book it. Nothing was booked."))
    _require_left(one, amount, now, on=now)
    if amount > free(one.unit):
        raise Refused("not-enough", _("The co-op has not so much of its own at present. Nothing was booked."), "amount")
    move = ledger.Move(ledger.account(one.sort, "", one.unit), ledger.account("payable", owner, one.unit), amount, KIND)
    entry = ledger.post(KIND, [move], key=f"{KIND}:{id}", subject=f"spending:{one.decision_id}", now=now)
    return Draw.objects.create(id=id, authorised=one, amount=amount, entry=entry, owner=owner, by=by, at=now)


def for_line(authorised: uuid.UUID | str, line: BankLine, *, now: datetime) -> Authorised:
    """A line of the bank is to be booked as this: the locked row. Raises ``Missing``, ``Refused``: ``came`` (money that came in), ``before``
    (it was decided), ``over``, ``beyond``."""
    one = _locked(authorised)
    if line.amount >= 0 or line.unit != one.unit:
        raise Refused("came", _("Money that came in is no spending. Nothing was booked."), "authorised")
    _require_left(one, -line.amount, now, on=periods.begins(line.booked))
    return one


def drawn_by_line(one: Authorised, line: BankLine, entry: Entry, *, by: Person, now: datetime) -> Draw:
    """Keep that a line was booked as this. In the caller's transaction, which holds the row."""
    return Draw.objects.create(id=uuid.uuid4(), authorised=one, amount=-line.amount, entry=entry, line=line, by=by, at=now)


def subject(one: Authorised) -> str:
    """What the books call spending that a decision allowed."""
    return f"spending:{one.decision_id}"


def about(ids: set[str]) -> dict[str, About]:
    """What such a booking is about: the decision, for people. One query."""
    rows = Proposal.objects.filter(pk__in=ids)
    return {str(one.pk): About(one.title, reverse("decisions:decision", args=[one.pk])) for one in rows}


def withdraw(decision: Proposal | uuid.UUID | str, *, now: datetime) -> int:
    """The members take back what was not drawn of a decision's sums: how many there were. In the caller's transaction."""
    pk = decision.pk if isinstance(decision, Proposal) else uuid.UUID(str(decision))
    return Authorised.objects.filter(decision_id=pk, withdrawn_at=None).update(withdrawn_at=now)


def _locked(authorised: uuid.UUID | str) -> Authorised:
    try:
        found = Authorised.objects.select_for_update().filter(pk=uuid.UUID(str(authorised))).first()
    except ValueError:
        found = None
    if found is None:
        raise Missing("no such authorised sum")
    return found


def _require_left(one: Authorised, amount: int, now: datetime, *, on: datetime) -> None:
    """``on``: when the money moved. What left before the end may be booked after it, nothing that left before the day it was decided."""
    if on < periods.begins(one.since.astimezone(periods.zone()).date()):
        raise Refused("before", _("This money left before it was decided. Nothing was booked."), "authorised")
    if one.withdrawn_at is not None or on >= one.until:
        raise Refused("over", _("What was decided has run out, or the members took it back. Nothing was booked."), "authorised")
    left = one.cap - int(one.draws.aggregate(total=Sum("amount"))["total"] or 0)
    if not 0 < amount <= left:
        said = format_amount(left, one.unit, law.coop().languages[0] if law.coop().languages else "en")
        raise Refused("beyond", _("That is more than is left of what was decided: {left}. Nothing was booked.").format(left=said), "amount")
