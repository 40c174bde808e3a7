"""Deciding at a general meeting, by the same course: the motion is put to those present, counted on the spot, and its notice runs as ever.

``meetings`` calls these verbs and has seen to it that whoever asks may; nothing here tells people by mail, who sit in one room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.decisions import amending, bodies, kinds, options, states, voting, ways
from madang.coop.decisions.drafting import locked
from madang.coop.decisions.hands import Hands
from madang.coop.decisions.models import Ballot, Elector, Proposal
from madang.coop.members.models import Membership
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes import WayOfDeciding

LONGEST = timedelta(hours=12)
"""A vote that nobody closes is counted by itself after this."""


@dataclass(frozen=True)
class Seat:
    """A member who is present: ``membership``, and ``person`` in the room who casts its vote (themselves, who speaks for it, or a proxy)."""

    membership: Membership
    person: Person

    @property
    def by_proxy(self) -> bool:
        """Whether somebody else acts for them by proxy."""
        return self.membership.organisation_id is None and self.membership.person_id != self.person.pk


@dataclass(frozen=True)
class Quorum:
    """How many are there, of how many, and how many are needed at least; ``lacking``: class keys with too few of their own."""

    present: int
    members: int
    needed: int
    lacking: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether a motion can be put and counted."""
        return self.present >= self.needed and not self.lacking


def needed(members: int, more_than: Fraction, at_least: Fraction = Fraction(0)) -> int:
    """How many have to be present: more than one share of the members, and at least another; one at the least."""
    return max(floor(more_than * members) + 1 if more_than else 0, ceil(at_least * members), 1)


def quorum(one: Proposal, way: WayOfDeciding, seats: Sequence[Seat], more_than: Fraction, now: datetime) -> tuple[Quorum, list[tuple[Seat, str]]]:
    """Whether those present are enough for a vote on this in its way, and the seats that vote on it with their classes."""
    classes = {voter.membership.pk: voter.class_key for voter in kinds.voters(one, way, now)}
    here = [(seat, classes[seat.membership.pk]) for seat in seats if seat.membership.pk in classes]
    lacking = []
    for key, needs in way.per_class.items():
        members = sum(1 for one in classes.values() if one == key)
        if members and sum(1 for _seat, one in here if one == key) < needs.quorum * members:
            lacking.append(key)
    return Quorum(len(here), len(classes), needed(len(classes), more_than, way.quorum), tuple(lacking)), here


def may_wait(one: Proposal) -> bool:
    """Whether its author can still let it wait for a general meeting. No query."""
    return one.state == states.DISCUSSION and not one.at_meeting and one.org_id is None and one.back_of_id is None and not kinds.get(one.kind).by_event


@transaction.atomic
def wait(proposal: Proposal | UUID | str, person: Person | None, *, meeting: UUID | None = None, now: datetime) -> Proposal:
    """Let a proposal wait for a general meeting, on the agenda of ``meeting`` once it has one. Twice is once.

    Its author may ask for that until voting opens; of what the law leaves to a meeting whoever calls one may put it on the agenda
    (``person`` None). Raises ``Missing`` for another's, ``Refused``: "too-late", "own-decision" (of an organisation), "not-for-meetings".
    """
    one = locked(proposal)
    if person is not None and one.author_id != person.pk:
        raise Missing("not your proposal")
    if one.state not in (states.DRAFT, states.DISCUSSION):
        raise Refused("too-late", _("Voting on it has begun already."))
    if one.org_id is not None:
        raise Refused("own-decision", _("What an organisation decides for itself is not put to the meeting of all members."))
    if one.back_of_id is not None or kinds.get(one.kind).by_event:
        raise Refused("not-for-meetings", _("Going back on a decision is voted on here, at once."))
    if person is None and not one.at_meeting and bodies.of(one.kind, now, one.details).key != bodies.MEETING:
        raise Refused("not-for-meetings", _("Its author has put it to the members here. Only they can let it wait for a meeting."))
    if meeting is not None and amending.pending(one):
        raise Refused("amendment", _("An amendment of it is being decided; wait for the result."))
    if one.meeting is not None and meeting is not None and one.meeting != meeting:
        raise Refused("on-another-agenda", _("It stands on the agenda of another meeting."))
    one.at_meeting, one.meeting = True, meeting or one.meeting
    one.save()
    return one


@transaction.atomic
def take_off(proposal: Proposal | UUID | str | None, *, meeting: UUID, now: datetime) -> Proposal:
    """It is no longer on this meeting's agenda (taken off, cancelled, or not reached) and waits for another. Raises ``Missing``."""
    if proposal is None:
        raise Missing("no such decision")
    one = locked(proposal)
    if one.meeting == meeting and one.state in (states.DRAFT, states.DISCUSSION):
        one.meeting = None
        one.save()
    return one


