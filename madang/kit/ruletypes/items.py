"""A table of records, each row under a short name, in an order: a price list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Table, Unfit, below, mapping
from madang.kit.ruletypes.record import Record
from madang.kit.ruletypes.text import Text
from madang.kit.ruletypes.words import say

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Items(RuleType):
    """Rows of ``row`` by short name, in order. Charters may write a table of tables or a list with ``key``.

    The value is {short name: record} in order; the JSON is a list of ``{"key": …}`` rows, because JSON objects have no order.
    """

    row: Record = field(default_factory=Record)
    min_rows: int = 0
    max_rows: int = 60

    kind = "items"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> dict[str, dict[str, Any]]:
        value: dict[str, dict[str, Any]] = {}
        for key, row in self._rows(raw, path):
            if not isinstance(key, str) or not _SLUG.fullmatch(key):
                raise Unfit(path, "slug", key)
            if key in value:
                raise Unfit(below(path, key), "once", key)
            value[key] = self.row.parse(row, currency=currency, path=below(path, key))
        if not self.min_rows <= len(value) <= self.max_rows:
            raise Unfit(path, "rows", len(value), min=self.min_rows, max=self.max_rows)
        return value

    def _rows(self, raw: Any, path: str) -> list[tuple[Any, Any]]:
        if isinstance(raw, Mapping):
            return list(raw.items())
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            raise Unfit(path, "items", raw)
        rows = []
        for number, one in enumerate(raw):
            row = dict(mapping(one, below(path, number), "items"))
            if "key" not in row:
                raise Unfit(below(below(path, number), "key"), "slug", None)
            rows.append((row.pop("key"), row))
        return rows

    def dump(self, value: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"key": key, **self.row.dump(row)} for key, row in value.items()]

    def describe(self, value: Mapping[str, Any], lang: str = "en") -> str:
        return "; ".join(f"{label}: {text}" for label, text in self.lines(value, lang)) or say("none", lang)

    def lines(self, value: Any, lang: str = "en") -> list[tuple[str, str]]:
        return [self._line(key, row, lang) for key, row in value.items()]

    def table(self, value: Any, lang: str = "en") -> Table:
        """What every row has stands in columns, what only some have in a note under the row's name."""
        columns = [name for name in self.row.parts if name != "title" and name not in self.row.optional]
        rest = replace(self.row, parts={name: type_ for name, type_ in self.row.parts.items() if name in self.row.optional})
        rows = []
        for key, row in value.items():
            cells = [self.row.parts[name].describe(row[name], lang) for name in columns]
            note = " · ".join(f"{label} {text}".strip() for label, text in rest.lines(self._named(row, value, lang), lang))
            rows.append((self._line(key, row, lang)[0], cells, note))
        return Table([str(self.row.parts[name].label or name) for name in columns], rows)

    def _named(self, row: Mapping[str, Any], value: Mapping[str, Any], lang: str) -> dict[str, Any]:
        """The row with other rows called by their names where a plain text lists their keys."""
        said = dict(row)
        for name, text in row.items():
            keys = text.replace(",", " ").split() if isinstance(text, str) else []
            if keys and isinstance(self.row.parts[name], Text) and all(key in value for key in keys):
                said[name] = ", ".join(self._line(key, value[key], lang)[0] for key in keys)
        return said

    def changes(self, before: Any, after: Any, lang: str = "en") -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        for key, row in before.items():
            label, words = self._line(key, row, lang)
            if key not in after:
                found.append((label, words, say("row gone", lang)))
                continue
            for part, old, new in self.row.changes(row, after[key], lang):
                found.append((f"{label} · {part}" if part else label, old, new))
        for key, row in after.items():
            if key not in before:
                label, words = self._line(key, row, lang)
                found.append((label, say("row new", lang), words))
        if not found and list(before) != list(after):
            found.append((say("order", lang), ", ".join(before), ", ".join(after)))
        return found

    def _line(self, key: str, row: Mapping[str, Any], lang: str) -> tuple[str, str]:
        if "title" not in self.row.parts:
            return key, self.row.describe(row, lang)
        rest = replace(self.row, parts={name: type_ for name, type_ in self.row.parts.items() if name != "title"})
        return self.row.parts["title"].describe(row["title"], lang), rest.describe(row, lang)

    def bounds(self, lang: str = "en") -> str:
        return say("rows", lang, min=self.min_rows, max=self.max_rows)

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        rows: list[tuple[str, Any]] = [*(value or {}).items()]
        if len(rows) < self.max_rows:
            rows.append(("", None))
        made: list[Field] = []
        for number, (key, row) in enumerate(rows):
            group = self._line(key, row, lang)[0] if row is not None else say("new row", lang)
            here = f"{name}.{number}"
            made.append(Field(f"{here}.key", "text", say("l key", lang), key, max="40", group=group, required=False, fixed=bool(key)))
            fields = self.row.fields(row, name=f"{here}.row", currency=currency, lang=lang)
            made += [replace(one, group=group, required=one.required and row is not None) for one in fields]
            if row is not None:
                made.append(Field(f"{here}.remove", "flag", say("l remove", lang), "", group=group, required=False))
        return made

    def from_form(self, data: Mapping[str, str], *, name: str = "value") -> Any:
        rows = []
        for number in range(self.max_rows + 1):
            here = f"{name}.{number}"
            key = data.get(f"{here}.key", "").strip()
            if key and not data.get(f"{here}.remove"):
                rows.append({"key": key, **self.row.from_form(data, name=f"{here}.row")})
        return rows
