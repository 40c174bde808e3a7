"""Joining, answering, offices and organisations, for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from madang.coop.law import rations
from madang.coop.members import actions, queries, work
from madang.coop.members.models import Membership, OfficeTerm, WorkInvitation
from madang.coop.members.views import end_of_day
from madang.coop.people import queries as people
from madang.coop.people.models import Person, Work
from madang.kit.errors import Missing

router = Router(tags=["members"])


class ClassOut(Schema):
    """A class of members. ``share_price`` is in the smallest unit of the co-op's currency; ``members`` is null below five."""

    key: str
    title: dict[str, str]
    about: dict[str, str]
    holder: str
    admission: str
    share_price: int
    min_shares: int
    votes: bool
    members: int | None


class MembershipOut(Schema):
    """A membership of one's own, or of an organisation one speaks for."""

    id: UUID
    class_key: str
    organisation: str | None
    state: str
    primary: bool
    applied_at: datetime
    admitted_at: datetime | None
    active_from: datetime | None
    left_at: datetime | None
    reason: str


class RegisterOut(Schema):
    """One line of the register."""

    name: str
    class_key: str
    since: datetime


class Application(Schema):
    """What one joins as; ``organisation`` (its slug) when one applies for an organisation."""

    class_key: str = Field(max_length=40)
    organisation: str = Field("", max_length=50)
    words: str = Field("", max_length=4000)


class Answer(Schema):
    """Yes, or no with its reason."""

    yes: bool
    reason: str = Field("", max_length=4000)


class Shown(Schema):
    """Whether other members see the name."""

    shown: bool


class Appointment(Schema):
    """An office for a person, from one moment until another."""

    office: str = Field(max_length=40)
    person: UUID
    since: AwareDatetime
    until: AwareDatetime


class TermOut(Schema):
    """A term of an office."""

    id: UUID
    office: str
    since: datetime
    until: datetime


class Invitation(Schema):
    """Whom to ask; ``role``: worker or representative."""

    email: str = Field(max_length=254)
    role: str = Field("worker", max_length=20)


class InvitationOut(Schema):
    """An open invitation; its link goes by mail only."""

    id: UUID
    email: str
    role: str
    expires_at: datetime


class NewOrganisation(Schema):
    """An organisation one speaks for."""

    name: str = Field(max_length=400)
    about: str = Field("", max_length=4000)


class WorkOut(Schema):
    """Someone works in, or speaks for, an organisation."""

    id: int
    organisation: str
    role: str
    since: datetime
    until: datetime | None


def _person(request: HttpRequest) -> Any:
    return request.user


def _now(request: HttpRequest) -> datetime:
    now: datetime = request.now  # type: ignore[attr-defined]
    return now


def _out(one: Membership) -> dict[str, Any]:
    names = ("id", "state", "primary", "applied_at", "admitted_at", "active_from", "left_at", "reason")
    return {**{name: getattr(one, name) for name in names}, "class_key": one.member_class.key, "organisation": one.organisation and one.organisation.slug}


def _work(one: Work) -> dict[str, Any]:
    return {"id": one.pk, "organisation": one.organisation.slug, "role": one.role, "since": one.since, "until": one.until}


def _membership(membership_id: UUID) -> Membership:
    found = Membership.objects.select_related("member_class").filter(pk=membership_id).first()
    if found is None:
        raise Missing("membership")
    return found


@router.get("/classes", response=list[ClassOut], auth=None)
def classes(request: HttpRequest) -> list[dict[str, Any]]:
    """The classes one can join, with how many members each has (null below five). For everyone."""
    names = ("key", "title", "about", "holder", "admission", "share_price", "min_shares", "votes")
    found = queries.count_by_class(_now(request))
    return [{**{name: getattr(one.member_class, name) for name in names}, "members": one.count if one.shown else None} for one in found]


@router.get("/me", response=list[MembershipOut])
def mine(request: HttpRequest) -> list[dict[str, Any]]:
    """My memberships, and those of organisations I speak for."""
    person = _person(request)
    return [_out(one) for one in [*queries.memberships(person), *queries.represented(person, _now(request))]]


@router.get("/register", response=list[RegisterOut])
def register(request: HttpRequest, at: date | None = None) -> list[dict[str, Any]]:
    """The register as at the end of a day (default: now). For members."""
    now = _now(request)
    if not queries.is_member(_person(request), now):
        raise Missing("register")
    moment = min(end_of_day(at), now) if at else now
    return [{"name": line.name, "class_key": line.class_key, "since": line.since} for line in queries.register(moment)]


