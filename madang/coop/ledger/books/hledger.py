"""The journal for hledger (hledger.org): with ``commodity 1000. KRW`` (the trailing point says "no decimals"), account types and assertions."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from madang.coop.ledger.books import plain
from madang.coop.ledger.books.book import Book
from madang.coop.ledger.books.chart import Side

TYPES = {Side.ASSETS: "A", Side.LIABILITIES: "L", Side.EQUITY: "E", Side.INCOME: "R", Side.EXPENSES: "X"}


def write(book: Book) -> Iterator[str]:
    """The journal, piece by piece."""
    yield f"; {plain.clean(book.title)}\n; hledger -f FILE check --strict\n{f'; {plain.clean(book.about)}' if book.about else ''}\n"
    for code, scale in book.scales.items():
        yield f"commodity 1000.{'0' * scale} {plain.commodity(code)}\n"
    for side, root in book.roots.items():
        yield f"account {root}  ; type: {TYPES[side]}\n"
    for name in book.accounts():
        yield f"account {name}\n"
    yield from plain.body(book, _("Balances at the end of the month"), _("Balances at the end"))
