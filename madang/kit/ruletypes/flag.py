"""Yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Unfit
from madang.kit.ruletypes.words import say


@dataclass(frozen=True)
class Flag(RuleType):
    """True or false."""

    kind = "flag"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> bool:
        if isinstance(raw, bool):
            return raw
        if raw in ("true", "on", "yes"):
            return True
        if raw in ("false", "off", "no", ""):
            return False
        raise Unfit(path, "flag", raw)

    def dump(self, value: bool) -> bool:
        return value

    def describe(self, value: bool, lang: str = "en") -> str:
        return say("yes" if value else "no", lang)

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        return [Field(name, self.kind, self.label, "on" if value else "", help=self.help, required=False)]

    def from_form(self, data: Mapping[str, str], *, name: str = "value") -> Any:
        return data.get(name, "") not in ("", "off", "false")
