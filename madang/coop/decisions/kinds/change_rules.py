"""Change one or more rules, together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop import law, rules
from madang.coop.decisions import states, ways
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, kind_of_rule, register
from madang.coop.decisions.models import Proposal
from madang.coop.people.models import Organisation
from madang.coop.rules import DryRun, bounds, reading
from madang.coop.rules.actions import apply, latest
from madang.coop.rules.models import RuleVersion
from madang.coop.rules.registry import ORGANISATION, here, scope_of
from madang.kit.errors import Missing, Refused
from madang.kit.money import format_amount
from madang.kit.ruletypes import Unfit

MOST = 12


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Canonical changes, each from the value that is live now unless it says which it was drafted from.

    Raises ``Refused``: "no-changes", "too-many", "twice", "no-rule", "unfit" (field: the rule's key), "no-change", "law",
    "other-scope", "other-way" (rules decided in different ways are proposed apart), "other-kind" (a rule with a kind of its own).
    """
    return prepare_of("change_rules", changes, now, org)


def prepare_of(kind: str, changes: Sequence[Change], now: datetime, org: Organisation | None = None) -> Prepared:
    """The same for a kind that changes rules of its own; raises as :func:`prepare`."""
    if not changes:
        raise Refused("no-changes", _("Choose at least one rule to change."), "rule")
    if len(changes) > MOST:
        raise Refused("too-many", _("At most {n} rules in one proposal.").format(n=MOST), "rule")
    for change in changes:
        if kind_of_rule(str(change.get("rule", ""))) != kind:
            raise Refused("other-kind", _("This is changed by a kind of decision of its own. Choose that first."), "rule")
    currency = law.coop().currency
    scope = scope_of(org)
    prepared = [_one(change, scope, currency, now) for change in changes]
    if len({change["rule"] for change in prepared}) != len(prepared):
        raise Refused("twice", _("The same rule stands in the proposal twice."), "rule")
    chosen = {ways.name_for(rules.get(change["rule"]).decided_by, now) for change in prepared}
    if len(chosen) > 1:
        raise Refused("other-way", _("These rules are decided in different ways. Please propose them separately."), "rule")
    return Prepared(prepared, {}, chosen.pop())


def _one(change: Change, scope: str, currency: str, now: datetime) -> Change:
    key = str(change.get("rule", ""))
    try:
        rule = here(key)
    except Missing:
        raise Refused("no-rule", _("There is no rule “{key}”.").format(key=key[:80]), "rule") from None
    if scope and rule.scope != ORGANISATION:
        raise Refused("other-scope", _("“{title}” has one value for the whole co-op; an organisation cannot have its own.").format(title=rule.title), key)
    if str(change.get("scope") or "") not in ("", scope):
        raise Refused("other-scope", _("A proposal is for the co-op or for one organisation, not for both."), key)
    try:
        value = rule.parse(change.get("value"), currency=currency, path="")
    except Unfit as unfit:
        raise Refused("unfit", _("{title}: {reason}").format(title=rule.title, reason=unfit.expects(translation.get_language() or "en")), key) from None
    bounds.require_lawful(rule, value, now)
    live = latest(key, scope)
    drafted_from = change["from"] if "from" in change else (str(live.pk) if live else None)
    data = rule.type.dump(value)
    if data == rule.at(now, scope or None).data and (live is not None or not scope):
        raise Refused("no-change", _("“{title}” already has this value.").format(title=rule.title), key)
    return {"rule": key, "scope": scope, "from": drafted_from, "value": data}


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """The new versions, all or none; ``Refused("moved")`` when a live value is not the one it was drafted from."""
    for change in proposal.changes:
        rule = rules.get(change["rule"])
        bounds.require_lawful(rule, rule.parse(change["value"]), now)
    return [str(version.pk) for version in apply(proposal.changes, proposal.pk, now)]


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """Each change before → after. The "before" is the version it was drafted from."""
    return describe(proposal.changes, lang, proposal.created_at)


def describe(changes: Sequence[Change], lang: str, at: datetime) -> list[Line]:
    """Changes in words; what has no version of its own yet is what was in force at ``at``. One query a change at most."""
    said = []
    for change in changes:
        rule = rules.get(change["rule"])
        before = rules.version(change["from"]) if change["from"] else rule.at(at)
        url, title = reverse("rules:rule", args=[rule.key]), reading.title(rule, lang, before)
        for part, old, new in rule.type.changes(before.value, rule.parse(change["value"]), lang):
            said.append(Line(f"{title} · {part}" if part else title, old, new, url, rule.affects))
    return said


def dry_run(changes: Sequence[Change], now: datetime, org: Organisation | None = None) -> DryRun | None:
    """Last month under these changes with how it is spread: what stands on the ballot. As :func:`figures`."""
    made = figures(changes, now, org)
    if made is None:
        return None
    values, scope = _values(changes), {"org": org} if org else {}
    spreads = dict.fromkeys(run for key in values if (run := rules.get(key).spread))
    return replace(made, rows=[*made.rows, *(row for run in spreads for row in run(values, now, **scope))])


def own(proposal: Proposal, person: Any, lang: str) -> list[Line]:
    """Last month for this person alone, under what is proposed: as of when it was put to the vote, before that as of when it was proposed."""
    if not proposal.changes:
        return []
    discussed = proposal.state in (states.DRAFT, states.DISCUSSION) or proposal.opens_at is None
    at = (proposal.discussion_at or proposal.created_at) if discussed else proposal.opens_at
    values, scope = _values(proposal.changes), {"org": proposal.org} if proposal.org else {}
    unit = law.coop().currency
    with translation.override(lang):
        runs = dict.fromkeys(run for key in values if (run := rules.get(key).own))
        rows = [row for run in runs for row in run(values, person, at, **scope)]
        return [Line(str(label), format_amount(before, unit, lang), format_amount(after, unit, lang)) for label, before, after in rows]


def _values(changes: Sequence[Change]) -> dict[str, Any]:
    return {change["rule"]: rules.get(change["rule"]).parse(change["value"]) for change in changes}


def figures(changes: Sequence[Change], now: datetime, org: Organisation | None = None) -> DryRun | None:
    """Last month under these changes, an organisation's own in its own work only; None when none of the rules can be tried out."""
    values = _values(changes)
    runs = dict.fromkeys(run for key in values if (run := rules.get(key).dry_run))
    scope = {"org": org} if org else {}
    made = [run(values, now, **scope) for run in runs]
    if not made:
        return None
    units = {one.unit for one in made if one.unit}
    notes = dict.fromkeys(str(one.note) for one in made if one.note)
    return DryRun([row for one in made for row in one.rows], " ".join(notes), units.pop() if len(units) == 1 else "")


def inverse(proposal: Proposal) -> list[Change] | None:
    """The changes that would undo it: drafted from what it made. None where there was nothing before."""
    if any(change["from"] is None for change in proposal.changes):
        return None
    made = {(v.key, v.scope): v for v in RuleVersion.objects.filter(decision_id=proposal.pk)}
    return [
        {
            "rule": change["rule"],
            "scope": change["scope"],
            "from": str(made[change["rule"], change["scope"]].pk),
            "value": rules.version(change["from"]).data,
        }
        for change in proposal.changes
    ]


register(
    Kind(
        "change_rules",
        gettext_lazy("Change rules"),
        prepare,
        effect,
        lines,
        dry_run=dry_run,
        own=own,
        inverse=inverse,
        first=True,
        amends=True,
        help=gettext_lazy("A new value for one or more rules. When it passes, it changes the running platform by itself."),
    )
)
