"""Delegation by topic: a member lets another carry their vote in decisions of a kind, about a group of rules, or in everything.

The most specific topic wins; one's own ballot stands before the delegate's, also when that was cast first; the delegate has to accept; either
can end it at any time. Off unless a way of deciding allows it and the law does not forbid it. What holds in one vote is frozen with its
electorate when voting opens and carried at the close (:mod:`madang.kit.counting.delegating`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from madang.coop import law, notices, rules
from madang.coop.decisions import lawful
from madang.coop.decisions.models import Ballot, Elector, Proposal
from madang.coop.decisions.rules import PREFIX
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.people.models import Person
from madang.coop.rules.models import RuleVersion
from madang.kit.counting.delegating import CARRIED, carry
from madang.kit.counting.hiding import SMALLEST
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes import WayOfDeciding

URL, EVERYTHING, BACK = "/decisions/delegations/", "", "back"


class Delegation(models.Model):
    """``giver`` lets ``holder`` carry their vote in ``topic``: "" everything, "kind:<key>" a kind of decision, "rules:<prefix>" a group of rules."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    giver = models.ForeignKey(Membership, models.PROTECT, related_name="delegations_given")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations_held")
    topic = models.CharField(max_length=60, blank=True)
    given_at = models.DateTimeField()
    until = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="taken back, declined, given up, or replaced")

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="decisions_delegation_until"),
            models.UniqueConstraint(fields=["giver", "topic"], condition=Q(ended_at=None), name="decisions_delegation_one_a_topic"),
        ]
        indexes = [models.Index(fields=["holder", "until"], condition=Q(ended_at=None), name="decisions_delegation_holder")]


class Delegated(models.Model):
    """One vote of a frozen electorate that was delegated when voting opened: to whom, and at the close what became of it and who carried it."""

    elector = models.OneToOneField(Elector, models.PROTECT, primary_key=True, related_name="delegated")
    delegation = models.ForeignKey(Delegation, models.PROTECT, related_name="uses")
    to = models.ForeignKey(Elector, models.PROTECT, null=True, related_name="trusted_by", help_text="null: the delegate has no vote here")
    outcome = models.CharField(max_length=8, blank=True, help_text="carried, own, loop, full, nobody, left, back; empty while voting is open")
    carrier = models.ForeignKey(Elector, models.PROTECT, null=True, related_name="carried", help_text="whose ballot it followed")


def allowing(at: datetime) -> list[WayOfDeciding]:
    """The ways in force at ``at`` in which votes are delegated; none where the law forbids it."""
    bound = law.profile().bound("vote.delegation", at)
    if bound.value is False and not bound.guidance:
        return []
    keys = list(RuleVersion.objects.filter(key__startswith=PREFIX, scope="", effective_from__lte=at).values_list("key", flat=True).distinct())
    found = rules.several(keys, at, None).values() if keys else ()
    return [one.value for one in found if one.value.who.delegation.most]


def topics_of(proposal: Proposal) -> list[str]:
    """What a decision is about, the most specific first."""
    prefixes = {change["rule"].split(".")[0] for change in proposal.changes}
    return [*(f"rules:{one}" for one in prefixes if len(prefixes) == 1), f"kind:{proposal.kind}", EVERYTHING]


def standing(at: datetime) -> QuerySet[Delegation]:
    """Delegations that are neither ended nor run out at ``at``, accepted or not, of members who are still here."""
    here = Q(giver__active_from__lte=at) & (Q(giver__left_at=None) | Q(giver__left_at__gt=at))
    rows = Delegation.objects.filter(here, given_at__lte=at, until__gt=at).filter(Q(ended_at=None) | Q(ended_at__gt=at))
    return rows.filter(holder__erased_at=None).select_related("giver__person", "holder")


def own_membership(person: Person, at: datetime) -> Membership | None:
    """The membership a person votes by."""
    rows = Membership.objects.filter(members.active_at(at), person=person, member_class__votes=True)
    return rows.select_related("member_class").order_by("-primary", "active_from", "id").first()


