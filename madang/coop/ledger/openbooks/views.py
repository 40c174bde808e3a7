"""Pages of the open books: the journal, and files of it."""

from __future__ import annotations

import io
import tempfile
from typing import IO, cast

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from madang.coop.law import rations
from madang.coop.ledger import periods
from madang.coop.ledger.books import export
from madang.coop.ledger.books.chart import Chart
from madang.coop.ledger.openbooks import reading
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing

ENDINGS = {"hledger": "journal", "ledger": "ledger", "beancount": "beancount", "csv": "csv"}
IN_MEMORY = 4 << 20
LONGEST = 400
MARK_LONGEST = 40


@require_GET
@signed_in
def journal(request: Request) -> HttpResponse:
    """What was booked, line by line?"""
    asked = {name: request.GET.get(name, "")[:LONGEST] for name in ("at", "kind", "account", "before")}
    month = reading.month_asked(asked["at"], request.now)
    found = reading.read(reading.reader(request.user, request.now), month, kind=asked["kind"], account=asked["account"][:MARK_LONGEST], cursor=asked["before"])
    following = periods.next_month(month)
    context = {
        "found": found,
        "month": month,
        "asked": asked,
        "previous": periods.month_before(month) if month.year > reading.OLDEST else None,
        "following": following if following <= periods.month_of(request.now) else None,
        "accounts": Chart().kinds,
        "formats": list(ENDINGS),
    }
    return render(request, "ledger/journal.html", context)


@require_GET
@signed_in
def journal_file(request: Request) -> HttpResponseBase:
    """A month as a file, for another program; ``at=all`` the whole book, for who sees names."""
    rations.require("ledger.journal_file", request)
    fmt = request.GET.get("format", "")[:20]
    who = reading.reader(request.user, request.now)
    asked = request.GET.get("at", "")[:LONGEST]
    month = None if asked == "all" else reading.month_asked(asked, request.now)
    if fmt not in ENDINGS:
        raise Missing("no such format")
    draft = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # the answer closes it
    into = io.TextIOWrapper(cast(IO[bytes], draft), encoding="utf-8", newline="")
    lang = get_language() or "en"
    reading.write(into, fmt, who, month, lang if lang in export.LANGUAGES else "en")
    into.flush()
    into.detach()
    draft.seek(0)
    name = f"books-{month:%Y-%m}" if month else "books"
    return FileResponse(cast(IO[bytes], draft), as_attachment=True, filename=f"{name}.{ENDINGS[fmt]}", content_type="text/plain; charset=utf-8")
