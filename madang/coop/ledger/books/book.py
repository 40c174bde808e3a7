"""The journal as every format writes it: named, signed as other programs sign it (debits plus), with what each account must come to."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.ledger import flows
from madang.coop.ledger.books import journal
from madang.coop.ledger.books.chart import Chart, Names, Side
from madang.coop.ledger.books.journal import Line
from madang.coop.ledger.splits import share_said
from madang.kit.units import unit


class Due(NamedTuple):
    """What an account must come to, in the smallest unit, debits plus."""

    account: str
    unit: str
    amount: int


class Close(NamedTuple):
    """What accounts must come to at the end of a day."""

    day: date
    dues: list[Due]


@dataclass
class Book:
    """The journal up to the moment ``until`` (None: all of it) or another ``part`` of it, in the language ``lang``, which must be active while it is written.

    Read it once, from top to bottom, inside :func:`journal.snapshot`: ``accounts()``, then ``turns()``, then ``closing()``.
    """

    lang: str
    until: datetime | None = None
    names: Names = field(default_factory=lambda: Names(Chart()))
    part: journal.Part | None = None
    about: str = ""  # a remark at the top

    def __post_init__(self) -> None:
        """All that is small is read at once: while the journal streams, its connection answers no other question."""
        coop = law.coop_or_none()
        self.title = (coop.name.get(self.lang) or next(iter(coop.name.values()), "")) if coop else ""  # whose books they are
        self._part = self.part or journal.Part(self.until)
        self.span = journal.span(self._part)  # the first and the last day
        self.scales = {code: unit(code).scale for code in journal.units()}  # the decimals of each unit
        self._how = _("%(share)s of %(whole)s")
        self._titles = {kind: str(flow.title) for kind, flow in flows.flows().items()}

    def accounts(self) -> Iterator[str]:
        """The name of every account that moves in the journal, once."""
        shared: set[str] = set()  # an account of the co-op's own is one name in all its units
        for one in journal.standings(self._part):
            name = self.names.of(one.kind, one.owner, one.number)
            if one.owner is not None:
                if name in shared:
                    continue
                shared.add(name)
            yield name

    def entries(self) -> Iterator[list[Line]]:
        """The entries in order, each its lines."""
        return journal.entries(self._part)

    def turns(self) -> Iterator[list[Line] | Close]:
        """The entries in order, and at the end of each month what the co-op's own accounts must come to by then."""
        own: dict[tuple[str, str], int] = {}
        month = ""
        for lines in self.entries():
            day = lines[0].day
            if day[:7] != month:
                if month:
                    yield Close(_month_end(month), [Due(name, code, amount) for (name, code), amount in own.items()])
                month = day[:7]
            for line in lines:
                if line.debit_owner is not None:
                    key = (self.debit(line), line.unit)
                    own[key] = own.get(key, 0) + int(line.amount)
                if line.credit_owner is not None:
                    key = (self.credit(line), line.unit)
                    own[key] = own.get(key, 0) - int(line.amount)
            yield lines

    def closing(self) -> Iterator[Due]:
        """What every account must come to in the end: summed by the database, apart from what was streamed."""
        for one in journal.standings(self._part):
            yield Due(self.names.of(one.kind, one.owner, one.number), one.unit, -one.balance)

    def debit(self, line: Line) -> str:
        """The name of the account a transfer goes out of."""
        return self.names.of(line.debit_kind, line.debit_owner, line.debit)

    def credit(self, line: Line) -> str:
        """The name of the account a transfer goes into."""
        return self.names.of(line.credit_kind, line.credit_owner, line.credit)

    def amount(self, smallest: str, code: str) -> str:
        """An amount in the smallest unit ("-1250") in major units with all its decimals ("-12.50")."""
        scale = self.scales[code]
        if not scale:
            return smallest
        sign, digits = ("-", smallest[1:]) if smallest[0] == "-" else ("", smallest)
        digits = digits.zfill(scale + 1)
        return f"{sign}{digits[:-scale]}.{digits[-scale:]}"

    def say(self, kind: str) -> str:
        """A kind of event or of transfer in words."""
        return self._titles.get(kind) or kind.replace("-", " ")

    def how(self, line: Line) -> str:
        """How an amount came about: "95 % of 52000", "" when no share made it."""
        if line.of is None or line.share is None or not line.of.isascii() or not line.of.isdecimal():
            return ""
        return self._how % {"share": share_said(line.share, self.lang), "whole": self.amount(line.of, line.unit)}

    @property
    def roots(self) -> dict[Side, str]:
        """What the five parts are called."""
        return self.names.roots


def _month_end(month: str) -> date:
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, calendar.monthrange(year, number)[1])
