"""Deciding as JSON. Reading is open to everyone as far as the pages are; every verb needs a sign-in and asks the same questions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import translation
from ninja import Field, Router, Schema

from madang.coop import law
from madang.coop.decisions import actions, api_acting, api_amending, api_more, discussing, kinds, nominating, options, queries, showing, states, tally
from madang.coop.decisions.drafting import dry_run_in
from madang.coop.decisions.models import Comment, Proposal
from madang.coop.members import queries as members
from madang.coop.people.models import Organisation, Person
from madang.kit.errors import Missing

router = Router(tags=["decisions"])
router.add_router("", api_more.router)
router.add_router("", api_acting.router)
router.add_router("", api_amending.router)
A_PAGE = 50


class ChangeIn(Schema):
    """A new value for a rule, in the charter's notation."""

    rule: str = Field(max_length=80)
    value: Any


class DraftIn(Schema):
    """A proposal. ``org``: inside one member organisation. ``details``: for other kinds than change_rules.

    ``id``: a UUID of your own makes sending it twice one proposal. ``expel`` has a title of its own; yours and the reason are not taken.
    """

    id: UUID | None = None
    kind: str = "change_rules"
    title: str = Field(max_length=200)
    reason: str = Field("", max_length=9000)
    changes: list[ChangeIn] = Field(default_factory=list, max_length=20)
    details: dict[str, str | int | list[str]] = Field(default_factory=dict)
    org: UUID | None = None


class ChangedLineOut(Schema):
    """What would change, in words."""

    label: str
    before: str
    after: str


class OptionOut(Schema):
    """One of the options of a vote among several."""

    key: str
    title: str


class DecisionOut(Schema):
    """A decision. ``electorate`` and ``tally``: figures of groups under five are null or left out. ``author`` is named to members only.

    ``at_meeting``: it is put to the vote at a general meeting; ``sitting``: who was there then.
    ``figures``: how it stands while voting, where its way shows that to those who decide, as of ``figures_at``.
    ``back_of``: the decision this goes back on. ``extended``: how often a late rush has lengthened the vote.
    """

    id: UUID
    kind: str
    title: str
    reason: str
    author: str
    org: UUID | None
    state: str
    way_name: str
    way: dict[str, Any]
    changes: list[dict[str, Any]]
    lines: list[ChangedLineOut]
    dry_run: dict[str, Any] | None
    electorate: dict[str, Any] | None
    tally: dict[str, Any] | None
    options: list[OptionOut]
    sentence: str
    because: list[str]
    figures: dict[str, Any] | None
    figures_at: datetime | None
    back_of: UUID | None
    extended: int
    at_meeting: bool
    sitting: dict[str, Any] | None
    created_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    effect_at: datetime | None
    ended_at: datetime | None


class NominationOut(Schema):
    """Somebody who was named in an election. ``stands``: they said yes; ``declined``: they said no."""

    person: UUID
    name: str
    statement: str
    stands: bool
    declined: bool


class NameIn(Schema):
    """Whom one names."""

    person: UUID


class CommentOut(Schema):
    """A comment, for those who decide. ``reply_to``: what it answers; ``pinned``: held up by the proposer as a summary."""

    id: UUID
    reply_to: UUID | None
    pinned: bool
    author: str
    text: str
    at: datetime


class SayIn(Schema):
    """Something to say; ``reply_to``: what it answers."""

    text: str = Field(max_length=5000)
    reply_to: UUID | None = None


class PinIn(Schema):
    """Up, or down."""

    up: bool


class TextIn(Schema):
    """A text: a comment, or why it is taken back."""

    text: str = Field(max_length=5000)


class BallotIn(Schema):
    """for, against or abstain; in a vote among options "marked" with ``marks``, or abstain.

    ``marks``: a ranking is a list of ranks, each a list of option keys; of approval a list of keys; scores, dots and credits by key.
    ``elector``: which of one's votes, for someone with more than one. ``objection``: why one is against, where a way passes by no objection.
    """

    choice: Literal["for", "against", "abstain", "marked"]
    marks: list[list[str]] | list[str] | dict[str, int] | None = None
    elector: UUID | None = None
    objection: str = Field("", max_length=4000)


class VoteOut(Schema):
    """One of my votes. ``choice`` null: not cast. ``marks``: of a vote among options."""

    elector: UUID
    as_whom: str
    class_key: str
    choice: str | None
    marks: list[list[str]] | list[str] | dict[str, int] | None


