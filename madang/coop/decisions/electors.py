"""For whom someone may cast a ballot now. The electorate stays as it was when voting opened; who stands behind a vote of it may change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from madang.coop.decisions.models import Elector, Proposal
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.people.models import Work


@dataclass(frozen=True)
class Standing:
    """What a person stands for at a moment: themselves (``classes``: in which that vote), organisations they speak for (with theirs),
    organisations they work in.

    ``stakes``: their own memberships and those of the organisations they speak for, past ones too. Organisations only while they
    are members.
    """

    person: UUID
    classes: frozenset[str]
    speaks: Mapping[UUID, Collection[str]]
    works: frozenset[UUID]
    stakes: tuple[UUID, ...]

    def may_cast(self, elector: Elector) -> bool:
        """Whether this vote is theirs to cast now. ``elector`` with its proposal and membership."""
        organisation = elector.membership.organisation_id
        if elector.proposal.sitting is not None:  # who was in the room for this vote, a proxy among them
            return elector.person_id == self.person and elector.gone_at is None
        if elector.proposal.org_id is not None:
            return elector.person_id == self.person and organisation in self.works
        if organisation is not None:
            return _still(elector, self.speaks.get(organisation, ()))
        return elector.person_id == self.person and _still(elector, self.classes)


def _still(elector: Elector, classes: Collection[str]) -> bool:
    """Whether who is now in these voting classes still has this vote: any will do, unless the way asks for the elector's own by name."""
    way = elector.proposal.way
    named = bool(way.get("electorate")) or elector.class_key in way.get("per_class", {}) or bool({"weights", "caps", "veto"} & way.keys())
    classes = set(classes) - set(way.get("barred", ()))
    return elector.class_key in classes if named else bool(classes)


def standing(person: Any, at: datetime) -> Standing:
    """What the person stands for at a moment. Two queries."""
    work = list(Work.objects.filter(members.working_at(at), person=person).values_list("organisation", "role"))
    spoken = {organisation for organisation, role in work if role == Work.REPRESENTATIVE}
    classes: set[str] = set()
    speaks: dict[UUID, set[str]] = {}
    works, stakes = set(), []
    rows = Membership.objects.filter(Q(person=person) | Q(organisation__in={one for one, _role in work}), active_from__lte=at).select_related("member_class")
    for one in rows:
        if one.organisation_id is None or one.organisation_id in spoken:
            stakes.append(one.pk)
        if one.left_at is not None and one.left_at <= at:
            continue
        if one.organisation_id is None:
            if one.member_class.votes:
                classes.add(one.member_class.key)
        else:
            works.add(one.organisation_id)
            if one.organisation_id in spoken and one.member_class.votes:
                speaks.setdefault(one.organisation_id, set()).add(one.member_class.key)
    return Standing(person.pk, frozenset(classes), speaks, frozenset(works), tuple(stakes))


def touching(stand: Standing, proposals: Iterable[Proposal]) -> QuerySet[Elector]:
    """The votes in these proposals that were ever this person's or stand for who they speak for; ``may_cast`` says which are theirs now."""
    mine = Q(person=stand.person) | Q(membership__in=stand.stakes, proposal__org=None)
    return Elector.objects.filter(mine, proposal__in=list(proposals)).select_related("proposal", "membership__organisation").order_by("pk")


def why_gone(elector: Elector) -> str:
    """Why a vote that was somebody's is not theirs to cast any more, in a sentence. ``elector`` with its proposal and membership."""
    if elector.proposal.sitting is not None:
        return _("You have left the room since it was put to the vote. A ballot you cast before still counts.")
    gone = elector.membership.organisation
    if gone is not None and elector.proposal.org_id is None:
        return _("You no longer speak for {name}, or it has left. Whoever speaks for it casts its ballot.").format(name=gone.name)
    return _("You have left, so you can no longer vote here. A ballot you cast before still counts.")


def open_votes(stand: Standing, proposals: Iterable[Proposal]) -> list[Elector]:
    """The votes in these proposals that are theirs to cast now, with their ballots. One query."""
    return [one for one in touching(stand, proposals).select_related("ballot") if stand.may_cast(one)]
