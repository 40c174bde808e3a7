"""Offices: who is given one, for how long, and when it ends."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from madang.coop import law, notices, record
from madang.coop.law.models import Coop
from madang.coop.members import queries
from madang.coop.members.models import Office, OfficeTerm
from madang.coop.people.models import Person
from madang.kit import house
from madang.kit.errors import Missing, Refused

SOON = timedelta(days=30)


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
    if term.since <= now < term.until:
        _begin(term, now)
    return term


@transaction.atomic
def end_term(term: OfficeTerm, *, by: Person | None = None, decision_id: UUID | None = None, now: datetime) -> OfficeTerm:
    """End a term now: the holder resigns, whoever fills the office takes it back, or a decision does. Repeating it changes nothing.

    Raises ``Refused`` "not_yours_to_appoint" for anyone else.
    """
    found = OfficeTerm.objects.select_for_update(of=("self",)).select_related("office", "person").filter(pk=term.pk).first()
    if found is None:
        raise Missing("term")
    oneself = by is not None and by.pk == found.person_id
    if not oneself:
        _may_appoint(found.office, by, decision_id, None, now)
    if found.until > now:
        _end(found, told=not oneself, now=now)
    return found


@transaction.atomic
def departed(person: Person, *, told: bool = True, now: datetime) -> None:
    """Someone may have ceased to be a member, of their own or through an organisation: if so, their offices end, those still to come too."""
    if queries.is_member(person, now):
        return
    terms = OfficeTerm.objects.select_for_update(of=("self",)).filter(person=person, until__gt=now).select_related("office", "person")
    for term in terms.order_by("pk"):
        _end(term, told=told, now=now)


def _end(term: OfficeTerm, *, told: bool, now: datetime) -> None:
    term.until, term.ended_early = max(term.since, now), True
    term.save(update_fields=["until", "ended_early"])
    _leaf(term, "ended", now)
    _over(term, now)
    if told:
        notices.tell(term.person, "members.term_ended", url="/members/me/", params={"office": term.office.title}, now=now)


def _begin(term: OfficeTerm, now: datetime) -> None:
    """What waits for the office is put before its new holder."""
    term.begun_at = now
    term.save(update_fields=["begun_at"])
    for hook in house.collect("seated"):
        hook(term, now=now)


def _over(term: OfficeTerm, now: datetime) -> None:
    """What waited for the holder is taken off them, unless another term of the same office follows at once."""
    term.over_at = now
    term.save(update_fields=["over_at"])
    if not queries.holds(term.person, term.office.key, now):
        for hook in house.collect("unseated"):
            hook(term, now=now)


@transaction.atomic(savepoint=False)
def begin(term_id: UUID | str, *, now: datetime) -> None:
    """Due work: a term that was given ahead has begun."""
    term = _term(term_id)
    if term.begun_at is None and term.since <= now < term.until:
        _begin(term, now)


@transaction.atomic(savepoint=False)
def expire(term_id: UUID | str, *, now: datetime) -> None:
    """Due work: a term has run out."""
    term = _term(term_id)
    if term.over_at is None and term.until <= now:
        _over(term, now)


@transaction.atomic(savepoint=False)
def warn(term_id: UUID | str, *, now: datetime) -> None:
    """Due work: a term ends within 30 days, and not all who go are followed by somebody. Its holder is told, and whoever fills the office:
    another office, or who votes (once, however many terms of the office end at that moment)."""
    term = _term(term_id)
    if not _ending(now).filter(pk=term.pk).exists():
        return
    together = list(OfficeTerm.objects.select_for_update(of=("self",)).filter(office=term.office, until=term.until, warned_at=None).select_related("person"))
    params = {"office": term.office.title, "until": term.until}
    for one in together:
        if one.person.erased_at is None:
            notices.tell(one.person, "members.term_ends", url="/members/me/", params=params, now=now)
    OfficeTerm.objects.filter(pk__in=[one.pk for one in together]).update(warned_at=now)
    kind, _colon, key = term.office.filled_by.partition(":")
    if kind == "office":
        people, url = queries.holders(key, now), f"/members/offices/{term.office.key}/"
    else:
        people, url = list({one.person.pk: one.person for one in queries.voters(now)}.values()), "/decisions/new/?kind=elect"
    notices.tell_all(people, "members.office_free", url=url, params=params, now=now)


def to_begin(now: datetime, limit: int) -> list[str]:
    """Terms that have begun and whose holders have not found what waits for them yet."""
    return _keys(OfficeTerm.objects.filter(queries.holding_at(now), begun_at=None, over_at=None).order_by("since"), limit)


def to_expire(now: datetime, limit: int) -> list[str]:
    """Terms that have run out."""
    return _keys(OfficeTerm.objects.filter(until__lte=now, over_at=None).order_by("until"), limit)


def to_warn(now: datetime, limit: int) -> list[str]:
    """Terms that end within 30 days and leave a seat empty."""
    return _keys(_ending(now).order_by("until"), limit)


def _ending(now: datetime) -> QuerySet[OfficeTerm]:
    """Terms to warn of: fewer hold the office from their end on than until then."""
    same = OfficeTerm.objects.filter(office=OuterRef("office")).order_by()
    until_then = same.filter(since__lt=OuterRef("until"), until__gte=OuterRef("until"))
    from_then = same.filter(since__lte=OuterRef("until"), until__gt=OuterRef("until"))
    soon = OfficeTerm.objects.filter(since__lte=now, until__gt=now, until__lte=now + SOON, over_at=None, warned_at=None)
    return soon.annotate(before=_count(until_then), after=_count(from_then)).filter(after__lt=F("before"))


def _count(terms: QuerySet[OfficeTerm]) -> Coalesce:
    return Coalesce(Subquery(terms.values("office").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _keys(rows: QuerySet[OfficeTerm], limit: int) -> list[str]:
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:limit]]


def _term(term_id: UUID | str) -> OfficeTerm:
    return OfficeTerm.objects.select_for_update(of=("self",)).select_related("office", "person").get(pk=term_id)


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
