"""Calling a meeting: write it, put together its agenda, send the notice. Exposed through :mod:`madang.coop.meetings.actions`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from madang.coop import law, notices, record
from madang.coop.decisions import actions as decisions
from madang.coop.decisions import lawful
from madang.coop.decisions import meeting as sitting
from madang.coop.decisions import states as course
from madang.coop.decisions.models import Proposal
from madang.coop.meetings import rules, states
from madang.coop.meetings.models import Item, Meeting
from madang.coop.members import queries as members
from madang.coop.members.models import OfficeTerm
from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Person
from madang.coop.rules.actions import moment_text
from madang.kit.errors import Missing, Refused

DUTY = "meetings"
TITLE_MAX, PLACE_MAX, ONLINE_MAX, TEXT_MAX, ITEMS_MOST = 140, 200, 300, 4000, 50


def may_call(person: Any, at: datetime) -> bool:
    """Whether the person calls meetings: an office with that duty, or a director. Two queries."""
    if not getattr(person, "is_authenticated", False):
        return False
    return members.has_duty(person, DUTY, at) or OfficeTerm.objects.filter(members.holding_at(at), person=person, office__role="director").exists()


def require_may_call(person: Person, at: datetime) -> None:
    """Raise ``Missing`` for somebody who does not call meetings."""
    if not may_call(person, at):
        raise Missing("not yours to call")


def url(meeting: Meeting) -> str:
    """Where it stands."""
    return f"/meetings/{meeting.pk}/"


def locked(meeting: Meeting | UUID | str) -> Meeting:
    """The row as it is now, and nobody else's to change until we are done. Raises ``Missing``."""
    pk = meeting.pk if isinstance(meeting, Meeting) else meeting
    try:
        found = Meeting.objects.select_for_update(of=("self",)).select_related("current__proposal", "chair").filter(pk=UUID(str(pk))).first()
    except ValueError:
        found = None
    if found is None:
        raise Missing("no such meeting")
    return found


@transaction.atomic
def draft(
    by: Person, title: str, *, starts_at: datetime, place: str, online: str = "", id: UUID | None = None, now: datetime
) -> Meeting:
    """Write a meeting that only those who call meetings see yet. With the same ``id`` again it takes the newer words while it is a draft.

    Raises ``Missing`` for somebody who does not call meetings, ``Refused``: "title", "place", "starts", "called".
    """
    law.require_open()
    require_may_call(by, now)
    title, place, online = clean_line(title, TITLE_MAX * 4, "title"), clean_line(place, PLACE_MAX * 4, "place"), clean_line(online, ONLINE_MAX * 4, "online")
    if not title or len(title) > TITLE_MAX:
        raise Refused("title", _("Give it a title of at most {n} characters.").format(n=TITLE_MAX), "title")
    if not place or len(place) > PLACE_MAX or len(online) > ONLINE_MAX:
        raise Refused("place", _("Say where it is, in at most {n} characters.").format(n=PLACE_MAX), "place")
    if starts_at <= now:
        raise Refused("starts", _("Choose a time that is still to come."), "day")
    values = {"title": title, "place": place, "online": online, "starts_at": starts_at}
    there = locked(id) if id is not None and Meeting.objects.filter(pk=id).exists() else None
    if there is None:
        more = {"id": id} if id is not None else {}
        return Meeting.objects.create(called_by=by, created_at=now, **values, **more)
    _require_draft(there)
    for name, value in values.items():
        setattr(there, name, value)
    there.save()
    return there


def _require_draft(meeting: Meeting) -> None:
    if meeting.state != states.DRAFT:
        raise Refused("called", _("The notice is out: members were called to exactly this agenda."))


@transaction.atomic
def add(meeting: Meeting | UUID | str, by: Person, title: str, text: str = "", *, proposal: Proposal | UUID | str | None = None, now: datetime) -> Item:
    """Put a point on the agenda: something to talk about, or a ``proposal`` that waits for a meeting. The same proposal twice is once.

    Raises ``Missing``, ``Refused``: "called", "title", "too-many", "own-decision", "not-for-meetings", "too-late", "on-another-agenda".
    """
    require_may_call(by, now)
    one = locked(meeting)
    _require_draft(one)
    motion = None
    if proposal is not None:
        motion = Proposal.objects.filter(pk=getattr(proposal, "pk", proposal)).exclude(state=course.DRAFT).first()
        if motion is None:
            raise Missing("no such proposal")
        if there := one.items.filter(proposal=motion).first():
            return there
        sitting.wait(motion, by if motion.author_id == by.pk else None, meeting=one.pk, now=now)
        title = motion.title
    title, text = clean_line(title, TITLE_MAX * 4, "title"), clean_text(text, TEXT_MAX * 2, "text")
    if not title or len(title) > TITLE_MAX or len(text) > TEXT_MAX:
        raise Refused("title", _("Give it a title of at most {n} characters.").format(n=TITLE_MAX), "title")
    if one.items.count() >= ITEMS_MOST:
        raise Refused("too-many", _("An agenda has at most {n} points.").format(n=ITEMS_MOST))
    last = one.items.aggregate(last=Max("position"))["last"] or 0
    return Item.objects.create(meeting=one, position=last + 1, title=title, text=text, proposal=motion)


