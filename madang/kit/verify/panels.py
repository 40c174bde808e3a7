"""Drawing a panel again: from the list and the hash that stood in the record before the vote, the secret shown after it, and the vote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from madang.kit.counting import lots, sortition


def redraw(opened: Mapping[str, Any], tally: Mapping[str, Any], drawn: Mapping[str, Any]) -> Iterator[str]:
    """What of a drawn panel does not follow from the leaves of its decision, as sentences without a subject. Raises ``KeyError``, ``TypeError``
    and ``ValueError`` for leaves that are not as ours are."""
    details = opened["details"]
    size, people, panels, number = details["size"], details["volunteers"], drawn["panels"], drawn["drawn"]
    if tally.get("passed") is not True:
        yield "draws a panel that the members did not want"
    if lots.commitment(drawn["secret"]) != details["lot"]:
        yield "shows another secret than the one whose hash was published when voting opened"
    if sortition.root(panels) != details["panels"]:
        yield "shows another list of panels than the one whose hash was published when voting opened"
    if not panels or any(not panel or sorted(set(panel)) != panel or len(panel) != size or panel[0] < 1 or panel[-1] > people for panel in panels):
        yield "lists a panel that is none: not so many different volunteers as it has seats"
        return
    if number != sortition.draw(sortition.seed(drawn["secret"], tally), len(panels)):
        yield "draws another panel than its secret and the vote say"
