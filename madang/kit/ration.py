"""How often one caller may ask something dear in a minute. Counted in this process: enough to stop a loop, no promise to the unit."""

from __future__ import annotations

import time
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

CALLERS = 4096
_all: weakref.WeakSet[Ration] = weakref.WeakSet()


class Ration:
    """At most ``a_minute`` times a minute for each caller. The latest few thousand callers are remembered."""

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self._lock = Lock()
        self._callers: OrderedDict[str, tuple[int, int]] = OrderedDict()
        _all.add(self)

    def allows(self, caller: str) -> bool:
        """Count one more; False when it is one too many."""
        minute = int(time.monotonic() // 60)
        with self._lock:
            since, asked = self._callers.pop(caller, (minute, 0))
            asked = asked + 1 if since == minute else 1
            self._callers[caller] = (minute, asked)
            while len(self._callers) > CALLERS:
                self._callers.popitem(last=False)
        return asked <= self.a_minute

    def forget(self) -> None:
        """Everyone may ask anew."""
        with self._lock:
            self._callers.clear()


def forget_all() -> None:
    """Every ration anew (between tests, which all come from one address)."""
    for one in list(_all):
        one.forget()


def caller(meta: Mapping[str, Any], behind_proxy: bool) -> str:
    """Who asks: the address the connection came from, or what our own proxy says it came from."""
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() if behind_proxy else ""
    return forwarded or str(meta.get("REMOTE_ADDR", ""))