@transaction.atomic
def put(proposal: Proposal | UUID | str, seats: Sequence[Seat], *, meeting: UUID, more_than: Fraction, now: datetime) -> Proposal:
    """Put a motion to those present: they are its electorate, frozen. Put twice is once.

    ``more_than``: of all who vote in its way so many must be present at least. Raises ``Refused``: "not-here" (not on this agenda),
    "too-early" (it has not been discussed long enough), "no-quorum", and what its kind says when it cannot be opened.
    """
    one = locked(proposal)
    if one.meeting != meeting:
        raise Refused("not-here", _("It is not on the agenda of this meeting."))
    if one.state != states.DISCUSSION:
        if one.state == states.DRAFT:
            raise Refused("too-early", _("It has to be discussed first."))
        return one
    if one.opens_at is None or now < one.opens_at:
        raise Refused("too-early", _("It has not been discussed for as long as its way of deciding asks."))
    if amending.pending(one):
        raise Refused("amendment", _("An amendment of it is being decided; wait for the result."))
    way = ways.parse(one.way)
    found, here = quorum(one, way, seats, more_than, now)
    if not found.met:
        raise Refused("no-quorum", said(found))
    ready = kinds.get(one.kind).opening
    if ready and (why := ready(one, now)):
        return voting.fail(one, why, now)
    of = str(law.profile().bound("resolution.counted_of", now).value)
    by_proxy = sum(1 for seat, _key in here if seat.by_proxy)
    one.sitting = {"meeting": str(meeting), "members": found.members, "present": found.present, "needed": found.needed, "by_proxy": by_proxy, "counted_of": of}
    frozen = [
        Elector(proposal=one, membership=seat.membership, person=seat.person, class_key=key, called_at=now, told_at=now) for seat, key in here
    ]  # fmt: skip
    voting.begin(one, frozen, now + LONGEST, now)
    return one


def said(found: Quorum) -> str:
    """Why there is no quorum, in a sentence."""
    if found.present < found.needed:
        return _("No quorum: {present} of {members} are present, {needed} are needed.").format(
            present=found.present, members=found.members, needed=found.needed
        )
    return _("No quorum: too few are present of {classes}.").format(classes=", ".join(found.lacking))


@transaction.atomic
def show_of_hands(proposal: Proposal | UUID | str, hands: Mapping[str, tuple[int, int, int]], *, by: Person, now: datetime) -> None:
    """Type in the hands that were raised: by class (for, against, abstain). Typed again replaces what was typed.

    Whoever voted on a telephone raises no hand. Raises ``Refused``: "closed", "marked" (a vote among options needs papers), "hands" (of an
    unknown class, below nothing, or together with the ballots more than are present).
    """
    one = locked(proposal)
    if one.state != states.VOTING or one.sitting is None:
        raise Refused("closed", _("This motion is not open."))
    if options.of(one) is not None:
        raise Refused("marked", _("Hands cannot choose among options. Vote on the telephones."))
    classes = (one.electorate or {}).get("classes", {})
    for key, raised in hands.items():
        if key not in classes or min(raised) < 0:
            raise Refused("hands", _("These hands cannot be."))
        papers = Ballot.objects.filter(elector__proposal=one, elector__class_key=key).count()
        if sum(raised) + papers > classes[key]:
            raise Refused("hands", _("That is {n} in all, but only {present} are present.").format(n=sum(raised) + papers, present=classes[key]))
        values = {"in_favour": raised[0], "against": raised[1], "abstain": raised[2], "typed_by": by, "at": now}
        Hands.objects.update_or_create(proposal=one, class_key=key, defaults=values)


@transaction.atomic
def close(proposal: Proposal | UUID | str, seats: Sequence[Seat], *, more_than: Fraction, now: datetime) -> Proposal:
    """Count a motion on the spot. Counted twice is once; what passed takes effect after its notice as everything else.

    Raises ``Refused``: "closed" (it was never put), "no-quorum" while too few are present: wait for them, or break the vote off.
    """
    one = locked(proposal)
    if one.state in (states.DRAFT, states.DISCUSSION) or one.sitting is None:
        raise Refused("closed", _("This motion is not open."))
    if one.state != states.VOTING:
        return one
    way = ways.parse(one.way)
    found, _here = quorum(one, way, seats, more_than, now)
    if not found.met:
        raise Refused("no-quorum", said(found))
    return voting.finish(one, way, now)


@transaction.atomic
def break_off(proposal: Proposal | UUID | str, reason: str, *, now: datetime) -> Proposal:
    """End a motion's vote without a count (the quorum is gone for good). It can be proposed anew. Twice is once."""
    one = locked(proposal)
    if one.state == states.WITHDRAWN:
        return one
    if one.state != states.VOTING or one.sitting is None:
        raise Refused("closed", _("This motion is not open."))
    return voting.uncounted(one, reason, now)


@transaction.atomic
def room(proposal: UUID | None, seats: Sequence[Seat], *, now: datetime) -> None:
    """Somebody came or left while a motion may be open: who has left since it was put casts no more in it, and may again once they are back.

    Who has cast keeps their ballot; who comes new votes on the next motion.
    """
    if proposal is None:
        return
    one = locked(proposal)
    if one.state != states.VOTING or one.sitting is None:
        return
    here = {(seat.membership.pk, seat.person.pk) for seat in seats}
    for elector in one.electors.all():
        there = (elector.membership_id, elector.person_id) in here
        if there != (elector.gone_at is None):
            elector.gone_at = None if there else now
            elector.save(update_fields=["gone_at"])


def open_details(one: Any) -> dict[str, Any]:
    """How many have voted so far: {"cast", "present"}; nothing of how. Two queries."""
    cast = Ballot.objects.filter(elector__proposal=one).count() + sum(row.raised for row in Hands.objects.filter(proposal=one))
    return {"cast": cast, "present": (one.electorate or {}).get("total", 0)}
