"""Months and weeks in the co-op's own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from madang.coop import law


def zone() -> ZoneInfo:
    """The co-op's time zone; UTC before it is founded."""
    coop = law.coop_or_none()
    return ZoneInfo(coop.time_zone) if coop else ZoneInfo("UTC")


def month_of(now: datetime) -> date:
    """The first day of the month it is for the co-op."""
    return now.astimezone(zone()).date().replace(day=1)


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=32)).replace(day=1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def begins(day: date) -> datetime:
    """The moment a day begins for the co-op, in UTC."""
    return datetime.combine(day, time.min, zone()).astimezone(UTC)


def month(first: date) -> tuple[datetime, datetime]:
    """A month as ``[since, until)`` in UTC."""
    return begins(first), begins(next_month(first))


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
