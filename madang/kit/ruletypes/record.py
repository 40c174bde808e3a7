"""A few named values that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Unfit, below, mapping, only


@dataclass(frozen=True)
class Record(RuleType):
    """``parts`` is {name: type}; ``optional`` {name: the JSON taken when it is not given}. The value is a dict in that order."""

    parts: Mapping[str, RuleType] = field(default_factory=dict)
    optional: Mapping[str, Any] = field(default_factory=dict)

    kind = "record"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> dict[str, Any]:
        given = mapping(raw, path, "record", names=", ".join(self.parts))
        only(given, self.parts, path)
        value: dict[str, Any] = {}
        for name, type_ in self.parts.items():
            if name not in given and name not in self.optional:
                raise Unfit(below(path, name), "missing", None)
            value[name] = type_.parse(given.get(name, self.optional.get(name)), currency=currency, path=below(path, name))
        return value

    def dump(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: type_.dump(value[name]) for name, type_ in self.parts.items()}

    def describe(self, value: Mapping[str, Any], lang: str = "en") -> str:
        return " · ".join(f"{label} {text}".strip() for label, text in self.lines(value, lang))

    def lines(self, value: Any, lang: str = "en") -> list[tuple[str, str]]:
        return [(self._label(name), type_.describe(value[name], lang)) for name, type_ in self.parts.items() if not self._usual(name, value[name])]

    def changes(self, before: Any, after: Any, lang: str = "en") -> list[tuple[str, str, str]]:
        found = []
        for name, type_ in self.parts.items():
            for label, old, new in type_.changes(before[name], after[name], lang):
                found.append((" · ".join(part for part in (self._label(name), label) if part), old, new))
        return found

    def _label(self, name: str) -> str:
        return str(self.parts[name].label or name)

    def _usual(self, name: str, value: Any) -> bool:
        """Whether a part has the value it has when nobody writes it: not worth a word."""
        return name in self.optional and self.parts[name].dump(value) == self.optional[name]

    def bounds(self, lang: str = "en") -> str:
        said = [(type_.label or name, type_.bounds(lang)) for name, type_ in self.parts.items()]
        return " · ".join(f"{label} {text}" for label, text in said if text)

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        made: list[Field] = []
        for part, type_ in self.parts.items():
            made += type_.named(type_.label or part).fields(None if value is None else value[part], name=f"{name}.{part}", currency=currency, lang=lang)
        return made

    def from_form(self, data: Mapping[str, str], *, name: str = "value") -> Any:
        return {part: type_.from_form(data, name=f"{name}.{part}") for part, type_ in self.parts.items()}
