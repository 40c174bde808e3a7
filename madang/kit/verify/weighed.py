"""Counting again what classes carried, and whether one of them asked for more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from madang.kit.counting.majority import Requirement, Totals, carried, objecting
from madang.kit.counting.weighing import Weighed


def asked_for_more(tally: Mapping[str, Any]) -> tuple[str, ...]:
    """The classes a tally names as asking for more; none where it names none or nothing that is a list of names."""
    said = tally.get("upgraded_by", [])
    return tuple(said) if isinstance(said, list) and all(isinstance(one, str) for one in said) else ()


def wrong_upgrade(tally: Mapping[str, Any], figures: Mapping[str, Totals], classes: Mapping[str, Any], need: Requirement) -> Iterator[str]:
    """What of that does not follow from the figures shown; of a class whose figures are hidden it is taken as told."""
    said = asked_for_more(tally)
    if tally.get("upgraded_by", []) != list(said) or any(key not in need.upgrade.classes or key not in classes for key in said):
        yield f"names classes that cannot ask for more: {tally.get('upgraded_by')}"
    for key in figures:
        if (key in objecting(figures, need.upgrade)) != (key in said):
            yield f"says the class “{key}” {'asked' if key in said else 'did not ask'} for more, but its ballots say otherwise"


def carried_by(tally: Mapping[str, Any], figures: Mapping[str, Totals], complete: bool, need: Requirement) -> tuple[Weighed | None, list[str]]:
    """What classes carried, counted again from all their figures (None where some are hidden or every ballot counts the same), and what of
    the carried parts that the tally shows does not follow."""
    again = carried(figures, need.weights) if complete else None
    shown = tally.get("weighed")
    if again is None:
        return None, ["shows what classes carried, which cannot be counted again"] if shown is not None else []
    return again, [] if shown == dump(again) else ["says other parts of the vote than its classes carried"]


def dump(one: Weighed) -> dict[str, Any]:
    """As a tally shows it: exact fractions as text."""
    return {"of": {key: str(part) for key, part in sorted(one.of.items())}, "for": str(one.for_), "against": str(one.against)}