def _out(request: HttpRequest, one: Proposal) -> DecisionOut:
    lang, now = translation.get_language() or "en", request.now  # type: ignore[attr-defined]
    insider = queries.is_insider(one, request.user, now)
    shown = insider or one.kind not in showing.PRIVATE_KINDS
    lines = kinds.get(one.kind).lines(one, lang) if shown else []
    asked = options.of(one) if shown else None
    return DecisionOut(
        options=[OptionOut(key=key, title=title) for key, title in asked.titles.items()] if asked else [],
        id=one.pk, kind=one.kind, title=one.title, reason=one.reason, author=queries.author_name(one, insider), org=one.org_id, state=one.state,
        way_name=one.way_name, way=one.way, changes=one.changes, lines=[ChangedLineOut(label=str(x.label), before=x.before, after=x.after) for x in lines],
        dry_run=dry_run_in(one.dry_run, lang), electorate=tally.electorate(one.electorate), tally=one.tally,
        sentence=queries.told(one, lang, now), because=showing.reasons(one, lang, insider=insider),
        figures=one.figures if insider and one.state == states.VOTING else None,
        figures_at=one.figures_at if insider and one.state == states.VOTING else None,
        back_of=one.back_of_id, extended=one.extended,
        at_meeting=one.at_meeting, sitting=one.sitting,
        created_at=one.created_at, opens_at=one.opens_at, closes_at=one.closes_at, effect_at=one.effect_at, ended_at=one.ended_at,
    )  # fmt: skip


