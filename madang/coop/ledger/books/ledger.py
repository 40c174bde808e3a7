"""The journal for ledger (ledger-cli.org): with commodity formats, account declarations and assertions."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from madang.coop.ledger.books import plain
from madang.coop.ledger.books.book import Book


def write(book: Book) -> Iterator[str]:
    """The journal, piece by piece."""
    yield f"; {plain.clean(book.title)}\n; ledger -f FILE --strict balance\n{f'; {plain.clean(book.about)}' if book.about else ''}\n"
    for code, scale in book.scales.items():
        yield f"commodity {plain.commodity(code)}\n    format 1000{'.' + '0' * scale if scale else ''} {plain.commodity(code)}\n"
    for tag in ("entry", "recorded", "rule", "version", "decision", "kind"):
        yield f"tag {tag}\n"
    for name in book.accounts():
        yield f"account {name}\n"
    yield from plain.body(book, _("Balances at the end of the month"), _("Balances at the end"))
