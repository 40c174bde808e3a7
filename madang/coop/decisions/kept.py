"""The papers of a counted vote among options, without names, beside its tally: many, so only who counts them again reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import models

from madang.kit import canonical
from madang.kit.counting import lots

if TYPE_CHECKING:
    from madang.coop.decisions.kinds.base import Options

PAPERS = "papers"
LINE_MOST = 500_000
"""Bytes of papers that stand in the leaf of the tally itself; more of them have a leaf of their own."""


class Papers(models.Model):
    """What came in, as ``[[how many alike, marks], …]``, and by other ways of counting whom they would have chosen. Written once, at the count."""

    proposal = models.OneToOneField("decisions.Proposal", models.PROTECT, primary_key=True, related_name="papers")
    papers = models.JSONField()
    others = models.JSONField(help_text='[["irv", ["o2"]], …]')

    class Meta:
        verbose_name_plural = "papers"

    def __str__(self) -> str:
        return f"papers of {self.pk}"


def shown(tally: Mapping[str, Any]) -> dict[str, Any]:
    """A tally without its papers, as the proposal keeps it."""
    return {name: value for name, value in tally.items() if name != PAPERS}


def parts(tally: Mapping[str, Any]) -> list[list[Any]]:
    """The papers of a tally in parts of at most :data:`LINE_MOST` bytes each, where they are too many for one line of a leaf; else nothing."""
    if PAPERS not in tally:
        return []
    made: list[list[Any]] = [[]]
    size = 0
    for paper in tally[PAPERS]:
        long = len(canonical.dumps(paper)) + 1
        if size + long > LINE_MOST and made[-1]:
            made.append([])
            size = 0
        made[-1].append(paper)
        size += long
    return made if len(made) > 1 else []


def keep(proposal: Any, asked: Options, tally: Mapping[str, Any]) -> None:
    """At the count: the papers of a tally that shows them, and what other ways of counting say."""
    from madang.coop.decisions.counted import others

    if PAPERS not in tally:
        return
    found = [(many, marks) for many, marks in tally[PAPERS]]
    said = others(asked.question, found, lots.seed(tally["secret"], found))
    Papers.objects.create(proposal=proposal, papers=tally[PAPERS], others=[[name, list(winners)] for name, winners in said])


def of(proposal: Any) -> Papers | None:
    """The papers of a proposal; None where there are none, or so few that they are not shown. One query."""
    return Papers.objects.filter(pk=proposal.pk).first()


def others_of(proposal: Any) -> list[tuple[str, list[str]]]:
    """By way of counting, whom the same ballots would have chosen. One query, which leaves the papers where they are."""
    row = Papers.objects.filter(pk=proposal.pk).values_list("others", flat=True).first()
    return [(name, winners) for name, winners in row or []]
