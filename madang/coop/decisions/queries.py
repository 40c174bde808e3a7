"""The reads about decisions, each with its number of SQL queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madang.coop import law
from madang.coop.decisions import electors, finding, kinds, states
from madang.coop.decisions.models import Elector, Proposal
from madang.coop.members import queries as members
from madang.coop.people.models import Person
from madang.coop.record.models import Leaf
from madang.coop.rules.reading import Told
from madang.kit.dates import say_time
from madang.kit.errors import Missing


def proposal(id: UUID | str) -> Proposal:
    """One proposal with its author and organisation. Raises ``Missing``. One query."""
    try:
        found = Proposal.objects.select_related("author", "org", "back_of").filter(pk=UUID(str(id))).first()
    except ValueError:
        found = None
    if found is None:
        raise Missing("no such decision")
    return found


def visible(id: UUID | str, person: Any) -> Proposal:
    """The proposal, unless it is somebody else's draft (``Missing``). Drafts withdrawn before anyone saw them are their author's too."""
    found = proposal(id)
    if found.discussion_at is None and (not getattr(person, "is_authenticated", False) or found.author_id != person.pk):
        raise Missing("no such decision")
    return found


def is_insider(one: Proposal, person: Any, at: datetime) -> bool:
    """Whether the person takes part in the discussion: a member, or for an organisation's own decision someone who works there."""
    if not getattr(person, "is_authenticated", False):
        return False
    if one.org is not None:
        return any(voter.person.pk == person.pk for voter in members.voters(at, one.org))
    return members.is_member(person, at)


@dataclass(frozen=True)
class MyVote:
    """One of my votes on a proposal: in which capacity, and my ballot so far (None: not cast). ``marks``: of a vote among options."""

    elector: Elector
    choice: str | None
    marks: Any = None
    paper: Any = None

    @property
    def as_whom(self) -> str:
        """The organisation I speak for, or nothing."""
        membership = self.elector.membership
        if membership.organisation is None and membership.person_id != self.elector.person_id:  # by proxy, at a meeting
            return membership.holder_name
        return str(membership.organisation or "")


def my_votes(one: Proposal, person: Any, at: datetime) -> list[MyVote]:
    """The votes of the frozen electorate that are this person's to cast at a moment. Three queries."""
    if not getattr(person, "is_authenticated", False):
        return []
    rows = electors.open_votes(electors.standing(person, at), [one])
    return [MyVote(row, row.ballot.choice, row.ballot.marks) if hasattr(row, "ballot") else MyVote(row, None) for row in rows]


def why_no_vote(one: Proposal, person: Any, at: datetime) -> str:
    """For someone who had a vote in the frozen electorate and has none to cast now, or whose own affair it is: why; else nothing. Five queries at most."""
    if not getattr(person, "is_authenticated", False):
        return ""
    stand = electors.standing(person, at)
    if (aside := kinds.get(one.kind).aside) and not aside(one).isdisjoint(stand.stakes):
        return _("It is about you: you are heard in the discussion, and have no vote on it.")
    had = list(electors.touching(stand, [one]))
    return electors.why_gone(had[0]) if had and not any(stand.may_cast(row) for row in had) else ""


@dataclass
class Row:
    """A line of the list: the proposal, and how I stand to it: "vote" (mine is missing), "voted" or nothing."""

    proposal: Proposal
    mine: str = ""


@dataclass
class Board:
    """What are we deciding: open ones (those that wait for my ballot first), my drafts, and what is over."""

    waiting: list[Row] = field(default_factory=list)
    open: list[Row] = field(default_factory=list)
    drafts: list[Proposal] = field(default_factory=list)


def board(person: Any, at: datetime) -> Board:
    """Open decisions for this reader at a moment. At most five queries."""
    known = getattr(person, "is_authenticated", False)
    rows = list(Proposal.objects.filter(state__in=states.OPEN).select_related("org").order_by("closes_at", "opens_at")[:200])
    votes: dict[UUID, list[bool]] = {}
    made = Board()
    if known:
        for vote in electors.open_votes(electors.standing(person, at), rows):
            votes.setdefault(vote.proposal_id, []).append(hasattr(vote, "ballot"))
        made.drafts = list(Proposal.objects.filter(author=person, state=states.DRAFT))
    for one in rows:
        cast = votes.get(one.pk)
        row = Row(one, "" if cast is None else "voted" if all(cast) else "vote")
        (made.waiting if row.mine == "vote" and one.state == states.VOTING else made.open).append(row)
    return made


