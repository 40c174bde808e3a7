"""Holding a meeting: open it, go through the agenda, put motions and count them, close it. Exposed through ``actions``."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import law, notices, record
from madang.coop.decisions import meeting as sitting
from madang.coop.decisions import states as course
from madang.coop.meetings import code, presence, rules, states
from madang.coop.meetings.calling import locked, may_call, require_may_call, url
from madang.coop.meetings.models import Attendance, Item, Meeting, Moment, Signer
from madang.coop.members import queries as members
from madang.coop.people.models import Person
from madang.coop.rules.actions import moment_text
from madang.kit.errors import Missing, Refused

BEFORE, AFTER = timedelta(hours=2), timedelta(hours=12)
"""How long before and after its hour the doors may be opened."""
FORGOTTEN = timedelta(days=1)
"""From when on anybody who calls meetings may close one that its chair left open."""


@transaction.atomic
def open_meeting(meeting: Meeting | UUID | str, by: Person, *, now: datetime) -> Meeting:
    """Open the doors: members can check in. Whoever opens it is in the chair and there. Opened twice is once.

    Raises ``Missing`` for somebody who does not call meetings, ``Refused``: "not-called", "too-early", "too-late".
    """
    require_may_call(by, now)
    one = locked(meeting)
    if one.state in (states.OPEN, states.CLOSED):
        return one
    if one.state != states.CALLED:
        raise Refused("not-called", _("Members have not been called to it."))
    if now < one.starts_at - BEFORE:
        raise Refused("too-early", _("The doors open two hours before it begins at the earliest."))
    if now > one.starts_at + AFTER:
        raise Refused("too-late", _("Members were called for another hour. Cancel it and call another: what stands on its agenda waits."))
    one.to(states.OPEN)
    one.chair, one.opened_at, one.secret, one.members = by, now, secrets.token_hex(32), len(members.voters(now))
    one.save()
    Moment.objects.create(meeting=one, at=now, what="opened", person=by)
    return presence.come(one, by, code.shown(one.secret, now), now=now) if stands(by, now) else one


def stands(person: Person, at: datetime) -> bool:
    """Whether some vote is this person's to cast. Two queries."""
    return any(voter.person.pk == person.pk for voter in members.voters(at))


@transaction.atomic
def hand_over(meeting: Meeting | UUID | str, by: Person, to: Person, *, now: datetime) -> Meeting:
    """Give the chair to somebody else who is there. Raises ``Missing`` for who does not chair, ``Refused("not-here")``."""
    one = locked(meeting)
    presence.require_chair(one, by)
    if not Attendance.objects.filter(meeting=one, person=to, left_at=None).exists():
        raise Refused("not-here", _("Only somebody who is here can chair."))
    if one.chair_id != to.pk:
        one.chair = to
        one.save()
        Moment.objects.create(meeting=one, at=now, what="chair", person=to)
    return one


@transaction.atomic
def begin(item: Item | UUID | str, by: Person, *, now: datetime) -> Item:
    """Come to a point of the agenda; what was talked about before is done. Twice is once. Raises ``Refused("open")`` during a vote."""
    one, found = _at(item, by)
    if found.done_at is not None or one.current_id == found.pk:
        return found
    _done_talking(one, now)
    found.begun_at = found.begun_at or now
    found.save()
    one.current = found
    one.save()
    return found


def _done_talking(meeting: Meeting, now: datetime) -> None:
    """Leave the point that is being dealt with: over if it was only talked about, else it waits to be put."""
    now_at = meeting.current
    if now_at is None or now_at.done_at is not None:
        return
    if now_at.proposal is not None:
        if now_at.proposal.state == course.VOTING:
            raise Refused("open", _("A vote is open. Count it first, or break it off."))
        return
    now_at.done_at = now
    now_at.save()
    Moment.objects.create(meeting=meeting, at=now, what="talked", item=now_at)


@transaction.atomic
def put(item: Item | UUID | str, by: Person, *, now: datetime) -> Item:
    """Put a motion to those who are there. Twice is once. Raises as ``decisions.meeting.put`` does ("no-quorum", "too-early"), ``Refused("open")``."""
    one, found = _at(item, by)
    if found.proposal is None:
        raise Refused("no-motion", _("There is nothing to vote on here."))
    if found.proposal.state == course.VOTING:
        return found
    begin(found, by, now=now)
    motion = sitting.put(found.proposal, presence.seats(one), meeting=one.pk, more_than=rules.more_than(now), now=now)
    found.refresh_from_db()
    if motion.state == course.VOTING:
        Moment.objects.create(meeting=one, at=now, what="put", item=found, present=(motion.sitting or {})["present"])
    else:  # it cannot be voted on: nobody stands for election, what it changes has moved
        found.done_at = now
        found.save()
        Moment.objects.create(meeting=one, at=now, what="failed", item=found)
    return found


@transaction.atomic
def hands(item: Item | UUID | str, by: Person, raised: Mapping[str, tuple[int, int, int]], *, now: datetime) -> Item:
    """Type in a show of hands: by class (for, against, abstain). Raises as ``decisions.meeting.show_of_hands`` does."""
    _one, found = _at(item, by)
    sitting.show_of_hands(_motion(found), raised, by=by, now=now)
    return found


@transaction.atomic
def count(item: Item | UUID | str, by: Person, *, now: datetime) -> Item:
    """Close the vote and count it, while the quorum is there. Counted twice is once. Raises ``Refused``: "closed", "no-quorum"."""
    one, found = _at(item, by)
    if found.done_at is not None:
        return found
    motion = sitting.close(_motion(found), presence.seats(one), more_than=rules.more_than(now), now=now)
    return _counted(one, found, "counted" if motion.tally else "broken", now)


