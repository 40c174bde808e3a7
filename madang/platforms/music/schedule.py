"""Stream to own: each play of a track by one listener has its price, and after the last one the track is theirs. Pure.

Source: Resonate's stream2own (community.resonate.coop/t/1854): nine plays, each twice the price of the one before, counted for life and never by month.
"""

from __future__ import annotations

from collections.abc import Sequence


def price(prices: Sequence[int], paid: int) -> int:
    """What the next play costs when ``paid`` of the prices were paid already (smallest unit); 0 once all were: the track is owned."""
    return prices[paid] if paid < len(prices) else 0


def rest(prices: Sequence[int], paid: int) -> int:
    """What is left to pay until the track is owned."""
    return sum(prices[paid:])


def came_to(prices: Sequence[int], paid: int, plays: int) -> int:
    """What ``plays`` more plays come to when ``paid`` prices were paid before: it does not depend on their order."""
    return sum(prices[paid : paid + plays])


def break_even(prices: Sequence[int], per_play: int) -> int | None:
    """How many plays by one listener it takes until they brought as much as ``per_play`` each would have; None: never before the track is owned."""
    total = 0
    for plays, one in enumerate(prices, 1):
        total += one
        if total >= plays * per_play:
            return plays
    return None
