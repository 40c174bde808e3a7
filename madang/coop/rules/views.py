"""Pages about the rules: all of them, one of them with its history, and trying a value out. Open to everyone."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.coop import law, rules
from madang.coop.rules import queries, reading, trying
from madang.coop.rules.registry import ORGANISATION, Rule
from madang.kit.errors import Missing, Refused
from madang.kit.money import format_amount


def language() -> str:
    """The reader's language."""
    return translation.get_language() or "en"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All rules, in words."""
    law.coop()
    return render(request, "rules/list.html", {"groups": queries.groups(request.now, language())})  # type: ignore[attr-defined]


@require_safe
def rule(request: HttpRequest, key: str) -> HttpResponse:
    """One rule: its value, who decided it, everything it ever was, what depends on it, and a place to try another value."""
    coop, lang, now = law.coop(), language(), request.now  # type: ignore[attr-defined]
    found = rules.registry.here(key)
    org = _organisation(request.GET.get("org", ""), found)
    version = found.at(now, org)
    tried, refusal = _tried(request, found, version.value)
    way = rules.get(f"ways.{found.decided_by[0]}") if len(found.decided_by) == 1 else None
    return render(
        request,
        "rules/rule.html",
        {
            "rule": found,
            "title": reading.title(found, lang, version),
            "version": version,
            "lines": reading.lines(found, version, lang),
            "table": found.type.table(version.value, lang),
            "told": queries.told([version], lang)[version.pk],
            "history": queries.history(found, lang, str(org) if org else ""),
            "own_values": queries.own_values(found, now, lang),
            "is_scoped": found.scope == ORGANISATION,
            "org": org,
            "pending": reading.voices.pending(found.key),
            "attempts": reading.voices.attempts(found.key, str(org) if org else ""),
            "law": queries.law_words(found, now),
            "bounds": found.type.bounds(lang),
            "depends": queries.depends(found, lang),
            "way": way,
            "way_words": way.at(now).describe(lang) if way else "",
            "handle": trying.handle(found, version.value) if found.slider and not org else None,
            "tried": tried,
            "refusal": refusal,
            "propose_url": propose_url(found, tried.value if tried else None, org),
            "unit": coop.currency,
        },
    )


@require_safe
def try_json(request: HttpRequest, key: str) -> JsonResponse:
    """``?value=6``: last month with the slider there, for the page's own script. 429 when one address asks too often."""
    found = rules.registry.here(key)
    if found.slider is None:
        raise Missing("no slider")
    if not trying.may_ask(request):
        return JsonResponse({"code": "too-often", "message": _("Please wait a minute before you move it again.")}, status=429)
    try:
        value = trying.moved(found, found.at(request.now).value, request.GET.get("value", "")[:12])  # type: ignore[attr-defined]
    except Refused as no:
        return JsonResponse({"code": no.code, "message": str(no.message)}, status=400)
    tried = trying.try_out(found, value, lang=language(), now=request.now)  # type: ignore[attr-defined]

    def figure(amount: Any) -> str:
        if amount is None:
            return _("not shown")
        return format_amount(amount, tried.unit, language()) if tried.unit and isinstance(amount, int) else str(amount)

    rows = [{"label": row.label, "before": figure(row.before), "after": figure(row.after)} for row in tried.rows]
    answer = {"words": tried.words, "value": tried.value, "rows": rows, "note": tried.note, "propose": propose_url(found, tried.value)}
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False}, headers={"Cache-Control": "public, max-age=60"})


def _tried(request: HttpRequest, found: Rule, current: Any) -> tuple[trying.Tried | None, Refused | None]:
    if found.slider is None or "try" not in request.GET:
        return None, None
    if not trying.may_ask(request):
        return None, Refused("too-often", _("Please wait a minute before you move it again."))
    try:
        value = trying.moved(found, current, request.GET["try"][:12])
    except Refused as no:
        return None, no
    return trying.try_out(found, value, lang=language(), now=request.now), None  # type: ignore[attr-defined]


def propose_url(found: Rule, value: Any = None, org: UUID | None = None) -> str:
    """Where a change of this rule is proposed, with the value filled in."""
    try:
        url = reverse("decisions:new")
    except NoReverseMatch:  # pragma: no cover  (a house without decisions)
        return ""
    query = {"rule": found.key}
    if org:
        query["org"] = str(org)
    if value is not None:
        query["value"] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"{url}?{urlencode(query)}"


def _organisation(text: str, found: Rule) -> UUID | None:
    if not text or found.scope != ORGANISATION:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Missing("no such organisation") from None
