"""What one year was for one person: earned, paid out, and what stood to their name when it began and when it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from madang.coop import law
from madang.coop.ledger import periods
from madang.coop.ledger.books import journal
from madang.coop.ledger.books.chart import Chart
from madang.coop.ledger.owners import owner_of
from madang.coop.ledger.statements import Sorted, Sum, statement
from madang.coop.members.models import Membership
from madang.coop.people.models import Person


@dataclass(frozen=True)
class Stood:
    """What one of their accounts came to when the year began, and when it ended; plus is theirs."""

    title: Any
    before: int
    after: int


@dataclass(frozen=True)
class Year:
    """The year in one unit, in the smallest unit of it."""

    unit: str
    earned: int
    paid_out: int
    months: list[Sum]
    kinds: list[Sorted]
    stood: list[Stood]


def year_of(person: Person, year: int) -> list[Year]:
    """A calendar year of the co-op's time zone, one :class:`Year` for each unit they have an account in, the co-op's currency first.

    At most 8 SQL queries and 5 for each further unit.
    """
    since, until = periods.begins(date(year, 1, 1)), periods.begins(date(year + 1, 1, 1))
    owners = [owner_of(person), *(owner_of(one) for one in Membership.objects.filter(person=person).only("pk"))]
    accounts, chart = journal.accounts_of(owners), Chart()
    stood: dict[str, dict[str, list[int]]] = {}
    for place, moment in ((0, since), (1, until)):
        for _pk, kind, _owner, unit, balance in journal.balances(accounts, moment):
            stood.setdefault(unit, {}).setdefault(kind, [0, 0])[place] += balance
    own = law.coop().currency
    found = []
    for unit in sorted({own, *stood}, key=lambda code: (code != own, code)):
        told = statement(owner_of(person), since, until, unit=unit, limit=1)
        rows = []
        for kind, (before, after) in sorted(stood.get(unit, {}).items()):
            declared = chart.of(kind, False)
            if before or after:
                rows.append(Stood(declared.title if declared else kind, before, after))
        found.append(Year(unit, told.earned, told.paid_out, told.months, told.kinds, rows))
    return found
