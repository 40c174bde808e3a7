"""A veto window: for a while after the count the holders of an office may stop what passed, with a reason. Off unless members or the charter say so.

A class that asks for more (``way_who.Veto``) is another thing: it is part of the count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from madang.kit.ruletypes.base import Field, Unfit, below, check_limits
from madang.kit.ruletypes.duration import duration_text, read_duration, say_duration
from madang.kit.ruletypes.words import say

KEYS = ("veto_office", "veto_window")
_OFFICE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Window:
    """``office``: whose holders may veto (a key, "" for nobody), for ``time`` after the count: within the notice, so that nothing is in force by then."""

    office: str = ""
    time: timedelta = timedelta()


def read(given: Mapping[str, Any], notice: timedelta, path: str) -> Window:
    """From a way's own table. Raises ``Unfit``: an office and a time only together, the time not longer than the notice."""
    office = given.get("veto_office", "")
    if not isinstance(office, str) or (office and not _OFFICE.fullmatch(office)):
        raise Unfit(below(path, "veto_office"), "slug", office)
    time = read_duration(given["veto_window"], below(path, "veto_window")) if "veto_window" in given else timedelta()
    check_limits(time, timedelta(), notice, below(path, "veto_window"), given.get("veto_window"), duration_text)
    if office and not time:
        raise Unfit(below(path, "veto_window"), "at least", given.get("veto_window"), min="> 0h")
    if time and not office:
        raise Unfit(below(path, "veto_office"), "slug", office)
    return Window(office, time)


def dump(value: Window) -> dict[str, Any]:
    """Only where it is on."""
    return {"veto_office": value.office, "veto_window": duration_text(value.time)} if value.office else {}


def lines(value: Window, names: Mapping[str, str], lang: str) -> list[str]:
    """In words."""
    if not value.office:
        return []
    return [say("veto_window", lang, name=names.get(f"office:{value.office}", value.office), time=say_duration(value.time, lang))]


def fields(value: Window, name: str, lang: str) -> list[Field]:
    """For a form."""
    return [
        Field(f"{name}.veto_office", "text", say("l veto_office", lang), value.office, max="40", required=False),
        Field(f"{name}.veto_window", "duration", say("l veto_window", lang), duration_text(value.time)),
    ]
