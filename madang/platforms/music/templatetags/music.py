"""How music's pages say lengths, months, models and steps."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from urllib.parse import urlsplit

from babel.dates import format_date
from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.kit.ruletypes.percent import percent_text
from madang.platforms.music import rules

register = template.Library()


@register.filter
def clock(milliseconds: int) -> str:
    """A length: 3:07, 1:02:09."""
    seconds = round(milliseconds / 1000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


@register.filter
def month(day: date) -> str:
    """ "November 2026"."""
    return str(format_date(day, format="yyyy년 M월" if (get_language() or "en").startswith("ko") else "LLLL yyyy", locale=get_language() or "en"))


@register.filter
def percent(share: Fraction) -> str:
    """ "70%"."""
    return percent_text(share)


@register.filter
def hundredths(value: int) -> str:
    """-1444 as "-14.4"."""
    return f"{value / 100:.1f}"


@register.filter
def bare(address: str) -> str:
    """An address without what everybody knows."""
    parts = urlsplit(address)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"[:40]


@register.filter
def model_said(model: str) -> str:
    """A model in words."""
    return str(rules.MODELS.get(model, model))


@register.filter
def uncounted(state: str) -> str:
    """Why a play did not count, in two words."""
    said = {
        "short": _("skipped, free"),
        "own": _("own music"),
        "overlap": _("at the same moment"),
        "day": _("more than a day"),
        "cap": _("over your limit"),
        "wallet": _("wallet empty"),
        "asks": _("not agreed to"),
        "late": _("told too late"),
        "gone": _("not there any more"),
    }
    return said.get(state, state)


@register.simple_tag
def dots(nth: int, steps: int) -> SafeString:
    """The steps to owning a track: those paid are full."""
    return format_html_join("", '<i class="{}"></i>', (("full" if number < nth else "",) for number in range(1, steps + 1)))
