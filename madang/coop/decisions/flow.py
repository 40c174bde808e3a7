"""The transfer of votes as a picture: one line a stage, a block for each option as wide as its votes, and bands for what moves on.

Only for drawing: the count itself is exact and stands beside it in words, so floating point will do here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

WIDTH, HIGH, GAP, BETWEEN = 360, 22, 46, 2
MOST_STAGES, MOST_OPTIONS = 40, 40
COLOURS = 8
METHODS = frozenset({"irv", "stv-scottish", "stv-meek"})
NOBODY = ""
"""The key of what counts for nobody any more."""


@dataclass(frozen=True)
class Block:
    """An option's votes at a stage: where it stands, its number on the ballot (0: nobody's), its colour, and whether it is chosen by then."""

    x: float
    y: float
    width: float
    number: int
    colour: int
    chosen: bool

    @property
    def middle(self) -> float:
        """Where its number is written."""
        return round(self.x + self.width / 2, 2)

    @property
    def wide(self) -> bool:
        """Whether a number fits into it."""
        return self.width >= 14


@dataclass(frozen=True)
class Band:
    """What goes from a block to one of the next stage: an SVG path; ``moves``: to another option."""

    path: str
    colour: int
    moves: bool


@dataclass(frozen=True)
class Flow:
    """The whole picture, in units of which the width is :data:`WIDTH`; ``names``: (number, colour, title, chosen) of each option."""

    height: int
    blocks: list[Block] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    names: list[tuple[int, int, str, bool]] = field(default_factory=list)
    lines: list[tuple[int, float]] = field(default_factory=list)


def drawn(method: str, stages: Sequence[Mapping[str, Any]], titles: Mapping[str, str], winners: Sequence[str]) -> Flow | None:
    """The picture of a count in stages (as ``kit/counting/result.py`` dumps them); None for methods without transfers and for one stage."""
    if method not in METHODS or not 1 < len(stages) <= MOST_STAGES or len(titles) > MOST_OPTIONS:
        return None
    order = [*titles, NOBODY]
    votes = [{**{key: Fraction(text) for key, text in stage["votes"].items()}, NOBODY: Fraction(stage["exhausted"])} for stage in stages]
    whole = sum(votes[0].values())
    if whole <= 0:
        return None
    scale = float((WIDTH - BETWEEN * (len(order) - 1)) / whole)
    places = [_places(row, order, scale) for row in votes]
    made = Flow(len(stages) * HIGH + (len(stages) - 1) * GAP)
    chosen: set[str] = set()
    for number, row in enumerate(votes):
        y = number * (HIGH + GAP)
        chosen |= set(stages[number]["elected"])
        made.lines.append((number + 1, y))
        for place, key in enumerate(order):
            if row[key] > 0:
                x, width = places[number][key]
                made.blocks.append(Block(x, y, width, 0 if key == NOBODY else place + 1, -1 if key == NOBODY else place % COLOURS, key in chosen))
        if number + 1 < len(votes):
            made.bands.extend(_bands(row, votes[number + 1], order, (places[number], places[number + 1]), y + HIGH, scale))
    made.names.extend((place, (place - 1) % COLOURS, title, key in winners) for place, (key, title) in enumerate(titles.items(), 1))
    return made


def _places(row: Mapping[str, Fraction], order: Sequence[str], scale: float) -> dict[str, tuple[float, float]]:
    x, places = 0.0, {}
    for key in order:
        width = round(float(row[key]) * scale, 2)
        places[key] = (round(x, 2), width)
        x += width + BETWEEN
    return places


Places = dict[str, tuple[float, float]]


def moves(before: Mapping[str, Fraction], after: Mapping[str, Fraction], order: Sequence[str]) -> list[tuple[str, str, Fraction]]:
    """What went from whom to whom: what each keeps, then from those who lost to those who gained, in proportion where several lost at once."""
    kept = [(key, key, min(before[key], after[key])) for key in order]
    lost = {key: before[key] - after[key] for key in order if before[key] > after[key]}
    won = {key: after[key] - before[key] for key in order if after[key] > before[key]}
    whole = sum(lost.values())
    went = [(one, other, much * more / whole) for one, much in lost.items() for other, more in won.items()] if whole else []
    return [one for one in (*kept, *went) if one[2] > 0]


def _bands(
    before: Mapping[str, Fraction], after: Mapping[str, Fraction], order: Sequence[str], places: tuple[Places, Places], y: float, scale: float
) -> list[Band]:
    rank = {key: place for place, key in enumerate(order)}
    found = moves(before, after, order)
    leaves, comes = {key: places[0][key][0] for key in order}, {key: places[1][key][0] for key in order}
    starts: dict[tuple[str, str], float] = {}
    for one, other, much in sorted(found, key=lambda move: (rank[move[0]], rank[move[1]])):
        starts[one, other] = leaves[one]
        leaves[one] += float(much) * scale
    bands = []
    for one, other, much in sorted(found, key=lambda move: (rank[move[1]], rank[move[0]])):
        wide, left, right = float(much) * scale, starts[one, other], comes[other]
        comes[other] += wide
        low, half = y + GAP, y + GAP / 2
        path = (
            f"M{left:.1f} {y:.1f}C{left:.1f} {half:.1f} {right:.1f} {half:.1f} {right:.1f} {low:.1f}"
            f"H{right + wide:.1f}C{right + wide:.1f} {half:.1f} {left + wide:.1f} {half:.1f} {left + wide:.1f} {y:.1f}Z"
        )
        bands.append(Band(path, -1 if one == NOBODY else rank[one] % COLOURS, one != other))
    return sorted(bands, key=lambda band: band.moves)
