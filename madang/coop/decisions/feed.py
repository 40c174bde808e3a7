"""The deadlines of decisions as a calendar that anyone can subscribe to (iCalendar, RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from madang.coop import law
from madang.coop.decisions import states, telling
from madang.coop.decisions.models import Proposal
from madang.kit.dates import say_time
from madang.kit.ruletypes.text import in_language

BACK = timedelta(days=90)
MOST = 500
REFRESH = timedelta(hours=1)


def rows(now: datetime) -> list[Proposal]:
    """What is open, and what ended in the last ninety days, newest first, at most five hundred; drafts are not in it. One query."""
    found = Proposal.objects.filter(Q(state__in=states.OPEN) | Q(ended_at__gte=now - BACK), discussion_at__isnull=False)
    return list(found.order_by("-discussion_at", "pk")[:MOST])


def tag(found: Sequence[Proposal], lang: str) -> str:
    """What changes exactly when the file does."""
    told = [f"{one.pk} {one.state} {one.title} {one.opens_at} {one.closes_at} {one.effect_at} {_changed(one)}" for one in found]
    return hashlib.sha256("\n".join([lang, *told]).encode()).hexdigest()[:32]


def calendar(found: Iterable[Proposal], lang: str) -> bytes:
    """Each deadline as a moment in UTC, so that every calendar shows it in its owner's own time; the co-op's own time stands in the words.

    A decision that ended before a deadline keeps it as cancelled, so that it goes away where it had been shown.
    """
    coop = law.coop()
    made = Calendar()
    with translation.override(lang):
        name = _("Decisions of {name}").format(name=in_language(coop.name, lang))
        made.add("prodid", "-//Madang//decisions//EN")
        made.add("version", "2.0")
        made.add("method", "PUBLISH")
        made.add("name", name)
        made.add("x-wr-calname", name)
        made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        for one in found:
            for event in _events(one, coop.time_zone, lang):
                made.add_component(event)
    return bytes(made.to_ical())


def _events(one: Proposal, zone: str, lang: str) -> Iterator[Event]:
    over = one.state in (states.WITHDRAWN, states.FAILED, states.REJECTED)
    moments = [
        ("opens", _("Voting opens: {title}"), one.opens_at, over and one.electorate is None),
        ("closes", _("Last moment to vote: {title}"), one.closes_at, over and one.tally is None),
        ("effect", _("Takes effect: {title}"), one.effect_at, over),
    ]
    address = settings.SITE_URL.rstrip("/") + telling.url(one)
    host = urlsplit(settings.SITE_URL).hostname or "madang"
    for name, words, at, gone in moments:
        if at is None or (one.at_meeting and name != "effect"):  # a meeting has a calendar entry of its own
            continue
        event = Event()
        event.add("uid", f"{one.pk}-{name}@{host}")
        event.add("dtstamp", _changed(one).astimezone(UTC))
        event.add("dtstart", at.astimezone(UTC))
        event.add("summary", words.format(title=one.title))
        here = _("{at}, in the time zone {zone}").format(at=say_time(at, "full", lang, ZoneInfo(zone)), zone=zone)
        event.add("description", f"{here}\n{address}")
        event.add("url", address)
        event.add("transp", "TRANSPARENT")
        event.add("status", "CANCELLED" if gone else "CONFIRMED")
        yield event


def _changed(one: Proposal) -> datetime:
    """When the last step was taken: the file changes only when a decision did, so that a reader can ask for what is new."""
    steps = [one.ended_at, one.closed_at, one.opens_at if one.electorate is not None else None, one.discussion_at]
    return next((at for at in steps if at is not None), one.created_at)
