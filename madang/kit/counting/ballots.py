"""Ballots as a count reads them: equal ones together, rankings or scores, and what each method makes of the other kind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain

from madang.kit.counting.result import Number

Rank = int | tuple[int, ...]
Ranking = tuple[Rank, ...]
Scores = tuple[tuple[int, Number], ...]


class Unfit(ValueError):
    """These ballots cannot be counted by this method; the text says why."""


@dataclass(frozen=True)
class Ballots:
    """What a file or a vote holds. Candidates are numbers from 0, their names stand in ``names`` and differ.

    ``rankings``: each ranking and how many ballots say it. A rank is one candidate, a tuple of several that stand equal, or ``()``
    for a rank left empty; who is not named stands below all. ``complete``: such files list everyone, so the last rank says "the rest".
    ``scores``: each ((candidate, score), …) in the order of candidates and how many ballots say it; who is not named has 0.
    ``seats``: as the file says. ``withdrawn``: counted for nobody. ``blank``, ``invalid``: ballots known to say nothing, or nothing clear.
    ``costs`` and ``budget``: of projects, in the file's unit. ``notes``: what was odd, by code, with a number.
    """

    names: tuple[str, ...]
    rankings: Mapping[Ranking, Number] = field(default_factory=dict)
    scores: Mapping[Scores, Number] | None = None
    seats: int | None = None
    withdrawn: frozenset[int] = frozenset()
    blank: Number = 0
    invalid: Number = 0
    complete: bool = False
    costs: tuple[Number, ...] = ()
    budget: Number | None = None
    notes: Mapping[str, Number] = field(default_factory=dict)

    @property
    def standing(self) -> list[int]:
        """The candidates who have not withdrawn."""
        return [number for number in range(len(self.names)) if number not in self.withdrawn]


@dataclass(frozen=True)
class Papers:
    """Ballots read for a method: each distinct one with how many there are, and how many said nothing or nothing clear."""

    counted: Mapping[tuple[int, ...], Number]
    blank: Number
    invalid: Number

    @property
    def valid(self) -> Number:
        """How many count."""
        return sum(self.counted.values())


def strict(ballots: Ballots, *, gap_ends: bool) -> Papers:
    """The rankings as preferences one after the other, for methods where a ballot stands with one candidate at a time.

    A ballot is read until a rank that names several (an overvote), and with ``gap_ends`` until a rank left empty: what follows is not
    clear. A candidate named again is passed over. Nothing clear at the first rank makes it invalid, nothing at all blank.
    """
    out: dict[tuple[int, ...], Number] = defaultdict(int)
    blank, invalid = ballots.blank, ballots.invalid
    rankings = ranked(ballots)
    if _plain(rankings, ballots.withdrawn):
        counted = dict(rankings)
        blank += counted.pop((), 0)
        return Papers(counted, blank, invalid)  # type: ignore[arg-type]
    for ranking, number in rankings.items():
        read = _read(ranking, ballots.withdrawn, gap_ends)
        if read is None:
            invalid += number
        elif read:
            out[read] += number
        else:
            blank += number
    return Papers(out, blank, invalid)


def _plain(rankings: Mapping[Ranking, Number], gone: frozenset[int]) -> bool:
    """Nobody has withdrawn, no rank is shared or empty, nobody is named twice (asked of all ballots at once, for it is asked of millions)."""
    if gone or sum(map(len, map(set, rankings))) != sum(map(len, rankings)):
        return False
    return all(type(one) is int for one in set(chain.from_iterable(rankings)))


def _read(ranking: Ranking, gone: frozenset[int], gap_ends: bool) -> tuple[int, ...] | None:
    read: list[int] = []
    seen: set[int] = set()
    unclear = named = False
    for rank in ranking:
        several = (rank,) if isinstance(rank, int) else rank
        named = named or any(one not in gone for one in several)
        here = [one for one in dict.fromkeys(several) if one not in gone and one not in seen]
        if len(here) > 1 or (not several and gap_ends):
            unclear = True
            break
        seen.update(here)
        read += here
    if read:
        return tuple(read)
    rest = unclear and any(one not in gone for rank in ranking for one in ((rank,) if isinstance(rank, int) else rank))
    return None if rest else ()


def weak(ballots: Ballots) -> tuple[Mapping[Ranking, Number], Number, Number]:
    """The rankings without empty ranks, for methods that compare pairs: ({ranks: how many}, blank, invalid).

    Empty ranks and those named again are passed over; equals stay equal.
    """
    out: dict[Ranking, Number] = defaultdict(int)
    blank = ballots.blank
    rankings = ranked(ballots)
    if _plain(rankings, ballots.withdrawn):
        counted = dict(rankings)
        blank += counted.pop((), 0)
        return counted, blank, ballots.invalid
    for ranking, number in rankings.items():
        seen = set(ballots.withdrawn)
        ranks: list[Rank] = []
        for rank in ranking:
            here = tuple(sorted({rank} - seen if isinstance(rank, int) else set(rank) - seen))
            if here:
                seen.update(here)
                ranks.append(here[0] if len(here) == 1 else here)
        if ranks:
            out[tuple(ranks)] += number
        else:
            blank += number
    return out, blank, ballots.invalid


def ranked(ballots: Ballots) -> Mapping[Ranking, Number]:
    """The rankings; of ballots that score, the order of their scores (equal scores stand equal, who has none has 0)."""
    if ballots.scores is None or ballots.rankings:
        return ballots.rankings
    out: dict[Ranking, Number] = defaultdict(int)
    for scores, number in ballots.scores.items():
        given = dict(scores)
        levels: dict[Number, list[int]] = defaultdict(list)
        for candidate in range(len(ballots.names)):
            levels[given.get(candidate, 0)].append(candidate)
        ranks = [tuple(levels[level]) for level in sorted(levels, reverse=True)]
        out[tuple(rank[0] if len(rank) == 1 else rank for rank in ranks) if given else ()] += number
    return out


def scored(ballots: Ballots, method: str) -> Mapping[Scores, Number]:
    """The scores. Raises ``Unfit`` for ballots that rank: an order says nothing about how much."""
    if ballots.scores is None:
        raise Unfit(f"{method} needs scores, and these ballots are rankings")
    gone = ballots.withdrawn
    if not gone:
        return ballots.scores
    out: dict[Scores, Number] = defaultdict(int)
    for scores, number in ballots.scores.items():
        out[tuple(pair for pair in scores if pair[0] not in gone)] += number
    return out


def approved(ballots: Ballots) -> dict[tuple[int, ...], Number]:
    """{candidates a ballot approves of: how many}. A score above 0 approves; of rankings, everyone ranked, but of complete ones not the last rank."""
    out: dict[tuple[int, ...], Number] = defaultdict(int)
    if ballots.scores is not None:
        for scores, number in ballots.scores.items():
            out[tuple(candidate for candidate, score in scores if score > 0 and candidate not in ballots.withdrawn)] += number
        return out
    for ranking, number in ballots.rankings.items():
        ranks = ranking[:-1] if ballots.complete else ranking
        chosen = {one for rank in ranks for one in ((rank,) if isinstance(rank, int) else rank)}
        out[tuple(sorted(chosen - ballots.withdrawn))] += number
    return out


LONGEST = 100
"""Characters of a number: more is no count, score or sum of money, and would only be slow."""
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)


def whole(text: str) -> Number:
    """A number as files write it: "12", "8000,5", "8000.50", "1/3"; "1,000" is a thousand. Raises ``ValueError`` for anything else."""
    text = text.strip()
    if len(text) > LONGEST:
        raise ValueError(f"not a number: {text[:LONGEST]!r}…")
    if text.isascii() and text.isdigit():
        return int(text)
    if any(sign not in "0123456789.,/-+" for sign in text) or not text:
        raise ValueError(f"not a number: {text!r}")
    value = Fraction(text.replace(",", "") if THOUSANDS.fullmatch(text) else text.replace(",", "."))
    return int(value) if value.denominator == 1 else value


def unlike(names: list[str]) -> tuple[str, ...]:
    """``names``, each different from all before: a second "Kim" becomes "Kim (2)"."""
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        given, turn = name, 1
        while given in taken:
            turn += 1
            given = f"{name} ({turn})"
        taken.add(given)
        out.append(given)
    return tuple(out)
