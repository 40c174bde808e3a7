"""What is decided at a general meeting stands beside the ballots: who was present when it was put, and how the same way counts there."""

from __future__ import annotations

from typing import Any

from madang.coop.rules.actions import moment_text
from madang.kit.ruletypes import WayOfDeciding
from madang.kit.ruletypes.way import at_meeting

PRESENT = "present"


def way(one: Any, own: WayOfDeciding) -> WayOfDeciding:
    """The way as this proposal is counted: its own, or as it counts at a meeting."""
    return at_meeting(own, of_present=one.sitting["counted_of"] == PRESENT) if one.sitting is not None else own


def opening(one: Any) -> dict[str, Any]:
    """For the leaf of the opening: who was there; nothing of a vote that was not put at a meeting."""
    return {"meeting": one.sitting} if one.sitting is not None else {}


def closing(one: Any) -> dict[str, Any]:
    """For the leaf of the tally: when whoever chaired closed the vote, which was not fixed before."""
    return {"closed_at": moment_text(one.closed_at)} if one.sitting is not None else {}
