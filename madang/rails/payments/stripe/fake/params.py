"""What a request may say: form fields read as Stripe reads them, and held against the SDK's own typed parameters."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import typing_extensions


class Invalid(Exception):
    """A parameter is unknown, missing or of a wrong type: (code, the parameter's name, words)."""

    def __init__(self, code: str, param: str, words: str) -> None:
        super().__init__(words)
        self.code, self.param, self.words = code, param, words


def nested(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """``a[b][0]=c`` → ``{"a": {"b": {"0": "c"}}}``. Raises :class:`Invalid` for a name that cannot be read, or one that says two things."""
    tree: dict[str, Any] = {}
    for name, value in fields:
        head, *rest = name.replace("]", "").split("[")
        if not head or ("[" not in name and "]" in name):
            raise Invalid("parameter_unknown", name, f"Received unknown parameter: {name}")
        place = tree
        for key in [head, *rest][:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise Invalid("parameter_invalid", name, f"Invalid parameter: {name}")
        if [head, *rest][-1] in place:
            raise Invalid("parameter_invalid", name, f"Given twice: {name}")
        place[[head, *rest][-1]] = value
    return tree


@cache
def fields_of(kind: type) -> dict[str, tuple[Any, bool]]:
    """The parameters of a typed dictionary of the SDK, as (type, needed); how a request is sent (its key, its account …) is none of them."""
    from stripe import _request_options as sending

    names = {**vars(sending), **vars(sys.modules[kind.__module__]), "StripeContext": str}
    hints = typing_extensions.get_type_hints(kind, names, include_extras=True)
    found = {}
    for name, hint in hints.items():
        if name in sending.RequestOptions.__annotations__:
            continue
        optional = get_origin(hint) in (typing_extensions.NotRequired, typing.NotRequired)
        found[name] = (get_args(hint)[0] if optional else hint, not optional)
    return found


def checked(given: Mapping[str, Any], kind: type, path: str = "") -> dict[str, Any]:
    """``given`` (strings) as ``kind`` (a TypedDict of ``stripe.params``) has it. Raises :class:`Invalid`."""
    known = fields_of(kind)
    out: dict[str, Any] = {}
    for name, value in given.items():
        where = f"{path}[{name}]" if path else name
        if name not in known:
            raise Invalid("parameter_unknown", where, f"Received unknown parameter: {where}")
        out[name] = _value(value, known[name][0], where)
    for name, (_hint, needed) in known.items():
        if needed and name not in out:
            where = f"{path}[{name}]" if path else name
            raise Invalid("parameter_missing", where, f"Missing required param: {where}.")
    return out


def _value(value: Any, hint: Any, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _one_of(value, get_args(hint), where)
    if origin is Literal:
        if value in get_args(hint):
            return value
        raise Invalid("parameter_invalid_enum", where, f"Invalid {where}: must be one of {', '.join(map(str, get_args(hint)))}")
    if origin in (list, typing.List):  # noqa: UP006
        if not isinstance(value, dict) or sorted(value, key=_number) != [str(n) for n in range(len(value))]:
            raise Invalid("parameter_invalid", where, f"Invalid array: {where}")
        return [_value(value[str(n)], get_args(hint)[0], f"{where}[{n}]") for n in range(len(value))]
    if origin in (dict, typing.Dict):  # noqa: UP006
        if not isinstance(value, dict):
            raise Invalid("parameter_invalid", where, f"Invalid object: {where}")
        return {key: _value(one, get_args(hint)[1], f"{where}[{key}]") for key, one in value.items()}
    if typing_extensions.is_typeddict(hint):
        if not isinstance(value, dict):
            raise Invalid("parameter_invalid", where, f"Invalid object: {where}")
        return checked(value, hint, where)
    return _plain(value, hint, where)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else -1


def _one_of(value: Any, kinds: tuple[Any, ...], where: str) -> Any:
    """The first of several types that fits. The SDK leaves its lists of words open (``Literal[…] | str``); Stripe does not, so nor does this."""
    closed = any(get_origin(one) is Literal and get_args(one) != ("",) for one in kinds)
    usable = [one for one in kinds if not (closed and one is str) and getattr(get_origin(one) or one, "__name__", "") != "UntypedStripeObject"]
    first: Invalid | None = None
    for one in usable:
        try:
            return _value(value, one, where)
        except Invalid as no:
            first = first or no
    raise first or Invalid("parameter_invalid", where, f"Invalid {where}")


def _plain(value: Any, hint: Any, where: str) -> Any:
    if hint is Any:
        return value
    if isinstance(value, dict):
        raise Invalid("parameter_invalid", where, f"Invalid {where}: an object where a plain value belongs")
    if hint is int:
        sign = value[1:] if value[:1] == "-" else value
        if not (sign.isascii() and sign.isdecimal()):
            raise Invalid("parameter_invalid_integer", where, f"Invalid integer: {value}")
        return int(value)
    if hint is bool:
        if value not in ("true", "false"):
            raise Invalid("parameter_invalid_boolean", where, f"Invalid boolean: {value}")
        return value == "true"
    if hint is Decimal:
        try:
            return Decimal(value)
        except InvalidOperation:
            raise Invalid("parameter_invalid", where, f"Invalid decimal: {value}") from None
    return value
