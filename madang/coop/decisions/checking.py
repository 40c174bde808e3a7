"""Invariants, for ``madang check``."""

from __future__ import annotations

from madang.coop import law
from madang.coop.decisions import kept, states, tally, ways
from madang.coop.decisions.models import Proposal
from madang.coop.rules.models import RuleVersion


def rules_without_source() -> list[str]:
    """Rule versions whose decision does not contain exactly them, or whose founding is not ours."""
    coop = law.coop_or_none()
    decisions = Proposal.objects.in_bulk(list(RuleVersion.objects.exclude(decision_id=None).values_list("decision_id", flat=True).distinct()))
    wrong = []
    for version in RuleVersion.objects.all().iterator():
        if version.decision_id is None:
            if coop is None or version.founding_id != coop.founding_id:
                wrong.append(f"{version.key} {version.pk}: not of this founding")
            continue
        decision = decisions.get(version.decision_id)
        change = {"rule": version.key, "scope": version.scope, "value": version.data, "from": str(version.previous_id) if version.previous_id else None}
        if decision is None or decision.state not in (states.IN_FORCE, states.REVERTED) or change not in decision.changes:
            wrong.append(f"{version.key} {version.pk}: no decision in force sets it")
    return wrong


def wrong_tallies() -> list[str]:
    """Counted proposals whose ballots, counted again, say something else."""
    wrong = []
    for one in Proposal.objects.exclude(tally=None).iterator():
        told, there = tally.told(one, ways.parse(one.way)), kept.of(one)
        if kept.shown(told) != one.tally or told.get(kept.PAPERS) != (there.papers if there else None):
            wrong.append(f"decision {one.pk}: the ballots say something else than its tally")
    return wrong
