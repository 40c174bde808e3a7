"""Reading decisions later: found by words, as a calendar of deadlines, as open data. For everyone, signed in or not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import condition, require_safe

from madang.coop import law
from madang.coop.decisions import feed, finding, kinds, opendata, queries
from madang.coop.members import queries as members

A_PAGE = 20


@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """``/decisions/all/?q=price&outcome=not&kind=elect``: every decision there was, narrowed down."""
    law.coop()
    what = finding.wanted(request.GET)
    insider = members.is_member(request.user, request.now)  # type: ignore[attr-defined]
    page = Paginator(finding.find(what, insider=insider), A_PAGE).get_page(request.GET.get("page"))
    outcomes = [(key, title) for key, (title, _states) in finding.OUTCOMES.items()]
    context = {"what": what, "page": page, "outcomes": outcomes, "kinds": kinds.all_kinds(), "insider": insider, "longest": finding.LONGEST}
    return render(request, "decisions/all.html", context)


def _tag(request: HttpRequest, lang: str = "") -> str:
    rows = feed.rows(request.now)  # type: ignore[attr-defined]
    request.deadlines = rows  # type: ignore[attr-defined]
    return f'"{feed.tag(rows, lang or translation.get_language() or "en")}"'


@require_safe
@condition(etag_func=_tag)
def calendar(request: HttpRequest, lang: str = "") -> HttpResponse:
    """``/decisions/deadlines.ics``, or in one language ``/decisions/deadlines.ko.ics``; who has it already is told so (ETag)."""
    lang = lang or translation.get_language() or "en"
    body = feed.calendar(request.deadlines, lang)  # type: ignore[attr-defined]
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers={"Content-Disposition": 'inline; filename="decisions.ics"'})


@require_safe
def table(request: HttpRequest, what: str) -> StreamingHttpResponse:
    """All decisions as a table (``decisions.csv``), what each class said (``classes.csv``), or everything there is to know (``decisions.json``)."""
    law.coop()
    rows = opendata.decisions()
    body: Any
    if what == "decisions.json":
        body, kind = opendata.as_json(rows), "application/json"
    elif what == "classes.csv":
        body, kind = opendata.as_csv(opendata.CLASS_COLUMNS, (line for one in rows for line in opendata.classes(one))), "text/csv; charset=utf-8"
    else:
        body, kind = opendata.as_csv(opendata.COLUMNS, map(opendata.row, rows)), "text/csv; charset=utf-8"
    return StreamingHttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{what}"'})


@require_safe
def ballots(request: HttpRequest, id: UUID) -> HttpResponse:
    """The papers of a counted vote among options, for ``madang count`` or any other counter."""
    ending, text = opendata.ballots(queries.visible(id, request.user))
    return HttpResponse(
        text, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{str(id)[:8]}-papers.{ending}"'}
    )
