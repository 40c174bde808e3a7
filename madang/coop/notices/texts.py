"""The words of a message: declared once by the app it comes from, filled and translated when somebody reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from madang.coop.people.models import Person
from madang.kit import house
from madang.kit.dates import say_time

_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")
VALUE_MAX = 2000


def declared(key: str) -> house.Message | None:
    """The message an app declared under this key, or None."""
    return next((message for message in house.collect("messages") if message.key == key), None)


def is_urgent(key: str) -> bool:
    """Whether the message goes by mail too."""
    message = declared(key)
    return bool(message and message.urgent)


def money(amount: int, unit: str) -> dict[str, Any]:
    """A placeholder's value that is an amount (smallest unit): shown as the reader's language writes money."""
    return {"$money": [amount, unit]}


def pack(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Placeholders as JSON that keeps its meaning: moments, days, people, texts in several languages; the rest as text, cut at 2,000 characters.

    A person is kept with their id, so that their name can be taken out when they have their data erased: give the person, not ``str(person)``.
    """
    return {str(name): _pack(value) for name, value in (params or {}).items()}


def _pack(value: Any) -> Any:
    if isinstance(value, Person):
        return {"$person": [str(value.pk), str(value)]}
    if isinstance(value, Promise):
        return {"$lang": {code: _in(code, value) for code, _name in settings.LANGUAGES}}
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    if isinstance(value, Mapping):
        if any(str(name).startswith("$") for name in value):
            return dict(value)
        return {"$lang": {str(code): str(text)[:VALUE_MAX] for code, text in value.items()}}
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, UUID):
        return str(value)
    return str(value)[:VALUE_MAX]


def named(params: Mapping[str, Any]) -> dict[str, str]:
    """Whom packed placeholders name: {id of a person: the name}."""
    return {value["$person"][0]: value["$person"][1] for value in params.values() if isinstance(value, dict) and "$person" in value}


def without(params: Mapping[str, Any], person_id: str) -> dict[str, Any]:
    """Packed placeholders without the name of a person."""
    gone = {"$person": [person_id, ""]}
    return {name: gone if isinstance(value, dict) and value.get("$person", [""])[0] == person_id else value for name, value in params.items()}


def _in(code: str, value: Any) -> str:
    with translation.override(code):
        return str(value)[:VALUE_MAX]


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _show(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, dict):
        return str(value)
    if "$at" in value:
        return say_time(datetime.fromisoformat(value["$at"]), "full", _language(), timezone.get_current_timezone())
    if "$day" in value:
        return say_time(date.fromisoformat(value["$day"]), "date", _language(), timezone.get_current_timezone())
    if "$person" in value:
        return value["$person"][1] or gettext("Someone who left")
    if "$money" in value:
        from madang.kit.money import format_amount

        amount, unit = value["$money"]
        return format_amount(int(amount), str(unit), _language())
    texts: dict[str, str] = value.get("$lang") or {}
    language = _language()
    return texts.get(language) or next(iter(texts.values()), "")


def fill(text: Any, params: Mapping[str, Any]) -> str:
    """The text with each ``{name}`` replaced once; an unknown name stays empty, and a value is never read as a text again."""
    return _PLACE.sub(lambda found: _show(params.get(found[1])), str(text))


def title(key: str, params: Mapping[str, Any]) -> str:
    """The message's line in the language of the moment; the bare key when no app declares it any more."""
    message = declared(key)
    return fill(message.title, params) if message else key


def body(key: str, params: Mapping[str, Any]) -> str:
    """The message's sentences in the language of the moment, or nothing."""
    message = declared(key)
    return fill(message.body, params) if message else ""
