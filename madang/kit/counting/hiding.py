"""What may be shown of a count: no figure for fewer than five ballots, and none that could be worked out by subtraction."""

from __future__ import annotations

from collections.abc import Mapping

SMALLEST = 5


def hidden(cast: Mapping[str, int]) -> tuple[set[str], bool]:
    """Which classes' figures stay hidden, and whether the totals do, given how many ballots each class cast.

    A class with fewer than five ballots is hidden. Totals minus what is shown would give it away when it is alone, or when all hidden
    ones together are fewer than five; then the next smallest class is hidden with it, until the hidden ones are at least two and five
    ballots together (complementary suppression). Where that cannot be, every class and the totals are hidden.
    """
    small = {key for key, ballots in cast.items() if ballots < SMALLEST}
    if sum(cast.values()) < SMALLEST:
        return set(cast), True
    if not small:
        return set(), False
    for key in sorted(cast, key=lambda one: (cast[one], one)):
        if len(small) >= 2 and sum(cast[one] for one in small) >= SMALLEST:
            break
        small.add(key)
    if len(small) < 2 or sum(cast[one] for one in small) < SMALLEST:
        return set(cast), True
    return small, False
