"""A length of time: ``"30m"``, ``"24h"``, ``"14d"``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Unfit, check_limits, limits
from madang.kit.ruletypes.words import say

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"\s*([0-9]{1,9})\s*([smhdw])\s*")
_TEN_YEARS = timedelta(days=3660)


def duration_text(value: timedelta) -> str:
    """``timedelta(hours=24)`` → ``"24h"``: days from two days on, as one would say it; else hours, minutes, seconds."""
    seconds = int(value.total_seconds())
    if seconds and seconds % 86400 == 0 and (seconds > 86400 or seconds % 3600):
        return f"{seconds // 86400}d"
    for unit in ("h", "m"):
        if seconds % _SECONDS[unit] == 0 and seconds:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s" if seconds else "0h"


def say_duration(value: timedelta, lang: str = "en") -> str:
    """In words: "1 day 2 hours", "24 hours"; nothing is "none"."""
    seconds = int(value.total_seconds())
    if not seconds:
        return say("none", lang)
    parts: list[str] = []
    if seconds == 86400:
        return say("hours", lang, n=24)
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(say(name if count == 1 else name + "s", lang, n=count))
    return " ".join(parts)


def read_duration(raw: Any, path: str = "") -> timedelta:
    """The length of time a text names. Raises ``Unfit``."""
    if isinstance(raw, timedelta):
        return raw
    if not isinstance(raw, str) or not (match := _DURATION.fullmatch(raw)):
        raise Unfit(path, "duration", raw)
    value = int(match[1]) * _SECONDS[match[2]]
    if value > _TEN_YEARS.total_seconds():
        raise Unfit(path, "at most", raw, max=duration_text(_TEN_YEARS))
    return timedelta(seconds=value)


@dataclass(frozen=True)
class Duration(RuleType):
    """A length of time between ``min`` and ``max`` (texts such as ``"1h"``). The value is a ``timedelta`` of whole seconds."""

    min: str = "0h"
    max: str = "3660d"

    kind = "duration"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> timedelta:
        value = read_duration(raw, path)
        check_limits(value, read_duration(self.min), read_duration(self.max), path, raw, duration_text)
        return value

    def dump(self, value: timedelta) -> str:
        return duration_text(value)

    def describe(self, value: timedelta, lang: str = "en") -> str:
        return say_duration(value, lang)

    def bounds(self, lang: str = "en") -> str:
        high = None if self.max == "3660d" else say_duration(read_duration(self.max), lang)
        low = None if read_duration(self.min) == timedelta() else say_duration(read_duration(self.min), lang)
        return limits(lang, low, high)

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        text = "" if value is None else duration_text(value)
        return [Field(name, self.kind, self.label, text, min=self.min, max="" if self.max == "3660d" else self.max, help=self.help)]
