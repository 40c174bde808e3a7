"""A whole number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Unfit, check_limits, limits, no_float

_WHOLE = re.compile(r"\s*-?[0-9]{1,15}\s*")


@dataclass(frozen=True)
class Whole(RuleType):
    """An integer between ``min`` and ``max``; ``unit`` is the word shown after it ("stars", "people")."""

    min: int | None = 0
    max: int | None = None
    unit: Any = ""

    kind = "whole"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> int:
        no_float(raw, path)
        if isinstance(raw, str) and _WHOLE.fullmatch(raw):
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int) or abs(raw) > 10**15:
            raise Unfit(path, "whole", raw)
        check_limits(raw, self.min, self.max, path, raw)
        return raw

    def dump(self, value: int) -> int:
        return value

    def describe(self, value: int, lang: str = "en") -> str:
        return f"{value:,}{'' if lang.startswith('ko') else ' '}{self.unit}".strip()

    def bounds(self, lang: str = "en") -> str:
        return limits(lang, None if self.min is None else str(self.min), None if self.max is None else str(self.max))

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        low, high = ("" if bound is None else str(bound) for bound in (self.min, self.max))
        return [Field(name, self.kind, self.label, "" if value is None else str(value), unit=str(self.unit), min=low, max=high, help=self.help)]
