"""The small helpers of forms and API: texts cut to size, moments that are whole, choices that exist."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from madang.coop.people import zones
from madang.kit.errors import Refused


def text(raw: object, most: int, field: str, *, needed: bool = False) -> str:
    """``raw`` trimmed and without control characters. Raises ``Refused`` when it is too long, or empty where it is ``needed``."""
    if not isinstance(raw, str):
        raise Refused("text", _("Write this as a text."), field)
    if len(raw) > most:
        raise Refused("too-long", _("This text is too long: at most %(most)s characters fit here.") % {"most": f"{most:,}"}, field)
    clean = "".join(sign for sign in raw.replace("\r\n", "\n").strip() if sign == "\n" or unicodedata.category(sign)[0] != "C")
    if needed and not clean:
        raise Refused("empty", _("Please fill this in."), field)
    return clean


def moment(raw: object, field: str) -> datetime:
    """``raw`` in UTC. Raises ``Refused`` for a moment without a time zone or far outside of any calendar."""
    if not isinstance(raw, datetime) or raw.tzinfo is None:
        raise Refused("time-zone", _("Say the time with its time zone."), field)
    try:
        found = raw.astimezone(UTC)
    except (OverflowError, ValueError):
        raise Refused("time", _("That is not a time in any calendar we know."), field) from None
    if not 2000 <= found.year < 2200:
        raise Refused("time", _("That is not a time in any calendar we know."), field)
    return found


def whole(raw: object, low: int, high: int, field: str) -> int:
    """``raw`` between ``low`` and ``high``. Raises ``Refused``."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
        raise Refused("number", _("Choose a number between %(low)s and %(high)s.") % {"low": f"{low:,}", "high": f"{high:,}"}, field)
    return raw


def time_zone_name(raw: object, field: str = "time_zone") -> str:
    """A name the time zone database knows. Raises ``Refused``."""
    if not isinstance(raw, str) or raw not in zones.names():
        raise Refused("time-zone", _("This is not a time zone we know. Choose one from the list."), field)
    return raw
