"""A decision is looked at again: on its day its author and those who fill the co-op's offices are asked whether to keep it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import notices, record
from madang.coop.decisions import drafting, states, telling, ways
from madang.coop.decisions.models import Proposal
from madang.coop.members import queries as members
from madang.coop.people.models import Person
from madang.coop.rules.actions import moment_text
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Missing, Refused


def key(one: Proposal) -> str:
    """The key of the task to look at it again."""
    return f"review:{one.pk}"


def plan(one: Proposal, now: datetime) -> None:
    """When it took effect: the day on which it is asked whether to keep it, where its way says so. Does not save."""
    after = ways.parse(one.way).course.review
    one.review_at = now + after if after else None


def due(now: datetime, limit: int) -> list[str]:
    """Decisions in force whose day has come. One query."""
    rows = Proposal.objects.filter(state=states.IN_FORCE, review_at__lte=now, review_asked_at=None).order_by("review_at", "pk")
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:limit]]


def who(one: Proposal, now: datetime) -> list[Person]:
    """Its author while they are a member, and everyone who fills an office."""
    found = {person.pk: person for person in members.office_holders(now)}
    if one.author is not None and members.is_member(one.author, now):
        found[one.author.pk] = one.author
    return list(found.values())


def _stands(one: Proposal) -> bool:
    """Whether anything it set is still as it set it; what sets no rule stands. Two queries."""
    versions = RuleVersion.objects.filter(decision_id=one.pk)
    return not one.changes or versions.exclude(pk__in=RuleVersion.objects.filter(previous__in=versions).values("previous")).exists()


@transaction.atomic
def ask(proposal: Proposal | UUID | str, *, now: datetime) -> None:
    """Due work: open the task for each of them. Asked twice is once."""
    one = drafting.locked(proposal)
    if one.review_asked_at is not None or one.state != states.IN_FORCE or one.review_at is None or now < one.review_at:
        return
    if not _stands(one):  # other decisions have changed all of it since: there is nothing to keep
        one.review_at = None
        one.save()
        return
    for person in who(one, now):
        notices.open_task(person, key(one), "decisions.review", url=f"{telling.url(one)}#review", params={"title": one.title}, due_at=None, now=now)
    one.review_asked_at = now
    one.save()


@transaction.atomic
def keep(proposal: Proposal | UUID | str, person: Person, *, now: datetime) -> Proposal:
    """Keep it: in the record for everyone, and looked at again after as long. Twice is once.

    Raises ``Missing`` for somebody who was not asked, ``Refused("not-now")`` when nobody asks at present.
    """
    one = drafting.locked(proposal)
    if all(asked.pk != person.pk for asked in who(one, now)):
        raise Missing("not yours to keep")
    if one.state != states.IN_FORCE or one.review_at is None or one.review_asked_at is None:
        raise Refused("not-now", _("Nobody asks at present whether to keep this. Any member can propose to change it at any time."))
    notices.close_task(key(one), now)
    plan(one, now)
    one.review_asked_at = None
    one.save()
    leaf = {"decision": str(one.pk), "kept_at": moment_text(now), "again_at": moment_text(one.review_at) if one.review_at else None}
    record.write("decision.kept", f"decision:{one.pk}", [leaf], public=True, now=now)
    return one
