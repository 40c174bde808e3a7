"""What is to be done in a home, room by room: the rule's list, as often as there are bedrooms and bathrooms, with what is ticked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Rooms = Mapping[str, Mapping[str, Any]]
TIMES = ("bedroom", "bathroom")


def mark(room: str, item: int) -> str:
    """The name of one line: ``"bedroom-2/0"``."""
    return f"{room}/{item}"


def build(rooms: Rooms, *, bedrooms: int, bathrooms: int, ticks: Mapping[str, str]) -> list[dict[str, Any]]:
    """The lines: ``[{"room", "room_title": {lang}, "item", "title": {lang}, "at"}]``; ``at`` is when it was ticked (ISO 8601), or None.

    ``rooms``: ``{key: {"title": {lang: text}, "tasks": {lang: "one a line"}}}``, the value of the rule; ``ticks``: :func:`mark` → when.
    """
    lines: list[dict[str, Any]] = []
    for key, room in rooms.items():
        times = {"bedroom": bedrooms, "bathroom": bathrooms}.get(key, 1)
        tasks = {lang: text.splitlines() for lang, text in room["tasks"].items()}
        for number in range(1, times + 1):
            name, behind = (f"{key}-{number}", f" {number}") if times > 1 else (key, "")
            for item in range(max(map(len, tasks.values()), default=0)):
                title = {lang: texts[item] for lang, texts in tasks.items() if item < len(texts)}
                room_title = {lang: text + behind for lang, text in room["title"].items()}
                lines.append({"room": name, "room_title": room_title, "item": item, "title": title, "at": ticks.get(mark(name, item))})
    return lines
