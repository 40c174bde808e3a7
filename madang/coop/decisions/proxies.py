"""Proxies: a member in writing lets another person act for them, at a meeting or in a vote. Whoever does counts as that member being present.

How many members one person may act for is a rule the members hold, within what the law allows (Korea, Framework Act on Cooperatives,
art. 23 (2), (3): one, and only another member or family of the same household). A proxy is not a delegation: it is given for one occasion
or until a day, the holder acts as told, and the member's own ballot always stands before it.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from madang.coop import law, notices
from madang.coop.decisions import lawful
from madang.coop.decisions.rules import proxies_per_person
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

URL, WORDS_MAX = "/decisions/delegations/#proxies", 1000


class Proxy(models.Model):
    """``giver`` lets ``holder`` act for them: at ``meeting``, in ``decision``, or in everything (both null), until ``until``.

    ``family``: the holder is no member but family of the same household, as the giver says. ``recorded_by``: who typed in a proxy that was
    given on paper; null when the giver gave it here. Never deleted or rewritten; it is taken back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    giver = models.ForeignKey(Membership, models.PROTECT, related_name="proxies_given")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="proxies_held")
    decision = models.ForeignKey("decisions.Proposal", models.PROTECT, null=True, related_name="proxies")
    meeting = models.UUIDField(null=True, help_text="the general meeting it is for")
    family = models.BooleanField(default=False)
    words = models.TextField(blank=True, max_length=WORDS_MAX, help_text="what the giver wants said or voted")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    until = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="decisions_proxy_until"),
            models.CheckConstraint(condition=Q(decision=None) | Q(meeting=None), name="decisions_proxy_one_occasion"),
            models.CheckConstraint(condition=Q(taken_back_at=None) | Q(taken_back_at__gte=F("given_at")), name="decisions_proxy_back"),
        ]
        indexes = [
            models.Index(fields=["holder", "until"], condition=Q(taken_back_at=None), name="decisions_proxy_holder"),
            models.Index(fields=["giver", "until"], condition=Q(taken_back_at=None), name="decisions_proxy_giver"),
        ]


def limit(at: datetime) -> int:
    """For how many members one person may act at ``at``: what members decided, and no more than the law allows."""
    decided, bound = int(proxies_per_person.at(at).value), law.profile().bound("vote.proxies_per_person", at)
    return min(decided, bound.number()) if bound.citation else decided


def given_at(at: datetime) -> QuerySet[Proxy]:
    """Every proxy that stands at ``at``: given, not taken back, not run out, and its giver still a member. With giver and holder."""
    still = Q(giver__active_from__lte=at) & (Q(giver__left_at=None) | Q(giver__left_at__gt=at))
    rows = Proxy.objects.filter(still, given_at__lte=at, until__gt=at).filter(Q(taken_back_at=None) | Q(taken_back_at__gt=at))
    return rows.filter(holder__erased_at=None).select_related("giver__person", "giver__organisation", "giver__member_class", "holder")


def _serves(decision: Any, meeting: Any) -> Q:
    """Those for this occasion, and those for everything."""
    always = Q(decision=None, meeting=None)
    if decision is not None:
        return always | Q(decision=decision)
    return always | Q(meeting=meeting) if meeting is not None else Q()


def held(person: Any, at: datetime, *, decision: Any = None, meeting: Any = None) -> list[Proxy]:
    """For whom this person may act at ``at``: in this ``decision`` (id) or at this ``meeting`` (id), those given for everything among them.

    With neither named: all. Never more than :func:`limit`, the oldest first: what was lawful when it was given may not be any more. One query
    beside the rule's.
    """
    if not (rows := list(given_at(at).filter(_serves(decision, meeting), holder=person))):
        return []
    most = limit(at)
    return [one for one in rows if members.is_member(person, at) or one.family][:most] if decision or meeting else rows


