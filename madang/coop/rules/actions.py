"""The only two ways a rule gets a value: the founding, and a passed decision. Neither is for anyone else to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from madang.coop import law, record
from madang.coop.rules import registry
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Refused


def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds, as the record writes moments."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@transaction.atomic
def found(values: Mapping[Any, Any], founding_id: UUID, now: datetime) -> list[RuleVersion]:
    """Give every rule its first value, in the founding's transaction while the co-op is still forming.

    ``values`` is {key: raw} or {(key, organisation id): raw} in a charter's notation; every other declared rule gets the
    programme's default, so that from the first day each value has a version to point to. Called by ``charter`` only.
    Raises ``Unfit`` (a ``ValueError``) with path and expectation, ``Missing`` for a key nobody declared.
    """
    currency = law.coop().currency
    given = {(one, "") if isinstance(one, str) else (one[0], registry.scope_of(one[1])): raw for one, raw in values.items()}
    for key in registry.needed_keys():
        given.setdefault((key, ""), registry.get(key).default)
    ready = []
    for (key, scope), raw in sorted(given.items(), key=lambda one: one[0]):
        rule = registry.get(key)
        if scope and rule.scope != registry.ORGANISATION:
            raise ValueError(f"{key}: this rule has one value for the whole co-op")
        data = rule.canonical(raw, currency=currency)
        ready.append(RuleVersion(key=key, scope=scope, data=data, effective_from=now, founding_id=founding_id))
    return [_write(version, now) for version in ready]


@transaction.atomic
def apply(changes: Sequence[Mapping[str, Any]], decision_id: UUID, now: datetime) -> list[RuleVersion]:
    """Put the changes of a passed decision in force from ``now`` on: all of them or none. Called by ``decisions`` only.

    Each change is ``{"rule", "scope", "from", "value"}``; raises ``Refused("moved")`` when a live value is no longer the one the
    change was drafted from. The database refuses what the decision does not contain. Safe to repeat: done is done.
    """
    if done := list(RuleVersion.objects.filter(decision_id=decision_id).order_by("key", "scope")):
        return done
    made = []
    in_order = sorted(changes, key=lambda one: (one["rule"], one["scope"]))
    for change in in_order:
        _one_at_a_time(change["rule"], change["scope"])
    for change in in_order:
        live = latest(change["rule"], change["scope"])
        title = registry.get(change["rule"]).title
        if (str(live.pk) if live else None) != change["from"]:
            raise Refused("moved", _("The rule “{title}” has been changed by another decision in the meantime.").format(title=title))
        if live and live.effective_from >= now:
            raise Refused("moved", _("A newer value of the rule “{title}” is already in force.").format(title=title))
        version = RuleVersion(key=change["rule"], scope=change["scope"], data=change["value"], effective_from=now, decision_id=decision_id, previous=live)
        made.append(_write(version, now))
    return made


def _one_at_a_time(key: str, scope: str) -> None:
    """Two decisions that set one rule at one moment wait for each other until the transaction ends; in one order, so that none waits in a ring."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rule {key} {scope}"])


def latest(key: str, scope: str) -> RuleVersion | None:
    """The newest version of a rule in exactly this scope; None when it never had one there. One query."""
    return RuleVersion.objects.filter(key=key, scope=scope).order_by("-effective_from").first()


def _write(version: RuleVersion, now: datetime) -> RuleVersion:
    version.save(force_insert=True)
    record.write("rule", f"rule:{version.pk}", [body_of(version)], public=True, now=now)
    return version


def body_of(version: RuleVersion) -> dict[str, Any]:
    """What the record says of a rule's value."""
    return {
        "version": str(version.pk),
        "rule": version.key,
        "scope": version.scope,
        "value": version.data,
        "effective_from": moment_text(version.effective_from),
        "founding": str(version.founding_id) if version.founding_id else None,
        "decision": str(version.decision_id) if version.decision_id else None,
        "from": str(version.previous_id) if version.previous_id else None,
    }
