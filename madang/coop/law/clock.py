"""The one edge where the time of day comes in. Everything else is handed ``now``."""

from __future__ import annotations

from datetime import UTC, datetime

from madang.coop.law.models import Coop


def now() -> datetime:
    """The moment it is for this co-op, in UTC: the real one, or in a demo the one its clock was moved to."""
    offset = Coop.objects.values_list("clock_offset", flat=True).first()
    real = datetime.now(UTC)
    return real + offset if offset else real
