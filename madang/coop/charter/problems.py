"""What is wrong with a charter: all of it at once, each with file, line, key, what was expected and what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from madang.coop.charter.source import Path


def dotted(path: Path) -> str:
    """A path as people write it: ``classes[0].share_price``; a key with dots of its own is quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (f'"{step}"' if "." in step else step)
    return text


def shown(found: Any) -> str:
    """What stands there, short enough for a line."""
    if isinstance(found, bool):
        text = "true" if found else "false"
    elif isinstance(found, str):
        text = f'"{found}"'
    elif isinstance(found, dict):
        text = "{" + ", ".join(str(key) for key in found) + "}"
    else:
        text = str(found)
    text = text.replace("\n", " ")
    return text if len(text) <= 80 else text[:77] + "…"


def nearest(word: str, known: Iterable[str]) -> str:
    """A known word that was probably meant, or nothing."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake. ``line`` counts from 1. ``str(problem)`` is ``file:line: key: what was expected, what was found``."""

    file: str
    line: int
    key: str
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: "
        key = f"{self.key}: " if self.key else ""
        found = _("found {what}").format(what=self.found) if self.found else ""
        return place + key + _("expected {what}").format(what=self.expected) + (f", {found}" if found else "")


class BadCharter(ValueError):
    """A charter that cannot be founded from; ``problems`` in the order of the file, never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(one) for one in self.problems))
