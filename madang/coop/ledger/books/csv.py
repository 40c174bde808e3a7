"""The journal as a table for a spreadsheet: one row a transfer, so that each row is a debit and a credit of the same amount."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from madang.coop.ledger.books.book import Book, Close
from madang.coop.ledger.books.journal import Line

MARK = "\ufeff"
"""Says "this is Unicode" to spreadsheets that would otherwise spoil Korean."""


def header() -> list[str]:
    """The names of the columns, in the reader's language."""
    return [
        _("Date"), _("Recorded on"), _("Entry"), _("Event"), _("Kind of transfer"), _("Debit account"), _("Credit account"), _("Amount"), _("Currency"),
        _("How it was shared"), _("Rule"), _("Rule version"), _("Decision"),
    ]  # fmt: skip


def write(book: Book) -> Iterator[str]:
    """The table, piece by piece. Amounts are in major units with a point; nothing in it can be taken for a formula."""
    yield MARK
    into = io.StringIO()
    table = csv.writer(into, lineterminator="\r\n")
    table.writerow(header())
    for turn in book.turns():
        if isinstance(turn, Close):
            continue
        table.writerows(_row(book, line) for line in turn)
        yield into.getvalue()
        into.seek(0)
        into.truncate()
    yield into.getvalue()


def _row(book: Book, line: Line) -> list[str]:
    return [
        line.day, line.recorded, line.entry, book.say(line.event), book.say(line.kind), book.debit(line), book.credit(line),
        book.amount(line.amount, line.unit), line.unit, book.how(line), line.rule or "", line.version or "", line.decision or "",
    ]  # fmt: skip
