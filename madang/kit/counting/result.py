"""What a count says: winners, every stage, every tie, what was not counted. Data only; words are the site's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Number = int | Fraction


@dataclass(frozen=True)
class Tie:
    """``tied`` were equal at ``stage`` (from 1); ``chosen`` of them went first (or out, if it is ``about`` an exclusion), ``by`` that rule.

    ``about``: exclusion, surplus, seat, order (who is named first, all of them win), pair, finalist, runoff, project,
    completion (a project, in a run of equal shares before the one that is told).
    ``by``: look-back, head-to-head, score, top-scores, voters, cost, votes, lot.
    """

    stage: int
    about: str
    tied: tuple[str, ...]
    chosen: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Stage:
    """How it stood at the end of one stage.

    ``votes``: of every candidate; ``transferred``: what came to whom in this stage, from ``source``; ``exhausted``: what counts for
    nobody any more, with what rounding lost, so that it and the votes always add up to the valid ballots.
    """

    votes: Mapping[str, Number]
    elected: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    transferred: Mapping[str, Number] = field(default_factory=dict)
    exhausted: Number = 0
    source: str = ""


@dataclass(frozen=True)
class Result:
    """``winners`` in the order elected; ``valid`` ballots were counted, ``blank`` and ``invalid`` ones were not; ``notes`` are codes with numbers.

    ``tables``: what a method shows besides: name -> row -> column -> number (pairwise counts, strongest paths …).
    """

    method: str
    winners: tuple[str, ...]
    stages: tuple[Stage, ...]
    ties: tuple[Tie, ...] = ()
    seats: int = 1
    valid: Number = 0
    blank: Number = 0
    invalid: Number = 0
    quota: Number | None = None
    tables: Mapping[str, Mapping[str, Mapping[str, Number]]] = field(default_factory=dict)
    notes: Mapping[str, Number] = field(default_factory=dict)


def exact(number: Number) -> str:
    """``number`` as text, to the last digit: "12", "905.13482", and "p/q" where the digits would not end."""
    number = Fraction(number)
    whole, twos, fives = number.denominator, 0, 0
    while whole % 2 == 0:
        whole, twos = whole // 2, twos + 1
    while whole % 5 == 0:
        whole, fives = whole // 5, fives + 1
    if whole != 1:
        return f"{number.numerator}/{number.denominator}"
    digits = max(twos, fives)
    if not digits:
        return str(number.numerator)
    scaled = abs(number.numerator) * 10**digits // number.denominator
    text = str(scaled).rjust(digits + 1, "0")
    return f"{'-' if number < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def _numbers(votes: Mapping[str, Number]) -> dict[str, str]:
    return {name: exact(number) for name, number in votes.items()}


def dump(result: Result) -> dict[str, Any]:
    """``result`` as plain JSON data; every number is exact text."""
    stages = [
        {
            "votes": _numbers(stage.votes),
            "elected": list(stage.elected),
            "excluded": list(stage.excluded),
            "transferred": _numbers(stage.transferred),
            "exhausted": exact(stage.exhausted),
            **({"from": stage.source} if stage.source else {}),
        }
        for stage in result.stages
    ]
    ties = [{"stage": tie.stage, "about": tie.about, "tied": list(tie.tied), "chosen": list(tie.chosen), "by": tie.by} for tie in result.ties]
    said: dict[str, Any] = {"method": result.method, "winners": list(result.winners), "stages": stages, "ties": ties, "seats": result.seats}
    said |= {"valid": exact(result.valid), "blank": exact(result.blank), "invalid": exact(result.invalid)}
    if result.quota is not None:
        said["quota"] = exact(result.quota)
    if result.notes:
        said["notes"] = _numbers(result.notes)
    if result.tables:
        said["tables"] = {name: {row: _numbers(cells) for row, cells in table.items()} for name, table in result.tables.items()}
    return said


def named(names: Sequence[str], numbers: Sequence[Number], scale: int = 1) -> dict[str, Number]:
    """{name: number / scale}, whole where it is whole."""
    if scale == 1:
        return dict(zip(names, numbers, strict=True))
    return {name: number // scale if not number % scale else Fraction(number) / scale for name, number in zip(names, numbers, strict=True)}
