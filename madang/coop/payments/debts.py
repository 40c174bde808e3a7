"""What somebody who was paid owes the co-op: taken from what they earn later, before anything is paid out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import ledger, notices
from madang.coop.ledger import queries as books
from madang.coop.ledger.actions import one_at_a_time
from madang.coop.ledger.models import Account, Entry
from madang.coop.members import queries as members
from madang.coop.notices import texts
from madang.coop.people.models import Person
from madang.kit.errors import Refused

if TYPE_CHECKING:
    from madang.coop.rules.models import RuleVersion

PAYOUTS = "payouts"


def debt_account(owner: str, unit: str) -> Account:
    """What ``owner`` owes, as a minus."""
    return ledger.account("debt", owner, unit)


def debt(owner: str, unit: str) -> int:
    """What ``owner`` owes, in the smallest unit, never less than 0. Two SQL queries."""
    return max(0, -books.balance(debt_account(owner, unit)))


def taken(owner: str, amount: int, into: Account, kind: str, version: RuleVersion | None, note: dict[str, Any]) -> list[ledger.Move]:
    """The moves that take ``amount`` from somebody who was paid: what stands to their credit first, the rest as a debt. For the caller to book."""
    mine = ledger.account("payable", owner, into.unit)
    one_at_a_time(mine)
    there = min(amount, max(0, books.balance(mine)))
    moves = [ledger.Move(mine, into, there, kind, version, note)] if there else []
    return moves + ([ledger.Move(debt_account(owner, into.unit), into, amount - there, kind, version, note)] if amount > there else [])


@transaction.atomic
def settle(owner: str, unit: str, *, now: datetime) -> Entry | None:
    """Take what stands to ``owner``'s credit for what they owe, as far as it goes. None when there is nothing to take or nothing owed."""
    owes, mine = debt_account(owner, unit), ledger.account("payable", owner, unit)
    one_at_a_time(mine)
    amount = min(max(0, books.balance(mine)), max(0, -books.balance(owes)))
    if not amount:
        return None
    return ledger.post("debt-repaid", [ledger.Move(mine, owes, amount, "debt-repaid")], key=f"debt-repaid:{owes.pk}:{now.isoformat()}", subject=owner, now=now)


def _owing() -> list[Account]:
    rows = Account.objects.filter(kind="debt").annotate(total=Sum(F("balances__credits") - F("balances__debits")))
    return list(rows.filter(total__lt=0).order_by("pk"))


def find_owed(now: datetime, limit: int) -> list[str]:
    """Debts of those who have earned something since."""
    owing = _owing()
    rows = Account.objects.filter(kind="payable", owner__in={one.owner for one in owing})
    rich = {(one.owner, one.unit) for one in rows.annotate(total=Sum(F("balances__credits") - F("balances__debits"))).filter(total__gt=0)}
    return [str(one.pk) for one in owing if (one.owner, one.unit) in rich][:limit]


def collect(key: str, *, now: datetime) -> None:
    """One of them, once."""
    account = Account.objects.get(pk=key, kind="debt")
    settle(account.owner, account.unit, now=now)


def debtors(unit: str) -> list[tuple[str, int]]:
    """Who owes the co-op how much, most first. One SQL query."""
    return sorted(((one.owner, -int(one.total)) for one in _owing() if one.unit == unit), key=lambda row: (-row[1], row[0]))  # type: ignore[attr-defined]


def tell(owner: str, amount: int, unit: str, *, now: datetime) -> None:
    """Say to a person that they owe something now, and what happens next."""
    kind, _colon, ident = owner.partition(":")
    person = Person.objects.filter(pk=ident, erased_at=None).first() if kind == "person" else None
    if person is not None:
        notices.tell(person, "payments.debt", url=reverse("ledger:statement"), params={"amount": texts.money(amount, unit)}, now=now)


@transaction.atomic
def forgive(owner: str, unit: str, *, by: Person, key: str, now: datetime) -> Entry:
    """Whoever pays out gives up a debt: it becomes the co-op's loss. Once for each ``key``; never one's own.

    Raises ``Refused``: ``office``, ``own-debt``, ``no-debt``.
    """
    if not members.has_duty(by, PAYOUTS, now):
        raise Refused("office", _("Only whoever holds the office that pays out can do this. Nothing was sent."))
    if owner == ledger.owner_of(by):
        raise Refused("own-debt", _("Somebody else has to decide about your own debt. Nothing was changed."))
    if first := Entry.objects.filter(key=f"forgiven:{key}").first():
        return first
    owes = debt_account(owner, unit)
    one_at_a_time(ledger.account("payable", owner, unit))
    amount = max(0, -books.balance(owes))
    if not amount:
        raise Refused("no-debt", _("Nothing is owed here any more."))
    move = ledger.Move(ledger.account("dispute-losses", "", unit), owes, amount, "debt-forgiven", None, {"by": str(by.pk)})
    return ledger.post("debt-forgiven", [move], key=f"forgiven:{key}", subject=owner, now=now)
