"""The page where a change is written: choose rules, fill in typed fields, see last month under them, propose."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madang.coop import law, rules
from madang.coop.decisions import actions, bodies, kinds, queries, states
from madang.coop.decisions.drafting import dump_dry_run
from madang.coop.decisions.forms import Values, Words
from madang.coop.decisions.kinds import change_rules
from madang.coop.decisions.models import Proposal
from madang.coop.members import queries as members
from madang.coop.people.models import Organisation, Person
from madang.coop.rules import reading, trying
from madang.coop.rules.registry import ORGANISATION, here
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes import Unfit


@dataclass
class Sheet:
    """Everything the page holds while someone writes: words, one form for each rule, what it would do, what is wrong."""

    kind: str
    org: Organisation | None
    words: Words
    key: UUID = field(default_factory=uuid4)
    values: list[Values] = field(default_factory=list)
    details: Any = None
    lines: list[kinds.Line] = field(default_factory=list)
    dry_run: dict[str, Any] | None = None
    way: str = ""
    refusals: list[Refused] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """The rules on the sheet."""
        return [one.rule.key for one in self.values]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, id: UUID | None = None) -> HttpResponse:
    """Write a proposal, or rewrite one's draft. Anyone may try it out; proposing is for those who may."""
    law.coop()
    draft = _own_draft(request, id)
    sheet = typed(request, draft) if request.method == "POST" else fresh(request, draft)
    do = request.POST.get("do", "")
    if request.method == "POST" and do in ("draft", "propose") and not sheet.refusals:
        done = _save(request, sheet, draft, do)
        if done is not None:
            return done
    if not sheet.values or trying.may_ask(request):
        _preview(sheet, request.now)  # type: ignore[attr-defined]
    else:
        sheet.refusals.append(Refused("too-often", _("Please wait a minute before you try out more. What you typed is still here.")))
    by_hand = [one for one in kinds.all_kinds() if not one.by_house and not one.by_event]
    context = {"sheet": sheet, "draft": draft, "kind": kinds.get(sheet.kind), "kinds": by_hand, **_choices(request, sheet)}
    if getattr(request, "htmx", False) and do == "preview":
        return render(request, "decisions/_preview.html", context)
    return render(request, "decisions/new.html", context, status=422 if sheet.refusals and do in ("draft", "propose") else 200)


def _own_draft(request: HttpRequest, id: UUID | None) -> Proposal | None:
    if id is None:
        return None
    draft = queries.visible(id, request.user)
    if draft.state != states.DRAFT or draft.author_id != getattr(request.user, "pk", None):
        raise Missing("not your draft")
    return draft


def fresh(request: HttpRequest, draft: Proposal | None) -> Sheet:
    """A sheet from the address: ``?rule=…&value=…``, several of each; or from a draft."""
    if draft is not None:
        sheet = Sheet(draft.kind, draft.org, Words(initial={"title": draft.title, "reason": draft.reason}))
        sheet.values = [_values(request, change["rule"], draft.org, change["value"]) for change in draft.changes]
        kept = kinds.get(draft.kind).initial
        sheet.details = _details(request, draft.kind, initial=kept(draft) if kept else draft.details)
        return sheet
    kind = kinds.get(request.GET.get("kind") or kinds.kind_of_rule(request.GET.get("rule", "")))
    if kind.by_house or kind.by_event:
        raise Missing("not proposed by hand")
    org = _org(request, request.GET.get("org", ""))
    sheet = Sheet(kind.key, org, Words())
    given = request.GET.getlist("value")
    for number, key in enumerate(dict.fromkeys(request.GET.getlist("rule")[: change_rules.MOST]) if kind.key == "change_rules" else ()):
        sheet.values.append(_values(request, key, org, _json(given[number]) if number < len(given) else None))
    sheet.details = _details(request, kind.key)
    return sheet


def typed(request: HttpRequest, draft: Proposal | None) -> Sheet:
    """A sheet from what was sent, with rules added or taken off as the button says. Nothing typed is lost."""
    kind = kinds.get(draft.kind if draft else request.POST.get("kind", "change_rules"))
    if kind.by_house or kind.by_event:
        raise Missing("not proposed by hand")
    org = draft.org if draft else _org(request, request.POST.get("org", ""))
    do = request.POST.get("do", "")
    said = {name: request.POST.get(name, "") for name in Words.base_fields}
    words = Words() if kind.heading else Words(request.POST) if do in ("draft", "propose") else Words(initial=said)  # who only looks is not told what lacks
    sheet = Sheet(kind.key, org, words, _key(request.POST.get("key", "")))
    for key in dict.fromkeys(request.POST.getlist("rule")[: change_rules.MOST]):
        if do != f"remove:{key}":
            sheet.values.append(_values(request, key, org, typed=request.POST))
    added = request.POST.get("add", "")
    if do == "add" and added and added not in sheet.keys and len(sheet.values) < change_rules.MOST:
        sheet.values.append(_values(request, added, org))
    sheet.details = _details(request, kind.key, request.POST, initial=draft.details if draft else None)
    if do in ("draft", "propose"):
        if not kind.heading and not sheet.words.is_valid():
            sheet.refusals.append(Refused("words", _("Please look at the marked fields.")))
        if sheet.details is not None and not sheet.details.is_valid():
            sheet.refusals.append(Refused("details", _("Please look at the marked fields.")))
    return sheet