@router.post("/apply", response=MembershipOut)
def apply(request: HttpRequest, body: Application) -> dict[str, Any]:
    """Ask to join a class, for oneself or for an organisation one speaks for. Asking twice gives the same application."""
    rations.require("members.apply", request)
    holder = people.organisation(body.organisation) if body.organisation else _person(request)
    return _out(actions.apply(holder, body.class_key, by=_person(request), words=body.words, now=_now(request)))


@router.get("/applications", response=list[MembershipOut])
def applications(request: HttpRequest) -> list[dict[str, Any]]:
    """Applications that wait for my answer."""
    return [_out(one) for one in queries.applications_for(_person(request), _now(request))]


@router.post("/applications/{membership_id}", response=MembershipOut)
def answer(request: HttpRequest, membership_id: UUID, body: Answer) -> dict[str, Any]:
    """Admit or refuse, as a holder of the office the class names. For everyone else the application is not there."""
    person, now, membership = _person(request), _now(request), _membership(membership_id)
    way = membership.member_class.admission
    if not way.startswith("office:") or not queries.holds(person, way.removeprefix("office:"), now):
        raise Missing("application")
    if body.yes:
        return _out(actions.admit(membership, by=person, now=now))
    return _out(actions.refuse(membership, body.reason, by=person, now=now))


@router.post("/memberships/{membership_id}/leave", response=MembershipOut)
def leave(request: HttpRequest, membership_id: UUID) -> dict[str, Any]:
    """Leave, or take an application back."""
    return _out(actions.leave(_membership(membership_id), by=_person(request), now=_now(request)))


@router.post("/memberships/{membership_id}/primary", response=MembershipOut)
def primary(request: HttpRequest, membership_id: UUID) -> dict[str, Any]:
    """Vote in this class from now on."""
    return _out(actions.choose_primary(_membership(membership_id), by=_person(request), now=_now(request)))


@router.post("/memberships/{membership_id}/shown", response=MembershipOut)
def shown(request: HttpRequest, membership_id: UUID, body: Shown) -> dict[str, Any]:
    """Show or hide one's name on the members' page."""
    return _out(actions.show_name(_membership(membership_id), body.shown, by=_person(request), now=_now(request)))


@router.post("/terms", response=TermOut)
def appoint(request: HttpRequest, body: Appointment) -> dict[str, Any]:
    """Give a member an office, as a holder of the office that fills it."""
    now = _now(request)
    found = Person.objects.filter(pk=body.person).first()
    if found is None or not queries.is_member(found, now):
        raise Missing("member")
    term = actions.appoint(body.office, found, since=max(body.since, now), until=body.until, by=_person(request), now=now)
    return {"id": term.pk, "office": term.office.key, "since": term.since, "until": term.until}


@router.post("/terms/{term_id}/end", response=TermOut)
def end_term(request: HttpRequest, term_id: UUID) -> dict[str, Any]:
    """Lay down an office, or take back one that is mine to fill."""
    term = OfficeTerm.objects.select_related("office").filter(pk=term_id).first()
    if term is None:
        raise Missing("term")
    done = actions.end_term(term, by=_person(request), now=_now(request))
    return {"id": done.pk, "office": done.office.key, "since": done.since, "until": done.until}


@router.post("/organisations", response=dict[str, str])
def new_organisation(request: HttpRequest, body: NewOrganisation) -> dict[str, str]:
    """Add an organisation I speak for. Gives its slug."""
    return {"slug": work.found_organisation(body.name, about=body.about, by=_person(request), now=_now(request)).slug}


@router.post("/organisations/{slug}/invitations", response=InvitationOut)
def invite(request: HttpRequest, slug: str, body: Invitation) -> WorkInvitation:
    """Ask someone by mail to work in an organisation I speak for."""
    return work.invite(people.organisation(slug), body.email, role=body.role, by=_person(request), now=_now(request))[0]


@router.delete("/invitations/{invitation_id}", response={204: None})
def withdraw(request: HttpRequest, invitation_id: UUID) -> tuple[int, None]:
    """Take an invitation back."""
    found = WorkInvitation.objects.select_related("organisation").filter(pk=invitation_id).first()
    if found is None:
        raise Missing("invitation")
    work.withdraw_invitation(found, by=_person(request), now=_now(request))
    return 204, None


@router.post("/invitations/accept/{token}", response=WorkOut)
def accept(request: HttpRequest, token: str) -> dict[str, Any]:
    """Say yes to an invitation."""
    return _work(work.accept_invitation(token, by=_person(request), now=_now(request)))


@router.post("/work/{work_id}/end", response=WorkOut)
def end_work(request: HttpRequest, work_id: int) -> dict[str, Any]:
    """Stop working in an organisation, or end someone's work in one I speak for."""
    found = Work.objects.select_related("organisation").filter(pk=work_id).first()
    if found is None:
        raise Missing("work")
    return _work(work.end_work(found, by=_person(request), now=_now(request)))
