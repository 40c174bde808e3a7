"""The one edge where the time of day comes in. Everything else is handed ``now``."""

from __future__ import annotations

from datetime import UTC, datetime

from madang.coop import law


def now() -> datetime:
    """The moment it is for this co-op, in UTC: the real one, or in a demo the one its clock was moved to."""
    found = law.coop_or_none()
    real = datetime.now(UTC)
    return real + found.clock_offset if found and found.clock_offset else real