def _values(request: HttpRequest, key: str, org: Organisation | None, stored: Any = None, typed: Any = None) -> Values:
    rule = here(key)
    if org is not None and rule.scope != ORGANISATION:
        raise Missing("not this organisation's rule")
    currency = law.coop().currency
    value = rule.at(request.now, org).value  # type: ignore[attr-defined]
    if stored is not None:
        try:
            value = rule.parse(stored, currency=currency)
        except Unfit:
            messages.warning(request, _("The value in the address did not fit “{title}”; the present one is shown.").format(title=rule.title))
    return Values(rule, value, currency=currency, lang=_lang(), typed=typed)


def _preview(sheet: Sheet, now: datetime) -> None:
    """What it would change and what last month would have been, as far as the sheet is filled in."""
    if sheet.kind != "change_rules" or not sheet.values:
        return
    try:
        prepared = change_rules.prepare(changes_of(sheet), {}, sheet.org, now)
    except Refused as no:
        if no.code != "no-change" and not any(one.code == no.code for one in sheet.refusals):
            sheet.refusals.append(no)
        return
    sheet.lines = change_rules.describe(prepared.changes, _lang(), now)
    made = change_rules.figures(prepared.changes, now, sheet.org)
    sheet.dry_run = dump_dry_run(made) if made else None
    way = rules.get(f"ways.{prepared.way_name}")
    sheet.way = way.at(now).describe(_lang())


def changes_of(sheet: Sheet) -> list[dict[str, Any]]:
    """The changes of rules on the sheet, as drafting takes them."""
    return [{"rule": one.rule.key, "value": one.raw} for one in sheet.values]


def _save(request: HttpRequest, sheet: Sheet, draft: Proposal | None, do: str) -> HttpResponse | None:
    """Keep or propose it; None when it was refused (the sheet then says why). Someone signed out signs in first and finds it again."""
    now = request.now  # type: ignore[attr-defined]
    if not isinstance(request.user, Person):
        sheet.refusals.append(Refused("sign-in", _("Please sign in first; only members can propose.")))
        return None
    details = sheet.details.details() if sheet.details is not None else {}
    words = sheet.words.cleaned_data if sheet.words.is_bound else {"title": "", "reason": ""}
    try:
        changes = changes_of(sheet) if sheet.kind == "change_rules" else []
        if draft is not None:
            one = actions.edit(draft, request.user, title=words["title"], reason=words["reason"], changes=changes, details=details, now=now)
        else:
            one = actions.draft(request.user, sheet.kind, words["title"], words["reason"], changes, details=details, org=sheet.org, id=sheet.key, now=now)
        if do == "propose":
            one = actions.open_discussion(one, request.user, now=now)
    except Refused as no:
        if no.field in sheet.words.fields:
            sheet.words.add_error(no.field, str(no.message))
        elif sheet.details is not None and no.field in sheet.details.fields:
            sheet.details.add_error(no.field, str(no.message))
        sheet.refusals.append(no)
        return None
    said = _("Everyone can see and discuss it now. Voting opens by itself.") if do == "propose" else _("Your draft is kept. Only you see it.")
    messages.success(request, said)
    return HttpResponseRedirect(reverse("decisions:decision", args=[one.pk]))


def _choices(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    """What can be added, who decides, and whether the reader may propose at all."""
    now = request.now  # type: ignore[attr-defined]
    groups: dict[str, list[tuple[str, str]]] = {}
    if sheet.kind == "change_rules":
        for rule in rules.all_rules():
            if kinds.kind_of_rule(rule.key) == sheet.kind and rule.key not in sheet.keys and (sheet.org is None or rule.scope == ORGANISATION):
                groups.setdefault(reading.group(rule), []).append((rule.key, str(rule.title)))
    return {"body": bodies.notice(sheet.kind, now), "groups": list(groups.items()), "member": members.is_member(request.user, now), "orgs": _my_orgs(request)}


def _my_orgs(request: HttpRequest) -> list[Organisation]:
    if not isinstance(request.user, Person):
        return []
    now = request.now  # type: ignore[attr-defined]
    return list(Organisation.objects.filter(work__in=request.user.work.filter(members.working_at(now))).distinct())


def _org(request: HttpRequest, text: str) -> Organisation | None:
    """An organisation one works in; ``Missing`` for any other."""
    if not text:
        return None
    found = [one for one in _my_orgs(request) if str(one.pk) == text]
    if not found:
        raise Missing("not your organisation")
    return found[0]


def _details(request: HttpRequest, kind: str, data: Any = None, initial: dict[str, Any] | None = None) -> Any:
    form = kinds.get(kind).form
    if form is None:
        return None
    return form(data, initial=initial, viewer=request.user, now=request.now, lang=_lang())  # type: ignore[attr-defined]


def _key(text: str) -> UUID:
    """The form's own id, so that sending it twice is one proposal; a new one for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _json(text: str) -> Any:
    try:
        return json.loads(text[:20_000], parse_float=str)
    except (ValueError, RecursionError):  # no JSON, or brackets without end
        return text


def _lang() -> str:
    return translation.get_language() or "en"
