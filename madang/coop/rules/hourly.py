"""Figures about everybody that are dear to count: counted once an hour for all readers, and each says until when it counted.

Nothing that must be right stands here: losing it costs a second, and what is shown says "as of". The hour is the co-op's own (``now``), so a demo's clock
is noticed. A process remembers; behind it the house's shared cache hands on what another process counted (due work fills it at the turn of the hour).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
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

    def read(self, *keys: str) -> dict[str, Any]:
        """What is kept under these keys, here or in the shared cache. At most one query."""
        with self.lock:
            found = {key: self.kept[key] for key in keys if key in self.kept}
        missing = [key for key in keys if key not in found]
        for key, value in cache.get_many(missing).items() if missing else ():
            self.here(key, value)
            found[key] = value
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


def waiting(names: Iterable[str], now: datetime) -> list[str]:
    """Those that were counted in the hour before and not yet in this one. At most one query of the shared cache."""
    both = {name: (_key(name, now), _key(name, now - HOUR)) for name in names}
    found = _memory.read(*(key for keys in both.values() for key in keys))
    return [name for name, (this, before) in both.items() if this not in found and before in found]


def figures(name: str, now: datetime, count: Callable[[datetime], T], *, dear: Callable[[T], bool], fresh: bool = False) -> T:
    """``count(now)``, or what it answered earlier in the same hour; in an hour's first minutes what it answered in the hour before.

    Only what is ``dear`` is remembered: a small co-op's figures are counted anew each time and so always of this moment. The answer must be plain data
    (it is pickled) and hold the moment it was counted at. ``fresh`` asks for this hour's, for due work.
    """
    key = _key(name, now)
    found = _memory.read(key).get(key)
    if found is None and not fresh and now - now.replace(minute=0, second=0, microsecond=0) < GRACE:
        before = _key(name, now - HOUR)
        found = _memory.read(before).get(before)
    if found is not None:
        kept: T = found
        return kept
    made = count(now)
    if fresh or dear(made):  # due work asks only where it was dear; what it finds stands for the hour, or it would ask again and again
        _memory.here(key, made)
        cache.set(key, made, timeout=2 * HOUR.total_seconds())
    return made
