"""``{% load services %}``: how this platform's things are said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madang.platforms.services import words

register = template.Library()


@register.filter
def duration(minutes: int | timedelta | None) -> str:
    """``{{ 150|duration }}``: "2 h 30 min"; takes minutes or a timedelta."""
    if minutes is None or minutes == "":
        return ""
    if isinstance(minutes, timedelta):
        minutes = int(minutes.total_seconds()) // 60
    days, rest = divmod(int(minutes), 24 * 60)
    hours, rest = divmod(rest, 60)
    if days and not hours and not rest:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    parts = []
    if days * 24 + hours:
        parts.append(_("%(n)s h") % {"n": days * 24 + hours})
    if rest or not parts:
        parts.append(_("%(n)s min") % {"n": rest})
    return " ".join(parts)


@register.filter
def hours(minutes: int | None) -> str:
    """``{{ 2880|hours }}``: "48 h"; a week of work is counted in hours, never in days."""
    whole, rest = divmod(int(minutes or 0), 60)
    said = [_("%(n)s h") % {"n": whole}] if whole or not rest else []
    return " ".join([*said, _("%(n)s min") % {"n": rest}] if rest else said)


@register.simple_tag
def home_size(bedrooms: int, bathrooms: int) -> str:
    """"2 bedrooms, 1 bathroom"; no bedroom is a studio."""
    rooms = ngettext("%(n)s bedroom", "%(n)s bedrooms", bedrooms) % {"n": bedrooms} if bedrooms else _("studio")
    baths = ngettext("%(n)s bathroom", "%(n)s bathrooms", bathrooms) % {"n": bathrooms}
    return f"{rooms}, {baths}"


@register.inclusion_tag("services/_state.html")
def job_state(job: Any, side: str = "client") -> dict[str, Any]:
    """``{% job_state job "worker" %}``: the job's state in that side's words."""
    label, tone = words.state(job.state, side)
    return {"label": label, "tone": tone}


@register.inclusion_tag("services/_stars.html")
def stars(number: int | None) -> dict[str, Any]:
    """``{% stars 4 %}``: stars that are read out as "4 of 5"."""
    return {"number": number or 0, "full": range(number or 0), "empty": range(5 - (number or 0))}
