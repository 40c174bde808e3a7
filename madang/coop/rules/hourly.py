"""Figures about everybody that are dear to count: counted once an hour for all readers, and each says until when it counted.

Nothing that must be right stands here: losing it costs a second, and what is shown says "as of". The hour is the co-op's own (``now``), so a demo's clock
is noticed. A process remembers; behind it the house's shared cache hands on what another process counted (due work fills it at the turn of the hour).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from django.core.cache import cache

from madang.coop import law

T = TypeVar("T")
HOUR = timedelta(hours=1)
GRACE = timedelta(minutes=5)  # so long the hour before will do, while the steward counts anew
REMEMBERED = 64


class _Memory:
    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: OrderedDict[str, Any] = OrderedDict()

    def read(self, key: str) -> Any:
        """What is kept under ``key``, here or in the shared cache; None when nothing is. At most one query."""
        with self.lock:
            if key in self.kept:
                return self.kept[key]
        found = cache.get(key)
        if found is not None:
            self.here(key, found)
        return found

    def here(self, key: str, value: Any) -> None:
        """Remember in this process."""
        with self.lock:
            self.kept[key] = value
            while len(self.kept) > REMEMBERED:
                self.kept.popitem(last=False)


_memory = _Memory()


def _key(name: str, moment: datetime) -> str:
    return f"hourly:{law.coop().founding_id}:{name}:{moment:%Y-%m-%dT%H}"


def waits(name: str, now: datetime) -> bool:
    """Whether ``name`` was counted in the hour before and not yet in this one. At most two queries of the shared cache."""
    return _memory.read(_key(name, now)) is None and _memory.read(_key(name, now - HOUR)) is not None


def figures(name: str, now: datetime, count: Callable[[datetime], T], *, dear: Callable[[T], bool], fresh: bool = False) -> T:
    """``count(now)``, or what it answered earlier in the same hour; in an hour's first minutes what it answered in the hour before.

    Only what is ``dear`` is remembered: a small co-op's figures are counted anew each time and so always of this moment. The answer must be plain data
    (it is pickled) and hold the moment it was counted at. ``fresh`` asks for this hour's, for due work.
    """
    key = _key(name, now)
    found = _memory.read(key)
    if found is None and not fresh and now - now.replace(minute=0, second=0, microsecond=0) < GRACE:
        found = _memory.read(_key(name, now - HOUR))
    if found is not None:
        kept: T = found
        return kept
    made = count(now)
    if fresh or dear(made):  # due work asks only where it was dear; what it finds stands for the hour, or it would ask again and again
        _memory.here(key, made)
        cache.set(key, made, timeout=2 * HOUR.total_seconds())
    return made