@transaction.atomic
def given(
    giver: Membership,
    holder: Person,
    *,
    by: Person,
    until: datetime,
    decision: Any = None,
    meeting: uuid.UUID | None = None,
    family: bool = False,
    words: str = "",
    paper: bool = False,
    now: datetime,
) -> Proxy:
    """Let ``holder`` act for the member ``giver`` until ``until``. The same again changes nothing.

    ``by``: the member, or who speaks for the member organisation; with ``paper`` who types in a proxy handed over in writing (the caller has
    checked that it is theirs to do). Raises ``Missing`` for another's membership, ``Refused``: "not-active", "oneself", "no-proxies",
    "stranger" (neither member nor family), "given-already" (to somebody else, for the same occasion), "too-many" (the holder acts for as
    many as may be), "until".
    """
    giver = Membership.objects.select_for_update(of=("self",)).select_related("organisation", "member_class").get(pk=giver.pk)
    holder = Person.objects.select_for_update().get(pk=holder.pk)  # two givers at one moment: the second waits, and is counted
    own = giver.person_id == by.pk or (giver.organisation is not None and members.represents(by, giver.organisation, now))
    if not own and not paper:
        raise Missing("not your membership")
    active = giver.active_from is not None and giver.active_from <= now and (giver.left_at is None or now < giver.left_at)
    if not active or not giver.member_class.votes:
        raise Refused("not-active", _("Only a member with a vote can be acted for."))
    if until <= now:
        raise Refused("until", _("Choose a day that is still to come."), "until")
    _may_hold(giver, holder, by, family, now)
    standing = given_at(now)
    occasion = Q(decision=decision, meeting=meeting)
    mine = standing.filter(occasion, giver=giver).first()
    if mine is not None and mine.holder_id == holder.pk:
        return mine
    if mine is not None:
        raise Refused("given-already", _("Somebody else acts for you there already. Take that back first."), "holder")
    others = standing.filter(_serves(decision, meeting), holder=holder).exclude(giver=giver).values("giver").distinct().count()
    if others >= limit(now):
        raise Refused("too-many", _too_many(now), "holder")
    made = Proxy.objects.create(
        giver=giver, holder=holder, decision_id=getattr(decision, "pk", decision), meeting=meeting, family=family, words=clean_text(words, WORDS_MAX, "words"),
        recorded_by=by if paper and not own else None, given_at=now, until=until,
    )  # fmt: skip
    notices.tell(holder, "decisions.proxy", url=URL, params={"name": giver.person or giver.organisation.name, "until": until}, now=now)  # type: ignore[union-attr]
    return made


def _may_hold(giver: Membership, holder: Person, by: Person, family: bool, now: datetime) -> None:
    if holder.pk in (giver.person_id, by.pk if giver.organisation_id else None):
        raise Refused("oneself", _("You act for yourself already."), "holder")
    bound = law.profile().bound("vote.proxies_per_person", now)
    if limit(now) == 0:
        cited = f" ({lawful.cited(bound)})" if bound.citation and not bound.number() else ""
        raise Refused("no-proxies", _("Nobody acts for another here.") + cited, "holder")
    if not family and not members.is_member(holder, now):
        cited = f" ({lawful.cited(bound)})" if bound.citation else ""
        raise Refused("stranger", _("A proxy is another member, or family of the same household.") + cited, "holder")


def _too_many(now: datetime) -> str:
    bound, most = law.profile().bound("vote.proxies_per_person", now), limit(now)
    cited = f" ({lawful.cited(bound)})" if bound.citation and bound.value == most else ""
    return _("This person acts for as many members as one may: {n}.").format(n=most) + cited


@transaction.atomic
def take_back(proxy: Proxy | uuid.UUID | str, by: Person, *, now: datetime) -> Proxy:
    """Take a proxy back, or as its holder give it up. Twice is once. Ballots it cast stay until the member casts their own.

    Raises ``Missing`` for one that is neither given nor held by ``by``.
    """
    pk = proxy.pk if isinstance(proxy, Proxy) else proxy
    one = Proxy.objects.select_for_update(of=("self",)).select_related("giver__organisation").filter(pk=pk).first()
    if one is None:
        raise Missing("no such proxy")
    organisation = one.giver.organisation
    own = one.giver.person_id == by.pk or (organisation is not None and members.represents(by, organisation, now))
    if not own and one.holder_id != by.pk:
        raise Missing("not your proxy")
    if one.taken_back_at is None and now < one.until:
        one.taken_back_at = now
        one.save(update_fields=["taken_back_at"])
    return one


def export(person: Person) -> list[dict[str, Any]]:
    """What is kept about a person here: proxies they gave (themselves, or for an organisation on paper they recorded) and those they held."""
    rows = Proxy.objects.filter(Q(giver__person=person) | Q(holder=person) | Q(recorded_by=person)).select_related("giver", "decision")
    return [
        {
            "kind": "proxy given" if one.giver.person_id == person.pk else "proxy held" if one.holder_id == person.pk else "proxy recorded",
            "decision": one.decision.title if one.decision else "", "meeting": str(one.meeting or ""), "until": one.until, "at": one.given_at,
            "taken_back_at": one.taken_back_at, **({"words": one.words} if one.giver.person_id == person.pk or one.holder_id == person.pk else {}),
        }
        for one in rows
    ]  # fmt: skip


def erase(person: Person, *, now: datetime) -> None:
    """Nobody acts for who is gone, and they act for nobody; what was said with it goes. That there was a proxy stays with the minutes."""
    mine = Proxy.objects.filter(Q(giver__person=person) | Q(holder=person))
    mine.exclude(words="").update(words="")
    mine.filter(taken_back_at=None, until__gt=now).update(taken_back_at=now)
