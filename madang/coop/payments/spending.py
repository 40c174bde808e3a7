"""What the co-op itself spends and takes in at its bank: rent, wages, fees, interest. A line of a statement is booked as what it is, by whoever pays out.

The money has moved already, so one person says what it was for; every member sees it in the journal, under its sort; the words stand with
the line, not in the books, for they may name somebody. A wrong sort is put right by
a new entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Abs
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop import ledger
from madang.coop.ledger import periods
from madang.coop.ledger.models import Entry, Transfer
from madang.coop.payments import accounts, authorising, statements
from madang.coop.payments.booking import clearing
from madang.coop.payments.models import BankLine
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

BANK, SPENT, EARNED, MOVED = "bank", "spend", "own-income", "spend-moved"
WORDS = 40


@dataclass(frozen=True)
class Sort:
    """A sort of cost or income: ``kind`` is its account. ``income``: only what came in."""

    kind: str
    title: Any
    income: bool = False


SORTS = {
    one.kind: one
    for one in (
        Sort("wages", gettext_lazy("Wages and social insurance")),
        Sort("rent", gettext_lazy("Rent and rooms")),
        Sort("purchases", gettext_lazy("Goods and services")),
        Sort("bank-fees", gettext_lazy("Bank fees")),
        Sort("other-costs", gettext_lazy("Other running costs")),
        Sort("other-income", gettext_lazy("Other income"), income=True),
    )
}


def _sort(kind: str, came: bool) -> Sort:
    found = SORTS.get(kind)
    if found is None:
        raise Refused("sort", _("Choose what it was. Nothing was booked."), "sort")
    if found.income and not came:
        raise Refused("sort", _("Money that left is no income. Nothing was booked."), "sort")
    return found


def _said(what: str) -> str:
    words = " ".join(what.split())
    if not 0 < len(words) <= WORDS:
        raise Refused("what", _("Please say in a few words (at most %(most)s signs) what it was for. Nothing was booked.") % {"most": WORDS}, "what")
    return words


@transaction.atomic
def book(line_id: int, kind: str, what: str, *, by: Person, authorised: str = "", now: datetime) -> Entry:
    """A person says that a line of the bank is the co-op's own cost or income: it is booked, effective on the bank's day. Twice is once.

    ``authorised``: which decided sum it draws on; then it stands under that sum's sort. A cost that came back is booked against its sort.
    Raises ``Missing``, ``Refused``: ``office``, ``decided``, ``own-payout``, ``sort``, ``what``; of a decided sum ``came``, ``over``, ``beyond``.
    """
    accounts.require_payouts(by, now)
    line = statements.open_line(line_id)
    if line.state == "decided" and line.entry is not None and line.entry.key == f"{SPENT}:{line.pk}":
        return line.entry
    if line.state not in ("doubtful", "left"):
        raise Refused("decided", _("This line was decided already."))
    statements.require_not_own(line, by, now)
    allowed = authorising.for_line(authorised, line, now=now) if authorised else None
    sort, words = _sort(allowed.sort if allowed else kind, line.amount > 0), _said(what)
    here, place = clearing(BANK, line.unit), ledger.account(sort.kind, "", line.unit)
    name = EARNED if sort.income else SPENT
    move = ledger.Move(here, place, line.amount, name) if line.amount > 0 else ledger.Move(place, here, -line.amount, name)
    day = min(periods.begins(line.booked), now)
    about = authorising.subject(allowed) if allowed else ""
    entry = ledger.post(name, [move], key=f"{SPENT}:{line.pk}", subject=about, now=now, effective_at=day)
    if allowed:
        authorising.drawn_by_line(allowed, line, entry, by=by, now=now)
    line.state, line.entry, line.decided_by, line.decided_at, line.why = "decided", entry, by, now, words
    line.save()
    return entry


def booked_as(entry: Entry) -> str:
    """Under which sort a line's booking stands now, with what was moved since. One SQL query."""
    return booked_under([entry])[entry.key]


def booked_under(entries: Sequence[Entry]) -> dict[str, str]:
    """Under which sort the bookings of lines stand now, by key, with what was moved since. One SQL query."""
    if not entries:
        return {}
    wanted = Q()
    for entry in entries:
        wanted |= Q(entry__key=entry.key) | Q(entry__key__startswith=f"{entry.key}:")
    found: dict[str, tuple[str, bool]] = {}
    for key, kind, debit, credit in Transfer.objects.filter(wanted).order_by("pk").values_list("entry__key", "kind", "debit__kind", "credit__kind"):
        first = ":".join(key.split(":")[:2])
        came = credit in SORTS if kind != MOVED else found[first][1]
        found[first] = (credit if came else debit), came
    return {key: kind for key, (kind, _came) in found.items()}


@transaction.atomic
def move(line_id: int, kind: str, what: str, *, by: Person, now: datetime) -> Entry | None:
    """It was booked under the wrong sort: a new entry moves it, effective on the same day. None where it stands there already.

    Raises ``Missing`` for a line that is no such booking, ``Refused``: ``office``, ``own-payout``, ``sort``, ``what``.
    """
    accounts.require_payouts(by, now)
    line = statements.open_line(line_id)
    if line.entry is None or line.entry.key != f"{SPENT}:{line.pk}":
        raise Missing("no such booking")
    statements.require_not_own(line, by, now)
    was, sort, words = booked_as(line.entry), _sort(kind, line.amount > 0), _said(what)
    line.why, line.decided_by, line.decided_at = words, by, now
    line.save(update_fields=["why", "decided_by", "decided_at"])
    if was == sort.kind:
        return None
    old, new = (ledger.account(one, "", line.unit) for one in (was, sort.kind))
    out, into = (old, new) if line.amount > 0 else (new, old)
    number = Entry.objects.filter(key__startswith=f"{SPENT}:{line.pk}:").count() + 1
    moved = ledger.Move(out, into, abs(line.amount), MOVED)
    day = line.entry.effective_at
    return ledger.post(MOVED, [moved], key=f"{SPENT}:{line.pk}:{number}", subject="", now=now, effective_at=day)


def unbooked(until: date) -> int:
    """How much the bank shows up to and with that day that nobody has booked, in the smallest unit, 0 or more: every line that is still to be looked at,
    and what the lines with nothing to book come to together (between two accounts of the co-op that is nothing). One SQL query."""
    rows = BankLine.objects.filter(account__owner="", booked__lte=until)
    found = rows.aggregate(left=Sum("amount", filter=Q(state="left")), doubtful=Sum(Abs("amount"), filter=Q(state="doubtful")))
    return abs(int(found["left"] or 0)) + int(found["doubtful"] or 0)


def lately(limit: int = 12) -> list[tuple[BankLine, Sort]]:
    """The costs and incomes booked last, under the sort where they stand. Two SQL queries."""
    rows = BankLine.objects.filter(state="decided", entry__key__startswith=f"{SPENT}:").select_related("entry", "decided_by").order_by("-decided_at")
    shown = [(line, line.entry) for line in rows[:limit] if line.entry is not None]
    under = booked_under([entry for _line, entry in shown])
    return [(line, SORTS[under[entry.key]]) for line, entry in shown]


def left(limit: int = 50) -> list[BankLine]:
    """Lines that were looked at and not booked, newest first; they can be booked after all."""
    return list(BankLine.objects.filter(account__owner="", state="left").select_related("decided_by").order_by("-booked", "-pk")[:limit])


def titles() -> list[Sort]:
    """All sorts, for a form."""
    return list(SORTS.values())
