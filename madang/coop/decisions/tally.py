"""Counting a proposal's ballots, and what of the count may be shown."""

from __future__ import annotations

from itertools import chain
from typing import Any

from madang.coop.decisions import delegations, hands, options, sitting, ways
from madang.coop.decisions.models import Ballot, Proposal
from madang.kit.counting import majority
from madang.kit.counting.hiding import hidden
from madang.kit.ruletypes import WayOfDeciding
from madang.kit.verify import weighed


def count(proposal: Proposal, way: WayOfDeciding) -> majority.Outcome:
    """The exact count of the ballots there are, and of the hands raised at a meeting. One query, at a meeting two."""
    ballots = chain(Ballot.objects.filter(elector__proposal=proposal).values_list("elector__class_key", "choice"), hands.counted(proposal))
    classes: dict[str, int] = proposal.electorate["classes"] if proposal.electorate else {}
    return majority.count(ballots, classes, ways.requirement(way))


def told(proposal: Proposal, way: WayOfDeciding) -> dict[str, Any]:
    """The count as everyone sees it: of yes and no, or of options. One query."""
    asked, way = options.of(proposal), sitting.way(proposal, way)
    return delegations.told(proposal, way) | (options.tally(proposal, asked, way) if asked else public(count(proposal, way), way))


def public(outcome: majority.Outcome, way: WayOfDeciding | None = None) -> dict[str, Any]:
    """What everyone sees: ``{"passed", "reasons", "totals" or null, "classes"}``; in a way where classes carry parts also "weighed" (null while
    any class is hidden: their ballots could be worked out of it), in one where a class can ask for more "upgraded_by".

    A class under five ballots says only whether it passed, and that only where the way gives it a say of its own: elsewhere it
    stays out of ``classes``, since the outcome of one or two people's vote would be their ballot. Others are hidden with it where
    it could be worked out by subtraction, and so are those whose number of voters is (:func:`electorate`). Why a hidden class did
    not agree is not told either: too few, or too few for it, would say who voted how.
    """
    small, no_totals = hidden({key: one.totals.cast for key, one in outcome.per_class.items()})
    small |= hidden({key: one.electorate for key, one in outcome.per_class.items()})[0]
    classes: dict[str, Any] = {}
    for key, one in outcome.per_class.items():
        if key in small:
            if one.decides:
                classes[key] = {"passed": one.passed, "hidden": True}
        else:
            classes[key] = {"passed": one.passed, **one.totals.dump()}
    more: dict[str, Any] = {}
    if way is not None and way.who.weighed:
        more["weighed"] = weighed.dump(outcome.weighed) if outcome.weighed is not None and not small and not no_totals else None
    if way is not None and way.who.veto.classes:
        more["upgraded_by"] = list(outcome.upgraded_by)
    return {
        **more,
        "passed": outcome.passed,
        "reasons": _reasons(outcome, small),
        "totals": None if no_totals else outcome.totals.dump(),
        "classes": classes,
    }


def _reasons(outcome: majority.Outcome, small: set[str]) -> list[str]:
    """The codes of what was not met: "quorum", "majority", "class:<key>:quorum" …; only "class:<key>" for a class whose figures are hidden."""
    heads = [code.rpartition(":")[0] for code in outcome.reasons]
    said = [head if head.removeprefix("class:") in small else code for head, code in zip(heads, outcome.reasons, strict=True)]
    return list(dict.fromkeys(said))


def electorate(frozen: dict[str, Any] | None) -> dict[str, Any] | None:
    """A frozen electorate as everyone sees it: ``{"total", "classes": {key: voters}}``, null for a class under five and for what would tell it."""
    if frozen is None:
        return None
    small, no_total = hidden(frozen["classes"])
    shown = {key: None if key in small else voters for key, voters in frozen["classes"].items()}
    return {"total": None if no_total else frozen["total"], "classes": shown}
