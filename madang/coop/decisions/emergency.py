"""An emergency measure: it can only narrow (pause something, lower a limit), names its reason, ends by itself, and is put to the members.

It changes no rule: what apps declare as ``stops`` asks here before it goes on, so nothing a measure does can widen anything, and no notice is
skipped. Whoever takes it opens in the same moment the members' vote on whether it goes on; until they say so the same thing is not stopped
twice in a row. Beanstalk lost 182 million dollars in 2022 by an emergency way to *do* things (facts/decisions.md); ours can only stop them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop import law, notices, record
from madang.coop.members import queries as members
from madang.coop.members.models import OfficeTerm
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Person
from madang.coop.rules import declare
from madang.coop.rules.actions import moment_text
from madang.kit import house
from madang.kit.dates import say_time
from madang.kit.errors import Missing, Refused
from madang.kit.house import Stop
from madang.kit.ruletypes import Duration, Unfit

DUTY, URL, REASON_MAX = "emergencies", "/decisions/emergency/", 2000
AGAIN = timedelta(days=30)
"""For how long after its end the same thing is not stopped again, unless the members kept it."""

longest = declare(
    "deciding.emergency",
    Duration(min="0h", max="30d"),
    default="14d",
    title=gettext_lazy("How long an emergency measure lasts at most"),
    help=gettext_lazy("It can only pause something or lower a limit, and the members vote on whether it goes on. 0: there are no emergency measures."),
    decided_by=("constitution", "policy"),
    group=gettext_lazy("How we decide"),
)
kept_for = declare(
    "deciding.emergency_kept",
    Duration(min="1d", max="366d"),
    default="90d",
    title=gettext_lazy("How long a measure that the members keep lasts"),
    decided_by=("constitution", "policy"),
    group=gettext_lazy("How we decide"),
)


class Measure(models.Model):
    """``key`` of what is stopped, or whose limit is ``at_most``; from ``since`` until ``until``, unless it ended before. Never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=60)
    at_most = models.JSONField(null=True, help_text="the lowered limit; null: paused")
    reason = models.TextField(max_length=REASON_MAX)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposal = models.ForeignKey("decisions.Proposal", models.PROTECT, null=True, related_name="+", help_text="the vote on whether it goes on")
    kept = models.BooleanField(default=False, help_text="the members kept it")
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="taken back, or not kept by the members")
    told_at = models.DateTimeField(null=True, help_text="when its end stood on the record")

    class Meta:
        ordering = ["-since", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="decisions_measure_until"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("since")), name="decisions_measure_end"),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(told_at=None), name="decisions_measure_due")]

    @property
    def end(self) -> datetime:
        """When it ends, or ended."""
        return min(self.ended_at, self.until) if self.ended_at else self.until


def stops() -> Mapping[str, Stop]:
    """All that can be stopped, by key."""
    return {one.key: one for one in house.collect("stops")}


def standing(at: datetime) -> QuerySet[Measure]:
    """The measures in force at a moment."""
    return Measure.objects.filter(since__lte=at, until__gt=at).filter(Q(ended_at=None) | Q(ended_at__gt=at))


def require(key: str, at: datetime) -> None:
    """Raise ``Refused("stopped")``, with the reason and until when, while ``key`` is paused. One query."""
    one = standing(at).filter(key=key, at_most__isnull=True).first()
    if one is not None:
        zone, lang = law.coop().time_zone, translation.get_language() or "en"
        said = _("This is stopped until {until}: {reason} The members are voting on it.") if not one.kept else _("This is stopped until {until}: {reason}")
        raise Refused("stopped", said.format(until=say_time(one.until, "full", lang, _zone(zone)), reason=one.reason))


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def lowered(key: str, value: Any, at: datetime) -> Any:
    """The limit ``value``, or less while a measure lowers it. Never more. One query."""
    stop = stops()[key]
    rows = standing(at).filter(key=key, at_most__isnull=False)
    return min([value, *(stop.type.parse(row.at_most) for row in rows)])


def may_take(person: Any, at: datetime) -> bool:
    """Whether the person takes emergency measures: an office with that duty, or a director. Two queries."""
    if not getattr(person, "is_authenticated", False):
        return False
    return members.has_duty(person, DUTY, at) or OfficeTerm.objects.filter(members.holding_at(at), person=person, office__role="director").exists()


