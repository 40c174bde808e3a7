"""Who is told what in the course of a decision. Many voters are told in portions by due work, so that opening a vote stays quick."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from madang.coop import notices
from madang.coop.decisions import electors, states
from madang.coop.decisions.models import Elector, Proposal
from madang.coop.members import asking
from madang.coop.members.models import Membership
from madang.coop.people.models import Organisation, Person

AT_ONCE = 100


def url(proposal: Proposal) -> str:
    """The decision's page."""
    return f"/decisions/{proposal.pk}/"


def vote_key(proposal: Proposal) -> str:
    """The key of everyone's task to vote."""
    return f"vote:{proposal.pk}"


def _params(proposal: Proposal, **more: Any) -> dict[str, Any]:
    return {"title": proposal.title, **more}


def discussion_opened(proposal: Proposal, now: datetime) -> None:
    """The author has it in their inbox that voting follows by itself."""
    if proposal.author is not None and not proposal.at_meeting:
        notices.tell(proposal.author, "decisions.discussion", url=url(proposal), params=_params(proposal, opens=proposal.opens_at), now=now)


def voting_opened(proposal: Proposal, now: datetime) -> None:
    """Each voter gets the task to vote; the first few at once, the rest by due work."""
    for elector in Elector.objects.filter(proposal=proposal, called_at=None).select_related("person")[:AT_ONCE]:
        _call(elector, proposal, now)


def cast(elector: Elector, by: Person, now: datetime) -> None:
    """A ballot went in: whoever has nothing left to cast here is not asked any more. ``elector`` with its proposal and membership."""
    people = {by.pk: by, elector.person_id: elector.person}
    if elector.proposal.org_id is None and elector.membership.organisation_id is not None:
        people |= {one.pk: one for one in asking.people_of(elector.membership, now)}
    _settle(elector.proposal, people.values(), now)


def staff_changed(organisation: Organisation, *, now: datetime) -> None:
    """Who works in, or speaks for, an organisation has changed: a vote not cast yet waits for whoever may cast it now, and for nobody else."""
    waiting = Elector.objects.filter(membership__organisation=organisation, ballot=None, proposal__state=states.VOTING)
    for elector in waiting.select_related("proposal", "person", "membership"):
        asked = Person.objects.filter(tasks__key=vote_key(elector.proposal), tasks__closed_at=None)
        if elector.proposal.org_id is not None:
            _settle(elector.proposal, asked.filter(pk=elector.person_id), now)
            continue
        speakers = asking.people_of(elector.membership, now)
        if speakers and not asked.filter(pk__in=[one.pk for one in speakers]).exists():
            _ask(speakers[0], elector.proposal, now)
        _settle(elector.proposal, asked.filter(Q(pk=elector.person_id) | Q(work__organisation=organisation)).distinct(), now)


def left(membership: Membership, *, now: datetime) -> None:
    """Who left is not asked to vote any more."""
    if membership.organisation is not None:
        staff_changed(membership.organisation, now=now)
        return
    for elector in Elector.objects.filter(membership=membership, ballot=None, proposal__state=states.VOTING).select_related("proposal", "person"):
        _settle(elector.proposal, [elector.person], now)


def _settle(proposal: Proposal, people: Iterable[Person], now: datetime) -> None:
    for person in people:
        if all(hasattr(one, "ballot") for one in electors.open_votes(electors.standing(person, now), [proposal])):
            notices.close_task(vote_key(proposal), now, person=person)


def lengthened(proposal: Proposal, now: datetime) -> None:
    """The vote goes on: whoever has not voted keeps the task, with the new close, and is reminded anew; everyone is told, in portions."""
    assert proposal.closes_at is not None
    notices.redate_task(vote_key(proposal), now=now, due_at=proposal.closes_at, params=_params(proposal, closes=proposal.closes_at))
    Elector.objects.filter(proposal=proposal).update(reminded_at=None)


def not_told_longer(now: datetime, limit: int) -> list[str]:
    """Voters of an open vote that was lengthened who do not know it yet. One query."""
    rows = Elector.objects.filter(proposal__state=states.VOTING, proposal__extended__gt=F("told_longer"))
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]]


@transaction.atomic
def tell_longer(elector_id: UUID | str, *, now: datetime) -> None:
    """Due work: one voter learns that the vote goes on."""
    elector = locked_elector(elector_id)
    one = elector.proposal
    if elector.told_longer >= one.extended or one.state != states.VOTING:
        return
    Elector.objects.filter(pk=elector.pk).update(told_longer=one.extended)
    for person in who_casts(elector, now):
        message = "decisions.turned" if one.way.get("running") else "decisions.longer"
        notices.tell(person, message, url=f"{url(one)}#ballot", params=_params(one, closes=one.closes_at), now=now)


