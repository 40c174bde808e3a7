"""How times and states are said to people: pure functions over babel, used by the template tags."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.translation import pgettext_lazy

from madang.kit.dates import say_time as say_time


def in_language(texts: Any, language: str) -> str:
    """The reader's text of ``{language: text}``; else English, else Korean, else whichever there is. A plain string stays itself."""
    if not isinstance(texts, Mapping):
        return "" if texts is None else str(texts)
    for wanted in (language, language.split("-")[0], "en", "ko"):
        if texts.get(wanted):
            return str(texts[wanted])
    return next((str(text) for text in texts.values() if text), "")


def percent_of(share: Any) -> Decimal:
    """A share as percent for drawing: ``"5%"``, ``Fraction(1, 20)``, ``Decimal("0.05")`` and ``5`` are all five. Kept within 0 and 100."""
    if isinstance(share, str):
        try:
            value = Decimal(share.strip().removesuffix("%").strip() or 0)
        except InvalidOperation:
            value = Decimal(0)
    elif isinstance(share, int):
        value = Decimal(share)
    elif isinstance(share, Fraction):
        value = Decimal(share.numerator) / Decimal(share.denominator) * 100
    else:
        value = Decimal(str(share or 0)) * 100
    return max(Decimal(0), min(Decimal(100), value)).quantize(Decimal("0.01"))


# What a state is called and how loud it is when its app passes no words of its own.
NEEDS, OURS, REST = "persimmon", "pine", "quiet"
STATES: dict[str, tuple[Any, str]] = {
    "draft": (pgettext_lazy("state", "draft"), REST),
    "discussion": (pgettext_lazy("state", "in discussion"), NEEDS),
    "voting": (pgettext_lazy("state", "voting now"), NEEDS),
    "passed": (pgettext_lazy("state", "passed"), OURS),
    "in_force": (pgettext_lazy("state", "in force"), OURS),
    "reverted": (pgettext_lazy("state", "gone back on"), REST),
    "rejected": (pgettext_lazy("state", "rejected"), REST),
    "withdrawn": (pgettext_lazy("state", "withdrawn"), REST),
    "failed": (pgettext_lazy("state", "failed"), NEEDS),
    "applied": (pgettext_lazy("state", "applied"), NEEDS),
    "admitted": (pgettext_lazy("state", "admitted"), NEEDS),
    "active": (pgettext_lazy("state", "active"), OURS),
    "left": (pgettext_lazy("state", "left"), REST),
    "refused": (pgettext_lazy("state", "refused"), REST),
    "held": (pgettext_lazy("state", "held"), NEEDS),
    "created": (pgettext_lazy("state", "not paid yet"), NEEDS),
    "authorised": (pgettext_lazy("state", "being confirmed"), NEEDS),
    "settled": (pgettext_lazy("state", "settled"), OURS),
    "expired": (pgettext_lazy("state", "expired"), REST),
    "released": (pgettext_lazy("state", "paid out"), OURS),
    "refunded": (pgettext_lazy("state", "refunded"), REST),
    "open": (pgettext_lazy("state", "open"), OURS),
    "forming": (pgettext_lazy("state", "forming"), NEEDS),
    "sent": (pgettext_lazy("state", "sent"), OURS),
    "pending": (pgettext_lazy("state", "waiting"), NEEDS),
}


def state_words(state: str) -> tuple[Any, str]:
    """The words for a state and its tone; an unknown state is shown as it is written, quietly."""
    return STATES.get(state, (state.replace("_", " "), REST))
