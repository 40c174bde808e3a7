"""How the tables of this folder are written: one word a key, read once at import.

A word is ``name``, with marks before and after it:

* ``*`` the protocol requires it; ``+`` it does not, but our own answers always have it (an empty list where there is nothing)
* ``~`` OpenSubsonic added it: the original protocol knows nothing of it
* ``:type`` what it holds (text when nothing is said): a scalar below, ``a|b|c`` for one of these words, or the name of a shape
* ``[]`` a list of them: an array in JSON, even of one or of none; the element again and again in XML. ``[1]``: left out where it is empty
* ``/`` in XML an element that holds the text, where a scalar would be an attribute; ``=`` the text of the element itself
* ``>name`` what the XML calls it, where that differs
* ``@1.13.0`` the version of the protocol that brought it, said only of what is required and came late
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SCALARS = ("text", "int", "long", "number", "flag", "time", "rating", "average", "place", "month", "day", "peak")
INT, LONG = 2**31 - 1, 2**63 - 1

_WORD = re.compile(r"(?P<marks>[*+~]*)(?P<name>\w+)(?:>(?P<xml>\w+))?(?::(?P<type>[\w|]+))?(?P<list>\[1?\])?(?P<place>[/=]?)(?:@(?P<since>[\d.]+))?")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a shape. ``place`` is where XML keeps it: ``attribute``, ``element`` or ``text`` (of the element itself)."""

    name: str
    xml: str
    type: str
    choices: tuple[str, ...]
    required: bool
    always: bool
    added: bool
    many: bool
    place: str
    since: str = ""
    never_empty: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of element holds, in the order in which XML writes its elements."""

    name: str
    keys: dict[str, Key]

    def by_xml(self) -> dict[str, Key]:
        """The same keys by what the XML calls them."""
        return {key.xml: key for key in self.keys.values()}


def key(word: str) -> Key:
    """Read one word. Raises ``ValueError`` where it is none."""
    found = _WORD.fullmatch(word)
    if not found:
        raise ValueError(f"not a word of the tables: {word!r}")
    marks, type_, many = found["marks"], found["type"] or "text", bool(found["list"])
    choices = tuple(type_.split("|")) if "|" in type_ else ()
    scalar = bool(choices) or type_ in SCALARS
    element = not scalar or many or found["place"] == "/"
    place = "text" if found["place"] == "=" else "element" if element else "attribute"
    return Key(
        found["name"], found["xml"] or found["name"], "text" if choices else type_, choices,
        "*" in marks, "+" in marks, "~" in marks, many, place, found["since"] or "", found["list"] == "[1]",
    )  # fmt: skip


def shapes(table: dict[str, str]) -> dict[str, Shape]:
    """Read a table ``{"Name" or "Name < Parent": words}``; a shape has its parent's keys first. Parents come before children."""
    found: dict[str, Shape] = {}
    for title, words in table.items():
        name, _, parent = (part.strip() for part in title.partition("<"))
        keys = dict(found[parent].keys) if parent else {}
        for word in words.split():
            one = key(word)
            keys[one.name] = one
        found[name] = Shape(name, keys)
    for shape in found.values():
        for one in shape.keys.values():
            if one.type not in SCALARS and one.type not in found:
                raise ValueError(f"{shape.name}.{one.name}: no shape {one.type!r}")
    return found
