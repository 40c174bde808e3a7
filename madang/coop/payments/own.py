"""The co-op's own money at its bank that is neither a payment nor a payout: what a service sent on, refunds sent by hand, taxes paid.

It is booked when it is known, and the line of a statement proves it later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from madang.coop import ledger
from madang.coop.ledger import periods
from madang.coop.ledger.models import Entry, Transfer
from madang.coop.payments.booking import clearing
from madang.coop.payments.models import BankLine, Refund, Withdrawal
from madang.rails.bank.codes import code_for
from madang.rails.payments import Movement

BANK = "bank"
KINDS = ("to-bank", "refund-sent", "tax-paid", "reconciled")
"""The kinds of transfers of the bank's clearing account that a line of a statement is still to prove."""
SAID = {
    "to-bank": _("What the payment service sent to the co-op's bank"),
    "refund-sent": _("A refund that was sent by hand"),
    "tax-paid": _("A tax that was paid"),
    "reconciled": _("Settled in the daily reconciliation"),
}
SOON = timedelta(days=10)
"""So long a bank may take until it shows what was sent."""
LATEST = timedelta(days=120)
"""What no line has proved for longer is not looked for any more; the daily reconciliation names it."""


@dataclass(frozen=True)
class Own:
    """One such booking: ``amount`` as the bank will show it (minus: it leaves), ``mark`` what its line says ("" nothing we know)."""

    entry: Entry
    amount: int
    unit: str
    kind: str
    mark: str

    @property
    def said(self) -> Any:
        """What it is, in words."""
        return SAID[self.kind]

    @property
    def at(self) -> datetime:
        """When it was booked."""
        return self.entry.at


def refund_code(refund: Refund) -> str:
    """What whoever sends a refund by hand writes into the transfer, so that the statement's line is known by itself."""
    return code_for(f"refund:{refund.pk}")


@transaction.atomic
def learn(rail: str, told: Iterable[Movement], *, now: datetime) -> list[Withdrawal]:
    """Book what a service sent to the co-op's bank, or what came back from there: each once. Another amount told later is not booked, but named."""
    made = []
    for one in sorted((one for one in told if one.kind == "withdrawal" and one.amount), key=lambda one: (one.at, one.amount)):
        found = Withdrawal.objects.select_for_update(of=("self",)).filter(rail=rail, ref=one.ref).first()
        if one.amount < 0 and found is None:
            made.append(_sent(rail, one, now))
        elif found is not None and one.amount == found.amount and found.returned_at is None:
            move = ledger.Move(clearing(rail, found.unit), clearing(BANK, found.unit), found.amount, "to-bank-returned")
            ledger.post("to-bank-returned", [move], key=f"to-bank-returned:{found.pk}", subject="", now=now)
            found.returned_at = now
            found.save(update_fields=["returned_at"])
    return made


def _sent(rail: str, one: Movement, now: datetime) -> Withdrawal:
    new = Withdrawal(rail=rail, ref=one.ref, amount=-one.amount, unit=one.unit, at=one.at)
    move = ledger.Move(clearing(BANK, one.unit), clearing(rail, one.unit), -one.amount, "to-bank", note={"rail": rail})
    new.entry = ledger.post("to-bank", [move], key=f"to-bank:{new.pk}", subject="", now=now)
    new.save()
    _line_came_first(new, now)
    return new


def _line_came_first(new: Withdrawal, now: datetime) -> None:
    """The statement was read before the service told: its line waits for a person, and needs none now where it names the service."""
    first, last = (new.at - timedelta(days=1)).date(), (new.at + SOON).date()
    lines = BankLine.objects.select_for_update(of=("self",)).filter(state="doubtful", charge=None, amount=new.amount, unit=new.unit)
    fitting = [line for line in lines.filter(booked__gte=first, booked__lte=last)[:20] if _names(new.rail, line)]
    if len(fitting) == 1:
        BankLine.objects.filter(pk=fitting[0].pk).update(state="matched", why="", entry=new.entry, decided_at=now)


def _names(mark: str, line: BankLine) -> bool:
    return bool(mark) and mark.lower() in f"{line.name} {line.reference} {line.text}".lower()


def waiting(unit: str, *, before: datetime | None = None) -> list[Own]:
    """Bookings of our bank account that no line has proved yet, newest first. Four SQL queries."""
    here = clearing(BANK, unit)
    rows = Transfer.objects.filter(Q(debit=here) | Q(credit=here), kind__in=KINDS).exclude(entry__in=_proved())
    if before is not None:
        rows = rows.filter(at__gte=before - LATEST)
    found = list(rows.exclude(entry__in=_came_back()).select_related("entry").order_by("-at", "pk")[:500])
    ids = [one.entry_id for one in found]
    marks = {one.entry_id: one.rail for one in Withdrawal.objects.filter(entry__in=ids)}
    marks |= {one.entry_id: refund_code(one) for one in Refund.objects.filter(entry__in=ids) if one.entry_id}
    return [
        Own(one.entry, one.amount if one.debit_id == here.pk else -one.amount, unit, one.kind, marks.get(one.entry_id, "")) for one in found
    ]  # fmt: skip


def _proved() -> QuerySet[BankLine, Any]:
    return BankLine.objects.exclude(entry=None).values("entry")


def _came_back() -> QuerySet[Withdrawal, Any]:
    return Withdrawal.objects.exclude(returned_at=None).values("entry")


def fits(line: BankLine, owns: Sequence[Own]) -> list[Own]:
    """Which of these a line may be: the same amount, at most ten days away. Those whose mark it bears first."""
    zone = periods.zone()
    near = [
        one for one in owns
        if (one.amount, one.unit) == (line.amount, line.unit) and abs(one.at.astimezone(zone).date() - line.booked) <= SOON
    ]  # fmt: skip
    return sorted(near, key=lambda one: not marked(line, one))


def marked(line: BankLine, one: Own) -> bool:
    """Whether a line names just this."""
    if one.kind == "refund-sent":
        return one.mark in _plain(line)
    return _names(one.mark, line)


def _plain(line: BankLine) -> str:
    return "".join(sign for sign in f"{line.reference} {line.text} {line.name}".upper() if sign.isalnum())


def on_the_way(unit: str, *, until: datetime) -> set[str]:
    """What the bank may still show: things of the last days, by ``until``."""
    return {f"entry:{one.entry.pk}" for one in waiting(unit, before=until) if one.at >= until - SOON}


def total(unit: str) -> int:
    """What of these the bank has not shown yet, as it will (minus: it leaves). One SQL query."""
    here = clearing(BANK, unit)
    rows = Transfer.objects.filter(Q(debit=here) | Q(credit=here), kind__in=KINDS).exclude(entry__in=_proved()).exclude(entry__in=_came_back())
    return sum(amount if debit == here.pk else -amount for amount, debit in rows.values_list("amount", "debit"))


__all__ = ["Own", "fits", "learn", "marked", "on_the_way", "refund_code", "total", "waiting"]