@transaction.atomic
def break_off(item: Item | UUID | str, by: Person, why: str, *, now: datetime) -> Item:
    """End a vote without a count, because the quorum is gone. Raises ``Refused``: "closed", "quorum" while it could be counted."""
    one, found = _at(item, by)
    if found.done_at is not None:
        return found
    if presence.quorum(one, now).met:
        raise Refused("quorum", _("There is a quorum: count it."))
    sitting.break_off(_motion(found), why or _("The quorum was lost during the vote."), now=now)
    return _counted(one, found, "broken", now)


def _counted(meeting: Meeting, item: Item, what: str, now: datetime) -> Item:
    item.done_at = now
    item.save()
    Moment.objects.create(meeting=meeting, at=now, what=what, item=item, present=presence.quorum(meeting, now).present)
    return Item.objects.select_related("proposal").get(pk=item.pk)


def _motion(item: Item) -> Any:
    if item.proposal is None:
        raise Refused("no-motion", _("There is nothing to vote on here."))
    return item.proposal


def _at(item: Item | UUID | str, by: Person) -> tuple[Meeting, Item]:
    """The open meeting of a point, locked, and the point; for whoever chairs."""
    found = Item.objects.filter(pk=getattr(item, "pk", item)).first()
    if found is None:
        raise Missing("no such point")
    one = locked(found.meeting_id)
    presence.require_chair(one, by)
    return one, Item.objects.select_related("proposal").get(pk=found.pk)


@transaction.atomic
def close(meeting: Meeting | UUID | str, by: Person, *, now: datetime) -> Meeting:
    """Close the meeting: what was not reached waits for another, everyone leaves, and the minutes stand ready to be signed. Closed twice is once.

    Left open for a day, anybody who calls meetings can close it. Raises ``Missing`` for others than who chairs, ``Refused``: "open" (a vote),
    "signers" (fewer were chosen to sign than the law asks).
    """
    one = locked(meeting)
    if one.state == states.CLOSED and one.chair_id == by.pk:
        return one
    _require_closes(one, by, now)
    _done_talking(one, now)
    _counted_by_themselves(one, now)
    wanted = signers_needed(now)
    if one.signers.exclude(person=one.chair).count() < min(wanted, _could_sign(one)):
        raise Refused("signers", _("Choose first who signs the minutes with you: {n} members who were here.").format(n=wanted))
    Signer.objects.get_or_create(meeting=one, person=one.chair, defaults={"named_at": now})
    for item in one.items.filter(done_at=None).exclude(proposal=None):
        sitting.take_off(item.proposal_id, meeting=one.pk, now=now)
    Moment.objects.create(meeting=one, at=now, what="closed", present=presence.quorum(one, now).present)
    Attendance.objects.filter(meeting=one, left_at=None).update(left_at=now)
    one.current, one.closed_at = None, now
    one.to(states.CLOSED)
    one.save()
    record.write("meeting.closed", f"meeting:{one.pk}", [_leaf(one, now)], public=True, now=now)
    for signer in one.signers.select_related("person"):
        notices.open_task(signer.person, f"minutes:{one.pk}", "meetings.sign", url=f"{url(one)}minutes/", params={"title": one.title}, now=now)
    notices.tell_all(list(members.people(now)), "meetings.closed", url=f"{url(one)}minutes/", params={"title": one.title}, now=now)
    return one


def _require_closes(meeting: Meeting, by: Person, now: datetime) -> None:
    """Who chairs; of a meeting that was left open, whoever calls meetings."""
    forgotten = meeting.state == states.OPEN and meeting.opened_at is not None and now >= meeting.opened_at + FORGOTTEN
    if not (forgotten and may_call(by, now)):
        presence.require_chair(meeting, by)


def _counted_by_themselves(meeting: Meeting, now: datetime) -> None:
    """Votes that nobody closed and that are over by now belong to the minutes too."""
    for item in meeting.items.filter(done_at=None, proposal__sitting__isnull=False).exclude(proposal__state=course.VOTING).select_related("proposal"):
        _counted(meeting, item, "counted" if item.proposal is not None and item.proposal.tally else "broken", now)


def _leaf(meeting: Meeting, now: datetime) -> dict[str, Any]:
    """What everyone may know of it: when it was held, how many were there, which motions it counted."""
    there = meeting.attendance.values("membership").distinct().count()
    motions = [str(item.proposal_id) for item in meeting.items.filter(done_at__isnull=False).exclude(proposal=None)]
    opened = moment_text(meeting.opened_at) if meeting.opened_at else None
    return {"meeting": str(meeting.pk), "opened_at": opened, "closed_at": moment_text(now), "members": meeting.members, "came": there, "motions": motions}


def signers_needed(at: datetime) -> int:
    """How many members sign the minutes besides whoever chaired, by law."""
    return law.profile().bound("minutes.signers", at).number()


def _could_sign(meeting: Meeting) -> int:
    """How many besides the chair were there in person."""
    return meeting.attendance.exclude(how=Attendance.PROXY).exclude(person=meeting.chair).values("person").distinct().count()


@transaction.atomic
def choose_signers(meeting: Meeting | UUID | str, by: Person, people: list[Person], *, now: datetime) -> Meeting:
    """Note whom the meeting chose to sign its minutes; chosen again replaces it. For whoever chairs.

    Raises ``Refused("not-here")`` for somebody who was not there in person.
    """
    one = locked(meeting)
    _require_closes(one, by, now)
    there = set(one.attendance.exclude(how=Attendance.PROXY).values_list("person", flat=True))
    if any(person.pk not in there for person in people):
        raise Refused("not-here", _("Only somebody who was here can sign."))
    one.signers.exclude(person__in=people).delete()
    for person in people:
        Signer.objects.get_or_create(meeting=one, person=person, defaults={"named_at": now})
    return one
