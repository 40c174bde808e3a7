"""Counting a proposal's ballots, and what of the count may be shown."""

from __future__ import annotations

from typing import Any

from madang.coop.decisions import ways
from madang.coop.decisions.models import Ballot, Proposal
from madang.kit.counting import majority
from madang.kit.counting.hiding import hidden
from madang.kit.ruletypes import WayOfDeciding


def count(proposal: Proposal, way: WayOfDeciding) -> majority.Outcome:
    """The exact count of the ballots there are. One query."""
    ballots = Ballot.objects.filter(elector__proposal=proposal).values_list("elector__class_key", "choice")
    classes: dict[str, int] = proposal.electorate["classes"] if proposal.electorate else {}
    return majority.count(ballots, classes, ways.requirement(way))


def public(outcome: majority.Outcome) -> dict[str, Any]:
    """What everyone sees: ``{"passed", "reasons", "totals" or null, "classes"}``.

    A class under five ballots says only whether it passed, and that only where the way gives it a say of its own: elsewhere it
    stays out of ``classes``, since the outcome of one or two people's vote would be their ballot. Others are hidden with it where
    it could be worked out by subtraction.
    """
    small, no_totals = hidden({key: one.totals.cast for key, one in outcome.per_class.items()})
    classes: dict[str, Any] = {}
    for key, one in outcome.per_class.items():
        if key in small:
            if one.decides:
                classes[key] = {"passed": one.passed, "hidden": True}
        else:
            classes[key] = {"passed": one.passed, **one.totals.dump()}
    return {
        "passed": outcome.passed,
        "reasons": list(outcome.reasons),
        "totals": None if no_totals else outcome.totals.dump(),
        "classes": classes,
    }
