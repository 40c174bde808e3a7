"""Time zones as people know them."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


def zone(name: str) -> ZoneInfo:
    """The time zone of that name, or UTC when there is none (a name that left the database since it was chosen)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@cache
def names() -> frozenset[str]:
    """Every name the time zone database knows: hundreds of files, looked up once."""
    return frozenset(available_timezones())


@cache
def choices() -> list[tuple[str, str]]:
    """(name, label) for a form: places people live in, by region, and UTC."""
    regions = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    places = sorted(name for name in names() if name.split("/")[0] in regions)
    return [("UTC", "UTC"), *((name, name.replace("_", " ").replace("/", " / ")) for name in places)]
