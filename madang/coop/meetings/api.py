"""General meetings as JSON, for members. Motions are voted on by ``/api/decisions/<id>/votes`` as anything else."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from madang.coop.law import rations
from madang.coop.meetings import actions, minutes, queries
from madang.coop.meetings.models import Item, Meeting
from madang.coop.meetings.views import GUESSES
from madang.coop.members import queries as members
from madang.coop.people.access import Request
from madang.coop.people.models import Person
from madang.kit.errors import Missing

router = Router(tags=["meetings"])
MOST = 500


class PointOut(Schema):
    """A point of the agenda. ``decision``: of a motion; ``state``: ahead, now, open (a vote), done, broken, failed; ``passed`` where it was counted."""

    id: UUID
    title: str
    text: str
    decision: UUID | None
    state: str
    passed: bool | None


class MeetingOut(Schema):
    """A meeting. ``present`` of ``members``, ``needed`` for a quorum; ``cast`` of ``may_cast`` in the vote that is open."""

    id: UUID
    title: str
    place: str
    online: str
    state: str
    starts_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    present: int
    members: int
    needed: int
    quorum: bool
    cast: int
    may_cast: int
    agenda: list[PointOut]


class MeetingIn(Schema):
    """When and where. ``id``: a UUID of your own makes sending it twice one meeting."""

    id: UUID | None = None
    title: str = Field(max_length=200)
    starts_at: datetime
    place: str = Field(max_length=300)
    online: str = Field("", max_length=400)


class ItemIn(Schema):
    """A point: ``kind`` talk or motion with title and text, or proposal with its ``decision``."""

    kind: Literal["talk", "motion", "proposal"]
    title: str = Field("", max_length=200)
    text: str = Field("", max_length=5000)
    decision: UUID | None = None


class WhyIn(Schema):
    """Why."""

    why: str = Field("", max_length=600)


class CodeIn(Schema):
    """The code on the wall."""

    code: str = Field(max_length=12)


class ThereIn(Schema):
    """Memberships that are there."""

    memberships: list[UUID] = Field(max_length=MOST)


class PaperIn(Schema):
    """A proxy on paper: whose membership, and who acts for it."""

    giver: UUID
    holder: UUID
    family: bool = False


class SomebodyIn(Schema):
    """A person who is there."""

    person: UUID


class PeopleIn(Schema):
    """People who were there."""

    people: list[UUID] = Field(max_length=100)


class HandsIn(Schema):
    """Raised hands, by class: [for, against, abstaining]."""

    hands: dict[str, tuple[int, int, int]] = Field(max_length=50)


class MinutesIn(Schema):
    """Words for the minutes."""

    words: str = Field(max_length=9000)


class DigestIn(Schema):
    """The digest of the minutes as you read them."""

    digest: str = Field(max_length=64)


class MomentOut(Schema):
    """Something that happened: see ``meetings/models.py:Moment`` for the words."""

    at: datetime
    what: str
    item: UUID | None
    present: int


class MinutesOut(Schema):
    """The minutes. ``signed``: how many of ``signers`` have."""

    digest: str
    words: str
    in_person: int
    by_proxy: int
    happened: list[MomentOut]
    signers: int
    signed: int


def _who(request: HttpRequest) -> Person:
    """The member who asks. Raises ``Missing`` for others: to them there are no meetings."""
    asked = cast(Request, request)
    if not members.is_member(asked.user, asked.now):
        raise Missing("for members")
    return asked.user


def _now(request: HttpRequest) -> datetime:
    return cast(Request, request).now


def _seen(request: HttpRequest, id: UUID) -> Meeting:
    return queries.visible(id, _who(request), _now(request))


def _out(request: HttpRequest, one: Meeting) -> MeetingOut:
    found = queries.picture(Meeting.objects.get(pk=one.pk), _now(request))
    one = found.meeting
    points = [
        PointOut(id=row.item.pk, title=row.item.title, text=row.item.text, decision=row.item.proposal_id, state=row.state, passed=row.passed)
        for row in found.points
    ]
    return MeetingOut(
        id=one.pk, title=one.title, place=one.place, online=one.online, state=one.state, starts_at=one.starts_at, opened_at=one.opened_at,
        closed_at=one.closed_at, present=found.quorum.present, members=found.quorum.members, needed=found.quorum.needed, quorum=found.quorum.met,
        cast=found.cast, may_cast=found.may_cast, agenda=points,
    )  # fmt: skip


def _item(meeting: Meeting, id: UUID) -> Item:
    found = meeting.items.filter(pk=id).first()
    if found is None:
        raise Missing("no such point")
    return found


def _person(id: UUID) -> Person:
    found = Person.objects.filter(pk=id, erased_at=None).first()
    if found is None:
        raise Missing("no such person")
    return found


@router.get("/", response=list[MeetingOut], summary="Meetings ahead and held")
def meetings(request: HttpRequest) -> list[MeetingOut]:
    """The next first, then those that were held, newest first; at most fifty."""
    ahead = queries.upcoming(_who(request), _now(request))
    return [_out(request, one) for one in [*ahead, *queries.past()][:50]]


@router.post("/", response=MeetingOut, summary="Write a meeting")
def draft(request: HttpRequest, body: MeetingIn) -> MeetingOut:
    """For whoever calls meetings; nobody else sees it until the notice is sent."""
    made = actions.draft(_who(request), body.title, starts_at=body.starts_at, place=body.place, online=body.online, id=body.id, now=_now(request))
    return _out(request, made)


@router.get("/{uuid:id}", response=MeetingOut, summary="One meeting")
def meeting(request: HttpRequest, id: UUID) -> MeetingOut:
    """Its agenda, and who is there now."""
    return _out(request, _seen(request, id))


@router.post("/{uuid:id}/items", response=MeetingOut, summary="Put a point on the agenda")
def add(request: HttpRequest, id: UUID, body: ItemIn) -> MeetingOut:
    """Until the notice is sent."""
    one, person, now = _seen(request, id), _who(request), _now(request)
    if body.kind == "motion":
        actions.move(one, person, title=body.title, text=body.text, now=now)
    else:
        actions.add(one, person, body.title, body.text, proposal=body.decision if body.kind == "proposal" else None, now=now)
    return _out(request, one)


@router.delete("/{uuid:id}/items/{uuid:item}", response=MeetingOut, summary="Take a point off")
def take_off(request: HttpRequest, id: UUID, item: UUID) -> MeetingOut:
    """Until the notice is sent."""
    one = _seen(request, id)
    actions.take_off(_item(one, item), _who(request), now=_now(request))
    return _out(request, one)


@router.post("/{uuid:id}/items/{uuid:item}/up", response=MeetingOut, summary="Move a point up")
def up(request: HttpRequest, id: UUID, item: UUID) -> MeetingOut:
    """Before the one above it."""
    one = _seen(request, id)
    actions.up(_item(one, item), _who(request), now=_now(request))
    return _out(request, one)


@router.post("/{uuid:id}/notice", response=MeetingOut, summary="Send the notice")
def call(request: HttpRequest, id: UUID) -> MeetingOut:
    """Every member is told; date, title and agenda stand."""
    return _out(request, actions.call(_seen(request, id), _who(request), now=_now(request)))


@router.post("/{uuid:id}/cancelling", response=MeetingOut, summary="Call it off")
def cancel(request: HttpRequest, id: UUID, body: WhyIn) -> MeetingOut:
    """Before it begins."""
    return _out(request, actions.cancel(_seen(request, id), _who(request), body.why, now=_now(request)))


@router.post("/{uuid:id}/opening", response=MeetingOut, summary="Open the doors")
def open_meeting(request: HttpRequest, id: UUID) -> MeetingOut:
    """Whoever does chairs."""
    return _out(request, actions.open_meeting(_seen(request, id), _who(request), now=_now(request)))


@router.post("/{uuid:id}/presence", response=MeetingOut, summary="Check in")
def come(request: HttpRequest, id: UUID, body: CodeIn) -> MeetingOut:
    """With the code on the wall; ten tries a minute."""
    one = _seen(request, id)
    rations.require(GUESSES, request)
    return _out(request, actions.come(one, _who(request), body.code, now=_now(request)))


@router.delete("/{uuid:id}/presence", response=MeetingOut, summary="Leave the room")
def leave(request: HttpRequest, id: UUID) -> MeetingOut:
    """With the votes one casts for others."""
    return _out(request, actions.leave(_seen(request, id), _who(request), now=_now(request)))


@router.post("/{uuid:id}/door", response=MeetingOut, summary="Type in who is there")
def tick(request: HttpRequest, id: UUID, body: ThereIn) -> MeetingOut:
    """For whoever chairs."""
    return _out(request, actions.tick(_seen(request, id), _who(request), body.memberships, now=_now(request)))


@router.post("/{uuid:id}/door/proxy", response=MeetingOut, summary="Type in a proxy on paper")
def tick_proxy(request: HttpRequest, id: UUID, body: PaperIn) -> MeetingOut:
    """For whoever chairs."""
    made = actions.tick_proxy(_seen(request, id), _who(request), body.giver, _person(body.holder), family=body.family, now=_now(request))
    return _out(request, made)


@router.post("/{uuid:id}/door/gone", response=MeetingOut, summary="Type in who has left")
def gone(request: HttpRequest, id: UUID, body: SomebodyIn) -> MeetingOut:
    """For whoever chairs."""
    return _out(request, actions.leave(_seen(request, id), _person(body.person), by=_who(request), now=_now(request)))


@router.post("/{uuid:id}/chair", response=MeetingOut, summary="Give the chair to somebody else")
def hand_over(request: HttpRequest, id: UUID, body: SomebodyIn) -> MeetingOut:
    """Who is there."""
    return _out(request, actions.hand_over(_seen(request, id), _who(request), _person(body.person), now=_now(request)))


@router.post("/{uuid:id}/items/{uuid:item}/begin", response=MeetingOut, summary="Come to a point")
def begin(request: HttpRequest, id: UUID, item: UUID) -> MeetingOut:
    """For whoever chairs."""
    one = _seen(request, id)
    actions.begin(_item(one, item), _who(request), now=_now(request))
    return _out(request, one)


@router.post("/{uuid:id}/items/{uuid:item}/vote", response=MeetingOut, summary="Put a motion")
def put(request: HttpRequest, id: UUID, item: UUID) -> MeetingOut:
    """To those who are there, with a quorum."""
    one = _seen(request, id)
    actions.put(_item(one, item), _who(request), now=_now(request))
    return _out(request, one)


@router.post("/{uuid:id}/items/{uuid:item}/hands", response=MeetingOut, summary="Type in raised hands")
def hands(request: HttpRequest, id: UUID, item: UUID, body: HandsIn) -> MeetingOut:
    """Typed again replaces what was typed."""
    one = _seen(request, id)
    actions.hands(_item(one, item), _who(request), body.hands, now=_now(request))
    return _out(request, one)


@router.post("/{uuid:id}/items/{uuid:item}/count", response=MeetingOut, summary="Close a vote and count it")
def count(request: HttpRequest, id: UUID, item: UUID) -> MeetingOut:
    """While the quorum is there."""
    one = _seen(request, id)
    actions.count(_item(one, item), _who(request), now=_now(request))
    return _out(request, one)


@router.post("/{uuid:id}/items/{uuid:item}/breaking-off", response=MeetingOut, summary="Break a vote off")
def break_off(request: HttpRequest, id: UUID, item: UUID, body: WhyIn) -> MeetingOut:
    """When the quorum is gone."""
    one = _seen(request, id)
    actions.break_off(_item(one, item), _who(request), body.why, now=_now(request))
    return _out(request, one)


@router.post("/{uuid:id}/signers", response=MeetingOut, summary="Note who signs the minutes")
def choose_signers(request: HttpRequest, id: UUID, body: PeopleIn) -> MeetingOut:
    """Whom the meeting chose; for whoever chairs."""
    return _out(request, actions.choose_signers(_seen(request, id), _who(request), [_person(pk) for pk in body.people], now=_now(request)))


@router.post("/{uuid:id}/closing", response=MeetingOut, summary="Close the meeting")
def close(request: HttpRequest, id: UUID) -> MeetingOut:
    """What was not reached waits for another."""
    return _out(request, actions.close(_seen(request, id), _who(request), now=_now(request)))


@router.get("/{uuid:id}/minutes", response=MinutesOut, summary="The minutes")
def told(request: HttpRequest, id: UUID) -> MinutesOut:
    """Of a meeting that was opened; names stand on the page."""
    one = _seen(request, id)
    if one.opened_at is None:
        raise Missing("not held yet")
    read = minutes.read(one)
    happened = [MomentOut(at=row.at, what=row.what, item=row.item_id, present=row.present) for row in read.moments]
    signed = sum(1 for signer in read.signers if signer.signed_at)
    return MinutesOut(
        digest=read.digest, words=read.words, in_person=read.in_person, by_proxy=read.by_proxy, happened=happened, signers=len(read.signers), signed=signed
    )


@router.put("/{uuid:id}/minutes", response=MinutesOut, summary="Add words to the minutes")
def write(request: HttpRequest, id: UUID, body: MinutesIn) -> MinutesOut:
    """For whoever chaired, until the first has signed."""
    actions.write(_seen(request, id), _who(request), body.words, now=_now(request))
    return told(request, id)


@router.post("/{uuid:id}/minutes/signature", response=MinutesOut, summary="Sign the minutes")
def sign(request: HttpRequest, id: UUID, body: DigestIn) -> MinutesOut:
    """As you read them; for whom the meeting chose."""
    actions.sign(_seen(request, id), _who(request), body.digest, now=_now(request))
    return told(request, id)
