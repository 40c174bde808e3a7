"""Whom a membership needs next, and who is told: the tasks and notices of joining."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from madang.coop import notices
from madang.coop.members import queries
from madang.coop.members.models import Membership, OfficeTerm
from madang.coop.people.models import Person, Work
from madang.kit import house


def admit_key(membership: Membership) -> str:
    """The task of answering an application."""
    return f"admit:{membership.pk}"


def pay_key(membership: Membership) -> str:
    """The task of paying the shares."""
    return f"pay-shares:{membership.pk}"


def officers(membership: Membership, now: datetime) -> None:
    """Put an application before everyone who holds the office its class names."""
    for officer in queries.holders(membership.member_class.admission.removeprefix("office:"), now):
        _ask(officer, membership, now)


def seated(term: OfficeTerm, *, now: datetime) -> None:
    """Whoever takes an office finds the applications that wait for it."""
    for membership in queries.applications_to([term.office.key]):
        _ask(term.person, membership, now)


def unseated(term: OfficeTerm, *, now: datetime) -> None:
    """Applications no longer wait for someone whose office does not answer them any more."""
    for membership in queries.applications_to([term.office.key]):
        notices.close_task(admit_key(membership), now, person=term.person)


def payment(membership: Membership, now: datetime) -> None:
    """Ask the new member (or who speaks for it) to pay the shares that make the membership active; not where they have paid already (``house.paying``)."""
    if any(paid(membership) for paid in house.collect("paying")):
        return
    for person in people_of(membership, now):
        params = {"class": membership.member_class.title}
        notices.open_task(person, pay_key(membership), "members.pay", url=f"/shares/buy/{membership.pk}/", params=params, now=now)


def answered(membership: Membership, now: datetime) -> None:
    """The application needs nobody any more."""
    notices.close_task(admit_key(membership), now)


def over(membership: Membership, now: datetime) -> None:
    """Nothing about this membership needs anybody any more."""
    notices.close_task(admit_key(membership), now)
    notices.close_task(pay_key(membership), now)


def tell(membership: Membership, message: str, params: dict[str, Any], now: datetime) -> None:
    """Tell the member, or everyone who speaks for the member organisation."""
    for person in people_of(membership, now):
        notices.tell(person, message, url="/members/me/", params=params, now=now)


def people_of(membership: Membership, now: datetime) -> list[Person]:
    """The person who holds it, or those who speak for the organisation; nobody who is erased."""
    if membership.person is not None:
        return [] if membership.person.erased_at else [membership.person]
    spoken = Work.objects.filter(queries.working_at(now), organisation=membership.organisation, role=Work.REPRESENTATIVE, person__erased_at=None)
    return [one.person for one in spoken.select_related("person")]


def _ask(officer: Person, membership: Membership, now: datetime) -> None:
    params = {"name": membership.organisation or membership.person, "class": membership.member_class.title}
    notices.open_task(officer, admit_key(membership), "members.application", url="/members/applications/", params=params, now=now)
