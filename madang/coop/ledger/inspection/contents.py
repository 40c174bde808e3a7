"""What somebody sees who inspects: the list of members, what was decided, the journal with names; and copies of them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import in_language
from madang.coop.ledger import periods
from madang.coop.ledger.inspection import opens
from madang.coop.ledger.openbooks import reading
from madang.coop.ledger.owners import owner_of
from madang.coop.members import queries as members
from madang.coop.people.models import Person
from madang.kit.errors import Missing

MARK = "\ufeff"
DECIDED = ("passed", "in_force", "reverted", "rejected", "failed")
RESULTS = {
    "passed": pgettext_lazy("minutes", "passed"),
    "rejected": pgettext_lazy("minutes", "rejected"),
    "failed": pgettext_lazy("minutes", "passed, and could not take effect"),
}
COPIES = {opens.MINUTES: ("csv",), opens.REGISTER: ("csv",), opens.BOOKS: ("hledger", "ledger", "beancount", "csv")}


@dataclass(frozen=True)
class Minute:
    """One decision: when it was counted, what it was about, and how it ended."""

    id: Any
    day: date
    title: str
    result: str


def minutes() -> QuerySet[Proposal]:
    """Every decision that was counted, newest first."""
    return Proposal.objects.filter(state__in=DECIDED, closed_at__isnull=False).order_by("-closed_at", "pk")


def told(proposal: Proposal) -> Minute:
    """A decision in words."""
    result = RESULTS["passed" if proposal.state in ("in_force", "reverted") else proposal.state]
    if proposal.closed_at is None:
        raise Missing("not counted yet")
    return Minute(proposal.pk, proposal.closed_at.astimezone(periods.zone()).date(), str(proposal), str(result))


def book_reader(person: Person) -> reading.Reader:
    """Whom the law opens the whole book to: names, and the why? of their own lines only."""
    return reading.Reader(person, named=True, owners=frozenset([owner_of(person)]), asks=False)


def register(at: datetime) -> list[list[str]]:
    """Header and lines of the list of members: name, class, since when. Shares and addresses are not in it."""
    rows = [[_("Member's name"), _("Class"), _("Since")]]
    return rows + [[line.name, in_language(line.class_title), f"{line.since:%Y-%m-%d}"] for line in members.register(at)]


def copy(thing: str, fmt: str, person: Person, month: date, lang: str, now: datetime) -> str:
    """A copy of one thing as text. Raises ``Missing`` for a thing or a format there is no copy of."""
    if thing == opens.BOOKS:
        into = io.StringIO()
        reading.write(into, fmt, book_reader(person), month, lang)
        return into.getvalue()
    if thing == opens.REGISTER:
        rows = register(now)
    else:
        rows = [[_("Date"), _("Decision"), _("Result")]]
        rows += [[f"{one.day}", one.title, one.result] for one in map(told, minutes())]
    into = io.StringIO()
    into.write(MARK)
    csv.writer(into, lineterminator="\r\n").writerows([[_plain(cell) for cell in row] for row in rows])
    return into.getvalue()


def _plain(cell: str) -> str:
    """Nothing a spreadsheet would take for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell
