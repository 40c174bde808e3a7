"""Requests held to the SDK's own types: what its deserialiser would not read is refused, and so is a field it does not know or a word outside a list.

The SDK's deserialisers write into what they read, so they are given a copy.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
import typing
from copy import deepcopy
from typing import Any

ROOT = "portone_server_sdk._generated."


class Unfit(Exception):
    """The request has not the shape that the SDK's types give it."""


def _type(path: str, name: str) -> Any:
    return getattr(importlib.import_module(ROOT + path), name)


def read(path: str, raw: Any) -> Any:
    """``raw`` as the dataclass of the module ``path`` (``payment.cancel_payment_body`` → ``CancelPaymentBody``). Raises :class:`Unfit`."""
    stem = path.rpartition(".")[2]
    name = "".join(part.capitalize() for part in stem.split("_"))
    try:
        found = _type(path, f"_deserialize_{stem}")(deepcopy(raw))
    except (KeyError, ValueError, TypeError) as error:
        raise Unfit(str(error)[:200]) from error
    _known_only(raw, _type(path, name), stem)
    return found


def check(path: str, raw: dict[str, Any]) -> dict[str, Any]:
    """An answer of the fake's own, held to the type the SDK reads it as. Raises :class:`Unfit`."""
    stem = path.rpartition(".")[2]
    try:
        found = _type(path, f"_deserialize_{stem}")(deepcopy(raw))
    except (KeyError, ValueError, TypeError) as error:
        raise Unfit(str(error)[:200]) from error
    if isinstance(found, dict):
        raise Unfit(f"{stem}: no state the SDK knows")
    return raw


def _known_only(raw: Any, kind: Any, where: str) -> None:
    """Every field is one of the type's, each word one of its list: the deserialiser passes both over."""
    hints = typing.get_type_hints(kind, vars(importlib.import_module(kind.__module__)))
    fields = {_camel(field.name): hints[field.name] for field in dataclasses.fields(kind)}
    for name, value in raw.items():
        if name not in fields:
            raise Unfit(f"{where} has no {name}")
        _fits(value, fields[name], f"{where}.{name}")


def _fits(value: Any, hint: Any, where: str) -> None:
    options = [one for one in typing.get_args(hint) if one is not type(None)] if typing.get_origin(hint) is typing.Union else [hint]
    for one in options:
        if dataclasses.is_dataclass(one) and isinstance(value, dict):
            _known_only(value, one, where)
        elif typing.get_origin(one) is list and isinstance(value, list):
            for item in value:
                _fits(item, typing.get_args(one)[0], where)
        elif typing.get_origin(one) is typing.Literal and isinstance(value, str) and value not in typing.get_args(one):
            raise Unfit(f"{where} cannot be {value[:40]!r}")


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found.group(1).upper(), name.rstrip("_"))
