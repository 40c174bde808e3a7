"""One turn of the wheel: the eight steps a newcomer to a demo walks, which of them are done and where each goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Step:
    """What to do, as whom (a persona's key), where, and whether it has been done since this visitor began."""

    title: Any
    text: Any
    button: Any
    persona: str
    url: str
    done: bool = False
    next: bool = False


def turn(request: HttpRequest) -> Sequence[Step]:
    """The steps for this visitor."""
    return []
