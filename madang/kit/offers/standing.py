"""How an offer stands at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from madang.kit.offers.allotment import matched
from madang.kit.offers.terms import OPEN, Terms


@dataclass(frozen=True)
class Standing:
    """Amounts in the smallest unit. ``asked``: applied for and not paid; ``paid``: what others than the match funder paid; ``matched``: what the
    funder's money counts for; ``raised``: paid + matched, at most the maximum; ``room``: what may still be applied for (None: no maximum)."""

    asked: int
    paid: int
    promised: int
    matched: int
    raised: int
    room: int | None
    met: bool
    full: bool
    over: bool

    @property
    def missed(self) -> bool:
        """Whether its time is over and the minimum was not reached: all money goes back."""
        return self.over and not self.met


def stand(terms: Terms, *, paid: int, promised: int = 0, asked: int = 0, closes_at: datetime | None = None, now: datetime) -> Standing:
    """How an offer of these terms stands. ``paid`` by others, ``promised`` and paid by the match funder, ``closes_at`` as extended.

    Room is what fits beside the funder's money, which is at most half of the maximum; where all are scaled back at the end, there is no limit to it.
    """
    ends = closes_at or terms.closes_at
    most = terms.maximum or None
    counts = matched(paid, promised, None if most is None else max(0, most - paid))
    raised = paid + counts if most is None else min(most, paid + counts)
    room = None if most is None or not terms.at_once else max(0, most - promised - paid - asked)
    met = terms.kind == OPEN or raised >= terms.minimum
    full = most is not None and raised >= most
    return Standing(asked, paid, promised, counts, raised, room, met, full, ends is not None and now >= ends)

