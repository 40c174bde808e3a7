"""Who may read the journal, by which names, and a page of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from madang.coop.ledger import explain, flows, owners, periods, treasuries
from madang.coop.ledger.books import export, journal
from madang.coop.ledger.books.book import Book, Due
from madang.coop.ledger.books.chart import RAIL, UNDECLARED, Chart
from madang.coop.ledger.books.journal import Line, Part
from madang.coop.ledger.openbooks import masks
from madang.coop.ledger.openbooks.crowd import Crowd, crowd
from madang.coop.ledger.owners import owner_of
from madang.coop.members import queries as members
from madang.coop.people import queries as people
from madang.coop.people.models import Person
from madang.kit.errors import Missing

OLDEST = 2000
EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
PAGE = 25
MARK_MAX = 30
_KEYS = """
SELECT t.at, t.entry_id FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
WHERE t.at >= %(since)s AND t.at < %(until)s
  AND (%(kind)s::text = '' OR e.kind = %(kind)s::text)
  AND (NOT %(chosen)s::boolean OR t.debit_id = ANY(%(accounts)s) OR t.credit_id = ANY(%(accounts)s))
  AND (%(last_at)s::timestamptz IS NULL OR (t.at, t.entry_id) < (%(last_at)s::timestamptz, %(last_id)s::uuid))
  {left_out}
