"""What hledger and ledger read alike: entries with their tags, and balances that must be as said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from madang.coop.ledger.books.book import Book, Close, Due
from madang.coop.ledger.books.journal import Line


def clean(text: str) -> str:
    """Words for a description or a comment: on one line, without what begins a comment or divides a payee from a note."""
    return " ".join(text.replace(";", ",").replace("|", "/").split())


def commodity(unit: str) -> str:
    """A unit as both programs read it: one with a digit ("EUR.6") stands in quotes."""
    return unit if unit.isalpha() else f'"{unit}"'


def versions(lines: list[Line]) -> list[tuple[str, str]]:
    """(tag, value) of the rules, rule versions and decisions behind an entry, each once."""
    tags: dict[tuple[str, str], None] = {}
    for line in lines:
        if line.version is None:
            continue
        for tag, value in (("rule", line.rule), ("version", line.version), ("decision", line.decision)):
            if value is not None:
                tags[tag, value] = None
    return list(tags)


def entry(book: Book, lines: list[Line]) -> str:
    """One entry: a transaction with two postings a transfer, and below its head the tags entry, recorded, rule, version, decision."""
    first, names, amounts = lines[0], book.names, book.amount
    text = [f"\n{first.day} * {clean(book.say(first.event))}\n    ; entry: {first.entry}\n    ; recorded: {first.recorded}\n"]
    text += [f"    ; {tag}: {value}\n" for tag, value in versions(lines)]
    for line in lines:
        unit, amount = commodity(line.unit), amounts(line.amount, line.unit)
        debit, credit = names.of(line.debit_kind, line.debit_owner, line.debit), names.of(line.credit_kind, line.credit_owner, line.credit)
        text.append(f"    {debit}  {amount} {unit}  ; kind: {line.kind}\n    {credit}  -{amount} {unit}\n")
        if line.share is not None and (how := book.how(line)):
            text.append(f"    ; {how}\n")
    return "".join(text)


def must_be(book: Book, day: date, dues: Iterator[Due] | list[Due], title: str) -> Iterator[str]:
    """A transaction of nothing that asserts what accounts come to at the end of ``day``; a program that finds otherwise refuses the file."""
    begun = False
    for due in dues:
        if not begun:
            yield f"\n{day.isoformat()} * {clean(title)}\n"
            begun = True
        unit = commodity(due.unit)
        yield f"    {due.account}  0 {unit} = {book.amount(str(due.amount), due.unit)} {unit}\n"


def body(book: Book, month_end: str, end: str) -> Iterator[str]:
    """The whole journal after its declarations."""
    for turn in book.turns():
        if isinstance(turn, Close):
            yield from must_be(book, turn.day, turn.dues, month_end)
        else:
            yield entry(book, turn)
    if book.span:
        yield from must_be(book, book.span[1], book.closing(), end)