@transaction.atomic
def give(person: Person, holder: Person, topic: str, *, until: datetime, now: datetime) -> Delegation:
    """Ask ``holder`` to carry one's vote in ``topic`` until ``until``; what was given in this topic before ends. The same again changes nothing.

    Raises ``Refused``: "law", "off" (no way of deciding has it), "no-vote", "oneself", "no-vote-there" (the other has none), "until".
    """
    bound = law.profile().bound("vote.delegation", now)
    if bound.value is False and not bound.guidance:
        raise Refused("law", _("The law knows no delegation here; a proxy for one meeting is possible ({citation}).").format(citation=lawful.cited(bound)))
    if not (ways := allowing(now)):
        raise Refused("off", _("The members have not allowed delegation in any way of deciding."))
    giver, theirs = own_membership(person, now), own_membership(holder, now)
    if giver is None:
        raise Refused("no-vote", _("Only a member with a vote can delegate it."))
    if holder.pk == person.pk:
        raise Refused("oneself", _("Choose somebody else."), "holder")
    if theirs is None:
        raise Refused("no-vote-there", _("This person has no vote of their own."), "holder")
    longest = max(way.who.delegation.lasts for way in ways)
    if not now < until <= now + longest:
        raise Refused("until", _("Choose a day from tomorrow on, at most {n} days from now.").format(n=longest.days), "until")
    giver = Membership.objects.select_for_update(of=("self",)).get(pk=giver.pk)
    before = Delegation.objects.filter(giver=giver, topic=topic, ended_at=None).first()
    if before is not None:
        if before.holder_id == holder.pk and before.until == until:
            return before
        before.ended_at = now
        before.save(update_fields=["ended_at"])
        notices.close_task(_key(before), now)
    made = Delegation.objects.create(giver=giver, holder=holder, topic=topic, given_at=now, until=until)
    notices.open_task(holder, _key(made), "decisions.delegation", url=URL, params={"name": person, "until": until}, due_at=until, now=now)
    return made


@transaction.atomic
def accept(delegation: Delegation | uuid.UUID | str, holder: Person, *, now: datetime) -> Delegation:
    """Agree to carry it. Twice is once. Raises ``Missing`` for another's, ``Refused``: "over", "too-many" (one carries as many as any way allows)."""
    one = _locked(delegation)
    if one.holder_id != holder.pk:
        raise Missing("not asked of you")
    if one.accepted_at is None:
        if one.ended_at is not None or one.until <= now:
            raise Refused("over", _("This was taken back, or it has run out."))
        most = max((way.who.delegation.most for way in allowing(now)), default=0)
        if standing(now).filter(holder=holder, topic=one.topic, accepted_at__lte=now).count() >= most:
            raise Refused("too-many", _("You carry as many votes as one person may: {n}.").format(n=most))
        one.accepted_at = now
        one.save(update_fields=["accepted_at"])
        notices.close_task(_key(one), now)
        if one.giver.person is not None:
            notices.tell(one.giver.person, "decisions.delegation.accepted", url=URL, params={"name": holder, "until": one.until}, now=now)
    return one


@transaction.atomic
def end(delegation: Delegation | uuid.UUID | str, by: Person, *, now: datetime) -> Delegation:
    """Take it back, decline it or give it up, also while a vote is open. Twice is once. Raises ``Missing`` for a stranger's."""
    one = _locked(delegation)
    if by.pk not in (one.giver.person_id, one.holder_id):
        raise Missing("not yours")
    if one.ended_at is None:
        one.ended_at = now
        one.save(update_fields=["ended_at"])
        notices.close_task(_key(one), now)
    return one


def left(membership: Membership, *, now: datetime) -> None:
    """Who left delegates nothing; who has no vote any more carries nothing."""
    mine = Q(giver=membership)
    if membership.person is not None and own_membership(membership.person, now) is None:
        mine |= Q(holder=membership.person)
    for one in Delegation.objects.filter(mine, ended_at=None):
        one.ended_at = now
        one.save(update_fields=["ended_at"])
        notices.close_task(_key(one), now)


def _key(one: Delegation) -> str:
    return f"delegation:{one.pk}"


def _locked(delegation: Delegation | uuid.UUID | str) -> Delegation:
    pk = delegation.pk if isinstance(delegation, Delegation) else delegation
    one = Delegation.objects.select_for_update(of=("self",)).select_related("giver__person").filter(pk=pk).first()
    if one is None:
        raise Missing("no such delegation")
    return one


def freeze(proposal: Proposal, way: WayOfDeciding, now: datetime) -> None:
    """Voting opens: keep which of its votes are delegated to whom, of several the one with the most specific topic. A delegate without a vote
    here leads nowhere: the member trusted them and nobody else in this. Three queries, none where the way has no delegation."""
    given = way.who.delegation
    if not given.most or proposal.org_id is not None or not allowing(now):
        return
    topics = topics_of(proposal)
    rows = [one for one in standing(now).filter(topic__in=topics, accepted_at__lte=now) if now < one.given_at + given.lasts]
    own = Elector.objects.filter(proposal=proposal, membership__organisation=None)
    by_membership = {one.membership_id: one for one in own}
    by_person: dict[Any, Elector] = {one.person_id: one for one in by_membership.values()}
    chosen: dict[Any, Delegation] = {}
    for one in sorted(rows, key=lambda row: topics.index(row.topic)):
        elector = by_person.get(one.giver.person_id)
        if elector is not None:
            chosen.setdefault(elector.pk, one)
    Delegated.objects.bulk_create([Delegated(elector_id=pk, delegation=one, to=by_person.get(one.holder_id)) for pk, one in chosen.items()], batch_size=1000)


