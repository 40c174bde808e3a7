"""From one Python structure to XML, JSON and JSONP.

The structure is what JSON holds: dicts, lists and scalars, with ``datetime`` where the protocol has a date; ids may be UUIDs. ``schema`` says how each
key is written. A key with ``None`` is left out; a list that the table marks is written even when it is missing, as an empty one. In JSON numbers and
flags have their types and a list stays a list; in XML all is text and a list is one element after another, so none is nothing at all.

Text is the same in both: what XML 1.0 cannot hold (control characters, half of a surrogate pair) becomes U+FFFD, for one strange title must not make
an answer unreadable. Formats and content types: opensubsonic.netlify.app, "API reference".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from madang.platforms.music.subsonic.errors import Failed
from madang.platforms.music.subsonic.notation import INT, LONG, Key, Shape
from madang.platforms.music.subsonic.schema import NAMESPACE, RESPONSE, SHAPES, VERSION

KIND = "madang"

_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_ESCAPED = re.compile('[&<>"\t\n\r]')
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*", re.ASCII)


class Unfit(ValueError):
    """What we were about to answer is not what the protocol has. A mistake of ours, never of who asked."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the answer is wanted: ``xml``, ``json`` or ``jsonp``; the last with the name of a JavaScript function."""

    name: str = "xml"
    callback: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP. The status is always 200."""

    body: bytes
    content_type: str
    status: int = 200


def callback_fits(name: str) -> bool:
    """Whether this may stand before the parenthesis of JSONP: names joined by dots, ASCII, at most 128 characters."""
    return len(name) <= 128 and bool(_CALLBACK.fullmatch(name))


def ok(element: str = "", content: object = None, *, form: Form, server: str) -> Answer:
    """A call that went well. ``element`` is the key below the answer, say ``"albumList2"``; without it the answer is empty. ``server`` is our version.

    Raises ``Unfit`` where ``content`` does not fit the protocol.
    """
    return _written({"status": "ok"} | ({element: content} if element else {}), form, server)


def failed(no: Failed, *, form: Form, server: str) -> Answer:
    """A call that did not. The code says why; HTTP says 200 all the same."""
    return _written({"status": "failed", "error": no.element()}, form, server)


def _written(content: dict[str, Any], form: Form, server: str) -> Answer:
    whole = {"status": content.pop("status"), "version": VERSION, "type": KIND, "serverVersion": server, "openSubsonic": True} | content
    try:
        fitted = _fit(RESPONSE, whole)
    except Unfit as no:
        raise Unfit(f"subsonic-response{no}") from no
    if form.name == "xml":
        out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
        _element(out, "subsonic-response", RESPONSE, fitted, f' xmlns="{NAMESPACE}"')
        return Answer("".join(out).encode(), "text/xml; charset=utf-8")
    text = json.dumps({"subsonic-response": fitted}, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if form.name == "jsonp":
        if not callback_fits(form.callback):
            raise Unfit(": a callback that is no name of a function")
        # Two characters that JSON may hold as they are, and JavaScript before 2019 may not.
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        return Answer(f"{form.callback}({text});".encode(), "text/javascript; charset=utf-8")
    return Answer(text.encode(), "application/json; charset=utf-8")


def _fit(shape: Shape, data: Mapping[str, Any]) -> dict[str, Any]:
    """The same data with the types of the protocol, and the lists that are always there."""
    out: dict[str, Any] = {}
    keys = shape.keys
    for name, value in data.items():
        if value is None:
            continue
        key = keys.get(name)
        if key is None:
            raise Unfit(f".{name}: {shape.name} has no such key")
        if key.never_empty and not value:
            continue
        try:
            nested = SHAPES.get(key.type)
            if nested is not None:
                out[name] = [_fit(nested, one) for one in value] if key.many else _fit(nested, value)
            else:
                out[name] = [_scalar(key, one) for one in value] if key.many else _scalar(key, value)
        except Unfit as no:
            raise Unfit(f".{name}{no}") from no
    for key in _NEEDED[shape.name]:
        if key.name not in out:
            if not key.many:
                raise Unfit(f": {shape.name} needs {key.name}")
            out[key.name] = []
    return out


_NEEDED = {name: tuple(key for key in shape.keys.values() if key.required or (key.always and key.many)) for name, shape in SHAPES.items()}


def _scalar(key: Key, value: object) -> object:
    said = _READ[key.type](value)
    if said is None or (key.choices and said not in key.choices):
        raise Unfit(f": {value!r} is no {'|'.join(key.choices) or key.type}")
    return said


def _text(value: object) -> str:
    said = value if type(value) is str else str(value)
    return said if said.isprintable() else _UNSPEAKABLE.sub("\ufffd", said)


def _whole(low: int, high: int) -> Callable[[object], int | None]:
    return lambda value: value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else None


def _number(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        return None
    return value if isinstance(value, int) else float(value) if math.isfinite(value) else None


def _average(value: object) -> int | float | None:
    said = _number(value)
    return said if said is not None and 1 <= said <= 5 else None


def _peak(value: object) -> int | float | None:
    said = _number(value)
    return said if said is not None and said >= 0 else None


def _time(value: object) -> str | None:
    """As ISO 8601 in UTC with milliseconds, which both ``xs:dateTime`` and the clients' parsers take."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


_READ: dict[str, Callable[[Any], object]] = {
    "text": _text,
    "int": _whole(-INT - 1, INT),
    "long": _whole(-LONG - 1, LONG),
    "rating": _whole(1, 5),
    "place": _whole(0, INT),
    "month": _whole(1, 12),
    "day": _whole(1, 31),
    "peak": _peak,
    "number": _number,
    "average": _average,
    "flag": lambda value: value if isinstance(value, bool) else None,
    "time": _time,
}


def _element(out: list[str], name: str, shape: Shape, data: Mapping[str, Any], head: str = "") -> None:
    """Write one element: attributes first, then its text, then the elements in it, in the order of the table."""
    out.append(f"<{name}{head}")
    inside, text = [], ""
    for key_name, value in data.items():
        key = shape.keys[key_name]
        if key.place == "attribute":
            out.append(f' {key.xml}="{_said(value)}"')
        elif key.place == "text":
            text = _said(value)
        else:
            inside.append(key)
    if not inside and not text:
        out.append("/>")
        return
    out.append(f">{text}")
    if len(inside) > 1:
        inside.sort(key=_ORDER[shape.name].__getitem__)
    for key in inside:
        nested = SHAPES.get(key.type)
        for one in data[key.name] if key.many else (data[key.name],):
            if nested is not None:
                _element(out, key.xml, nested, one)
            else:
                out.append(f"<{key.xml}>{_said(one)}</{key.xml}>")
    out.append(f"</{name}>")


_ORDER = {name: {key: at for at, key in enumerate(shape.keys.values())} for name, shape in SHAPES.items()}


def _said(value: object) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], value) if isinstance(value, str) else str(value)
