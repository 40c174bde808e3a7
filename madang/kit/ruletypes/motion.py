"""Whether one change of a value goes at least as far as another from the same start, in the same direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

Path = tuple[str, ...]


def as_far(before: Any, old: Any, new: Any) -> bool:
    """``True`` when everything ``old`` would have changed, ``new`` changes too: numbers and times the same way and at least as much,
    anything else to the same. What ``new`` changes besides makes no difference.
    """
    start, there, here = dict(_parts(before)), dict(_parts(old)), dict(_parts(new))
    moved = [path for path in there.keys() | start.keys() if there.get(path) != start.get(path)]
    return bool(moved) and all(_beyond(start.get(path), there.get(path), here.get(path)) for path in moved)


def _beyond(start: Any, old: Any, new: Any) -> bool:
    if all(isinstance(one, Fraction) for one in (start, old, new)):
        return new >= old if old > start else new <= old  # type: ignore[no-any-return]
    return bool(old == new)


def _parts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each leaf of a value with the way to it; numbers and lengths of time as fractions (of a second)."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _parts(one, (*path, str(key)))
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _parts(getattr(value, one.name), (*path, one.name))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for number, one in enumerate(value):
            yield from _parts(one, (*path, str(number)))
    elif isinstance(value, timedelta):
        yield path, Fraction(value // timedelta(microseconds=1), 1_000_000)
    elif isinstance(value, int | Fraction) and not isinstance(value, bool):
        yield path, Fraction(value)
    else:
        yield path, value
