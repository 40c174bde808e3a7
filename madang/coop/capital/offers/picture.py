"""An offer's progress as a picture: a bar with marks at minimum, optimum and maximum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from madang.coop.capital.offers.models import Offer
from madang.kit.offers import Standing

WHOLE = 1000


@dataclass(frozen=True)
class Mark:
    """A line on the bar, ``x`` thousandths from the left."""

    name: str
    amount: int
    x: int
    reached: bool


@dataclass(frozen=True)
class Bar:
    """``paid`` and ``matched`` as thousandths of the bar, which is as long as the highest mark."""

    paid: int
    matched: int
    marks: Sequence[Mark]
    raised: int
    unit: str
    said: Any

    @property
    def end(self) -> int:
        """Where the matched part ends."""
        return self.paid + self.matched


def bar(offer: Offer, stands: Standing) -> Bar | None:
    """The bar of an offer; None for an open one, which has no mark to reach."""
    heights = [(_("Minimum"), offer.minimum), (_("Optimum"), offer.optimum), (_("Maximum"), offer.maximum)]
    top = max([amount for _name, amount in heights] + [0])
    if not top:
        return None
    top = max(top, stands.raised)
    marks = [Mark(name, amount, amount * WHOLE // top, stands.raised >= amount) for name, amount in heights if amount]
    paid = min(stands.paid, top) * WHOLE // top
    return Bar(paid, min(WHOLE - paid, stands.matched * WHOLE // top), marks, stands.raised, offer.unit, _("{n} % of the minimum").format(
        n=stands.raised * 100 // offer.minimum) if offer.minimum else "")
