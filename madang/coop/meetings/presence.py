"""Who is there: checked in on a telephone with the code on the wall, typed in from the list at the door, or acted for by proxy.

Exposed through :mod:`madang.coop.meetings.actions`. Who leaves takes those they act for along; who comes themselves ends their proxy's part.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop.decisions import meeting as sitting
from madang.coop.decisions import proxies
from madang.coop.meetings import code, rules, states
from madang.coop.meetings.calling import locked
from madang.coop.meetings.models import Attendance, Meeting, Moment
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.members.queries import Voter
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused


def seats(meeting: Meeting) -> list[sitting.Seat]:
    """Everyone who is there, with who is in the room for them. One query."""
    rows = Attendance.objects.filter(meeting=meeting, left_at=None).select_related("membership__person", "membership__organisation", "person")
    return [sitting.Seat(one.membership, one.person) for one in rows]


def quorum(meeting: Meeting, now: datetime) -> sitting.Quorum:
    """How many of all who can vote are there, and how many have to be."""
    voters = {one.membership.pk for one in members.voters(now)}
    here = set(Attendance.objects.filter(meeting=meeting, left_at=None, membership__in=voters).values_list("membership", flat=True))
    return sitting.Quorum(len(here), len(voters), sitting.needed(len(voters), rules.more_than(now)))


def require_chair(meeting: Meeting, person: Person) -> None:
    """Raise ``Missing`` for everyone but who chairs an open meeting."""
    if meeting.state != states.OPEN or meeting.chair_id != person.pk:
        raise Missing("not yours to chair")


@transaction.atomic
def come(meeting: Meeting | UUID | str, person: Person, given: str, *, now: datetime) -> Meeting:
    """Check oneself in with the ``given`` code: for one's own membership, those one speaks for, and those one acts for by proxy. Twice is once.

    Raises ``Missing`` for somebody who stands for no vote, ``Refused``: "not-open", "code".
    """
    one = _open(meeting)
    mine = [voter for voter in members.voters(now) if voter.person.pk == person.pk]
    if not mine and not proxies.held(person, now, meeting=one.pk):
        raise Missing("no vote of yours")
    if not code.fits(one.secret, given, now):
        raise Refused("code", _("That is not the code on the wall. It changes every minute: look again."), "code")
    before = quorum(one, now)
    for voter in mine:
        _enter(one, voter.membership, person, Attendance.PHONE, None, now)
    _proxies_of(one, [person], now)
    return _noted(one, before, now)


@transaction.atomic
def tick(meeting: Meeting | UUID | str, by: Person, memberships: Iterable[Membership | UUID | str], *, now: datetime) -> Meeting:
    """Type in who is there from the list at the door, with those they act for by proxy. Twice is once. For whoever chairs.

    Raises ``Missing`` for somebody else, and for a membership without a vote.
    """
    one = _open(meeting)
    require_chair(one, by)
    voters = {voter.membership.pk: voter for voter in members.voters(now)}
    chosen = [_voter(voters, given) for given in memberships]
    before = quorum(one, now)
    for voter in chosen:
        _enter(one, voter.membership, voter.person, Attendance.TYPED, by, now)
    _proxies_of(one, [voter.person for voter in chosen], now)
    return _noted(one, before, now)


@transaction.atomic
def tick_proxy(
    meeting: Meeting | UUID | str, by: Person, giver: Membership | UUID | str, holder: Person, *, family: bool = False, now: datetime
) -> Meeting:
    """Type in a proxy that was handed over on paper, and that its holder is in the room. For whoever chairs.

    Raises as ``proxies.given`` does, ``Refused("there")`` when the member has come themselves.
    """
    one = _open(meeting)
    require_chair(one, by)
    voter = _voter({found.membership.pk: found for found in members.voters(now)}, giver)
    if Attendance.objects.filter(meeting=one, membership=voter.membership, left_at=None).exclude(how=Attendance.PROXY).exists():
        raise Refused("there", _("They are here themselves."))
    before = quorum(one, now)
    end = now + sitting.LONGEST * 2
    made = proxies.given(voter.membership, holder, by=by, until=end, meeting=one.pk, family=family, paper=True, now=now)
    _enter(one, made.giver, holder, Attendance.PROXY, by, now)
    return _noted(one, before, now)


@transaction.atomic
def leave(meeting: Meeting | UUID | str, person: Person, *, by: Person | None = None, now: datetime) -> Meeting:
    """Somebody leaves the room, and with them the votes they cast for others. Twice is once. ``by``: who chairs and types it in."""
    one = _open(meeting)
    if by is not None:
        require_chair(one, by)
    before = quorum(one, now)
    Attendance.objects.filter(meeting=one, person=person, left_at=None).update(left_at=now)
    return _noted(one, before, now)


def _open(meeting: Meeting | UUID | str) -> Meeting:
    one = locked(meeting)
    if one.state != states.OPEN:
        raise Refused("not-open", _("The meeting is not open."))
    return one


def _voter(voters: dict[Any, Voter], given: Membership | UUID | str) -> Voter:
    try:
        found = voters.get(UUID(str(getattr(given, "pk", given))))
    except ValueError:
        found = None
    if found is None:
        raise Missing("no such vote")
    return found


def _enter(meeting: Meeting, membership: Membership, person: Person, how: str, typed_by: Person | None, now: datetime) -> None:
    """Note somebody as there: once, and in person rather than by proxy."""
    there = Attendance.objects.filter(meeting=meeting, membership=membership, left_at=None).first()
    if there is not None and (there.how != Attendance.PROXY or how == Attendance.PROXY):
        return
    if there is not None:
        there.left_at = now
        there.save(update_fields=["left_at"])
    Attendance.objects.create(meeting=meeting, membership=membership, person=person, how=how, typed_by=typed_by, came_at=now)


def _proxies_of(meeting: Meeting, people: Iterable[Person], now: datetime) -> None:
    """Those the people who came act for: they count as present."""
    voters = {one.membership.pk for one in members.voters(now)}
    for person in people:
        for proxy in proxies.held(person, now, meeting=meeting.pk):
            if proxy.giver_id in voters:
                _enter(meeting, proxy.giver, person, Attendance.PROXY, None, now)


def _noted(meeting: Meeting, before: sitting.Quorum, now: datetime) -> Meeting:
    """Write down when the quorum was reached, lost or regained."""
    if meeting.current is not None:
        sitting.room(meeting.current.proposal_id, seats(meeting), now=now)
    after = quorum(meeting, now)
    if before.met != after.met:
        Moment.objects.create(meeting=meeting, at=now, what="quorum" if after.met else "quorum.lost", present=after.present)
    return meeting
