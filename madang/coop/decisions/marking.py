"""A ballot among options as a page: what stands beside each option, and what was marked, from the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madang.coop.decisions import methods
from madang.coop.decisions.kinds.base import Options
from madang.kit.counting.papers import APPROVE, BEST, RANK, SCORE
from madang.kit.errors import Refused

PREFIX = "mark-"
RANKS_MOST = 20
"""So many ranks are offered at most; who is not ranked stands below."""


@dataclass(frozen=True)
class Row:
    """One option on the ballot: what can be chosen beside it ("" is nothing), and what is."""

    name: str
    title: str
    text: str
    choices: list[tuple[str, str]]
    chosen: str

    @property
    def ticked(self) -> bool:
        """Of a box: whether it is marked."""
        return self.chosen == "1"


@dataclass(frozen=True)
class Paper:
    """A ballot to fill in. ``box``: each option is marked or not, else a number is chosen for it."""

    help: str
    wins: str
    box: bool
    rows: list[Row]


def paper(asked: Options, marks: Any, typed: Mapping[str, str] | None = None) -> Paper:
    """The ballot with what was marked so far, or with what was ``typed`` and could not be taken."""
    question, method = asked.question, methods.method(asked.question.method)
    kept = _marked(asked, marks) if typed is None else {key: typed.get(PREFIX + key, "") for key in question.options}
    rows = [
        Row(PREFIX + key, asked.titles[key], asked.texts.get(key, ""), list(_choices(asked)), kept.get(key, "")) for key in question.options
    ]  # fmt: skip
    return Paper(str(method.voter).format(limit=question.limit), str(method.wins), question.shape == APPROVE, rows)


def _choices(asked: Options) -> Iterator[tuple[str, str]]:
    question = asked.question
    if question.shape == RANK:
        yield "", "—"
        for rank in range(1, min(len(question.options), RANKS_MOST) + 1):
            yield str(rank), pgettext("rank", "{n}.").format(n=rank)
    elif question.shape == SCORE:
        for score in range(BEST + 1):
            yield str(score) if score else "", str(score)
    elif question.method == "quadratic":
        for votes in range(isqrt(question.limit) + 1):
            yield str(votes) if votes else "", _("{votes} (costs {credits})").format(votes=votes, credits=votes * votes) if votes else "0"
    elif question.shape != APPROVE:
        for dots in range(question.limit + 1):
            yield str(dots) if dots else "", str(dots)


def _marked(asked: Options, marks: Any) -> dict[str, str]:
    if marks is None:
        return {}
    if asked.question.shape == RANK:
        return {key: str(rank) for rank, keys in enumerate(marks, 1) for key in keys}
    if asked.question.shape == APPROVE:
        return dict.fromkeys(marks, "1")
    return {key: str(number) for key, number in marks.items()}


def from_form(asked: Options, sent: Mapping[str, str]) -> Any:
    """What was marked, as ``options.read`` takes it. Raises ``Refused("marks")`` for what is no number."""
    given = {key: sent.get(PREFIX + key, "").strip() for key in asked.question.options}
    if asked.question.shape == APPROVE:
        return [key for key, text in given.items() if text]
    numbers = {key: _number(asked, key, text) for key, text in given.items() if text}
    if asked.question.shape != RANK:
        return numbers
    ranks: dict[int, list[str]] = {}
    for key, rank in numbers.items():
        ranks.setdefault(rank, []).append(key)
    return [ranks[rank] for rank in sorted(ranks)]


def _number(asked: Options, key: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 4:
        raise Refused("marks", _("“{name}” has a number that cannot be given here.").format(name=asked.titles[key]), "marks")
    return int(text)
