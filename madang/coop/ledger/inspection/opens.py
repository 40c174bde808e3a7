"""What the law opens, to whom: read from the dated bounds of the co-op's law profile (``inspection.*``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.law.texts import in_language
from madang.coop.ledger.books.chart import Chart, Side
from madang.coop.ledger.owners import owner_of
from madang.coop.members import queries as members
from madang.coop.people import queries as people
from madang.coop.people.models import Person

MEMBER, CREDITOR, CLAIMED = "member", "creditor", "claimed"
ARTICLES, MINUTES, REGISTER, BOOKS, OWN = "articles", "minutes", "members", "books", "own"
THINGS: dict[str, Any] = {
    ARTICLES: _("Articles and by-laws"),
    MINUTES: _("Minutes: what was decided"),
    REGISTER: _("List of members"),
    BOOKS: _("Account books, with names"),
    OWN: _("One's own account"),
}
NAMING = (REGISTER, BOOKS)
"""Things in which people are named."""
STANDINGS: dict[str, Any] = {MEMBER: _("member"), CREDITOR: _("creditor, by the ledger"), CLAIMED: _("says to be a creditor")}
GROUNDS: dict[str, Any] = {
    "just-cause": _("A just cause: it would be used for something else than a member's or a creditor's interest, or hurt somebody out of proportion"),
    "not-proved": _("It is not proved that the co-op owes them anything"),
    "rules": _("The co-op's own rules do not open it"),
}
_OWED = """
SELECT a.kind, a.owner = '' FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
WHERE a.owner = ANY(%(owners)s) OR (a.owner LIKE 'charge:%%' OR a.owner LIKE 'job:%%') AND a.id IN (
    SELECT t.credit_id FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id WHERE e.payer = %(payer)s
)
GROUP BY a.id HAVING sum(b.credits - b.debits) > 0
"""


@dataclass(frozen=True)
class Right:
    """What somebody may ask to see. ``grounds``: on which it may be refused. ``by_itself``: nobody's silence keeps it shut."""

    standing: str
    things: tuple[str, ...]
    grounds: tuple[str, ...]
    by_itself: bool
    citation: str
    url: str
    text: str
    note: str


def standing(person: Person, at: datetime) -> str:
    """What they are to the co-op, as far as it knows by itself: "member", "creditor", or "claimed". At most 5 queries."""
    if members.is_member(person, at):
        return MEMBER
    return CREDITOR if owed(person, at) else CLAIMED


def owed(person: Person, at: datetime) -> bool:
    """Whether by the ledger the co-op owes them, or an organisation they speak for, something now. Three queries."""
    own = [owner_of(person), *(owner_of(one) for one in members.memberships(person)), *(owner_of(one) for one in people.represented_by(person, at))]
    chart = Chart()
    with connection.cursor() as sql:
        sql.execute(_OWED, {"owners": own, "payer": owner_of(person)})
        kinds = [chart.of(kind, ours) for kind, ours in sql.fetchall()]
    return any(kind is not None and kind.side is Side.LIABILITIES for kind in kinds)


def right(standing: str, at: datetime) -> Right | None:
    """What the law (where it is silent: these books' own custom, with an empty citation) opens; None where it opens nothing to them."""
    profile = law.profile()
    named = profile.bound("inspection.members" if standing == MEMBER else "inspection.creditors", at)
    things = tuple(one for one in str(named.value).split() if one in THINGS)
    if not things:
        return None
    grounds = tuple(str(profile.bound("inspection.refusal", at).value).split())
    if standing == CLAIMED:
        grounds = (*grounds, "not-proved")
    silent = profile.bound("inspection.by_itself", at).yes() and standing != CLAIMED
    return Right(standing, things, grounds, silent, named.citation, named.url, in_language(named.text), in_language(named.note))


def refusable(standing: str, at: datetime) -> dict[str, Any]:
    """The grounds to choose from, in words."""
    found = right(standing, at)
    return {key: GROUNDS[key] for key in found.grounds} if found else dict(GROUNDS)
