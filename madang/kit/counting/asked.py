"""What a way of deciding asks of a count: the same for the co-op that counts and for whoever counts again."""

from __future__ import annotations

from madang.kit.counting.majority import Needs, Requirement, Upgrade
from madang.kit.counting.weighing import Weights
from madang.kit.ruletypes.way import ClassNeeds, WayOfDeciding


def requirement_of(way: WayOfDeciding) -> Requirement:
    """Majorities, quorums, what classes carry, and whose objection asks for more."""
    who, veto = way.who, way.who.veto
    return Requirement(
        needs_of(way.needs), {key: needs_of(needs) for key, needs in way.per_class.items()}, Weights(who.weights, who.caps),
        Upgrade(veto.classes, veto.majority, veto.strict, veto.every_class),
    )  # fmt: skip


def needs_of(needs: ClassNeeds) -> Needs:
    """As the count takes them."""
    return Needs(needs.quorum, needs.majority, needs.strict, needs.of_present)
