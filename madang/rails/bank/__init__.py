"""Files that banks give and take: statements read, payment orders written. Pure: bytes in, exact integers out, no network, no clock.

One file a format: :mod:`camt053`, :mod:`mt940`, :mod:`ofx`, :mod:`krcsv` read; :mod:`pain001`, :mod:`krbulk` write; :mod:`sniff` finds
out which one a file is. Whoever reads a bank's file gets :class:`Statement`; what cannot be trusted is a :class:`BadFile` with a code.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from madang.kit.money import LARGEST
from madang.kit.units import unit as known_unit

MAX_BYTES = 900_000
"""No file is larger: a co-op's statement of a month is a few hundred kilobytes."""
MAX_LINES = 20_000
CODES = ("size", "format", "cut", "sum", "amount", "date", "unit", "account", "empty", "twice")
"""Why a file is refused: too large; not of this format; it ends in the middle; opening and lines do not give closing; an amount that is
none or too large; a date that is none; two currencies or an unknown one; no account or several; nothing in it; one booking twice."""


class BadFile(ValueError):
    """This file cannot be trusted: ``code`` is one of :data:`CODES`, ``detail`` a few words for who looks after it (never a person's data)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class StatementLine:
    """One booking: ``amount`` in the smallest unit, minus when it left; ``name`` the other side; ``reference`` what the payer's bank carried
    along word for word (end-to-end id, creditor reference); ``text`` the rest in words; ``returned`` the bank's reason when it came back.

    ``id`` is the same whenever and in whichever file of this format the same booking is read again: made of what was ``said`` of it and of
    which of its like on that day it is (``nth``).
    """

    id: str
    booked: date
    amount: int
    unit: str
    name: str = ""
    reference: str = ""
    text: str = ""
    returned: str = ""
    said: str = field(default="", repr=False, compare=False)
    nth: int = field(default=1, repr=False, compare=False)


@dataclass(frozen=True)
class Statement:
    """What a bank says of one account between two days (both included): opening + lines = closing, in the smallest unit.

    ``account`` is an IBAN or a number without separators, "" when the file does not say. ``format`` is the reader's name, ``page`` what the
    bank calls this part of the file ("" when it does not).
    """

    account: str
    unit: str
    since: date
    until: date
    opening: int
    closing: int
    lines: tuple[StatementLine, ...]
    format: str
    page: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.opening + sum(line.amount for line in self.lines) != self.closing:
            raise BadFile("sum", f"{self.opening} and {len(self.lines)} lines are not {self.closing}")
        if any(line.unit != self.unit for line in self.lines):
            raise BadFile("unit", "two currencies in one account")


def check_size(data: bytes) -> None:
    """Raises ``BadFile``: ``size`` for a file nobody wants to read, ``empty`` for none."""
    if len(data) > MAX_BYTES:
        raise BadFile("size", f"{len(data)} bytes")
    if not data.strip(b"\0 \r\n\t\xef\xbb\xbf"):
        raise BadFile("empty")


def units(text: str, code: str) -> int:
    """An amount as banks write it ("1234.50", "-12", "1.5E2" is none) in the smallest unit of a currency, exactly.

    Raises ``BadFile``: ``amount`` for no number, more decimals than the unit has or more than ``LARGEST``; ``unit`` for an unknown currency.
    """
    scale = unit_scale(code)
    plain = text.strip()
    if not plain or len(plain) > 40 or not plain.isascii() or set(plain.lstrip("+-")) - set("0123456789."):
        raise BadFile("amount", f"{text[:20]!r}")
    try:
        value = Decimal(plain).scaleb(scale)
    except InvalidOperation:
        raise BadFile("amount", f"{text[:20]!r}") from None
    if value != value.to_integral_value():
        raise BadFile("amount", f"{code} has {scale} decimals")
    if abs(value) > LARGEST:
        raise BadFile("amount", "too large")
    return int(value)


def unit_scale(code: str) -> int:
    """How many decimals a currency has. Raises ``BadFile("unit")``."""
    try:
        return known_unit(code).scale
    except ValueError:
        raise BadFile("unit", code[:8]) from None


def text_of(amount: int, code: str) -> str:
    """An amount of the smallest unit as banks write it: 1234 EUR is "12.34", 52000 KRW "52000"."""
    return str(Decimal(amount).scaleb(-unit_scale(code)))


def identified(account: str, lines: Iterable[tuple[StatementLine, Sequence[str]]]) -> tuple[StatementLine, ...]:
    """Gives each line its id: a digest of account, day, amount and the words that tell it apart, and which of its like on that day it is.

    So two payments that look the same in one file are two, and the same payment read again from another file is one.
    """
    seen: Counter[str] = Counter()
    made: list[StatementLine] = []
    for line, words in lines:
        if len(made) >= MAX_LINES:
            raise BadFile("size", f"more than {MAX_LINES} lines")
        said = "\x1f".join([account, line.booked.isoformat(), str(line.amount), line.unit, *(" ".join(word.split()) for word in words)])
        seen[said] += 1
        made.append(numbered(replace(line, said=said), seen[said]))
    return tuple(made)


def numbered(line: StatementLine, nth: int) -> StatementLine:
    """The same line as the ``nth`` (from 1) of its like on its day."""
    return replace(line, nth=nth, id=hashlib.sha256(f"{line.said}\x1f{nth}".encode()).hexdigest()[:40])


def joined(statements: Sequence[Statement]) -> list[Statement]:
    """Pages and days that follow each other in one file as one statement an account: where one closes the next opens.

    Raises ``BadFile("sum")`` when a page between two is missing, ``BadFile("twice")`` for a page that stands in it twice: also one whose
    lines sum to nothing, which no balance shows. Pages that say the same are two only where the bank calls them otherwise.
    """
    by_account: dict[tuple[str, str], Statement] = {}
    pages: set[tuple[object, ...]] = set()
    for one in statements:
        place = (one.account, one.unit)
        page = (*place, one.page, one.since, one.until, one.opening, one.closing, tuple(line.id for line in one.lines))
        before = by_account.get(place)
        if before is None:
            by_account[place] = one
            pages.add(page)
            continue
        if before.closing != one.opening or one.since < before.since:
            raise BadFile("sum", "a page is missing, doubled or out of order")
        if one.lines and page in pages:
            raise BadFile("twice", "a page stands in it twice")
        pages.add(page)
        taken = [*before.lines, *one.lines]
        again = [(line, (line.id,)) for line in taken] if len({line.id for line in taken}) < len(taken) else None
        lines = identified(one.account, again) if again else tuple(taken)
        by_account[place] = replace(before, until=max(before.until, one.until), closing=one.closing, lines=lines)
    return list(by_account.values())
