"""What services show on the front page, and whom a visitor of a demo may be."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from babel.dates import format_datetime
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.law import clock
from madang.coop.members.models import Membership, OfficeTerm
from madang.coop.members.queries import on_duty
from madang.coop.payments.outgoing import PAYOUTS
from madang.coop.people.models import Person
from madang.kit.house import Panel, Persona, Tile
from madang.kit.money import format_amount
from madang.kit.ruletypes.percent import percent_text
from madang.platforms.services import queries, words
from madang.platforms.services.actions.offers import COORDINATION
from madang.platforms.services.models import Home, Job, Worker


def _stats(request: HttpRequest) -> queries.Stats:
    """Read once a request, whichever tile asks first."""
    found: queries.Stats | None = getattr(request, "_services_stats", None)
    if found is None:
        found = queries.lately(request.now)  # type: ignore[attr-defined]
        request._services_stats = found  # type: ignore[attr-defined]
    return found


def _share(request: HttpRequest) -> Tile | None:
    found = _stats(request)
    if found.worker_share is None:
        return None
    share = percent_text(round(found.worker_share, 3))
    return Tile(_("goes to whoever did the work"), share, _("of what clients paid in the last 30 days"), reverse("ledger:treasury"))


def _per_hour(request: HttpRequest) -> Tile | None:
    found = _stats(request)
    if found.per_hour is None:
        return None
    return Tile(_("earned in an hour of work"), format_amount(found.per_hour, found.unit, get_language() or "en"), _("on average over the last 30 days"))


def _jobs(request: HttpRequest) -> Tile | None:
    found = _stats(request)
    if found.jobs is None:
        return None
    note = ""
    if found.until != request.now:  # type: ignore[attr-defined]
        note = now_in_words("These figures were counted at %(time)s.") % {"time": timezone.localtime(found.until).strftime("%H:%M")}
    return Tile(_("visits in the last 30 days"), f"{found.jobs:,}", note)


def _workers(request: HttpRequest) -> Tile | None:
    found = _stats(request)
    return None if found.workers is None else Tile(_("people worked in the last 30 days"), f"{found.workers:,}")


def _my_visits(request: HttpRequest) -> Panel | None:
    """A client's next visits."""
    jobs = queries.next_visits(request.user, request.now, 3)  # type: ignore[arg-type, attr-defined]
    lines = [(_said(job), words.state(job.state, "client")[0], reverse("services:job", args=[job.pk])) for job in jobs]
    if not lines and Home.objects.filter(client=request.user, archived_at=None).exists():  # type: ignore[misc]
        lines = [(_("Nothing is booked"), _("Book a visit"), reverse("services:book"))]
    return Panel(_("My next visits"), lines, reverse("services:jobs"), _("All my visits")) if lines else None


def _my_jobs(request: HttpRequest) -> Panel | None:
    """A worker's next jobs."""
    jobs = queries.next_jobs(request.user, request.now, 3)  # type: ignore[arg-type, attr-defined]
    lines = [(_said(job), job.home.district, reverse("services:job", args=[job.pk])) for job in jobs]
    return Panel(_("My next jobs"), lines, reverse("services:work"), _("My day")) if lines else None


def _said(job: Job) -> str:
    language = get_language() or "en"
    return format_datetime(job.starts_at.astimezone(get_current_timezone()), SPOKEN.get(language, SPOKEN["en"]), locale=language)


SPOKEN = {"ko": "M월 d일 (EEE) HH:mm", "en": "EEE d MMM, HH:mm"}
panels = [_my_jobs, _my_visits]
tiles = [_share, _per_hour, _jobs, _workers]


# -- a demo's personas: the same people each time one asks -----------------------------------------------------------------


def the_client() -> Person | None:
    """Whoever booked first; before any booking, the first member who holds no office. Who it was stays so and is remembered. One query."""
    founding = str(law.coop().founding_id)
    known = Person.objects.filter(pk=_first_client[founding], service_jobs__isnull=False).first() if founding in _first_client else None
    if known is not None:
        return known
    first = Job.objects.order_by("booked_at", "pk").select_related("client").first()
    if first is None:
        return _a_member(clock.now())
    _first_client[founding] = first.client_id
    return first.client


_first_client: dict[str, UUID] = {}  # by founding: in a large demo it takes half a second to find out


def the_worker() -> Person | None:
    """The worker the client's latest visit was given to, so that one can follow a visit through; else whoever worked first."""
    client = the_client()
    jobs = Job.objects.filter(worker__isnull=False, paid_at__isnull=False).select_related("worker__person")
    latest = jobs.filter(client=client).order_by("-paid_at").first() or jobs.order_by("paid_at", "pk").first()
    if latest and latest.worker:
        return latest.worker.person
    worker = Worker.objects.filter(active=True).select_related("person").order_by("since", "pk").first()
    return worker.person if worker else None


def _on_duty(duty: str) -> Any:
    return lambda: next(iter(on_duty(duty, clock.now())), None)


def _a_member(now: datetime, *, but: Person | None = None) -> Person | None:
    """The member of longest standing who holds no office, takes no jobs and is not ``but``."""
    active = Q(active_from__lte=now) & (Q(left_at=None) | Q(left_at__gt=now))
    busy = OfficeTerm.objects.filter(since__lte=now, until__gt=now).values("person")
    rows = Membership.objects.filter(active, person__isnull=False).exclude(person__in=busy).exclude(person__service_worker__isnull=False)
    found = rows.exclude(person=but).select_related("person").order_by("active_from", "pk").first()
    return found.person if found else None


def the_sceptic() -> Person | None:
    """A member without an office who is not the client above."""
    client = the_client()
    return _a_member(clock.now(), but=client) or client


personas = [
    Persona("client", pgettext_lazy("persona", "the client"), the_client, "/services/bookings/", 10),
    Persona("worker", pgettext_lazy("persona", "the worker"), the_worker, "/services/day/", 20),
    Persona("coordinator", pgettext_lazy("persona", "the coordinator"), _on_duty(COORDINATION), "/services/board/", 30),
    Persona("treasurer", pgettext_lazy("persona", "the treasurer"), _on_duty(PAYOUTS), "/treasury/", 40),
    Persona("sceptic", pgettext_lazy("persona", "the sceptic"), the_sceptic, "/record/", 50),
]
