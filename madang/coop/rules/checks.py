"""Invariants of the rules, for ``madang check``."""

from __future__ import annotations

from madang.coop import record
from madang.coop.rules.actions import body_of
from madang.coop.rules.models import RuleVersion


def values_are_as_recorded() -> list[str]:
    """Each value a rule has had is what the public record says of it, and nothing is recorded that is not there. Three queries."""
    said = record.public_words("rule")
    wrong = []
    for version in RuleVersion.objects.all():
        if said.pop(f"rule:{version.pk}", None) != body_of(version):
            wrong.append(f"{version.key} {version.pk}: the record says something else")
    return wrong + [f"{subject}: in the record, but not among the rules" for subject in said]