def _who(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise Missing("nobody is signed in")
    return request.user


def _organisation(id: UUID | None, person: Person, now: datetime) -> Organisation | None:
    if id is None:
        return None
    found = Organisation.objects.filter(work__in=person.work.filter(members.working_at(now)), pk=id).first()
    if found is None:
        raise Missing("not your organisation")
    return found


@router.get("/", response=list[DecisionOut], auth=None, summary="Decisions, newest first")
def decisions(request: HttpRequest, state: str = "", page: int = 1) -> list[DecisionOut]:
    """Fifty a page; drafts are only their author's and not in it."""
    law.coop()
    rows = Proposal.objects.filter(discussion_at__isnull=False).select_related("author", "org").order_by("-discussion_at", "pk")
    if state:
        rows = rows.filter(state=state[:12])
    start = (max(1, min(page, 10_000)) - 1) * A_PAGE
    return [_out(request, one) for one in rows[start : start + A_PAGE]]


@router.get("/{uuid:id}", response=DecisionOut, auth=None, summary="One decision")
def decision(request: HttpRequest, id: UUID) -> DecisionOut:
    """One decision; somebody else's draft is not there."""
    return _out(request, queries.visible(id, request.user))


@router.post("/", response=DecisionOut, summary="Write a draft")
def draft(request: HttpRequest, body: DraftIn) -> DecisionOut:
    """Only you see it until it is opened for discussion."""
    person, now = _who(request), request.now  # type: ignore[attr-defined]
    changes = [{"rule": change.rule, "value": change.value} for change in body.changes]
    org = _organisation(body.org, person, now)
    return _out(request, actions.draft(person, body.kind, body.title, body.reason, changes, details=dict(body.details), org=org, id=body.id, now=now))


@router.put("/{uuid:id}", response=DecisionOut, summary="Rewrite a draft")
def edit(request: HttpRequest, id: UUID, body: DraftIn) -> DecisionOut:
    """Kind and organisation stay."""
    changes = [{"rule": change.rule, "value": change.value} for change in body.changes]
    one = actions.edit(id, _who(request), title=body.title, reason=body.reason, changes=changes, details=dict(body.details), now=request.now)  # type: ignore[attr-defined]
    return _out(request, one)


@router.post("/{uuid:id}/discussion", response=DecisionOut, summary="Open the discussion")
def discuss(request: HttpRequest, id: UUID) -> DecisionOut:
    """Everyone sees it; voting opens by itself."""
    return _out(request, actions.open_discussion(id, _who(request), now=request.now))  # type: ignore[attr-defined]


@router.get("/{uuid:id}/comments", response=list[CommentOut], summary="The discussion")
def comments(request: HttpRequest, id: UUID) -> list[CommentOut]:
    """For those who decide."""
    one = queries.visible(id, request.user)
    if not queries.is_insider(one, request.user, request.now):  # type: ignore[attr-defined]
        raise Missing("not your decision")
    return [_said(said) for said in discussing.shown(one)]


def _said(said: Comment) -> CommentOut:
    return CommentOut(id=said.pk, author=str(said.author), text=said.text, at=said.at, reply_to=said.reply_to_id, pinned=said.pinned_at is not None)


@router.post("/{uuid:id}/comments", response=CommentOut, summary="Say something")
def comment(request: HttpRequest, id: UUID, body: SayIn) -> CommentOut:
    """For those who decide, while it is not over; ``reply_to`` answers somebody."""
    return _said(actions.comment(id, _who(request), body.text, reply_to=body.reply_to, now=request.now))  # type: ignore[attr-defined]


@router.put("/{uuid:id}/comments/{uuid:comment}/pin", response=CommentOut, summary="Hold a summary up, or take it down")
def pin(request: HttpRequest, id: UUID, comment: UUID, body: PinIn) -> CommentOut:
    """For the proposer; at most three."""
    return _said(actions.pin(queries.visible(id, _who(request)), _who(request), comment, up=body.up, now=request.now))  # type: ignore[attr-defined]


@router.post("/{uuid:id}/support", response=int, summary="Support putting it to the vote")
def support(request: HttpRequest, id: UUID) -> int:
    """How many support it now."""
    return actions.support(id, _who(request), now=request.now)  # type: ignore[attr-defined]


@router.get("/{uuid:id}/votes", response=list[VoteOut], summary="My votes")
def votes(request: HttpRequest, id: UUID) -> list[VoteOut]:
    """One's own ballots; nobody else's are ever shown."""
    mine = queries.my_votes(queries.visible(id, request.user), request.user, request.now)  # type: ignore[attr-defined]
    return [VoteOut(elector=one.elector.pk, as_whom=one.as_whom, class_key=one.elector.class_key, choice=one.choice, marks=one.marks) for one in mine]


@router.post("/{uuid:id}/votes", response=list[VoteOut], summary="Cast or change a ballot")
def cast(request: HttpRequest, id: UUID, body: BallotIn) -> list[VoteOut]:
    """Until voting closes; the last one counts. Confidential: the server could see it."""
    actions.cast(id, _who(request), body.choice, marks=body.marks, elector=body.elector, reason=body.objection, now=request.now)  # type: ignore[attr-defined]
    return votes(request, id)


@router.post("/{uuid:id}/veto", response=DecisionOut, summary="Veto what passed")
def veto(request: HttpRequest, id: UUID, body: TextIn) -> DecisionOut:
    """For the office its way of deciding names, within its window; with the reason."""
    return _out(request, actions.veto(queries.visible(id, _who(request)), _who(request), body.text, now=request.now))  # type: ignore[attr-defined]


@router.post("/{uuid:id}/withdrawal", response=DecisionOut, summary="Take one's proposal back")
def withdraw(request: HttpRequest, id: UUID, body: TextIn) -> DecisionOut:
    """With the reason: everyone reads it; of a proposal about someone's membership only those who decide."""
    return _out(request, actions.withdraw(id, _who(request), body.text, now=request.now))  # type: ignore[attr-defined]


@router.get("/{uuid:id}/nominations", response=list[NominationOut], summary="Who stands for election")
def nominations(request: HttpRequest, id: UUID) -> list[dict[str, Any]]:
    """For those who decide."""
    one = queries.visible(id, _who(request))
    if not queries.is_insider(one, request.user, request.now):  # type: ignore[attr-defined]
        raise Missing("not your decision")
    return nominating.api(one)


@router.post("/{uuid:id}/nominations", response=list[NominationOut], summary="Name somebody for election")
def nominate(request: HttpRequest, id: UUID, body: NameIn) -> list[dict[str, Any]]:
    """They are asked, and stand only when they say yes. During the discussion."""
    one, person = queries.visible(id, _who(request)), Person.objects.filter(pk=body.person, erased_at=None).first()
    if person is None or not queries.is_insider(one, request.user, request.now):  # type: ignore[attr-defined]
        raise Missing("nobody by that id")
    actions.nominate(one, person, _who(request), now=request.now)  # type: ignore[attr-defined]
    return nominating.api(one)


@router.post("/{uuid:id}/standing", response=list[NominationOut], summary="Stand for election")
def stand(request: HttpRequest, id: UUID, body: TextIn) -> list[dict[str, Any]]:
    """With a statement, which all members read; again changes it. Until voting opens."""
    one = queries.visible(id, _who(request))
    actions.stand(one, _who(request), body.text, now=request.now)  # type: ignore[attr-defined]
    return nominating.api(one)


@router.delete("/{uuid:id}/standing", response=list[NominationOut], summary="Step down")
def step_down(request: HttpRequest, id: UUID) -> list[dict[str, Any]]:
    """Or say no, until voting opens."""
    one = queries.visible(id, _who(request))
    actions.step_down(one, _who(request), now=request.now)  # type: ignore[attr-defined]
    return nominating.api(one)


@router.post("/{uuid:id}/back", response=DecisionOut, summary="Go back on a decision in force")
def go_back(request: HttpRequest, id: UUID) -> DecisionOut:
    """Its inverse is put to the members, with a shorter notice, while its way of deciding gives the time. Answers with the new decision."""
    return _out(request, actions.go_back(queries.visible(id, _who(request)), _who(request), now=request.now))  # type: ignore[attr-defined]


@router.post("/{uuid:id}/keeping", response=DecisionOut, summary="Keep a decision that is looked at again")
def keep(request: HttpRequest, id: UUID) -> DecisionOut:
    """For whoever was asked: its author and those who fill an office."""
    return _out(request, actions.keep(queries.visible(id, _who(request)), _who(request), now=request.now))  # type: ignore[attr-defined]


@router.post("/{uuid:id}/advance", response=DecisionOut, summary="Do the step that is due")
def advance(request: HttpRequest, id: UUID) -> DecisionOut:
    """Open, count or put in force what is due. It happens by itself; any member may ask for it. 409 "too-early" when nothing is due."""
    person, now = _who(request), request.now  # type: ignore[attr-defined]
    one = queries.visible(id, person)
    if not queries.is_insider(one, person, now):
        raise Missing("not your decision")
    step = {states.DISCUSSION: actions.open_voting, states.VOTING: actions.close}.get(one.state, actions.take_effect)
    return _out(request, step(one, now=now))
