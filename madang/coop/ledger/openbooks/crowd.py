"""Whose accounts moved in a month, and behind which kinds of account so few people stand that their lines would show what one of them did."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from madang.coop.ledger import treasuries
from madang.coop.members.models import Membership

_MOVED = """
WITH moved AS (
    SELECT debit_id AS account, entry_id FROM ledger_transfer WHERE at >= %(since)s AND at < %(until)s
    UNION SELECT credit_id, entry_id FROM ledger_transfer WHERE at >= %(since)s AND at < %(until)s
)
SELECT a.id, a.kind, a.unit, a.owner, coalesce(array_agg(DISTINCT e.payer) FILTER (WHERE e.payer <> ''), '{}')
FROM moved m JOIN ledger_account a ON a.id = m.account JOIN ledger_entry e ON e.id = m.entry_id
WHERE a.owner <> '' AND a.owner NOT LIKE 'rail:%%' GROUP BY a.id ORDER BY a.id
"""
HOLDERS = ("person", "organisation", "membership")


@dataclass(frozen=True)
class Moved:
    """An account of somebody that moved; ``behind``: the owners who stand behind it (of a job's or a charge's account: who paid)."""

    number: int
    kind: str
    unit: str
    owner: str
    behind: frozenset[str]


@dataclass(frozen=True)
class Crowd:
    """``moved``: every account of somebody that moved. ``mine``: those of the reader. ``small``: those of others of which too few people have any.
    ``people``: how many stand behind all together."""

    moved: list[Moved]
    mine: frozenset[int]
    small: tuple[int, ...]
    people: int


def moved(since: datetime, until: datetime) -> list[Moved]:
    """Two queries. Who holds a membership stands behind its account: the same person is not counted twice."""
    with connection.cursor() as sql:
        sql.execute(_MOVED, {"since": since, "until": until})
        rows = sql.fetchall()
    holders = _holders({owner for _pk, _kind, _unit, owner, _payers in rows})
    found = []
    for pk, kind, unit, owner, payers in rows:
        behind = [owner] if owner.partition(":")[0] in HOLDERS or not payers else payers
        found.append(Moved(pk, kind, unit, owner, frozenset(holders.get(one, one) for one in behind)))
    return found


def _holders(owners: Collection[str]) -> dict[str, str]:
    """``membership:<id>`` → the person or the organisation that has it."""
    wanted = [owner.removeprefix("membership:") for owner in owners if owner.startswith("membership:")]
    rows = Membership.objects.filter(pk__in=wanted).only("person_id", "organisation_id") if wanted else ()
    return {f"membership:{one.pk}": f"person:{one.person_id}" if one.person_id else f"organisation:{one.organisation_id}" for one in rows}


def crowd(since: datetime, until: datetime, owners: Collection[str]) -> Crowd:
    """Who moved between two moments, seen by who owns ``owners``. Three queries.

    A kind of account (earnings, claims …) in one unit is *small* when fewer than five people have one that moved. The reader's own do not
    make an entry small: they know them.
    """
    found, own = moved(since, until), set(owners)
    mine = frozenset(one.number for one in found if one.behind <= own)
    sizes = treasuries.people_behind({owner for one in found for owner in one.behind})
    groups: dict[tuple[str, str], set[str]] = {}
    for one in found:
        groups.setdefault((one.kind, one.unit), set()).update(one.behind)

    def people(of: set[str]) -> int:
        return sum(sizes.get(owner, 1) for owner in of)

    few = {key for key, behind in groups.items() if people(behind) < treasuries.FEWEST}
    small = tuple(one.number for one in found if (one.kind, one.unit) in few and one.number not in mine)
    return Crowd(found, mine, small, people(set().union(*groups.values())))