@transaction.atomic
def move(meeting: Meeting | UUID | str, by: Person, *, title: str, text: str, now: datetime) -> Item:
    """Write a motion in words onto the agenda: a proposal of the kind *resolve*, open for discussion from now on, that waits for this meeting.

    Raises what proposing raises, and as :func:`add` does.
    """
    require_may_call(by, now)
    one = locked(meeting)
    _require_draft(one)
    made = decisions.draft(by, "resolve", title, "", details={"text": text}, now=now)
    sitting.wait(made, by, meeting=one.pk, now=now)
    made = decisions.open_discussion(made, by, now=now)
    return add(one, by, made.title, proposal=made, now=now)


@transaction.atomic
def take_off(item: Item | UUID | str, by: Person, *, now: datetime) -> None:
    """Take a point off the agenda of a draft. A motion waits for another meeting."""
    require_may_call(by, now)
    found = Item.objects.filter(pk=getattr(item, "pk", item)).first()
    if found is None:
        return
    _require_draft(locked(found.meeting_id))
    if found.proposal_id is not None:
        sitting.take_off(found.proposal_id, meeting=found.meeting_id, now=now)
    found.delete()


@transaction.atomic
def up(item: Item | UUID | str, by: Person, *, now: datetime) -> None:
    """Move a point of a draft's agenda before the one above it."""
    require_may_call(by, now)
    found = Item.objects.filter(pk=getattr(item, "pk", item)).first()
    if found is None:
        raise Missing("no such point")
    _require_draft(locked(found.meeting_id))
    above = Item.objects.filter(meeting=found.meeting_id, position__lt=found.position).last()
    if above is not None:
        found.position, above.position = above.position, found.position
        Item.objects.bulk_update([found, above], ["position"])


def earliest(now: datetime) -> datetime:
    """When a meeting that is called now may begin at the earliest: the notice counts whole days in the co-op's own time, the day of the notice not
    among them (Korea: Civil Act art. 157)."""
    zone = ZoneInfo(law.coop().time_zone)
    day = now.astimezone(zone).date() + timedelta(days=rules.notice(now) + (1 if rules.notice(now) else 0))
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return max(midnight, now)


@transaction.atomic
def call(meeting: Meeting | UUID | str, by: Person, *, now: datetime) -> Meeting:
    """Send the notice: from here on date, title and agenda stand. Called twice is once.

    Raises ``Refused``: "agenda" (empty), "notice" (too soon, with where the law says so), "discussion" (a motion cannot be put yet by then),
    "gone" (a motion was taken back meanwhile).
    """
    require_may_call(by, now)
    one = locked(meeting)
    if one.state == states.CALLED:
        return one
    items = list(one.items.select_related("proposal"))
    if not items:
        raise Refused("agenda", _("Say first what it is about: a meeting decides only what stands on its agenda."))
    if one.starts_at < earliest(now):
        bound = law.profile().bound("notice.meeting.days", now)
        cited = f" ({lawful.cited(bound)})" if bound.citation and bound.value == rules.notice(now) else ""
        said = _("A general meeting is called at least {n} days before it.").format(n=rules.notice(now))
        raise Refused("notice", said + cited, "day")
    for item in items:
        _require_ripe(item, one)
    one.to(states.CALLED)
    one.called_at = now
    one.save()
    leaf = {"meeting": str(one.pk), "title": one.title, "starts_at": moment_text(one.starts_at), "agenda": [item.title for item in items]}
    record.write("meeting.called", f"meeting:{one.pk}", [leaf], public=True, now=now)
    notices.tell_all(list(members.people(now)), "meetings.called", url=url(one), params={"title": one.title, "at": one.starts_at, "place": one.place}, now=now)
    return one


def _require_ripe(item: Item, meeting: Meeting) -> None:
    motion = item.proposal
    if motion is None:
        return
    if motion.state != course.DISCUSSION:
        raise Refused("gone", _("“{title}” is not open any more. Take it off the agenda.").format(title=item.title))
    if motion.opens_at is None or motion.opens_at > meeting.starts_at:
        raise Refused("discussion", _("“{title}” has to be discussed for longer before it can be put. Choose a later day.").format(title=item.title))


@transaction.atomic
def cancel(meeting: Meeting | UUID | str, by: Person, why: str, *, now: datetime) -> Meeting:
    """Call it off before it begins; its motions wait for another meeting. Twice is once. Raises ``Refused``: "why", "too-late"."""
    require_may_call(by, now)
    one = locked(meeting)
    if one.state == states.CANCELLED:
        return one
    if one.state not in (states.DRAFT, states.CALLED):
        raise Refused("too-late", _("It has begun."))
    known, why = one.state == states.CALLED, clean_line(why, 2000, "why")
    if (known and not why) or len(why) > 500:
        raise Refused("why", _("Say in a sentence why: everyone who was called reads it."), "why")
    one.to(states.CANCELLED)
    one.why = why
    one.save()
    for item in one.items.exclude(proposal=None):
        sitting.take_off(item.proposal_id, meeting=one.pk, now=now)
    if known:
        record.write("meeting.cancelled", f"meeting:{one.pk}", [{"meeting": str(one.pk)}], public=True, now=now)
        notices.tell_all(list(members.people(now)), "meetings.cancelled", url=url(one), params={"title": one.title, "why": why}, now=now)
    return one
