"""Who may read the statements, of which time, and when they would say too much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from madang.coop import law
from madang.coop.ledger import explain, periods, treasuries
from madang.coop.ledger.books import journal
from madang.coop.ledger.books.statements import MadeOf, Statements, made_of, statements
from madang.coop.members import queries as members
from madang.kit.errors import Missing

OLDEST = 2000


@dataclass(frozen=True)
class Read:
    """What a reader is shown. ``told`` is None where fewer than five people stand behind the figures and the reader does not keep the books."""

    asked: str
    first: date
    last: date
    unit: str
    units: list[str]
    keeper: bool
    told: Statements | None


def chosen(asked: str, now: datetime) -> tuple[date, date]:
    """The days asked for: ``"2026"`` a year, ``"2026-03"`` a month, ``"2026-03-15"`` the year up to that day; "" is this year.

    What is not over ends today. Raises ``Missing`` for anything else, and for what is still to come.
    """
    today = now.astimezone(periods.zone()).date()
    first, last = _days(asked or str(today.year))
    if first > today:
        raise Missing("no such time yet")
    return first, min(last, today)


def _days(asked: str) -> tuple[date, date]:
    parts = asked.split("-")
    if [len(part) for part in parts] not in ([4], [4, 2], [4, 2, 2]) or not all(part.isascii() and part.isdecimal() for part in parts):
        raise Missing("no such time")
    year, *rest = (int(part) for part in parts)
    try:
        day = date(year, *[*rest, 1, 1][:2])
    except ValueError:
        raise Missing("no such time") from None
    if not OLDEST <= year < 9000:
        raise Missing("no such time")
    if len(rest) == 2:
        return date(year, 1, 1), day
    return (day, periods.next_month(day) - timedelta(days=1)) if rest else (day, date(year, 12, 31))


def read(viewer: Any, asked: str, unit: str, now: datetime) -> Read:
    """The statements for a member; a single day only for whoever has the duty of looking into the books. At most 12 SQL queries.

    Raises ``Missing`` for who is no member, and for a unit or a time there is not.
    """
    keeper = _keeper(viewer, asked, now)
    first, last = chosen(asked, now)
    own = law.coop().currency
    units = sorted({own, *journal.units()}, key=lambda code: (code != own, code))
    if unit and unit not in units:
        raise Missing("no such currency")
    shown = unit or own
    told = statements(first, last, shown) if keeper or not too_few(first, last, shown) else None
    return Read(asked or str(first.year), first, last, shown, units, keeper, told)


def line(viewer: Any, code: int, asked: str, unit: str, now: datetime) -> tuple[Read, MadeOf]:
    """How one line came about. Raises ``Missing`` as :func:`read` does, for an unknown line, and where the statements are not shown."""
    found = read(viewer, asked, unit, now)
    told = made_of(code, found.first, found.last, found.unit) if found.told else None
    if told is None:
        raise Missing("no such line")
    return found, told


def _keeper(viewer: Any, asked: str, now: datetime) -> bool:
    if explain.keeps(viewer, now):
        return True
    if not members.is_member(viewer, now) or len(asked) > 7:
        raise Missing("not yours to see")
    return False


def too_few(first: date, last: date, unit: str) -> bool:
    """Whether fewer than five people, but somebody, stand behind what moved in these months."""
    owners = set(journal.parties(first, last, unit, treasuries.FEWEST))
    return 0 < treasuries.head_count(owners) < treasuries.FEWEST