def over() -> QuerySet[Proposal]:
    """What is decided, newest first; drafts withdrawn unseen are not in it."""
    return Proposal.objects.filter(state__in=states.OVER, discussion_at__isnull=False).select_related("org").order_by("-ended_at", "-created_at")


def turnout(one: Proposal) -> int | None:
    """How many have voted so far; None while fewer than five have. One query."""
    found = one.electors.aggregate(cast=Count("pk", filter=Q(ballot__isnull=False)))["cast"]
    return int(found) if found >= members.SMALLEST_GROUP else None


def sentence(decision_id: UUID | str, lang: str, now: datetime | None = None) -> str:
    """ "27 of 31 members decided this on 12 March." Those who cast a ballot, of those who could; without figures where they are hidden.

    With ``now``, a decision of another year names its year. For one that is not counted yet: what it is waiting for. One query.
    """
    return told(proposal(decision_id), lang, now)


def told(one: Proposal, lang: str, now: datetime | None = None) -> str:
    """The sentence for a proposal at hand. No query but the co-op's row."""
    with translation.override(lang):
        if one.closed_at is None or one.tally is None:
            return _("The members have not decided this yet.")
        day = _day(one.closes_at or one.closed_at, lang, now)
        totals = one.tally["totals"]
        if totals is None or not one.electorate:
            if one.org is not None:
                return _("Those who work in {name} decided this on {day}.").format(name=one.org.name, day=day)
            return _("The members decided this on {day}.").format(day=day)
        total = one.electorate["total"]
        if one.org is not None:
            return _("{cast} of the {total} people of {name} decided this on {day}.").format(cast=sum(totals.values()), total=total, name=one.org.name, day=day)
        text = ngettext("{cast} of {total} member decided this on {day}.", "{cast} of {total} members decided this on {day}.", total)
        return text.format(cast=sum(totals.values()), total=total, day=day)


def _day(moment: datetime, lang: str, now: datetime | None) -> str:
    zone = ZoneInfo(law.coop().time_zone)
    local = moment.astimezone(zone)
    with_year = now is not None and now.astimezone(zone).year != local.year
    return say_time(local, "spoken-year" if with_year else "spoken", lang, zone)


def told_many(ids: Sequence[UUID], lang: str) -> dict[UUID, Told]:
    """For the rules pages: who decided, by decision. One query."""
    rows = Proposal.objects.filter(pk__in=list(ids)).select_related("org")
    return {one.pk: Told(told(one, lang), reverse("decisions:decision", args=[one.pk]), one.state) for one in rows}


def pending(key: str) -> list[Told]:
    """For the rules pages: open decisions that would change this rule. One query."""
    rows = Proposal.objects.filter(state__in=states.OPEN, changes__contains=[{"rule": key}])
    return [Told(one.title, reverse("decisions:decision", args=[one.pk]), one.state) for one in rows]


def attempts(key: str, scope: str) -> list[Told]:
    """For the rules pages: what was proposed about this rule and did not come to be, newest first, at most fifty. One query."""
    rows = finding.about_rule(key, scope).filter(state__in=[states.REJECTED, states.WITHDRAWN, states.FAILED])[:50]
    return [Told(one.title, reverse("decisions:decision", args=[one.pk]), one.state, one.ended_at) for one in rows]


def proofs(one: Proposal) -> list[tuple[str, str]]:
    """Where each step of a decision stands in the record, as (kind, address); steps not sealed yet are not in it. One query."""
    rows = Leaf.objects.filter(subject=f"decision:{one.pk}").order_by("index").values_list("kind", "index")
    return [(kind, reverse("record:leaf", args=[index])) for kind, index in rows]


def author_name(one: Proposal, reader_is_insider: bool) -> str:
    """Who proposed it: by name for members, else "a member"."""
    if one.author is None:
        return _("the house")
    return str(one.author) if reader_is_insider else _("a member")


def may_withdraw(one: Proposal, person: Any, now: datetime) -> bool:
    """Whether this is the author's to take back, now."""
    mine = isinstance(person, Person) and one.author_id == person.pk and not kinds.get(one.kind).by_event
    return mine and (one.state in (states.DRAFT, states.DISCUSSION) or (one.state == states.VOTING and one.closes_at is not None and now < one.closes_at))
