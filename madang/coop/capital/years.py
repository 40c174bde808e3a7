"""A year as the books have it: its result, what stood in the reserves, who was a member with how much capital. The fiscal year is the calendar year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum

from madang.coop.capital.models import Closing
from madang.coop.decisions import states
from madang.coop.decisions.models import Proposal
from madang.coop.ledger import periods
from madang.coop.ledger import queries as books
from madang.coop.ledger.books.chart import CLOSING
from madang.coop.ledger.models import DayFlow
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.kit.surplus import Year

RESULT = ("upkeep", "card-costs", "goodwill", "dispute-losses", "forfeited", "wages", "rent", "purchases", "bank-fees", "other-costs", "other-income")
"""The co-op's own accounts whose sum is what a year earned or lost. What is not here is somebody's: debts, capital, reserves, funds of member co-ops."""
CLOSED = CLOSING
"""The kind of transfer that takes a year's result out of them."""

_SHARES = """
SELECT owner, sum(amount) FROM (
    SELECT a.owner, t.amount FROM ledger_transfer t JOIN ledger_account a ON a.id = t.credit_id
    WHERE a.kind = 'shares' AND a.unit = %(unit)s AND t.at < %(until)s
    UNION ALL
    SELECT a.owner, -t.amount FROM ledger_transfer t JOIN ledger_account a ON a.id = t.debit_id
    WHERE a.kind = 'shares' AND a.unit = %(unit)s AND t.at < %(until)s
) AS sides GROUP BY owner HAVING sum(amount) > 0
"""


@dataclass(frozen=True)
class Figures:
    """``closes``: what each kind of result account holds of the years up to this one (minus is a cost); ``year``: for the pure core;
    ``taken``: what earlier closings took out of them so far."""

    closes: dict[str, int]
    year: Year
    taken: dict[str, int]


@dataclass(frozen=True, slots=True)
class Member:
    """A membership as a year end needs it: there may be a hundred thousand of them."""

    key: str
    class_key: str
    person: UUID | None
    organisation: UUID | None
    primary: bool = False

    @property
    def owner(self) -> str:
        """Whose share account it is."""
        return f"membership:{self.key}"

    @property
    def payee(self) -> str:
        """Whose account a member's money goes to: the person, or the member organisation."""
        return f"person:{self.person}" if self.person else f"organisation:{self.organisation}"


def span(year: int) -> tuple[datetime, datetime]:
    """The fiscal year as ``[since, until)`` in UTC."""
    return periods.begins(date(year, 1, 1)), periods.begins(date(year + 1, 1, 1))


def ended(year: int, now: datetime) -> bool:
    """Whether the year is over for the co-op."""
    return now >= span(year)[1]


def closed(now: datetime) -> set[int]:
    """The years whose use was decided and booked. One SQL query."""
    done = Proposal.objects.filter(kind="use_of_surplus", state=states.IN_FORCE).values("pk")
    return set(Closing.objects.filter(proposal_id__in=done).values_list("year", flat=True))


def figures(year: int, unit: str) -> Figures:
    """What the books say of a year, and of what stands in surplus and reserves now. Ten SQL queries.

    The result is all that moved in and out of the result accounts up to the year's last day, less what earlier closings took: what was
    booked late into a closed year is not lost, it falls into the next one.
    """
    flows = DayFlow.objects.filter(unit=unit)
    until, gone = date(year, 12, 31), taken(unit)
    closes = {kind: _net(flows.filter(day__lte=until).exclude(kind=CLOSED), kind) + gone[kind] for kind in RESULT}
    standing = {kind: books.kind_balance(kind, unit) for kind in ("surplus", "legal-reserve", "voluntary-reserve")}
    paid_in = _net(flows.filter(day__lte=until), "shares")
    return Figures(
        {kind: amount for kind, amount in closes.items() if amount},
        Year(sum(closes.values()), standing["surplus"], standing["legal-reserve"], standing["voluntary-reserve"], paid_in),
        gone,
    )


def taken(unit: str) -> dict[str, int]:
    """What closings took out of each kind of result account, ever. Three SQL queries."""
    closings = DayFlow.objects.filter(unit=unit, kind=CLOSED)
    return {kind: _net(closings, kind) for kind in RESULT}


def _net(flows: object, kind: str) -> int:
    found = flows.aggregate(into=Sum("amount", filter=Q(credit_kind=kind)), out=Sum("amount", filter=Q(debit_kind=kind)))  # type: ignore[attr-defined]
    return int(found["into"] or 0) - int(found["out"] or 0)


def shares_at(until: datetime, unit: str) -> dict[str, int]:
    """Paid-in capital by membership owner string, as at a moment. One SQL query."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARES, {"unit": unit, "until": until})
        return {owner: int(amount) for owner, amount in cursor.fetchall()}


def memberships(year: int, paid_in: dict[str, int]) -> list[Member]:
    """Who was a member on the year's last day, or held capital then, by class and since. One SQL query."""
    last = span(year)[1] - timedelta(microseconds=1)
    holders = [owner.removeprefix("membership:") for owner in paid_in]
    rows = Membership.objects.filter(members.active_at(last) | Q(pk__in=holders)).order_by("member_class__order", "member_class__key", "active_from", "pk")
    found = rows.values_list("pk", "member_class__key", "person_id", "organisation_id", "primary")
    return [Member(str(pk), class_key, person, organisation, primary) for pk, class_key, person, organisation, primary in found]
