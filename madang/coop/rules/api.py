"""The rules as JSON: what holds, since when, who decided, and what last month would have been. Open to everyone; nothing here writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import Router, Schema

from madang.coop import law, rules
from madang.coop.rules import queries, reading, trying
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Refused
from madang.kit.ruletypes import Unfit

router = Router(tags=["rules"])


class Version(Schema):
    """One value of a rule. ``id`` null: as the programme came."""

    id: UUID | None
    rule: str
    scope: str
    value: Any
    words: str
    effective_from: datetime
    founding: UUID | None
    decision: UUID | None
    sentence: str


class RuleOut(Schema):
    """A rule and what holds now."""

    key: str
    title: str
    group: str
    scope: str
    decided_by: list[str]
    type: str
    bounds: str
    law: str
    now: Version


class FigureRow(Schema):
    """One line of a dry run; null figures are not shown (a group under five)."""

    label: str
    before: int | str | None
    after: int | str | None


class TriedOut(Schema):
    """Last month under another value. With ``unit`` the whole numbers are amounts in its smallest unit."""

    value: Any
    words: str
    rows: list[FigureRow]
    note: str
    unit: str


class TryIn(Schema):
    """A value in the charter's notation."""

    value: Any


def _lang() -> str:
    return translation.get_language() or "en"


def _version(one: RuleVersion, sentence: str) -> Version:
    return Version(
        id=one.pk, rule=one.key, scope=one.scope, value=one.data, words=one.describe(_lang()), effective_from=one.effective_from,
        founding=one.founding_id, decision=one.decision_id, sentence=sentence,
    )  # fmt: skip


def _rule(one: rules.Rule, version: RuleVersion, sentence: str, now: datetime) -> RuleOut:
    said = queries.law_words(one, now)
    return RuleOut(
        key=one.key, title=reading.title(one, _lang(), version), group=reading.group(one), scope=one.scope, decided_by=list(one.decided_by),
        type=one.type.kind, bounds=one.type.bounds(_lang()), law=said[0] if said else "", now=_version(version, sentence),
    )  # fmt: skip


@router.get("/", response=list[RuleOut], auth=None, summary="All rules")
def all_rules(request: HttpRequest) -> list[RuleOut]:
    """Every rule with the value that holds now."""
    law.coop()
    now = request.now  # type: ignore[attr-defined]
    found = rules.all_rules()
    values = rules.several([one.key for one in found], now)
    told = queries.told(list(values.values()), _lang())
    return [_rule(one, values[one.key], told[values[one.key].pk].text, now) for one in found]


@router.get("/{key}", response=RuleOut, auth=None, summary="One rule")
def one_rule(request: HttpRequest, key: str, org: UUID | None = None) -> RuleOut:
    """One rule with the value that holds now; ``org``: for one member organisation."""
    law.coop()
    now = request.now  # type: ignore[attr-defined]
    found = rules.registry.here(key)
    version = found.at(now, org)
    return _rule(found, version, queries.told([version], _lang())[version.pk].text, now)


@router.get("/{key}/history", response=list[Version], auth=None, summary="Everything a rule has been")
def history(request: HttpRequest, key: str, org: UUID | None = None) -> list[Version]:
    """Newest first, each with who decided it."""
    law.coop()
    return [_version(one.version, one.told.text) for one in queries.history(rules.registry.here(key), _lang(), str(org) if org else "")]


@router.post("/{key}/try", response=TriedOut, auth=None, summary="Last month under another value")
def try_value(request: HttpRequest, key: str, body: TryIn) -> TriedOut:
    """Nothing is changed. 409 "unfit" for a value that does not fit; 429 "too-often" when one person or address asks too often."""
    if not trying.may_ask(request):
        raise Refused("too-often", _("Please wait a minute before you move it again."))
    found = rules.registry.here(key)
    try:
        value = found.parse(body.value, currency=law.coop().currency, path="value")
    except Unfit as unfit:
        raise Refused("unfit", unfit.say(_lang()), "value") from None
    tried = trying.try_out(found, value, lang=_lang(), now=request.now)  # type: ignore[attr-defined]
    rows = [FigureRow(label=row.label, before=row.before, after=row.after) for row in tried.rows]
    return TriedOut(value=tried.value, words=tried.words, rows=rows, note=tried.note, unit=tried.unit)