GROUP BY 1, 2 ORDER BY 1 DESC, 2 DESC LIMIT %(limit)s
"""
COUNT = f"SELECT count(*) FROM ({journal.TOUCHING}) AS touching"  # noqa: S608  # both are texts of ours
_LINES = """
SELECT t.id, t.entry_id::text, t.at, e.kind, t.kind, t.debit_id, d.kind, d.owner, t.credit_id, c.kind, c.owner, t.unit, t.amount, t.note
FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
WHERE t.entry_id = ANY(%s) ORDER BY t.at DESC, t.entry_id DESC, t.ordinal
"""
_MEETINGS = f"""
WITH own AS ({journal.TOUCHING} EXCEPT ({journal.TOUCHING.replace("without", "small")}))
SELECT a.id, s.entry_id::text, a.kind, a.unit, sum(s.amount) FROM (
    SELECT credit_id AS account, entry_id, amount FROM ledger_transfer WHERE entry_id IN (SELECT entry_id FROM own)
    UNION ALL SELECT debit_id, entry_id, -amount FROM ledger_transfer WHERE entry_id IN (SELECT entry_id FROM own)
) AS s JOIN ledger_account a ON a.id = s.account WHERE a.owner <> '' AND a.owner NOT LIKE 'rail:%%' GROUP BY a.id, s.entry_id
"""  # noqa: S608


@dataclass(frozen=True)
class Place:
    """An account in a line of the journal: its number in the chart, what the kind is called, whose it is ("" the co-op's own), and what filters by it."""

    code: int
    title: str
    whose: str
    key: str
    mine: bool


@dataclass(frozen=True)
class Move:
    """One transfer. ``why`` is where its reason stands, "" where it is not the reader's to ask."""

    title: str
    amount: int
    unit: str
    debit: Place
    credit: Place
    of: int | None
    share: str
    why: int | None


@dataclass(frozen=True)
class Event:
    """One entry: ``number`` is its pseudonym, for whoever may see names its number in the record."""

    number: str
    day: date
    kind: str
    title: str
    moves: list[Move]
    mine: bool


@dataclass(frozen=True)
class Reader:
    """Who reads: ``named`` for whom a decision, an office or the law opens the whole book; ``asks``: who of them may ask why? of each line."""

    person: Person
    named: bool
    owners: frozenset[str]
    asks: bool = True


@dataclass(frozen=True)
class Journal:
    """A month of the journal for one reader. ``shown`` is false where fewer than five people stand behind all of it; ``withheld``: how many entries are
    not shown because too few have accounts of their kind."""

    month: date
    named: bool
    shown: bool
    withheld: int
    events: list[Event] = field(default_factory=list)
    more: str = ""
    kinds: list[tuple[str, Any]] = field(default_factory=list)


def reader(person: Person, now: datetime) -> Reader:
    """Raises ``Missing`` for who is neither a member nor named by an office or a decision. At most 5 queries."""
    named = explain.keeps(person, now)
    if not named and not members.is_member(person, now):
        raise Missing("not yours to see")
    own = [owner_of(person), *(owner_of(one) for one in members.memberships(person))]
    own += [owner_of(one) for one in people.represented_by(person, now)]
    return Reader(person, named, frozenset(own))


def month_asked(asked: str, now: datetime) -> date:
    """``"2026-03"`` as its first day, "" as this month. Raises ``Missing`` for anything else, and for what is to come."""
    current = periods.month_of(now)
    year, dash, month = asked.partition("-")
    if not asked:
        return current
    if not (dash and len(year) == 4 and len(month) == 2 and all(one.isascii() and one.isdecimal() for one in (year, month))):
        raise Missing("no such month")
    if not (int(year) >= OLDEST and 1 <= int(month) <= 12) or date(int(year), int(month), 1) > current:
        raise Missing("no such month")
    return date(int(year), int(month), 1)


def read(who: Reader, month: date, *, kind: str = "", account: str = "", cursor: str = "") -> Journal:
    """A page of a month, newest first. ``kind``: of event; ``account``: a number of the chart ("220") or with a pseudonym ("220:K3F7Q2ZDAB").

    At most 11 queries, however many entries. Raises ``Missing`` for an account or a place there is not.
    """
    since, until = periods.month(month)
    seen = crowd(since, until, who.owners)
    if not who.named and 0 < seen.people < treasuries.FEWEST:
        return Journal(month, who.named, shown=False, withheld=0)
    small = () if who.named else seen.small
    names = Naming(who, month, seen)
    last_at, _space, last_id = masks.opened(cursor).partition(" ") if cursor else ("", "", "")
    chosen = names.accounts(account) if account else []
    apart = seen.mine if ":" in account and not who.named and not seen.mine.issuperset(chosen) else frozenset()
    without = [*small, *apart]  # a pseudonym does not lead to where the reader knows who it is
    params: dict[str, Any] = {
        "since": since, "until": until, "kind": kind, "chosen": bool(account), "accounts": chosen, "without": without, "limit": PAGE + 1,
        "last_at": last_at or None, "last_id": last_id or None,
    }  # fmt: skip
    with connection.cursor() as sql:
        sql.execute(_KEYS.format(left_out=journal.LEFT_OUT if without else ""), params)
        keys = sql.fetchall()
        sql.execute(_LINES, [[key for _at, key in keys[:PAGE]]])
        rows = sql.fetchall()
        sql.execute("SELECT DISTINCT kind FROM ledger_entry WHERE id IN (SELECT entry_id FROM ledger_transfer WHERE at >= %s AND at < %s)", [since, until])
        kinds = sorted(((one, flows.flow(one).title) for (one,) in sql.fetchall()), key=lambda pair: str(pair[1]))
        sql.execute(COUNT, {**params, "without": list(small)})
        (withheld,) = sql.fetchone() if small else (0,)
    more = masks.sealed(f"{keys[PAGE - 1][0].isoformat()} {keys[PAGE - 1][1]}") if len(keys) > PAGE else ""
    return Journal(month, who.named, True, withheld, list(names.events(rows)), more, kinds)


class Naming:
    """What this reader reads instead of whose an account is."""

    def __init__(self, who: Reader, month: date, seen: Crowd) -> None:
        self.who, self.seen, self.chart = who, seen, Chart()
        self.scope = "" if who.named else f"{who.person.pk} {month:%Y-%m}"
        self.zone = periods.zone()
        self.owners = {str(one.number): one.owner for one in seen.moved}
        if who.named:
            told = owners.names([owner for one in seen.moved for owner in one.behind])
            self.known = {str(one.number): _together(told.get(owner, "") for owner in sorted(one.behind)) for one in seen.moved}
            self.known = {number: name for number, name in self.known.items() if name}
        else:
            self.known = {str(number): masks.me() for number in seen.mine}
        self.masked = masks.Masked(self.chart, self.scope, self.known)

    def accounts(self, asked: str) -> list[int]:
        """The accounts a filter means. Raises ``Missing``."""
        code, _colon, mark = asked.partition(":")
        if not (code.isascii() and code.isdecimal() and len(code) == 3 and len(mark) <= MARK_MAX):
            raise Missing("no such account")
        if mark:
            return [one.number for one in self.seen.moved if self.masked.mark(str(one.number)) == mark]
        kind = self.chart.by_code(int(code))
        if kind is None:
            raise Missing("no such account")
        with connection.cursor() as sql:
            sql.execute("SELECT id, owner = '' FROM ledger_account WHERE kind = %s", [kind.kind])
            return [pk for pk, own in sql.fetchall() if self.chart.of(kind.kind, own) is kind]

    def events(self, rows: list[tuple[Any, ...]]) -> Iterator[Event]:
        """The entries of a page."""
        gathered: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            gathered.setdefault(row[1], []).append(row)
        for key, lines in gathered.items():
            mine = any({line[5], line[8]} & self.seen.mine for line in lines)
            moves = [self._move(line, once=f"@{key}" if mine and not self.who.named else "") for line in lines]
            first = lines[0]
            number = key if self.who.named else masks.mask(self.scope, f"entry:{key}")
            yield Event(number, first[2].astimezone(self.zone).date(), first[3], str(flows.flow(first[3]).title), moves, mine)

    def _move(self, row: tuple[Any, ...], once: str) -> Move:
        pk, _entry, _at, _event, kind, debit, debit_kind, debit_owner, credit, credit_kind, credit_owner, unit, amount, note = row
        note = note if isinstance(note, dict) else {}
        out, into = self._place(debit, debit_kind, debit_owner, once), self._place(credit, credit_kind, credit_owner, once)
        of = note.get("of")
        mine = (self.who.named and self.who.asks) or debit in self.seen.mine or credit in self.seen.mine
        return Move(str(flows.flow(kind).title), amount, unit, out, into, of if isinstance(of, int) else None, str(note.get("share", "")), pk if mine else None)

    def _place(self, number: int, kind: str, owner: str, once: str) -> Place:
        """``once``: what is added to the account of somebody else in an entry of the reader's own, who may know them: a pseudonym for this once."""
        declared = self.chart.of(kind, owner == "")
        code, title = (declared.code, str(declared.title)) if declared else (UNDECLARED, _("Undeclared"))
        if owner == "" or owner.startswith(RAIL):
            return Place(code, title, owner.removeprefix(RAIL), str(code), mine=False)
        if once and number not in self.seen.mine:
            return Place(code, title, self.masked.mark(f"{number}{once}"), str(code), mine=False)
        mark = self.masked.mark(str(number))
        return Place(code, title, self.known.get(str(number), mark), f"{code}:{mark}", number in self.seen.mine)


def _together(names: Iterator[str]) -> str:
    return ", ".join(name for name in names if name)


class OpenBook(Book):
    """A month of the journal as one reader may take it away, in any of the formats of ``madang books``; without a month, and for who sees names, all."""

    def __init__(self, who: Reader, month: date | None, lang: str) -> None:
        if month is None and not who.named:
            raise Missing("the whole book is for who sees names")
        since, until = periods.month(month) if month else EVER
        seen = crowd(since, until, who.owners)
        if not who.named and 0 < seen.people < treasuries.FEWEST:
            raise Missing("fewer than five people stand behind this month")
        self.naming = Naming(who, month or since.date(), seen)
        about = "" if who.named else _("One month, by pseudonyms that hold for this reader and this month alone. Entries of groups under five are left out.")
        super().__init__(lang, None, self.naming.masked, Part(until, since, () if who.named else seen.small), about)

        self._mine = frozenset() if who.named else frozenset(map(str, seen.mine))
        self._met = {} if who.named else self._meetings()

    def _meetings(self) -> dict[tuple[str, str, str], tuple[str, int]]:
        """(account, entry, unit) → (kind, balance) of the accounts of others in the reader's own entries: each stands under a name for this once."""
        met: dict[tuple[str, str, str], tuple[str, int]] = {}
        with connection.cursor() as sql:
            seen = self.naming.seen
            sql.execute(_MEETINGS, {"without": list(seen.mine), "small": list(seen.small), "since": self._part.since, "until": self._part.until})
            for number, entry, kind, code, amount in sql.fetchall():
                if str(number) not in self._mine:
                    met[str(number), entry, code] = (kind, int(amount))
        return met

    def accounts(self) -> Iterator[str]:
        """As :meth:`Book.accounts`, and those that have a name for once."""
        yield from super().accounts()
        for number, entry, _code in self._met:
            yield self.names.of(self._met[number, entry, _code][0], None, f"{number}@{entry}")

    def closing(self) -> Iterator[Due]:
        """As :meth:`Book.closing`: what stands under a name for once is not at the other."""
        elsewhere: dict[tuple[str, str], int] = {}
        for (number, entry, code), (kind, amount) in self._met.items():
            elsewhere[number, code] = elsewhere.get((number, code), 0) + amount
            yield Due(self.names.of(kind, None, f"{number}@{entry}"), code, -amount)
        for one in journal.standings(self._part):
            yield Due(self.names.of(one.kind, one.owner, one.number), one.unit, elsewhere.get((one.number, one.unit), 0) - one.balance)

    def entries(self) -> Iterator[list[Line]]:
        """As :meth:`Book.entries`, under numbers that tell nothing."""
        for lines in super().entries():
            yield lines if self.naming.who.named else self._masked(lines)

    def _masked(self, lines: list[Line]) -> list[Line]:
        key = lines[0].entry
        number = masks.mask(self.naming.scope, f"entry:{key}")
        if not any({line.debit, line.credit} & self._mine for line in lines):
            return [line._replace(entry=number) for line in lines]

        def once(account: str, owner: str | None) -> str:
            return account if owner is not None or account in self._mine else f"{account}@{key}"

        return [line._replace(entry=number, debit=once(line.debit, line.debit_owner), credit=once(line.credit, line.credit_owner)) for line in lines]


def write(into: Any, fmt: str, who: Reader, month: date | None, lang: str) -> None:
    """Write a month (None: all) for this reader, as of one moment. Raises ``Missing`` for an unknown format, and where too few stand behind the month."""
    if fmt not in export.FORMATS:
        raise Missing("no such format")
    with journal.snapshot():
        for piece in export.FORMATS[fmt](OpenBook(who, month, lang)):
            into.write(piece)
