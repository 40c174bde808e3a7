"""Deciding by no objection (consent): it passes unless somebody objects and says why.

Counted, it is a majority of all who are for or against: one against is enough. So nothing but the words and the reason is new, and
whoever counts again counts as for every other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madang.kit.ruletypes.base import Field, Unfit, below
from madang.kit.ruletypes.words import say

KEY = "objections"
ALL = "100%"


def full(given: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """A way's table with the majority that no objection means. Raises ``Unfit`` for another one beside it, and for what is no yes or no."""
    if KEY not in given:
        return given
    if not isinstance(given[KEY], bool):
        raise Unfit(below(path, KEY), "flag", given[KEY])
    if not given[KEY]:
        return {name: value for name, value in given.items() if name != KEY}
    if given.get("majority", ALL) not in (ALL, "1/1", "1") or given.get("strict", False) is not False:
        raise Unfit(below(path, "majority"), "at least", given.get("majority"), min=ALL)
    return {**given, "majority": ALL, "strict": False}


def dump(on: bool) -> dict[str, Any]:
    """Only where it is on."""
    return {KEY: True} if on else {}


def fields(on: bool, name: str, lang: str) -> list[Field]:
    """For a form."""
    return [Field(f"{name}.{KEY}", "flag", say("l objections", lang), "on" if on else "", required=False)]


def from_form(data: Mapping[str, str], name: str) -> dict[str, Any]:
    """What was ticked; then the majority and its sign are as no objection means them."""
    return {KEY: True, "majority": ALL, "strict": False} if data.get(f"{name}.{KEY}") else {}