def carry_all(proposal: Proposal, way: WayOfDeciding) -> None:
    """Voting is over: who delegated and cast no ballot gets the ballot of whoever carries it. Once; the caller holds the proposal's row.

    Such a ballot is the member's own (``by``), a microsecond before the close; :class:`Delegated` says whose it followed.
    """
    rows = list(Delegated.objects.filter(elector__proposal=proposal, outcome="").select_related("delegation", "elector"))
    if not rows or proposal.closes_at is None:
        return
    moment = proposal.closes_at - timedelta(microseconds=1)
    ballots = {one.elector_id: one for one in Ballot.objects.filter(elector__proposal=proposal)}
    gone = _gone(proposal, moment)
    back = {one.pk for one in rows if one.delegation.ended_at is not None and one.delegation.ended_at <= moment}
    order = sorted(rows, key=lambda one: (one.delegation.given_at, str(one.pk)))
    edges = {one.pk: one.to_id for one in rows if one.pk not in back}
    fates = carry(edges, set(ballots), gone, [one.pk for one in order if one.pk in edges], way.who.delegation.most)
    made = []
    for one in rows:
        fate = fates.get(one.pk)
        one.outcome, one.carrier_id = (fate.outcome, fate.carrier) if fate else (BACK if one.pk not in ballots else "own", None)
        if fate is not None and fate.outcome == CARRIED and fate.carrier is not None:
            theirs = ballots[fate.carrier]
            made.append(Ballot(elector=one.elector, by_id=one.elector.person_id, choice=theirs.choice, marks=theirs.marks, cast_at=moment))
    Ballot.objects.bulk_create(made, batch_size=1000)
    Delegated.objects.bulk_update(rows, ["outcome", "carrier"], batch_size=1000)


def _gone(proposal: Proposal, moment: datetime) -> set[Any]:
    """The electors whose membership is over, or whose class is another one now."""
    still = Q(membership__active_from__lte=moment) & (Q(membership__left_at=None) | Q(membership__left_at__gt=moment)) & Q(membership__member_class__votes=True)
    return set(Elector.objects.filter(Q(delegated__isnull=False) | Q(trusted_by__isnull=False), proposal=proposal).exclude(still).values_list("pk", flat=True))


def told(proposal: Proposal, way: WayOfDeciding) -> dict[str, Any]:
    """For the tally: how many ballots followed a delegate's, null below five; nothing where the way has no delegation. One query."""
    if not way.who.delegation.most:
        return {}
    many = Delegated.objects.filter(elector__proposal=proposal, outcome=CARRIED).count()
    return {"delegated": many if many == 0 or many >= SMALLEST else None}


def export(person: Person) -> list[dict[str, Any]]:
    """Delegations a person gave and those they were asked to carry, and how their own votes were carried."""
    rows = Delegation.objects.filter(Q(giver__person=person) | Q(holder=person)).select_related("giver")
    used = Delegated.objects.filter(elector__person=person).select_related("elector__proposal")
    return [
        *(
            {"kind": "delegation given" if one.giver.person_id == person.pk else "delegation carried", "topic": one.topic, "at": one.given_at,
             "accepted_at": one.accepted_at, "until": one.until, "ended_at": one.ended_at} for one in rows
        ),
        *({"kind": "vote delegated", "decision": one.elector.proposal.title, "outcome": one.outcome} for one in used),
    ]  # fmt: skip


def erase(person: Person, *, now: datetime) -> None:
    """Nobody carries the vote of who is gone, and they carry nobody's."""
    Delegation.objects.filter(Q(giver__person=person) | Q(holder=person), ended_at=None).update(ended_at=now)


def delegated_of(proposal: Proposal, people: Sequence[Any]) -> list[Delegated]:
    """The delegated votes of these people in a decision. One query."""
    rows = Delegated.objects.filter(elector__proposal=proposal, elector__person__in=people)
    return list(rows.select_related("delegation__holder", "carrier__person", "to__ballot", "elector__ballot"))
