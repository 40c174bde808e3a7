"""Who gets how many shares when more is wanted than there is; whole shares, exact, and the same for everyone who reckons it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from madang.kit.offers.terms import FIRST_COME, SCALED
from madang.kit.splits import largest_remainder


@dataclass(frozen=True)
class Wish:
    """One paid application: ``count`` shares wanted, ``place`` in the order of payment, ``least`` the fewest that are of use to who applied."""

    key: str
    count: int
    place: int
    least: int = 1


def allot(wishes: Sequence[Wish], room: int | None, how: str, salt: str) -> dict[str, int]:
    """How many shares each wish gets of ``room`` (None: no maximum). Nobody gets more than they wanted, together never more than ``room``.

    *first-come*: in the order of payment, each in full while it fits. *smallest-first*: the same in the order of size. In both, who no longer
    fits gets what is left when that is at least their ``least``, else nothing. *scaled*: each first gets their ``least`` (smallest first where even
    that is too much), the rest of the room is shared in proportion to what else they wanted, by largest remainder.
    Raises ``ValueError`` for two wishes of one key, or a wish of nothing.
    """
    if len({one.key for one in wishes}) != len(wishes) or any(one.count <= 0 for one in wishes):
        raise ValueError("each wish once, and for something")
    if room is None or sum(one.count for one in wishes) <= room:
        return {one.key: one.count for one in wishes}
    if how == SCALED:
        return _scaled(wishes, max(0, room), salt)
    by_size = how != FIRST_COME
    return _in_order(sorted(wishes, key=lambda one: (one.count if by_size else 0, one.place)), max(0, room))


def _in_order(wishes: Sequence[Wish], room: int) -> dict[str, int]:
    got = {}
    for one in wishes:
        fits = min(one.count, room)
        got[one.key] = fits if fits >= min(one.least, one.count) else 0
        room -= got[one.key]
    return got


def _scaled(wishes: Sequence[Wish], room: int, salt: str) -> dict[str, int]:
    firsts = [Wish(one.key, min(one.least, one.count), one.place, min(one.least, one.count)) for one in wishes]
    got = _in_order(sorted(firsts, key=lambda one: (one.count, one.place)), room)
    rest = room - sum(got.values())
    more = [(one.key, Fraction(one.count - got[one.key])) for one in wishes if got[one.key] and one.count > got[one.key]]
    if not more or not rest:
        return got
    # What could not even begin leaves room: those who did begin take it up, never beyond their wish.
    shared = largest_remainder(min(rest, int(sum(weight for _key, weight in more))), more, salt)
    return {key: count + shared.get(key, 0) for key, count in got.items()}


def matched(others: int, promised: int, room: int | None = None) -> int:
    """How many shares the match funder gets for ``others``' shares: one for one, up to what they ``promised`` and what there is ``room`` for."""
    least = min(others, promised)
    return max(0, least if room is None else min(least, room))
