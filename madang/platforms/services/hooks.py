"""What on-demand services add to the house."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from madang.coop.ledger.flows import About, Flow, Subject
from madang.coop.payments.actions import OPEN
from madang.coop.payments.models import Charge
from madang.coop.rules import hourly
from madang.kit.dates import say_time
from madang.kit.house import Check, DueWork, Duty, Measure, NavItem, Purpose, Stop
from madang.platforms.services import checks as invariants
from madang.platforms.services import demo as story
from madang.platforms.services import dryrun, faces, hours, queries, states
from madang.platforms.services import messages as texts
from madang.platforms.services import personal as data
from madang.platforms.services.actions import lost, money, offers, office, paid, thanks, visits
from madang.platforms.services.models import Job, Offer, Rating

GRACE = timedelta(minutes=10)  # payments asks the rail about a charge that ran out; only silence is left to us
SILENCE = 2  # … once it was asked so often: the first answer may be on its way while another steward looks here
DAY_AHEAD = timedelta(hours=24)

navigation = [
    NavItem(_("Book"), "services:home", order=20),
    NavItem(_("My visits"), "services:jobs", order=22, audience="person"),
    NavItem(_("My work"), "services:work", order=24, audience="member"),
    NavItem(_("Coordination"), "services:board", order=60, audience=f"duty:{offers.COORDINATION}"),
]

stops = [Stop("services.bookings", _("New bookings"))]
duties = [Duty(offers.COORDINATION, _("finds help when a visit goes wrong, and decides what goes back"))]

seated = [office.seated]
unseated = [office.unseated]

purposes = [
    Purpose(
        "job", _("a cleaning"), paid.job_settled, paid.job_failed, paid.refunded, url=lambda charge: _job_url(charge.subject), taxed=True, lost=lost.job_lost
    ),
    Purpose("tip", _("a tip"), paid.tip_settled, paid.tip_failed, paid.refunded, url=lambda charge: _job_url(charge.subject)),
]


def _job_url(subject: str) -> str:
    return f"/services/jobs/{subject.removeprefix('job:')}/"


def _keys(rows: QuerySet[Any], limit: int) -> list[str]:
    return [str(key) for key in rows.values_list("pk", flat=True)[:limit]]


def _unpaid(now: datetime, limit: int) -> list[str]:
    asked = Charge.objects.filter(state__in=OPEN, attempts__lt=SILENCE)
    unpaid = Job.objects.filter(state=states.HELD, hold_until__lte=now - GRACE).exclude(charge_id__in=asked.values("pk"))
    return _keys(unpaid.order_by("hold_until"), limit)


def _unanswered(now: datetime, limit: int) -> list[str]:
    return _keys(Offer.objects.filter(state=states.OPEN, answer_by__lte=now).order_by("answer_by"), limit)


def _silent(now: datetime, limit: int) -> list[str]:
    return _keys(Job.objects.filter(state=states.DONE, confirm_by__lte=now).order_by("confirm_by"), limit)


def _late(now: datetime, limit: int) -> list[str]:
    not_begun = Job.objects.filter(state=states.ACCEPTED, starts_at__lte=now - visits.LATE, late_told=False)
    not_ended = Job.objects.filter(state=states.IN_PROGRESS, ends_at__lte=now - 2 * visits.LATE, late_told=False)
    return _keys(not_begun.order_by("starts_at"), limit) + _keys(not_ended.order_by("ends_at"), limit)


def _tomorrow(now: datetime, limit: int) -> list[str]:
    soon = Q(starts_at__gt=now, starts_at__lte=now + DAY_AHEAD)
    return _keys(Job.objects.filter(soon, state=states.ACCEPTED, reminded=False, accepted_at__lt=F("starts_at") - DAY_AHEAD).order_by("starts_at"), limit)


def _blind(now: datetime, limit: int) -> list[str]:
    return _keys(Rating.objects.filter(visible=False, opens_at__lte=now).order_by("opens_at"), limit)


FIGURES: Mapping[str, Callable[[datetime], Any]] = {
    "services.stats": lambda now: queries.lately(now, fresh=True),
    "services.month": lambda now: dryrun.month(now, fresh=True),
    "services.halves": lambda now: dryrun.month(now, halves=True, fresh=True),
}


def _uncounted(now: datetime, limit: int) -> list[str]:
    """Figures that readers had in the hour before and that are not counted in this one, so that nobody has to wait for them."""
    return hourly.waiting(FIGURES, now)[:limit]


def _count(name: str, *, now: datetime) -> None:
    FIGURES[name](now)


due = [
    DueWork("services: times that were not paid for", _unpaid, visits.lapse_unpaid),
    DueWork("services: offers without an answer", _unanswered, offers.expire_offer),
    DueWork("services: finished jobs nobody spoke against", _silent, visits.confirm_by_time),
    DueWork("services: visits that did not begin or end", _late, visits.call_late),
    DueWork("services: reminders a day ahead", _tomorrow, visits.remind),
    DueWork("services: ratings whose window is over", _blind, thanks.open_rating),
    DueWork("services: last month's figures of a large co-op", _uncounted, _count),
]

messages = list(texts.MESSAGES)

measures = [Measure("services.hours", _("hours worked in visits"), hours.minutes, hours.said)]

money_flows = [
    Flow("provider", _("to the member co-op that did the work"), 10, by=money.release),
    Flow("worker", _("to the worker"), 12, by=money.release),
    Flow("fund", _("to the member co-op's common fund"), 14, by=money.release),
    Flow("upkeep", _("to upkeep of the platform"), 20, by=money.release),
    Flow("tip", _("tip"), 30, _("The client gave this on top of the price."), by=money.tip_parts),
    Flow("hold", _("kept until the work is done"), 60, _("The client paid; the money waits here until the visit is over."), by=money.keep),
    Flow("refund", _("goes back to the client"), 80, _("The visit did not take place as booked, so this goes back."), by=money.release),
    Flow("goodwill", _("to the client for the trouble"), 86, _("Nobody came; this comes from the platform's upkeep."), by=money.goodwill),
    Subject("job", lambda ids: _describe(ids)),
]


def _describe(ids: set[str]) -> Mapping[str, About]:
    found = {}
    for job in Job.objects.filter(pk__in=ids).select_related("home").only("starts_at", "home__district"):
        day = say_time(job.starts_at, "date", get_language() or "en", timezone.get_current_timezone())
        found[str(job.pk)] = About(now_in_words("Cleaning on %(day)s, %(district)s") % {"day": day, "district": job.home.district}, _job_url(f"job:{job.pk}"))
    return found


personal = data.PERSONAL
tiles = faces.tiles
panels = faces.panels
personas = faces.personas
demo = [story.fill]
checks = [
    Check("services: no worker in two places", invariants.overlaps),
    Check("services: the money kept is the price of the jobs that are paid and not over", invariants.held),
    Check("services: what was released, kept and sent back is the price", invariants.parts),
]
