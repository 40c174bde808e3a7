"""The reads of meetings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madang.coop.decisions import bodies, options, ways
from madang.coop.decisions import meeting as sitting
from madang.coop.decisions import queries as decisions
from madang.coop.decisions import states as course
from madang.coop.decisions.models import Proposal
from madang.coop.decisions.queries import MyVote
from madang.coop.meetings import calling, presence, states
from madang.coop.meetings.models import Attendance, Item, Meeting
from madang.coop.members import queries as members
from madang.coop.members.queries import Voter
from madang.kit.errors import Missing


def visible(id: UUID | str, person: Any, at: datetime) -> Meeting:
    """A meeting as this member may see it: drafts only who calls meetings. Raises ``Missing``."""
    found = Meeting.objects.select_related("current__proposal", "chair", "called_by").filter(pk=id).first()
    if found is None or (found.state == states.DRAFT and not calling.may_call(person, at)):
        raise Missing("no such meeting")
    return found


def upcoming(person: Any, at: datetime) -> list[Meeting]:
    """Called and open ones, the next first; drafts too for who calls meetings. One query, two to know that."""
    wanted = [states.CALLED, states.OPEN, *([states.DRAFT] if calling.may_call(person, at) else [])]
    return list(Meeting.objects.filter(state__in=wanted).order_by("starts_at", "pk")[:100])


def past() -> QuerySet[Meeting]:
    """Held and cancelled ones, the newest first; cancelled drafts nobody heard of are not among them."""
    return Meeting.objects.filter(Q(state=states.CLOSED) | Q(state=states.CANCELLED, called_at__isnull=False)).order_by("-starts_at", "pk")


def for_agenda(meeting: Meeting, person: Any, at: datetime) -> list[Proposal]:
    """Proposals in discussion that this person may put on its agenda: those that wait for a meeting, what the law leaves to one, one's own."""
    rows = Proposal.objects.filter(state=course.DISCUSSION, org=None, back_of=None, meeting=None).order_by("opens_at", "pk")[:200]
    return [one for one in rows if one.at_meeting or one.author_id == person.pk or bodies.of(one.kind, at, one.details).key == bodies.MEETING]


@dataclass(frozen=True)
class Point:
    """A point of the agenda as it stands: ``state`` "ahead", "now", "open" (a vote), "done", "broken" or "failed"; ``passed`` where it was counted."""

    item: Item
    state: str
    passed: bool | None = None
    tally: dict[str, Any] | None = None

    @property
    def motion(self) -> Proposal | None:
        """What is voted on, if anything."""
        return self.item.proposal


@dataclass(frozen=True)
class Picture:
    """A meeting at a moment: what the wall, the telephones and the chair all show. ``tag`` changes exactly when it does."""

    meeting: Meeting
    points: list[Point]
    quorum: sitting.Quorum
    by_proxy: int
    cast: int
    may_cast: int
    tag: str

    @property
    def now(self) -> Point | None:
        """The point that is being dealt with."""
        return next((one for one in self.points if one.item.pk == self.meeting.current_id), None)

    @property
    def ahead(self) -> list[Point]:
        """What is still to come."""
        return [one for one in self.points if one.state == "ahead"]


def points(meeting: Meeting) -> list[Point]:
    """The agenda with what became of it. Two queries."""
    broken = set(meeting.moments.filter(what__in=["broken", "failed"]).values_list("item", flat=True))
    return [_point(meeting, item, item.pk in broken) for item in meeting.items.select_related("proposal")]


def _point(meeting: Meeting, item: Item, broken: bool) -> Point:
    motion = item.proposal
    if item.done_at is not None:
        if broken or motion is None:
            return Point(item, "broken" if broken else "done")
        return Point(item, "done", bool(motion.tally and motion.tally["passed"]), motion.tally)
    if motion is not None and motion.state == course.VOTING:
        return Point(item, "open")
    return Point(item, "now" if meeting.current_id == item.pk and meeting.state == states.OPEN else "ahead")


def picture(meeting: Meeting, at: datetime) -> Picture:
    """What everyone sees of it now. Ten queries at most."""
    found = points(meeting)
    quorum = presence.quorum(meeting, at)
    by_proxy = Attendance.objects.filter(meeting=meeting, left_at=None, how=Attendance.PROXY).count()
    cast = may_cast = 0
    if (now := next((one for one in found if one.state == "open"), None)) is not None:
        details = sitting.open_details(now.motion)
        cast, may_cast = details["cast"], details["present"]
    told = [meeting.state, meeting.current_id, meeting.chair_id, quorum, by_proxy, cast, may_cast, [(one.item.pk, one.state, one.passed) for one in found]]
    return Picture(meeting, found, quorum, by_proxy, cast, may_cast, sha256(repr(told).encode()).hexdigest()[:16])


@dataclass(frozen=True)
class Mine:
    """What a member has to do with an open meeting: whether they are there, the votes they may cast now, those they act for.

    ``more``: one tap does not say it (options to mark, an objection to give a reason for), so the ballot stands on the decision's page.
    """

    there: bool
    acting_for: list[str]
    votes: list[MyVote]
    more: bool


def mine(found: Picture, person: Any, at: datetime) -> Mine:
    """Of this person. Five queries at most."""
    rows = list(Attendance.objects.filter(meeting=found.meeting, person=person, left_at=None).select_related("membership__person", "membership__organisation"))
    acting = [one.membership.holder_name for one in rows if one.how == Attendance.PROXY]
    point = found.now
    motion = point.motion if point is not None and point.state == "open" else None
    votes = decisions.my_votes(motion, person, at) if motion is not None else []
    return Mine(bool(rows), acting, votes, motion is not None and (options.of(motion) is not None or ways.parse(motion.way).objections))


@dataclass(frozen=True)
class Row:
    """One line of the list at the door: a vote, and who is there for it."""

    voter: Voter
    there: Attendance | None

    @property
    def name(self) -> str:
        """Whose vote it is."""
        return self.voter.membership.holder_name


def door(meeting: Meeting, at: datetime) -> list[Row]:
    """Everyone who can vote, by name, with who is there. Four queries."""
    there = {one.membership_id: one for one in Attendance.objects.filter(meeting=meeting, left_at=None).select_related("person")}
    rows = [Row(voter, there.get(voter.membership.pk)) for voter in members.voters(at)]
    return sorted(rows, key=lambda row: (row.name, str(row.voter.membership.pk)))


def said(point: Point) -> str:
    """What became of a motion, in a sentence: how many for, against, abstaining, and whether it passed."""
    if point.passed is None:
        return ""
    totals = (point.tally or {}).get("totals") or {}
    how = pgettext("minutes", "passed") if point.passed else pgettext("minutes", "not passed")
    if "for" not in totals:
        return how
    return _("{how}: {n} for, {against} against, {abstain} abstained").format(
        how=how, n=totals["for"], against=totals["against"], abstain=totals["abstain"]
    )
