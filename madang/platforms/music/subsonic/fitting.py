"""Whether an answer, anybody's, is what the protocol says: JSON and XML read by the table of ``schema``.

XML is read into the same structure that JSON has, with the same types, so that the two can be compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from madang.platforms.music.subsonic.notation import INT, LONG, Key, Shape
from madang.platforms.music.subsonic.schema import NAMESPACE, SHAPES, VERSION

_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that is not as the protocol says. ``unknown`` means a key that the protocol does not have: the server's own addition."""

    path: str
    said: str
    unknown: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.said}"


@dataclass(frozen=True, slots=True)
class Level:
    """What a server may be held to: the version it announces, and whether it speaks OpenSubsonic (which wants some lists even where they are empty)."""

    version: str = VERSION
    open: bool = True

    def requires(self, key: Key) -> bool:
        """Whether an element must have this key."""
        return key.required and (self.open or not key.many) and parts(self.version) >= parts(key.since)


def parts(version: str) -> list[int]:
    """A version as numbers, to be compared."""
    return [int(part) for part in version.split(".") if part.isdigit()]


FULL = Level()


def in_json(shape: Shape, data: object, path: str, level: Level = FULL) -> Iterator[Misfit]:
    """What is wrong with this JSON element and all in it."""
    if not isinstance(data, Mapping):
        yield Misfit(path, f"should be an object, is {_short(data)}")
        return
    for name, value in data.items():
        key = shape.keys.get(name)
        if key is None:
            yield Misfit(f"{path}.{name}", f"{shape.name} has no such key", unknown=True)
        elif not key.many:
            yield from _value_in_json(key, value, f"{path}.{name}", level)
        elif not isinstance(value, list):
            yield Misfit(f"{path}.{name}", f"should be an array, is {_short(value)}")
        else:
            if key.never_empty and not value:
                yield Misfit(f"{path}.{name}", "should not be empty")
            for at, one in enumerate(value):
                yield from _value_in_json(key, one, f"{path}.{name}[{at}]", level)
    yield from _absent(shape, data, path, level)


def _absent(shape: Shape, data: Mapping[str, object], path: str, level: Level) -> Iterator[Misfit]:
    for key in shape.keys.values():
        if level.requires(key) and key.name not in data:
            yield Misfit(f"{path}.{key.name}", f"{shape.name} must have it")


def _value_in_json(key: Key, value: object, path: str, level: Level = FULL) -> Iterator[Misfit]:
    nested = SHAPES.get(key.type)
    if nested is not None:
        yield from in_json(nested, value, path, level)
    elif not _FITS[key.type](value) or (key.choices and value not in key.choices):
        yield Misfit(path, f"should be {_wanted(key)}, is {_short(value)}")


def _wanted(key: Key) -> str:
    if key.choices:
        return "one of " + ", ".join(repr(one) for one in key.choices)
    return _WORDS[key.type]


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_FITS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "int": _whole(-INT - 1, INT),
    "long": _whole(-LONG - 1, LONG),
    "rating": _whole(1, 5),
    "place": _whole(0, INT),
    "month": _whole(1, 12),
    "day": _whole(1, 31),
    "peak": lambda value: _is_number(value) and value >= 0,
    "number": _is_number,
    "average": lambda value: _is_number(value) and 1 <= value <= 5,
    "flag": lambda value: isinstance(value, bool),
    "time": lambda value: isinstance(value, str) and bool(_TIME.fullmatch(value)),
}
_WORDS = {
    "text": "a string", "int": "a whole number", "long": "a whole number", "rating": "a whole number from 1 to 5", "number": "a number",
    "average": "a number from 1 to 5", "place": "a whole number, 0 or more", "month": "a month from 1 to 12", "day": "a day from 1 to 31",
    "peak": "a number, 0 or more", "flag": "true or false", "time": "a date and time as ISO 8601",
}  # fmt: skip


def from_xml(shape: Shape, element: Element, path: str, level: Level = FULL) -> tuple[dict[str, Any], list[Misfit]]:
    """The structure that JSON would have, and what is wrong with the XML. Lists without an element in them are not there: XML does not show them."""
    wrong: list[Misfit] = []
    data: dict[str, Any] = {}
    keys = shape.by_xml()
    for name, said in element.attrib.items():
        key = keys.get(name)
        if key is None or key.place != "attribute":
            wrong.append(Misfit(f"{path}@{name}", f"{shape.name} has no such attribute", unknown=key is None))
        else:
            _put(data, key, said, f"{path}@{name}", wrong)
    for key in keys.values():
        if key.place == "text":
            _put(data, key, element.text or "", path, wrong)
    for child in element:
        _child(data, keys, shape, child, path, wrong, level)
    _in_order(shape, element, path, wrong)
    absent = [one for one in _absent(shape, data, path, level) if not shape.keys[one.path.rpartition(".")[2]].many]
    return data, wrong + absent


def _child(
    data: dict[str, Any], keys: Mapping[str, Key], shape: Shape, child: Element, path: str, wrong: list[Misfit], level: Level
) -> None:
    space, _, name = child.tag.rpartition("}")
    key = keys.get(name)
    where = f"{path}/{name}"
    if space != "{" + NAMESPACE:
        wrong.append(Misfit(where, f"is not in the namespace {NAMESPACE}"))
    if key is None or key.place != "element":
        wrong.append(Misfit(where, f"{shape.name} has no such element", unknown=key is None))
        return
    nested = SHAPES.get(key.type)
    if nested is not None:
        value, inside = from_xml(nested, child, where, level)
        wrong.extend(inside)
        if key.many:
            data.setdefault(key.name, []).append(value)
        else:
            data[key.name] = value
    else:
        _put(data, key, child.text or "", where, wrong)


def _put(data: dict[str, Any], key: Key, said: str, path: str, wrong: list[Misfit]) -> None:
    value = _typed(key, said)
    wrong.extend(_value_in_json(key, value, path))
    if key.many:
        data.setdefault(key.name, []).append(value)
    else:
        data[key.name] = value


def _typed(key: Key, said: str) -> object:
    """The text as the type of the key, or the text itself where it is none of these."""
    try:
        if key.type in ("int", "long", "rating", "place", "month", "day"):
            return int(said)
        if key.type in ("number", "average", "peak"):
            return float(said)
    except ValueError:
        return said
    if key.type == "flag":
        return {"true": True, "1": True, "false": False, "0": False}.get(said, said)
    return said


def _in_order(shape: Shape, element: Element, path: str, wrong: list[Misfit]) -> None:
    """The XML schema wants the elements of one parent in a sequence; what OpenSubsonic added is not in it."""
    order = [key.xml for key in shape.keys.values() if key.place == "element" and not key.added]
    places = [order.index(name) for name in (child.tag.rpartition("}")[2] for child in element) if name in order]
    if places != sorted(places):
        wrong.append(Misfit(path, f"its elements should come in this order: {', '.join(order)}"))


def without_empty(data: object) -> object:
    """The same structure without empty lists, which XML cannot show."""
    if isinstance(data, Mapping):
        return {name: without_empty(value) for name, value in data.items() if value != []}
    return [without_empty(one) for one in data] if isinstance(data, list) else data


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 60 else said[:57] + "…"
