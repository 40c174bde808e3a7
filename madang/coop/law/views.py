"""What the law asks of this co-op, as the program reads it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from madang.coop import law
from madang.coop.law.texts import in_language


def bounds(request: HttpRequest) -> HttpResponse:
    """``/law/``: every bound in force today, with the article it stands in. Not legal advice, and it says so."""
    own = law.profile(law.coop().law)
    now = request.now  # type: ignore[attr-defined]
    rows = [(in_language(bound.text), bound) for bound in own.in_force(now)]
    return render(request, "law/bounds.html", {"profile": own, "rows": rows, "title": in_language(own.title), "about": in_language(own.about)})
