"""How much goes back when a visit is cancelled: the earlier, the more. Pure.

The ladder is a rule (``kit.ruletypes.Ladder``): "at least this long before the start → this percent"; below its last step it is nothing.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from madang.kit.ruletypes import Rungs
from madang.kit.splits import largest_remainder


def cut(price: int, share: Fraction, salt: str) -> tuple[int, int]:
    """``price`` (smallest unit) as (goes back, stays); the two are the price, always. ``salt`` breaks a tie of halves."""
    parts = largest_remainder(price, [("back", share), ("stays", 1 - share)], salt)
    return parts["back"], parts["stays"]


def back(price: int, rungs: Rungs, lead: timedelta, salt: str) -> tuple[int, int]:
    """(goes back, stays) for a visit cancelled ``lead`` before it starts (negative: after)."""
    return cut(price, rungs.percent_at(lead), salt)
