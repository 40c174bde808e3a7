"""A meeting as a calendar entry (iCalendar, RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event

from madang.coop.meetings import calling, states
from madang.coop.meetings.models import Meeting

LASTS = timedelta(hours=2)
"""How long a meeting that has not been held is expected to last."""


def of(meeting: Meeting, lang: str, now: datetime) -> bytes:
    """One entry; a meeting that was called off says so, so that it goes away where it had been shown."""
    made, event = Calendar(), Event()
    made.add("prodid", "-//Madang//meetings//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    address = settings.SITE_URL.rstrip("/") + calling.url(meeting)
    event.add("uid", f"{meeting.pk}@{urlsplit(settings.SITE_URL).hostname or 'madang'}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", (meeting.closed_at or meeting.starts_at + LASTS).astimezone(UTC))
    event.add("summary", meeting.title)
    event.add("location", meeting.place)
    agenda = "\n".join(f"{number}. {item.title}" for number, item in enumerate(meeting.items.all(), 1))
    event.add("description", "\n".join(part for part in (agenda, meeting.online, address) if part))
    event.add("url", address)
    event.add("status", "CANCELLED" if meeting.state == states.CANCELLED else "CONFIRMED")
    made.add_component(event)
    return bytes(made.to_ical())
