"""How much of a vote each class carries: fixed parts, and caps. Exact, pure, and able to say why.

*Fixed parts* (Somerset Rules: "labour 40 %, users 40 %"): a class that has one carries it whatever the number of its ballots, and each of its
ballots for or against carries an equal piece. Classes without one share what is left, by head. A class that cast no ballot for or against
carries nothing, and the parts of the others grow in proportion.
*Caps* ("supporters at most 10 %"): a class that would carry more carries its cap, the others the rest, in the proportion they had. Where
only capped classes voted they still carry no more than their caps: the rest is nobody's and counts as not in favour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class Weights:
    """``parts`` and ``caps``: a share of the whole vote by class, exact, between 0 and 1. Empty: every ballot counts the same."""

    parts: Mapping[str, Fraction] = field(default_factory=dict)
    caps: Mapping[str, Fraction] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.parts or self.caps)


@dataclass(frozen=True)
class Weighed:
    """What was carried: ``of`` each class, ``for_`` and ``against`` of the whole (1); what is missing to 1 is nobody's."""

    of: Mapping[str, Fraction]
    for_: Fraction
    against: Fraction

    def meets(self, majority: Fraction, strict: bool) -> bool:
        """Whether enough of what was carried is for it. Nothing carried is not enough."""
        return bool(self.of) and (self.for_ > majority if strict else self.for_ >= majority)


def shares(decided: Mapping[str, int], weights: Weights) -> dict[str, Fraction]:
    """What each class carries, of 1, given how many ballots for or against it cast; classes without one are left out."""
    there = {key: many for key, many in decided.items() if many > 0}
    free = sum(many for key, many in there.items() if key not in weights.parts)
    rest = max(1 - sum(weights.parts.values(), Fraction(0)), Fraction(0)) if weights.parts else Fraction(1)
    carried = {key: weights.parts[key] if key in weights.parts else rest * many / free for key, many in there.items()}
    whole = sum(carried.values(), Fraction(0))
    if not whole:
        return {}
    return _capped({key: part / whole for key, part in carried.items()}, weights.caps)


def _capped(carried: dict[str, Fraction], caps: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """The same with nobody above their cap. Those that reach theirs stay there while the others grow, until none exceeds."""
    at_cap: set[str] = set()
    found = dict(carried)
    while over := {key for key, part in found.items() if key in caps and part > caps[key]}:
        at_cap |= over
        left = max(1 - sum((caps[key] for key in at_cap), Fraction(0)), Fraction(0))
        whole = sum((part for key, part in carried.items() if key not in at_cap), Fraction(0))
        found = {key: caps[key] if key in at_cap else part * left / whole if whole else part for key, part in carried.items()}
    return found


def weigh(votes: Mapping[str, tuple[int, int]], weights: Weights) -> Weighed:
    """Carry ``votes`` of {class: (for, against)}."""
    of = shares({key: for_ + against for key, (for_, against) in votes.items()}, weights)
    return Weighed(
        of,
        sum((part * votes[key][0] / sum(votes[key]) for key, part in of.items()), Fraction(0)),
        sum((part * votes[key][1] / sum(votes[key]) for key, part in of.items()), Fraction(0)),
    )
