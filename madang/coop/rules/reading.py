"""Rules in words: their names, their values, their history, and who decided (as ``decisions``, which stands above, tells it)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from madang.coop.rules.models import RuleVersion
from madang.coop.rules.registry import Rule
from madang.kit.ruletypes import WayOfDeciding
from madang.kit.ruletypes.text import in_language


@dataclass(frozen=True)
class Told:
    """A sentence and where to read more."""

    text: str
    url: str = ""
    state: str = ""
    at: datetime | None = None


@dataclass
class _Voices:
    """What ``decisions`` tells these pages; it registers itself when the house is set up."""

    decided: Callable[[Sequence[UUID], str], dict[UUID, Told]] = field(default=lambda ids, lang: {})
    pending: Callable[[str], list[Told]] = field(default=lambda key: [])
    attempts: Callable[[str, str], list[Told]] = field(default=lambda key, scope: [])


voices = _Voices()


def title(rule: Rule, lang: str, version: RuleVersion | None = None) -> str:
    """A rule's name; a way of deciding is called what its value calls it."""
    if version is not None and isinstance(value := version.value, WayOfDeciding) and value.title:
        return in_language(value.title, lang)
    return str(rule.title)


def group(rule: Rule) -> str:
    """The heading a rule stands under."""
    return str(rule.group) or rule.key.split(".")[0]


def lines(rule: Rule, version: RuleVersion, lang: str) -> list[tuple[Any, Any]]:
    """The value as rows of (label, text)."""
    return list(rule.type.lines(version.value, lang))
