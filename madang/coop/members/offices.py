"""Offices: who is given one, for how long, and when it ends."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from madang.coop import law, notices, record
from madang.coop.law.models import Coop
from madang.coop.members import asking, queries
from madang.coop.members.models import Office, OfficeTerm
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused


def months_later(moment: datetime, months: int) -> datetime:
    """The same day that many calendar months later; where a month is shorter, its last day (Korean civil law art. 160 counts so)."""
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


@transaction.atomic
def appoint(
    office: Office | str,
    person: Person,
    *,
    since: datetime,
    until: datetime,
    by: Person | None = None,
    decision_id: UUID | None = None,
    founding_id: UUID | None = None,
    now: datetime,
) -> OfficeTerm:
    """Give a person an office in ``[since, until)``, as the office says it is filled: by a holder of another office (``by``),
    a passed decision (``decision_id``), or at founding (``founding_id``, the charter's).

    Repeating the same appointment gives the same term. Raises ``Refused``: "term_dates", "term_too_long" (the office's or the
    law's bound), "no_seat", "already_holds", "not_yours_to_appoint", "not_a_member", "auditor_apart". ``Missing`` for no such office.
    """
    seat = _seat(office)
    _may_appoint(seat, by, decision_id, founding_id, now)
    same = OfficeTerm.objects.filter(office=seat, person=person, since=since, until=until, decision_id=decision_id, founding_id=founding_id).first()
    if same:
        return same
    _dates(seat, since, until, now)
    overlapping = OfficeTerm.objects.filter(office=seat, since__lt=until, until__gt=since)
    if overlapping.filter(person=person).exists():
        raise Refused("already_holds", _("This person already holds the office in that time."), "person")
    if overlapping.count() >= seat.seats:
        raise Refused("no_seat", _("All seats of this office are taken in that time. End a term first, or choose a later start."), "person")
    if founding_id is None and not queries.is_member(person, now):
        raise Refused("not_a_member", _("Only a member can hold an office."), "person")
    _auditor_stands_apart(seat, person, since, until, now)
    term = OfficeTerm.objects.create(
        office=seat, person=person, since=since, until=until, appointed_by=by, decision_id=decision_id, founding_id=founding_id
    )
    _leaf(term, "appointed", now)
    if founding_id is None:
        notices.tell(person, "members.appointed", url="/members/me/", params={"office": seat.title, "until": until}, now=now)
    asking.new_officer(seat, person, now)
    return term


@transaction.atomic
def end_term(term: OfficeTerm, *, by: Person | None = None, decision_id: UUID | None = None, now: datetime) -> OfficeTerm:
    """End a term now: the holder resigns, whoever fills the office takes it back, or a decision does. Repeating it changes nothing.

    Raises ``Refused`` "not_yours_to_appoint" for anyone else.
    """
    found = OfficeTerm.objects.select_for_update(of=("self",)).select_related("office", "person").filter(pk=term.pk).first()
    if found is None:
        raise Missing("term")
    if not (by is not None and by.pk == found.person_id):
        _may_appoint(found.office, by, decision_id, None, now)
    if found.until <= now:
        return found
    found.until, found.ended_early = max(found.since, now), True
    found.save(update_fields=["until", "ended_early"])
    _leaf(found, "ended", now)
    if not (by is not None and by.pk == found.person_id):
        notices.tell(found.person, "members.term_ended", url="/members/me/", params={"office": found.office.title}, now=now)
    return found


def _seat(office: Office | str) -> Office:
    key = office.key if isinstance(office, Office) else office
    found = Office.objects.select_for_update().filter(key=key).first()
    if found is None:
        raise Missing(f"office {key}")
    return found


def _may_appoint(seat: Office, by: Person | None, decision_id: UUID | None, founding_id: UUID | None, now: datetime) -> None:
    if founding_id is not None and Coop.objects.filter(founding_id=founding_id, state=Coop.FORMING).exists():
        return
    if decision_id is not None and seat.filled_by.startswith("vote:"):
        return
    if by is not None and seat.filled_by.startswith("office:") and queries.holds(by, seat.filled_by.removeprefix("office:"), now):
        return
    raise Refused("not_yours_to_appoint", _("This office is filled in another way: see the page of offices."))


def _dates(seat: Office, since: datetime, until: datetime, now: datetime) -> None:
    if until <= since:
        raise Refused("term_dates", _("A term ends after it begins."), "until")
    longest = seat.term_months
    if seat.role:
        longest = min(longest, law.profile().bound("office.max_term_months", now).number())
    if until > months_later(since, longest):
        raise Refused("term_too_long", _("A term of this office is shorter than that."), "until")


def _auditor_stands_apart(seat: Office, person: Person, since: datetime, until: datetime, now: datetime) -> None:
    """Where the law says so, who keeps watch is not one of those watched (Korea: art. 44 (2))."""
    other = {Office.DIRECTOR: Office.AUDITOR, Office.AUDITOR: Office.DIRECTOR}.get(seat.role)
    if other is None or law.profile().bound("auditor.may_be_director", now).yes():
        return
    if OfficeTerm.objects.filter(office__role=other, person=person, since__lt=until, until__gt=since).exists():
        raise Refused("auditor_apart", _("The law keeps these two apart: a director cannot also be the auditor."), "person")


def _leaf(term: OfficeTerm, what: str, now: datetime) -> None:
    line = {"office": term.office.key, "term": str(term.pk), "what": what, "since": _utc(term.since), "until": _utc(term.until)}
    record.write("office", f"term:{term.pk}", [{**line, "decision": str(term.decision_id or "")}], public=False, now=now)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
