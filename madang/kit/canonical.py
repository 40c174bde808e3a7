"""Canonical JSON (RFC 8785): one value has one sequence of bytes, so that it can be hashed and signed.

Only what has one obvious spelling is let in: objects, lists, strings, whole numbers, true, false, null. Floats are refused: money, shares
and percentages are whole numbers or strings here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any

INTEGER_MAX = 2**53 - 1  # RFC 8785 §3.2.2.3: numbers are IEEE 754 doubles, which hold whole numbers exactly up to here
DEPTH_MAX = 64


class CanonicalError(ValueError):
    """The value has no canonical form here, or the bytes are not in it. The message names the place, like ``$.lines[2].amount``."""


def dumps(value: Any) -> bytes:
    """The canonical bytes (UTF-8) of a JSON value. Raises :class:`CanonicalError` for floats, other types and whole numbers past ±(2**53 − 1)."""
    parts: list[str] = []
    _write(value, parts, "$", 0)
    try:
        return "".join(parts).encode("utf-8")
    except UnicodeEncodeError:
        raise CanonicalError("$: a string holds half of a surrogate pair, which is not text") from None


def _write(value: Any, parts: list[str], place: str, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise CanonicalError(f"{place}: nested deeper than {DEPTH_MAX}")
    kind = type(value)
    if kind is str or (isinstance(value, str)):
        parts.append(encode_basestring(str(value)))
    elif value is None:
        parts.append("null")
    elif value is True:
        parts.append("true")
    elif value is False:
        parts.append("false")
    elif isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise CanonicalError(f"{place}: {value} is past 2**53 − 1; write it as a string")
        parts.append(int.__repr__(value))
    elif isinstance(value, Mapping):
        _write_object(value, parts, place, depth)
    elif isinstance(value, (list, tuple)):
        separator = "["
        for number, item in enumerate(value):
            parts.append(separator)
            _write(item, parts, f"{place}[{number}]", depth + 1)
            separator = ","
        parts.append("]" if value else "[]")
    elif isinstance(value, float):
        raise CanonicalError(f"{place}: {value!r} is a float; use a whole number or a string")
    else:
        raise CanonicalError(f"{place}: {kind.__name__} is not JSON")


def _write_object(value: Mapping[Any, Any], parts: list[str], place: str, depth: int) -> None:
    for key in value:
        if not isinstance(key, str):
            raise CanonicalError(f"{place}: the key {key!r} is not a string")
    try:
        # RFC 8785 §3.2.3: keys are sorted by their UTF-16 code units, which is not the order of code points past U+FFFF.
        keys = sorted(value) if all(map(str.isascii, value)) else sorted(value, key=lambda key: str(key).encode("utf-16-be"))
    except UnicodeEncodeError:
        raise CanonicalError(f"{place}: a key holds half of a surrogate pair, which is not text") from None
    separator = "{"
    for key in keys:
        parts.append(separator)
        parts.append(encode_basestring(str(key)))
        parts.append(":")
        _write(value[key], parts, f"{place}.{key}", depth + 1)
        separator = ","
    parts.append("}" if keys else "{}")


def loads(data: bytes) -> Any:
    """The value of canonical bytes. Raises :class:`CanonicalError` unless ``data`` is exactly what :func:`dumps` would write."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
        same = dumps(value) == data
    except CanonicalError:
        raise
    except (ValueError, RecursionError) as wrong:
        raise CanonicalError(f"not JSON: {wrong}") from None
    if not same:
        raise CanonicalError("JSON, but not in its canonical form (RFC 8785)")
    return value


def _no_float(text: str) -> Any:
    raise CanonicalError(f"{text} is a float; only whole numbers stand here")
