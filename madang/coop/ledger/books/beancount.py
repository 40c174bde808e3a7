"""The journal for beancount (beancount.github.io, tried with 2.3.5): commodities, opened accounts, metadata, and ``balance`` lines without any tolerance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from madang.coop.ledger.books.book import Book, Close, Due
from madang.coop.ledger.books.chart import Side
from madang.coop.ledger.books.journal import Line
from madang.coop.ledger.books.plain import clean, versions

OPTIONS = {side: f"name_{side.name.lower()}" for side in Side}


def quoted(text: str) -> str:
    """Words as a string of beancount's."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(book: Book) -> Iterator[str]:
    """The journal, piece by piece."""
    if book.about:
        yield f"; {clean(book.about)}\n"
    yield f'option "title" {quoted(book.title)}\n'
    for side, root in book.roots.items():
        yield f'option "{OPTIONS[side]}" "{root}"\n'
    yield "".join(f'option "operating_currency" "{code}"\n' for code in book.scales)
    if book.span is None:
        return
    first, last = book.span
    yield "\n" + "".join(f"{first.isoformat()} commodity {code}\n  precision: {scale}\n" for code, scale in book.scales.items())
    for name in book.accounts():
        yield f"{first.isoformat()} open {name}\n"
    for turn in book.turns():
        yield "".join(_must_be(book, turn.day, turn.dues)) if isinstance(turn, Close) else _entry(book, turn)
    yield from _must_be(book, last, book.closing())


def _entry(book: Book, lines: list[Line]) -> str:
    first = lines[0]
    text = [f'\n{first.day} * {quoted(book.say(first.event))}\n  entry: "{first.entry}"\n  recorded: {first.recorded}\n']
    seen: dict[str, int] = {}
    for tag, value in versions(lines):
        seen[tag] = seen.get(tag, 0) + 1
        name = tag if seen[tag] == 1 else f"{tag}-{seen[tag]}"  # a key stands once
        text.append(f'  {name}: "{value}"\n')
    for line in lines:
        amount = book.amount(line.amount, line.unit)
        how = book.how(line)
        text.append(f'  {book.debit(line)}  {amount} {line.unit}\n    kind: "{line.kind}"\n')
        if how:
            text.append(f"    share: {quoted(how)}\n")
        text.append(f"  {book.credit(line)}  -{amount} {line.unit}\n")
    return "".join(text)


def _must_be(book: Book, day: date, dues: Iterable[Due]) -> Iterator[str]:
    """Beancount checks a balance at the beginning of a day: so the day after. Without ``~ 0`` it would let two cents pass."""
    after = (day + timedelta(days=1)).isoformat()
    yield "\n"
    for due in dues:
        yield f"{after} balance {due.account}  {book.amount(str(due.amount), due.unit)} ~ 0 {due.unit}\n"
