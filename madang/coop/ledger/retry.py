"""Trying again what PostgreSQL undid to get two transactions out of each other's way."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")
AGAIN = {"40P01", "40001"}
"""deadlock_detected, serialization_failure: nothing was kept, so the whole may be done again."""


def retrying(action: Callable[P, R], attempts: int = 5) -> Callable[P, R]:
    """Wrap an outermost action: on a deadlock or a serialisation failure it is done anew, at most ``attempts`` times.

    Inside someone else's transaction it does nothing of its own: only the outermost can be done again.
    """

    @functools.wraps(action)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, attempts + 1):
            try:
                return action(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or attempt == attempts or getattr(error.__cause__, "sqlstate", "") not in AGAIN:
                    raise
        raise AssertionError("unreachable")

    return again
