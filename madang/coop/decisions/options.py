"""Votes among several options: what is asked, the papers that came in, their count, and what of it everyone may see."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from madang.coop.decisions import kinds, ways
from madang.coop.decisions.kinds.base import Options
from madang.coop.decisions.models import Ballot, Proposal
from madang.kit.counting import lots, papers
from madang.kit.counting.hiding import SMALLEST, hidden
from madang.kit.counting.majority import Totals, unmet
from madang.kit.counting.result import Result, dump
from madang.kit.errors import Refused
from madang.kit.ruletypes import WayOfDeciding

Papers = list[tuple[int, Any]]


def of(proposal: Proposal) -> Options | None:
    """What is voted on where it is not yes or no; None for yes or no. No query of its own."""
    asks = kinds.get(proposal.kind).asks
    return asks(proposal) if asks else None


def read(asked: Options, given: Any) -> Any:
    """A voter's paper in its one form. Raises ``Refused("marks")`` with what is wrong, in a sentence."""
    try:
        return papers.read(asked.question, given)
    except papers.Unclear as wrong:
        raise Refused("marks", _sentence(asked, wrong), "marks") from None


def _sentence(asked: Options, wrong: papers.Unclear) -> str:
    name, question = asked.titles.get(wrong.option, wrong.option), asked.question
    return {
        "empty": _("Nothing is marked yet. To take part without a choice, abstain."),
        "unknown": _("“{name}” is not one of the options."),
        "twice": _("“{name}” is marked twice."),
        "together": _("“{name}” stands on the same rank as another. Give each a rank of its own; those you leave empty stand below."),
        "range": _("“{name}” has a number that cannot be given here."),
        "limit": _("That is more than the {limit} you have to give."),
        "shape": _("This ballot could not be read."),
    }[wrong.code].format(name=name, limit=question.limit)


def cast(proposal: Proposal) -> tuple[Papers, Counter[str], int]:
    """The papers by how many are alike, in a fixed order; how many took part by class; how many of them abstained. One query."""
    alike: Counter[str] = Counter()
    part: Counter[str] = Counter()
    abstained = 0
    for key, marks in Ballot.objects.filter(elector__proposal=proposal).values_list("elector__class_key", "marks"):
        part[key] += 1
        if marks is None:
            abstained += 1
        else:
            alike[lots.text(marks)] += 1
    return [(many, json.loads(text)) for text, many in sorted(alike.items())], part, abstained


def tally(proposal: Proposal, asked: Options, way: WayOfDeciding) -> dict[str, Any]:
    """The count as everyone sees it: ``{"passed", "reasons", "totals", "classes", "method", "winners"}``, and from five papers on the papers
    themselves without names, the whole count and the lot's secret, so that anybody can count again. One query."""
    found, part, abstained = cast(proposal)
    electorate: dict[str, int] = (proposal.electorate or {}).get("classes", {})
    count = papers.tally(asked.question, found, lots.seed(proposal.lot, found))
    reasons = lacking(count, sum(part.values()), dict(part), electorate, way)
    shown = sum(many for many, _marks in found) >= SMALLEST and not hidden(dict(part))[1]
    told: dict[str, Any] = {
        "passed": not reasons, "reasons": reasons, "classes": {}, "method": asked.question.method, "winners": list(count.winners) if not reasons else [],
        "totals": {"marked": sum(part.values()) - abstained, "abstain": abstained} if shown else None,
    }  # fmt: skip
    if shown:
        told |= {"papers": [[many, marks] for many, marks in found], "count": dump(count), "secret": proposal.lot}
    return told


def leaf(proposal: Proposal, asked: Options) -> dict[str, Any]:
    """The question as the record keeps it from the opening on, with the hash of the lot's secret."""
    question = asked.question
    told: dict[str, Any] = {"method": question.method, "options": list(question.options), "seats": question.seats, "lot": lots.commitment(proposal.lot)}
    if question.shape == papers.DOTS:
        told["limit"] = question.limit
    if question.budget is not None:
        told |= {"budget": question.budget, "costs": list(question.costs)}
    return told


def lacking(count: Result, cast: int, part: dict[str, int], electorate: dict[str, int], way: WayOfDeciding) -> list[str]:
    """Why nothing is chosen: "quorum", "class:<key>:quorum" (of a class the way asks), "nobody" where no option won."""
    reasons = [] if "quorum" not in unmet(Totals(cast), sum(electorate.values()), ways.requirement(way).overall) else ["quorum"]
    for key, needs in ways.requirement(way).per_class.items():
        if electorate.get(key) and "quorum" in unmet(Totals(part.get(key, 0)), electorate[key], needs):
            reasons.append(f"class:{key}:quorum")
    return reasons or ([] if count.winners else ["nobody"])
