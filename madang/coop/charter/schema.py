"""What a charter can say: every key with its kind, and the plain data it becomes. ``docs/charter.md`` documents exactly these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings


@dataclass(frozen=True)
class Key:
    """One key of a table. ``kind`` names a reader in ``kinds.py``; a key without ``default`` must be there."""

    name: str
    kind: str
    required: bool = True
    default: Any = None
    choices: tuple[str, ...] = ()


def _optional(name: str, kind: str, default: Any, choices: tuple[str, ...] = ()) -> Key:
    return Key(name, kind, False, default, choices)


TOP = (
    Key("name", "texts"),
    Key("slug", "slug"),
    _optional("purpose", "texts", {}),
    Key("law", "law"),
    Key("currency", "currency"),
    Key("time_zone", "time_zone"),
    Key("languages", "languages"),
    _optional("voters", "choice", "people", ("people", "organisations", "both")),
    _optional("platforms", "platforms", list(settings.PLATFORMS)),
    _optional("demo", "flag", False),
    Key("classes", "tables"),
    _optional("offices", "tables", []),
    Key("founders", "tables"),
    Key("ways", "table"),
    _optional("rules", "table", {}),
)
CLASS = (
    Key("key", "word"),
    Key("title", "texts"),
    _optional("about", "texts", {}),
    _optional("holder", "choice", "person", ("person", "organisation")),
    _optional("admission", "admission", "open"),
    Key("share_price", "amount"),
    _optional("min_shares", "count", 1),
    _optional("votes", "flag", True),
)
OFFICE = (
    Key("key", "word"),
    Key("title", "texts"),
    _optional("about", "texts", {}),
    _optional("role", "choice", "", ("director", "auditor")),
    _optional("does", "duties", []),
    _optional("seats", "seats", 1),
    _optional("term_months", "months", 24),
    Key("filled_by", "filled_by"),
)
FOUNDER = (
    Key("name", "line"),
    Key("email", "email"),
    Key("class", "word"),
    _optional("organisation", "line", ""),
    _optional("offices", "words", []),
    _optional("language", "language", ""),
    _optional("operator", "flag", False),
)
SECTIONS: dict[str, tuple[Key, ...]] = {"": TOP, "classes": CLASS, "offices": OFFICE, "founders": FOUNDER}


def all_keys() -> list[str]:
    """Every key there is, as ``docs/charter.md`` heads it: ``currency``, ``classes[].share_price``, ``ways.<name>``, ``rules.<key>``."""
    names = [key.name for key in TOP if key.kind not in ("tables", "table")]
    for section in ("classes", "offices", "founders"):
        names += [f"{section}[].{key.name}" for key in SECTIONS[section]]
    return [*names, "ways.<name>", "rules.<key>"]


Texts = Mapping[str, str]


@dataclass(frozen=True)
class ClassSpec:
    """A class of members; ``share_price`` in the smallest unit of the currency."""

    key: str
    title: Texts
    about: Texts
    holder: str
    admission: str
    share_price: int
    min_shares: int
    votes: bool


@dataclass(frozen=True)
class OfficeSpec:
    """An office and how it is filled."""

    key: str
    title: Texts
    about: Texts
    role: str
    does: tuple[str, ...]
    seats: int
    term_months: int
    filled_by: str


@dataclass(frozen=True)
class FounderSpec:
    """Someone who founds; with ``organisation``, on behalf of the organisation that becomes the member."""

    name: str
    email: str
    class_key: str
    organisation: str
    offices: tuple[str, ...]
    language: str
    operator: bool


@dataclass(frozen=True)
class Charter:
    """A charter that was read and found sound. ``ways`` and ``rules`` hold raw values that their types accept."""

    name: Texts
    slug: str
    purpose: Texts
    law: str
    currency: str
    time_zone: str
    languages: tuple[str, ...]
    voters: str
    platforms: tuple[str, ...]
    demo: bool
    classes: tuple[ClassSpec, ...]
    offices: tuple[OfficeSpec, ...]
    founders: tuple[FounderSpec, ...]
    ways: Mapping[str, Any]
    rules: Mapping[str, Any]
    text: str = ""
    file: str = field(default="", compare=False)

    def class_of(self, key: str) -> ClassSpec:
        """The class with this key (``KeyError`` when there is none)."""
        return {one.key: one for one in self.classes}[key]
