"""The count of a vote among options, for people: who was chosen, how each stage went in words and bars, and what other ways of counting would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from madang.coop.decisions import flow, kept, methods, options, showing
from madang.coop.decisions.flow import Flow
from madang.coop.decisions.kinds.base import Options
from madang.coop.decisions.models import Proposal
from madang.kit.counting import papers
from madang.kit.counting.asking import Ask, count
from madang.kit.counting.lot import Lot
from madang.kit.counting.papers import Question

ANYWAY: Mapping[str, Sequence[str]] = {
    papers.RANK: ("schulze", "irv", "ranked-pairs", "minimax", "stv-scottish", "stv-meek"),
    papers.SCORE: ("score", "star", "approval", "schulze"),
    papers.APPROVE: (),
    papers.DOTS: (),
}
"""By what a voter marked: the ways of counting that the same ballots can be looked at under."""


@dataclass(frozen=True)
class Stage:
    """One stage: what happened, and how it stood then (label, number in words, share of the whole)."""

    number: int
    said: list[str]
    rows: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Other:
    """What another way of counting says of the same ballots."""

    title: str
    winners: str
    same: bool


@dataclass(frozen=True)
class Told:
    """The result. ``hidden``: so few took part that only the outcome is shown."""

    winners: list[str]
    advisory: bool
    wins: str
    hidden: bool
    marked: int = 0
    abstained: int = 0
    stages: list[Stage] = field(default_factory=list)
    ties: list[str] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    flow: Flow | None = None

    @property
    def differs(self) -> bool:
        """Whether another way of counting would have chosen otherwise."""
        return any(not one.same for one in self.others)


def told(one: Proposal, asked: Options) -> Told:
    """The result from the tally that everyone sees. One query."""
    tally = one.tally or {}
    method = methods.method(asked.question.method)
    winners = [asked.titles[key] for key in tally["winners"]]
    if "count" not in tally:
        return Told(winners, asked.advisory, str(method.wins), hidden=True)
    counted, totals = tally["count"], tally["totals"]
    stages = [Stage(number, list(_said(asked, stage)), _rows(asked, stage)) for number, stage in enumerate(counted["stages"], 1)]
    ties = [_tie(asked, tie) for tie in counted["ties"]]
    chosen = set(tally["winners"])
    others = [Other(str(methods.method(name).title), ", ".join(asked.titles[key] for key in said), set(said) == chosen) for name, said in kept.others_of(one)]
    picture = flow.drawn(asked.question.method, counted["stages"], asked.titles, tally["winners"])
    return Told(winners, asked.advisory, str(method.wins), False, totals["marked"], totals["abstain"], stages, ties, others, picture)


@dataclass(frozen=True)
class SoFar:
    """How an open vote stands: ``ahead`` among options, and bars (label, number in words, share); no bars: too few to be shown."""

    ahead: list[str]
    rows: list[tuple[str, str, str]]


def so_far(one: Proposal, asked: Options | None) -> SoFar | None:
    """The figures taken while voting, for people; None where none were."""
    found = one.figures
    if found is None:
        return None
    if asked is None:
        return SoFar([], [(label, str(many), share) for label, many, share in showing.bars(found["totals"]) or []])
    return SoFar([asked.titles[key] for key in found["winners"]], _rows(asked, found["count"]["stages"][0]) if found["count"]["stages"] else [])


def _said(asked: Options, stage: Mapping[str, Any]) -> Iterator[str]:
    for key in stage["elected"]:
        yield _("{name} is chosen.").format(name=asked.titles[key])
    for key in stage["excluded"]:
        yield _("{name} is taken off.").format(name=asked.titles[key])
    moved = [(asked.titles[key], number) for key, number in stage["transferred"].items() if key in asked.titles and Fraction(number) > 0]
    if moved and (source := stage.get("from")):
        to = ", ".join(_("{name} +{votes}").format(name=name, votes=number(votes)) for name, votes in moved)
        yield _("Votes moved from {source}: {to}.").format(source=asked.titles.get(source, source), to=to)
    if Fraction(stage["exhausted"]) > 0 and stage["transferred"]:
        yield _("{votes} count for nobody any more.").format(votes=number(stage["exhausted"]))


def _rows(asked: Options, stage: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    votes = {key: Fraction(text) for key, text in stage["votes"].items()}
    place = asked.question.options.index
    ranked = sorted(votes, key=lambda key: (-votes[key], place(key)))
    if asked.question.method == "minimax":
        worst, ballots = max(votes.values(), default=Fraction(0)), _("worst defeat: {votes}")
        return [(asked.titles[key], ballots.format(votes=number(stage["votes"][key])), f"{_percent(votes[key], worst)}%") for key in reversed(ranked)]
    if asked.question.method in papers.EQUALS:
        most = len(votes) - 1
        words = _("{won} of {all} comparisons won")
        return [(asked.titles[key], words.format(won=number(stage["votes"][key]), all=most), f"{_percent(votes[key], Fraction(most))}%") for key in ranked]
    whole = sum(votes.values()) + Fraction(stage["exhausted"])
    return [(asked.titles[key], number(stage["votes"][key]), f"{_percent(votes[key], whole)}%") for key in ranked]


def _percent(part: Fraction, whole: Fraction) -> int:
    return int(part * 100 / whole) if whole > 0 else 0


def number(text: str) -> str:
    """An exact number for a reader: whole, or to two places."""
    value = Fraction(text)
    if value.denominator == 1:
        return f"{value.numerator:,}"
    return f"{float(round(value, 2)):,.2f}"  # for reading only: the count itself is exact


def _tie(asked: Options, tie: Mapping[str, Any]) -> str:
    tied, chosen = (", ".join(asked.titles.get(key, key) for key in tie[name]) for name in ("tied", "chosen"))
    by = {
        "lot": _("the lot"), "look-back": _("who had more in an earlier stage"), "head-to-head": _("who wins more comparisons"), "score": _("the higher sum"),
        "top-scores": _("who has more highest marks"), "voters": _("who has more voters"), "cost": _("what costs less"), "votes": _("the votes"),
    }.get(tie["by"], tie["by"])  # fmt: skip
    said = (
        _("Stage {stage}: {tied} were equal; {by} decided: {chosen} was taken off.")
        if tie["about"] == "exclusion"
        else _("Stage {stage}: {tied} were equal; {by} decided for {chosen}.")
    )
    return said.format(stage=tie["stage"], tied=tied, by=by, chosen=chosen)


def others(question: Question, found: options.Papers, seed: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The same ballots under other ways of counting, that choose as many: (method, winners)."""
    ballots = papers.gather(question, found)
    for name in methods.BUDGETS if question.budget is not None else ANYWAY[question.shape]:
        if name == question.method or (question.seats > 1 and not methods.method(name).many):
            continue
        yield name, count(name, ballots, Ask(question.seats, Lot(seed))).winners


def summary(one: Proposal, asked: Options) -> str:
    """ "Chosen: b, d." in a line; of a question without consequence: what most said."""
    winners = (one.tally or {}).get("winners") or []
    if not winners:
        return _("Nothing was chosen.")
    names = ", ".join(asked.titles[key] for key in winners)
    return _("Most named: {names}.").format(names=names) if asked.advisory else _("Chosen: {names}.").format(names=names)
