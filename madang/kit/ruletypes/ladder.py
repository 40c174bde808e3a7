"""Steps: so long ahead, this percentage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from madang.kit.ruletypes.base import Field, RuleType, Unfit, below, check_limits, mapping, only
from madang.kit.ruletypes.duration import duration_text, read_duration, say_duration
from madang.kit.ruletypes.percent import percent_text, read_share
from madang.kit.ruletypes.words import say

_MOST = 12


class Rung(NamedTuple):
    """From ``at_least`` on, ``percent``."""

    at_least: timedelta
    percent: Fraction


class Rungs(tuple[Rung, ...]):
    """The steps, the longest time first."""

    def percent_at(self, ahead: timedelta) -> Fraction:
        """The percentage for something this far ahead: the first step it reaches; below all steps 0."""
        for rung in self:
            if ahead >= rung.at_least:
                return rung.percent
        return Fraction()


@dataclass(frozen=True)
class Ladder(RuleType):
    """Thresholds of time, each with a percentage. The value is :class:`Rungs`; ``value.percent_at(timedelta)`` reads it."""

    kind = "ladder"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> Rungs:
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            raise Unfit(path, "ladder", raw)
        if not 1 <= len(raw) <= _MOST:
            raise Unfit(path, "rows", len(raw), min=1, max=_MOST)
        rungs: list[Rung] = []
        for number, one in enumerate(raw):
            here = below(path, number)
            if isinstance(one, Rung):
                rungs.append(one)
                continue
            step = mapping(one, here, "ladder")
            only(step, ("at_least", "percent"), here)
            if len(step) != 2:
                raise Unfit(here, "ladder", one)
            share = read_share(step["percent"], below(here, "percent"))
            check_limits(share, Fraction(0), Fraction(1), below(here, "percent"), step["percent"], percent_text)
            rungs.append(Rung(read_duration(step["at_least"], below(here, "at_least")), share))
        if len({rung.at_least for rung in rungs}) != len(rungs):
            raise Unfit(path, "ladder once", raw)
        return Rungs(sorted(rungs, key=lambda rung: rung.at_least, reverse=True))

    def dump(self, value: Rungs) -> list[dict[str, str]]:
        return [{"at_least": duration_text(rung.at_least), "percent": percent_text(rung.percent)} for rung in value]

    def describe(self, value: Rungs, lang: str = "en") -> str:
        return " · ".join(self._steps(value, lang))

    def lines(self, value: Any, lang: str = "en") -> list[tuple[str, str]]:
        return [(head, tail) for head, _, tail in (step.rpartition(": ") for step in self._steps(value, lang))]

    def _steps(self, value: Rungs, lang: str) -> list[str]:
        if len(value) == 1 and not value[0].at_least:
            return [say("rung always", lang, percent=percent_text(value[0].percent))]
        said = [say("rung", lang, time=say_duration(r.at_least, lang), percent=percent_text(r.percent)) for r in value if r.at_least]
        return [*said, say("rung last", lang, percent=percent_text(value.percent_at(timedelta())))]

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        rows = [*(value or ()), None] if len(value or ()) < _MOST else list(value)
        made: list[Field] = []
        for number, rung in enumerate(rows):
            group = say("row", lang, n=number + 1) if rung else say("new row", lang)
            time = duration_text(rung.at_least) if rung else ""
            share = percent_text(rung.percent).removesuffix("%") if rung else ""
            made.append(Field(f"{name}.{number}.at_least", "duration", say("l at_least", lang), time, group=group, required=False))
            made.append(Field(f"{name}.{number}.percent", "percent", say("l percent", lang), share, unit="%", min="0", max="100", group=group, required=False))
        return made

    def from_form(self, data: Mapping[str, str], *, name: str = "value") -> Any:
        rows = []
        for number in range(_MOST + 1):
            time, share = (data.get(f"{name}.{number}.{part}", "").strip() for part in ("at_least", "percent"))
            if time or share:
                rows.append({"at_least": time, "percent": share})
        return rows