def who_casts(elector: Elector, now: datetime) -> list[Person]:
    """Whoever may cast this vote now: the elector, or who speaks for the organisation."""
    if elector.proposal.org_id is None and elector.membership.organisation_id is not None:
        return list(asking.people_of(elector.membership, now))
    return [elector.person]


def counted(proposal: Proposal, now: datetime) -> None:
    """The vote is over: the tasks are closed, and everyone who could vote learns the result; so does the author."""
    notices.close_task(vote_key(proposal), now)
    for elector in Elector.objects.filter(proposal=proposal, told_at=None).select_related("person")[:AT_ONCE]:
        _tell(elector, proposal, now)
    _author(proposal, f"decisions.{'passed' if proposal.tally and proposal.tally['passed'] else 'rejected'}", now)


def took_effect(proposal: Proposal, now: datetime) -> None:
    """The author learns that it is in force."""
    _author(proposal, "decisions.in_force", now, always=True)


def reverted(proposal: Proposal, now: datetime) -> None:
    """The author learns that the members went back on it."""
    _author(proposal, "decisions.reverted", now, always=True)


def no_more_amendments(proposal: Proposal, now: datetime) -> None:
    """Nobody answers amendments any more: voting opens, or it is over."""
    for pk in proposal.amendments.filter(state="offered").values_list("pk", flat=True):  # type: ignore[attr-defined]
        notices.close_task(f"amendment:{pk}", now)


def ended(proposal: Proposal, now: datetime, *, voting: bool = False) -> None:
    """Withdrawn or failed: open tasks are closed; who had been asked to vote, and the author of what failed, are told."""
    notices.close_task(vote_key(proposal), now)
    no_more_amendments(proposal, now)
    message = f"decisions.{proposal.state}"
    if voting or proposal.tally is not None:
        people = {one.person_id: one.person for one in proposal.electors.select_related("person")}
        for person in people.values():
            notices.tell(person, message, url=url(proposal), params=_params(proposal), now=now)
    if proposal.state == states.FAILED:
        _author(proposal, message, now)


def _author(proposal: Proposal, message: str, now: datetime, *, always: bool = False) -> None:
    author = proposal.author
    if author is not None and (always or not proposal.electors.filter(person=author).exists()):
        notices.tell(author, message, url=url(proposal), params=_params(proposal, effect=proposal.effect_at), now=now)


def _call(elector: Elector, proposal: Proposal, now: datetime) -> None:
    _ask(elector.person, proposal, now)
    Elector.objects.filter(pk=elector.pk).update(called_at=now)


def _ask(person: Person, proposal: Proposal, now: datetime) -> None:
    notices.open_task(
        person, vote_key(proposal), "decisions.vote", url=url(proposal) + "#ballot",
        params=_params(proposal, closes=proposal.closes_at), due_at=proposal.closes_at, now=now,
    )  # fmt: skip


def _tell(elector: Elector, proposal: Proposal, now: datetime) -> None:
    message = "decisions.passed" if proposal.tally and proposal.tally["passed"] else "decisions.rejected"
    earlier = Elector.objects.filter(proposal=proposal, person=elector.person, told_at__isnull=False).exists()
    if not earlier:
        notices.tell(elector.person, message, url=url(proposal), params=_params(proposal, effect=proposal.effect_at), now=now)
    Elector.objects.filter(pk=elector.pk).update(told_at=now)


def locked_elector(elector_id: UUID | str) -> Elector:
    """A voter's row, locked after a shared lock on its decision: the order a ballot takes them in."""
    list(Proposal.objects.raw("SELECT * FROM decisions_proposal WHERE id = (SELECT proposal_id FROM decisions_elector WHERE id = %s) FOR SHARE", [elector_id]))
    return Elector.objects.select_for_update(of=("self",)).select_related("proposal", "person", "membership").get(pk=elector_id)


@transaction.atomic
def call_later(elector_id: UUID | str, *, now: datetime) -> None:
    """Due work: one voter who has not been called yet."""
    elector = locked_elector(elector_id)
    if elector.called_at is not None or elector.proposal.state != states.VOTING:
        return
    if electors.standing(elector.person, now).may_cast(elector):
        _call(elector, elector.proposal, now)
    else:  # they left in the meantime, or somebody else speaks for the organisation and was asked then
        Elector.objects.filter(pk=elector.pk).update(called_at=now)


@transaction.atomic
def tell_later(elector_id: UUID | str, *, now: datetime) -> None:
    """Due work: one voter who has not been told the result yet."""
    elector = locked_elector(elector_id)
    if elector.told_at is None and elector.proposal.tally is not None:
        _tell(elector, elector.proposal, now)


def uncalled(now: datetime, limit: int) -> list[str]:
    """Voters of open votes who have not been called."""
    rows = Elector.objects.filter(called_at=None, proposal__state=states.VOTING)
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]]


def untold(now: datetime, limit: int) -> list[str]:
    """Voters of counted votes who have not been told."""
    rows = Elector.objects.filter(told_at=None, proposal__tally__isnull=False)
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]]
