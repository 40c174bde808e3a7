"""``madang books``: the whole journal in another program's format."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.utils import translation

from madang.coop import law
from madang.coop.ledger import periods
from madang.coop.ledger.books import beancount, csv, hledger, journal, ledger
from madang.coop.ledger.books.book import Book

FORMATS: dict[str, Callable[[Book], Iterator[str]]] = {
    "hledger": hledger.write,
    "ledger": ledger.write,
    "beancount": beancount.write,
    "csv": csv.write,
}
LANGUAGES = ("ko", "en")
AT_ONCE = 1_000
LATEST = date(9000, 1, 1)


def write(into: IO[str], fmt: str, *, at: date | None = None, lang: str = "en") -> None:
    """Write the journal up to the end of ``at`` (a day of the co-op's; None: all of it) in one of :data:`FORMATS`, all as of one moment."""
    until = periods.begins(at + timedelta(days=1)) if at else None
    with translation.override(lang), journal.snapshot():
        pieces = FORMATS[fmt](Book(lang, until))
        while some := list(islice(pieces, AT_ONCE)):
            into.write("".join(some))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a day: {text[:40]!r} (write it as 2026-03-31)") from None
    if not date(1970, 1, 1) <= day < LATEST:
        raise argparse.ArgumentTypeError(f"no day of these books: {text}")
    return day


def add_arguments(parser: Any) -> None:
    """``--format --at --lang --out``."""
    parser.add_argument("--format", required=True, choices=sorted(FORMATS), help="whose program is to read it")
    parser.add_argument("--at", type=_day, metavar="DATE", help="up to the end of this day, by the co-op's clock (otherwise all that is booked)")
    parser.add_argument("--lang", choices=LANGUAGES, help="the language of the accounts' names (otherwise the co-op's first)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a new file (otherwise to the screen)")


def run(arguments: argparse.Namespace) -> int:
    """Write the books; a file is there whole or not at all, and one that is there already is not overwritten."""
    coop = law.coop()
    first = next((one for one in coop.languages if one in LANGUAGES), "en")
    wish = {"at": arguments.at, "lang": arguments.lang or first}
    if arguments.out is None:
        write(sys.stdout, arguments.format, **wish)
        return 0
    target: Path = arguments.out
    if target.exists():
        print(f"There is something at {target} already. Nothing was written; name a new file.", file=sys.stderr)
        return 1
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=target.parent, prefix=f".{target.name}.", delete=False) as draft:
            try:
                write(draft, arguments.format, **wish)
                draft.close()
                os.link(draft.name, target)  # refuses what somebody else put there meanwhile
            finally:
                Path(draft.name).unlink(missing_ok=True)
    except OSError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    print(f"{target}: {target.stat().st_size:,} bytes")
    return 0
