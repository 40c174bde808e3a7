"""The last months' real plays under every model: what I would get, how it would be spread, and from how many plays on stream to own pays more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from madang.coop.people.models import Person
from madang.platforms.music import parts, queries, royalties, rules, schedule, terms
from madang.platforms.music.actions import settling
from madang.platforms.music.models import Track
from madang.platforms.music.trees import Trees

FEWEST = 5
"""No figure is shown for a group of fewer."""


@dataclass(frozen=True)
class Under:
    """The months under one model: the artists' side in all, ``mine`` of it, and what each tenth of the artists gets (most first; empty under fifty artists)."""

    model: str
    artists: int
    mine: int | None
    median: int | None
    tenths: list[int]
    in_force: bool


@dataclass(frozen=True)
class WhatIf:
    """What was tried: under each model, over how many months with plays, of how many artists; the break-even curve as (paid elsewhere a play, plays)."""

    under: list[Under]
    months: int
    artists: int
    plays: int
    curve: list[tuple[int, int | None]]


def tried(person: Person | None, now: datetime) -> WhatIf:
    """Run the last quarter's plays under each model, by the other rules as they are in force now."""
    held = terms.at(now)
    months = [counted for counted in (settling.read(month) for month in queries.quarter(now)) if counted.month.paid]
    keys = {track for counted in months for track in counted.plays}
    tracks = {one.pk: one for one in Track.objects.filter(pk__in=keys)}
    own = _own(person, tracks, now)
    artists = {one.artist_id for one in tracks.values()}
    growth = [(row["plays"], row["weight"]) for row in held.value(rules.growth).values()]
    under = []
    for model in royalties.MODELS:
        sums: dict[int, int] = defaultdict(int)
        for counted in months:
            for track, amount in royalties.shared(model, counted.month, held.value(rules.split)["artists"], growth=growth).tracks.items():
                sums[track] += amount
        by_artist: dict[int, int] = dict.fromkeys(artists, 0)
        for track, amount in sums.items():
            by_artist[tracks[track].artist_id] += amount
        ranked = sorted(by_artist.values(), reverse=True)
        mine = sum(int(amount * own.get(track, 0)) for track, amount in sums.items()) if own else None
        median = ranked[len(ranked) // 2] if len(ranked) >= FEWEST else None
        under.append(Under(model, sum(sums.values()), mine, median, _tenths(ranked), model == held.value(rules.model)))
    curve = [(amount, schedule.break_even(held.prices, amount)) for amount in _elsewhere(held.prices)]
    return WhatIf(under, len(months), len(artists), sum(sum(counted.plays.values()) for counted in months), curve)


def _elsewhere(prices: list[int]) -> list[int]:
    """What a play might bring elsewhere: from the first price to the middle one, in eight steps."""
    low, high = prices[0], max(prices[0] * 8, prices[min(4, len(prices) - 1)])
    return [low + (high - low) * step // 8 for step in range(9)]


def _tenths(ranked: list[int]) -> list[int]:
    if len(ranked) < FEWEST * 10:
        return []
    edges = [len(ranked) * step // 10 for step in range(11)]
    return [sum(ranked[begin:end]) for begin, end in pairwise(edges)]


def _own(person: Person | None, tracks: dict[int, Track], now: datetime) -> dict[int, float]:
    """A person's part of what each track brings, by the agreements that hold now."""
    if person is None or not person.is_authenticated:
        return {}
    trees, me, whole = Trees(tracks.values(), now), f"person:{person.pk}", 10**9
    found = {}
    for key, track in tracks.items():
        got = sum(one.amount for one in parts.portions(whole, trees.of(track), "") if one.owner == me)
        if got:
            found[key] = got / whole
    return found
