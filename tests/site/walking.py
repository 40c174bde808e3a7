"""Walking the house: every address, every form on a page, every row that is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

QUIET = {"record.PendingLeaf"}


@dataclass(frozen=True)
class Address:
    """One pattern of the house: its name with its namespace, its route, the names of what it holds."""

    name: str
    route: str
    holds: tuple[str, ...]


def addresses(patterns: Any = None, prefix: str = "", spaces: tuple[str, ...] = (), held: tuple[str, ...] = ()) -> Iterator[Address]:
    """Every page of the house (the API has its own description)."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(one.pattern)
        holds = (*held, *(tuple(one.pattern.converters) or tuple(one.pattern.regex.groupindex)))
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route, (*spaces, one.namespace) if one.namespace else spaces, holds)
        elif isinstance(one, URLPattern):
            yield Address(":".join([*spaces, one.name or ""]), route, holds)


def everything_stored() -> dict[str, str]:
    """A fingerprint of each table of the house: what differs before and after was written."""
    found = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("madang."):
            continue
        for model in config.get_models():
            rows = sorted(repr(row) for row in model._base_manager.values_list(*[column.attname for column in model._meta.concrete_fields]))
            found[model._meta.label] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


@dataclass
class Form:
    """A form as it stands on a page."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """The forms and links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {key: value or "" for key, value in attrs}
        if tag == "a" and at.get("href", "").startswith("/"):
            self.links.append(at["href"].partition("#")[0])
        if tag == "form":
            self._form = Form(at.get("method", "get").lower(), at.get("action", ""))
            self.forms.append(self._form)
        form = self._form
        if form is None:
            return
        name = at.get("name", "")
        if tag == "input" and name:
            kind = at.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in at:
                form.kinds.setdefault(name, kind)
                return
            form.fields[name], form.kinds[name] = at.get("value", ""), kind
        elif tag == "textarea" and name:
            self._area, form.fields[name], form.kinds[name] = name, "", "textarea"
        elif tag == "select" and name:
            self._select, form.kinds[name] = name, "select"
        elif tag == "option" and self._select and ("selected" in at or self._select not in form.fields):
            form.fields[self._select] = at.get("value", "")
        elif tag == "button" and at.get("type") != "button":
            form.buttons.append((name, at.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            self._form.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def sample(schema: dict[str, Any], house: dict[str, Any]) -> Any:
    """A value that a JSON schema of the API accepts, as small as can be."""
    if "$ref" in schema:
        return sample(house["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], house)
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return sample(next((one for one in schema[union] if one.get("type") != "null"), schema[union][0]), house)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object" | None if "properties" in schema or schema.get("type") == "object":
            required = schema.get("required", [])
            return {key: sample(one, house) for key, one in schema.get("properties", {}).items() if key in required}
        case "array":
            return [sample(schema.get("items", {}), house)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    formats = {
        "uuid": "00000000-0000-4000-8000-000000000000", "date-time": "2026-03-09T01:00:00Z", "date": "2026-03-09",
        "time": "09:00", "email": "x@example.org",
    }  # fmt: skip
    return formats.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
