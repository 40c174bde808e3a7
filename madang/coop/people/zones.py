"""Time zones as people know them."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


def zone(name: str) -> ZoneInfo:
    """The time zone of that name, or UTC when there is none (a name that left the database since it was chosen)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@lru_cache(maxsize=1)
def choices() -> list[tuple[str, str]]:
    """(name, label) for a form: places people live in, by region, and UTC."""
    regions = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    names = sorted(name for name in available_timezones() if name.split("/")[0] in regions)
    return [("UTC", "UTC"), *((name, name.replace("_", " ").replace("/", " / ")) for name in names)]
