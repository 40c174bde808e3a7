"""One of a few named options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Unfit


@dataclass(frozen=True)
class Choice(RuleType):
    """One key of ``options`` ({key: label}). The value is the key."""

    options: Mapping[str, Any] = field(default_factory=dict)

    kind = "choice"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> str:
        if not isinstance(raw, str) or raw not in self.options:
            raise Unfit(path, "choice", raw, options=", ".join(self.options))
        return raw

    def dump(self, value: str) -> str:
        return value

    def describe(self, value: str, lang: str = "en") -> str:
        return str(self.options.get(value, value))

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        return [Field(name, self.kind, self.label, value or "", choices=tuple(self.options.items()), help=self.help)]
