"""The reads about rules, each with its number of SQL queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.law.texts import say_citation
from madang.coop.record.models import Leaf
from madang.coop.rules import bounds, reading, registry
from madang.coop.rules.models import RuleVersion
from madang.coop.rules.reading import Told, voices
from madang.coop.rules.registry import ORGANISATION, Rule
from madang.kit.dates import say_time


@dataclass(frozen=True)
class InForce:
    """A rule and the value it has, in words."""

    rule: Rule
    version: RuleVersion
    title: str
    words: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    names: str = ""
    count: int = 0


@dataclass(frozen=True)
class Past:
    """One line of a rule's history: the value, since when, who set it."""

    version: RuleVersion
    words: str
    told: Told
    proof: str = ""


def groups(now: datetime, lang: str) -> list[tuple[str, list[InForce]]]:
    """Every rule with its value at ``now``, under its heading, in order of declaration. Three queries."""
    rules = registry.all_rules()
    values = registry.several([rule.key for rule in rules], now)
    found: dict[str, list[InForce]] = defaultdict(list)
    for rule in rules:
        version = values[rule.key]
        found[reading.group(rule)].append(_in_force(rule, version, lang))
    return list(found.items())


def _in_force(rule: Rule, version: RuleVersion, lang: str) -> InForce:
    """Short enough for a list: a few labelled lines one below the other; of a long table only the names of its rows."""
    title = reading.title(rule, lang, version)
    if (table := rule.type.table(version.value, lang)) is not None:
        return InForce(rule, version, title, version.describe(lang), names=", ".join(name for name, _cells, _note in table.rows), count=len(table.rows))
    lines = reading.lines(rule, version, lang)
    labelled = [(str(label), str(text)) for label, text in lines] if len(lines) > 1 and all(label for label, _text in lines) else []
    return InForce(rule, version, title, version.describe(lang), labelled)


def history(rule: Rule, lang: str, scope: str = "") -> list[Past]:
    """Every value a rule has had in this scope, newest first, each with who decided it and where it stands in the record. Three queries."""
    versions = list(RuleVersion.objects.filter(key=rule.key, scope=scope).order_by("-effective_from"))
    who = told(versions, lang)
    leaves = dict(Leaf.objects.filter(subject__in=[f"rule:{one.pk}" for one in versions], kind="rule").values_list("subject", "index"))
    proofs = {one.pk: reverse("record:leaf", args=[leaves[f"rule:{one.pk}"]]) for one in versions if f"rule:{one.pk}" in leaves}
    older = [*versions[1:], None][: len(versions)]
    return [Past(one, _since_then(rule, one, last, lang), who[one.pk], proofs.get(one.pk, "")) for one, last in zip(versions, older, strict=True)]


def _since_then(rule: Rule, version: RuleVersion, last: RuleVersion | None, lang: str) -> str:
    """A value in one line of its history; of a long table only what changed, of its first value only the names of its rows."""
    table = rule.type.table(version.value, lang)
    if table is None:
        return version.describe(lang)
    if last is None:
        return ", ".join(name for name, _cells, _note in table.rows)
    return "; ".join(f"{part}: {old} → {new}" for part, old, new in rule.type.changes(last.value, version.value, lang))


def told(versions: list[RuleVersion], lang: str) -> dict[Any, Told]:
    """Who set each version, as a sentence. At most one query."""
    decisions = [one.decision_id for one in versions if one.decision_id]
    said = voices.decided(decisions, lang) if decisions else {}
    made: dict[Any, Told] = {}
    for one in versions:
        if one.decision_id:
            made[one.pk] = said.get(one.decision_id) or Told(_("The members decided this."))
        elif one.founding_id:
            made[one.pk] = Told(_("Set when the co-op was founded, on {day}.").format(day=_day(one.effective_from, lang)))
        else:
            made[one.pk] = Told(_("As the programme came: nobody has decided it yet."))
    return made


def _day(moment: datetime, lang: str) -> str:
    return say_time(moment, "spoken-year", lang, ZoneInfo(law.coop().time_zone))


def own_values(rule: Rule, now: datetime, lang: str) -> list[tuple[UUID, RuleVersion, str]]:
    """Organisations with a value of their own: id, version, words. One query; none for a rule of the whole co-op."""
    if rule.scope != ORGANISATION:
        return []
    rows = RuleVersion.objects.filter(key=rule.key, effective_from__lte=now).exclude(scope="").order_by("scope", "-effective_from").distinct("scope")
    return [(UUID(one.scope), one, one.describe(lang)) for one in rows]


def organisations_with_own(key: str, now: datetime) -> list[UUID]:
    """Organisations that have their own version of a rule. One query."""
    scopes = RuleVersion.objects.filter(key=key, effective_from__lte=now).exclude(scope="").values_list("scope", flat=True).order_by("scope").distinct()
    return [UUID(scope) for scope in scopes]


def law_words(rule: Rule, now: datetime) -> tuple[str, str] | None:
    """What the law says about this rule as (sentence, address of its text); None when it says nothing."""
    bound = bounds.bound_of(rule, now)
    if bound is None:
        return None
    if bound.guidance:
        text = _("At most {limit} is recommended ({citation}).") if bounds.is_upper(bound) else _("At least {limit} is recommended ({citation}).")
    else:
        text = _("The law allows at most {limit} ({citation}).") if bounds.is_upper(bound) else _("The law asks for at least {limit} ({citation}).")
    return text.format(limit=bounds.said(bound), citation=say_citation(bound.citation, get_language() or "en")), bound.url


def depends(rule: Rule, lang: str) -> list[Told]:
    """What depends on a rule: what its declaration says, and for a way of deciding the rules decided in it."""
    found = [Told(str(rule.affects))] if rule.affects else []
    if rule.key.startswith("ways."):
        name = rule.key.removeprefix("ways.")
        leaning = [one for one in registry.static_rules() if one.decided_by[-1] == name]
        found += [Told(reading.title(one, lang), reverse("rules:rule", args=[one.key])) for one in leaning]
    return found
