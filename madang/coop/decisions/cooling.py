"""A motion that failed does not return at once, nor in a thin disguise (Build Finance 2022: it came back until nobody looked)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.decisions import articles, kinds, states
from madang.coop.decisions.models import Proposal
from madang.coop.rules.models import RuleVersion
from madang.coop.rules.registry import here
from madang.kit.dates import say_time
from madang.kit.errors import Refused
from madang.kit.ruletypes import WayOfDeciding
from madang.kit.ruletypes.motion import as_far

LOST = "support"
"""Failed for want of supporters: that is a no as well."""
TAKEN_BACK = Q(state=states.WITHDRAWN, closes_at__isnull=False, sitting__isnull=True)
"""Taken back while it was being voted on: else whoever sees the no coming takes it back in time and asks again, until nobody looks. A vote at a
meeting that was broken off for want of a quorum may return."""


def require_cooled(one: Proposal, way: WayOfDeciding, now: datetime, *, before: Proposal | None = None) -> None:
    """Raise ``Refused("cooling-off")`` while the same motion, or one that goes at least as far, failed less than the way's time ago.

    ``before``: what it said until an amendment; what that asked for already is not asked anew.
    """
    if not way.course.cooling_off:
        return
    recent = Proposal.objects.filter(kind=one.kind, org=one.org, ended_at__gt=now - way.course.cooling_off)
    failed = recent.filter(Q(state__in=[states.REJECTED, states.FAILED]) | TAKEN_BACK)
    for other in failed.exclude(pk=one.pk).order_by("-ended_at"):
        if other.state == states.FAILED and other.ended_because != LOST:
            continue
        if same(one, other) and not (before is not None and same(before, other)):
            assert other.ended_at is not None
            again = _day(other.ended_at + way.course.cooling_off)
            told = _("“{title}” was voted on and failed on {day}. The same, or more of it, may be proposed again from {again}. Your draft is kept.")
            if other.state == states.WITHDRAWN:
                told = _(
                    "“{title}” was taken back on {day} while it was being voted on. The same, or more of it, may be proposed again from {again}. "
                    "Your draft is kept."
                )
            raise Refused("cooling-off", told.format(title=other.title, day=_day(other.ended_at), again=again))


def same(one: Proposal, failed: Proposal) -> bool:
    """Whether ``one`` asks for what ``failed`` asked: any of its rule changes, or at least as far in the same direction; else the same details."""
    if failed.changes or one.changes:
        return any(_same_change(new, old) for new in one.changes for old in failed.changes)
    if (again := kinds.get(one.kind).again) is not None:
        return bool(one.details and failed.details) and again(one.details, failed.details)
    return plain(one.details) == plain(failed.details) and (bool(one.details) or one.title.casefold() == failed.title.casefold())


def _same_change(new: dict[str, Any], old: dict[str, Any]) -> bool:
    if (new["rule"], new["scope"]) != (old["rule"], old["scope"]):
        return False
    if new["value"] == old["value"]:
        return True
    before = RuleVersion.objects.filter(pk=old["from"]).first() if old["from"] else None
    if before is None:
        return False
    if new["rule"] == articles.KEY:
        return articles.as_far(before.value, old["value"], new["value"])
    rule, currency = here(new["rule"]), law.coop().currency
    return as_far(before.value, rule.parse(old["value"], currency=currency), rule.parse(new["value"], currency=currency))


def plain(details: Any) -> Any:
    """Words, lists and tables of them without case and spacing, so that a dot more is no new motion."""
    if isinstance(details, dict):
        return {key: plain(value) for key, value in details.items()}
    if isinstance(details, list):
        return [plain(value) for value in details]
    return "".join(letter for letter in details.casefold() if letter.isalnum()) if isinstance(details, str) else details


def _day(moment: datetime) -> str:
    return say_time(moment, "date", translation.get_language() or "en", ZoneInfo(law.coop().time_zone))