@transaction.atomic
def take(by: Person, key: str, reason: str, *, at_most: Any = None, lasts: timedelta | None = None, id: uuid.UUID | None = None, now: datetime) -> Measure:
    """Stop something, or lower a limit, at once; all members are told, and asked whether it goes on. The same ``id`` twice is one measure.

    ``lasts``: at most what the rule says (that, unless told). Raises ``Missing`` for somebody who takes none, ``Refused``: "none" (the members want
    none), "key", "reason", "unfit", "wider" (not lower than what is in force), "too-long", "standing", "again" (not kept, and tried once more).
    """
    from madang.coop.decisions import actions

    law.require_open()
    if not may_take(by, now):
        raise Missing("not yours to take")
    if id is not None and (there := Measure.objects.filter(pk=id).first()):
        return there
    most, stop = longest.at(now).value, stops().get(key)
    if not most:
        raise Refused("none", _("The members have decided that there are no emergency measures."))
    if stop is None:
        raise Refused("key", _("This cannot be stopped by a measure."), "key")
    reason = clean_text(reason, REASON_MAX * 2, "reason")
    if not reason or len(reason) > REASON_MAX:
        raise Refused("reason", _("Say why, in at most {n} characters: every member reads it.").format(n=REASON_MAX), "reason")
    lasts = most if lasts is None else lasts
    if not timedelta() < lasts <= most:
        raise Refused("too-long", _("A measure lasts at most {n} days.").format(n=most.days or 1), "days")
    _require_new(key, now)
    limit = _narrower(stop, at_most, now)
    made = Measure.objects.create(
        id=id or uuid.uuid4(), key=key, at_most=limit, reason=reason, by=by, since=now, until=now + lasts,
    )  # fmt: skip
    leaf = {"measure": str(made.pk), "stops": key, "at_most": limit, "reason": reason, "since": moment_text(now), "until": moment_text(made.until)}
    record.write("emergency.taken", f"measure:{made.pk}", [leaf], public=True, now=now)
    title = _("Shall it go on? {what}").format(what=stop.title)[:140]
    asked = actions.draft(by, "keep_measure", title, reason, details={"measure": str(made.pk)}, now=now)
    made.proposal = actions.open_discussion(asked, by, now=now)
    made.save(update_fields=["proposal"])
    notices.tell_all(list(members.people(now)), "decisions.emergency", url=URL, params={"what": stop.title, "reason": reason, "until": made.until}, now=now)
    return made


def _require_new(key: str, now: datetime) -> None:
    if standing(now).filter(key=key).exists():
        raise Refused("standing", _("This is stopped already."), "key")
    last = Measure.objects.filter(key=key).order_by("-since").first()
    if last is not None and not last.kept and now < last.end + AGAIN:
        raise Refused("again", _("The last measure ended without the members keeping it. The same is not stopped again so soon: propose it to them."), "key")


def _narrower(stop: Stop, raw: Any, now: datetime) -> Any:
    """The lowered limit as it is stored; None for a pause. Raises ``Refused``: "unfit", "wider"."""
    if stop.type is None or stop.now is None:
        if raw not in (None, ""):
            raise Refused("unfit", _("This can be paused, it has no limit to lower."), "at_most")
        return None
    try:
        value = stop.type.parse(raw)
    except Unfit as unfit:
        raise Refused("unfit", unfit.expects(translation.get_language() or "en"), "at_most") from None
    if not value < stop.now(now):
        raise Refused("wider", _("An emergency measure can only lower a limit."), "at_most")
    return stop.type.dump(value)


@transaction.atomic
def end(measure: Measure | uuid.UUID | str, by: Person | None, *, now: datetime) -> Measure:
    """Take a measure back (whoever may take one), or end one the members did not keep (``by`` None). Twice is once."""
    one = Measure.objects.select_for_update(of=("self",)).get(pk=getattr(measure, "pk", measure))
    if by is not None and not may_take(by, now):
        raise Missing("not yours to end")
    if one.ended_at is None and now < one.until:
        one.ended_at = now
        one.save(update_fields=["ended_at"])
        _told(one, now)
    return one


def keep(measure: uuid.UUID | str, now: datetime) -> None:
    """The members keep it: it goes on for as long as their rule says. One that has ended begins again. Called by its decision only."""
    one = Measure.objects.select_for_update(of=("self",)).get(pk=measure)
    one.kept, one.until, one.ended_at, one.told_at = True, now + kept_for.at(now).value, None, None
    one.save()
    leaf = {"measure": str(one.pk), "decision": str(one.proposal_id), "until": moment_text(one.until)}
    record.write("emergency.kept", f"measure:{one.pk}", [leaf], public=True, now=now)


def due(now: datetime, limit: int) -> list[str]:
    """Measures that have ended by themselves and whose end is not on the record yet. One query."""
    return [str(pk) for pk in Measure.objects.filter(told_at=None, until__lte=now).order_by("until").values_list("pk", flat=True)[:limit]]


@transaction.atomic
def tell_end(measure: str, *, now: datetime) -> None:
    """Due work: its end stands on the record. Twice is once."""
    one = Measure.objects.select_for_update(of=("self",)).get(pk=measure)
    if one.told_at is None and one.until <= now:
        _told(one, now)


def _told(one: Measure, now: datetime) -> None:
    one.told_at = now
    one.save(update_fields=["told_at"])
    record.write("emergency.ended", f"measure:{one.pk}", [{"measure": str(one.pk), "at": moment_text(one.end)}], public=True, now=now)


def export(person: Person) -> list[dict[str, Any]]:
    """The measures a person took."""
    return [{"kind": "emergency measure", "what": one.key, "reason": one.reason, "at": one.since} for one in Measure.objects.filter(by=person)]


def erase(person: Person, *, now: datetime) -> None:
    """A measure stays as it was told to all; the name goes with the person."""
