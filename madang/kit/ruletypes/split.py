"""How one amount is shared among named parts: 100 % in all, always."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Unfit, below, check_limits, limits, mapping, only
from madang.kit.ruletypes.percent import percent_text, read_share


@dataclass(frozen=True)
class Split(RuleType):
    """Shares of the ``parts`` ({name: label}, or just names) that add up to exactly 100 %.

    ``bounds_of`` maps a part to (min, max) such as ``("0%", "30%")``. The value is ``{name: Fraction}`` in the order of ``parts``:
    hand ``value.items()`` to ``kit.splits.largest_remainder``.
    """

    parts: Any = ()
    bounds_of: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    kind = "split"

    @property
    def names(self) -> list[str]:
        """The parts, in order."""
        return list(self.parts)

    def part_label(self, name: str) -> Any:
        """What people call a part."""
        return self.parts[name] if isinstance(self.parts, Mapping) else name

    def part_bounds(self, name: str) -> tuple[Fraction, Fraction]:
        """The least and the most a part may get."""
        low, high = self.bounds_of.get(name, ("0%", "100%"))
        return read_share(low, name), read_share(high, name)

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> dict[str, Fraction]:
        given = mapping(raw, path, "split", parts=", ".join(self.names))
        only(given, self.names, path)
        if missing := [name for name in self.names if name not in given]:
            raise Unfit(below(path, missing[0]), "split", None, parts=", ".join(self.names))
        value: dict[str, Fraction] = {}
        for name in self.names:
            one = given[name]
            share = one if isinstance(one, Fraction) else read_share(one, below(path, name))
            check_limits(share, *self.part_bounds(name), below(path, name), one, percent_text)
            value[name] = share
        if (total := sum(value.values(), Fraction())) != 1:
            raise Unfit(path, "split sum", raw, sum=percent_text(total))
        return value

    def dump(self, value: Mapping[str, Fraction]) -> dict[str, str]:
        return {name: percent_text(value[name]) for name in self.names}

    def describe(self, value: Mapping[str, Fraction], lang: str = "en") -> str:
        return " · ".join(f"{self.part_label(name)} {percent_text(value[name])}" for name in self.names)

    def lines(self, value: Any, lang: str = "en") -> list[tuple[str, str]]:
        return [(str(self.part_label(name)), percent_text(value[name])) for name in self.names]

    def changes(self, before: Any, after: Any, lang: str = "en") -> list[tuple[str, str, str]]:
        old, new = self.lines(before, lang), self.lines(after, lang)
        return [(label, was, now) for (label, was), (_, now) in zip(old, new, strict=True) if was != now]

    def bounds(self, lang: str = "en") -> str:
        return " · ".join(f"{self.part_label(name)} {limits(lang, *self.bounds_of[name])}" for name in self.names if name in self.bounds_of)

    def moved(self, value: Mapping[str, Fraction], part: str, share: Fraction) -> dict[str, Fraction]:
        """``value`` with ``part`` at ``share``; the largest other part gives or takes the rest. May be out of bounds: parse it."""
        others = [name for name in self.names if name != part]
        giver = max(others, key=lambda name: value[name])
        return {**{name: value[name] for name in self.names}, part: share, giver: value[giver] + value[part] - share}

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        made = []
        for part in self.names:
            low, high = (percent_text(bound).removesuffix("%") for bound in self.part_bounds(part))
            text = "" if value is None else percent_text(value[part]).removesuffix("%")
            made.append(Field(f"{name}.{part}", "percent", self.part_label(part), text, unit="%", min=low, max=high, group=name))
        return made

    def from_form(self, data: Mapping[str, str], *, name: str = "value") -> Any:
        return {part: data.get(f"{name}.{part}", "").strip() for part in self.names}
