"""Going back: for a while after a change of rules took effect, its prepared inverse needs the same majority and only a short notice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import notices
from madang.coop.decisions import drafting, states, telling, ways
from madang.coop.decisions.models import Proposal
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.ruletypes import WayOfDeciding


def until(one: Proposal, now: datetime) -> datetime | None:
    """Until when it can be gone back on quickly; None when it cannot: no change of rules in force, too late, or the way gives no time. One query."""
    if one.state != states.IN_FORCE or not one.inverse or one.ended_at is None:
        return None
    end = one.ended_at + ways.read(one.way_name, now).course.grace
    return end if end > now else None


@transaction.atomic
def go_back(proposal: Proposal | UUID | str, person: Person, reason: str = "", *, now: datetime) -> Proposal:
    """Put the inverse of a decision to the members at once. The same person asking twice while it is open gets the same proposal.

    Raises ``Refused``: "no-way-back" (too late, nothing to go back to), "underway" (somebody else has asked already), "moved" (a value has been
    changed since, so the way back is not what was prepared), and whatever drafting refuses.
    """
    one = drafting.locked(proposal)
    open_one = Proposal.objects.filter(back_of=one, state__in=[*states.OPEN, states.DRAFT]).first()
    if open_one is not None:
        if open_one.author_id == person.pk:
            return open_one
        raise Refused("underway", _("Going back on this is being decided already."))
    if until(one, now) is None:
        raise Refused("no-way-back", _("The time in which this could be gone back on quickly is over. Propose the change like any other."))
    changes: list[dict[str, Any]] = [{"rule": change["rule"], "scope": change["scope"], "value": change["value"]} for change in one.inverse or []]
    title = _("Back to before: {title}").format(title=one.title)[: drafting.TITLE_MAX]
    made = drafting.draft(person, one.kind, title, reason, changes, org=one.org, now=now)
    if not _only_back(one, made):
        raise Refused("moved", _("A value has been changed by another decision since. Propose the change you want like any other."))
    made.back_of = one
    made.save()
    return drafting.open_discussion(made, person, now=now)


def _only_back(one: Proposal, made: Proposal) -> bool:
    """Whether the live values are still those the decision set, so that going back is exactly its inverse."""
    live = {(change["rule"], change["scope"]): change["from"] for change in made.changes}
    own = {(str(version.key), str(version.scope)): str(version.pk) for version in one_versions(one)}
    return live == own


def one_versions(one: Proposal) -> list[Any]:
    """The rule versions a decision set. One query."""
    from madang.coop.rules.models import RuleVersion

    return list(RuleVersion.objects.filter(decision_id=one.pk))


def notice(one: Proposal, way: WayOfDeciding) -> timedelta:
    """How long after the count it takes effect."""
    return way.course.back_notice if one.back_of_id is not None else way.notice


def done(one: Proposal, now: datetime) -> None:
    """When going back took effect: what it went back on is no longer in force."""
    if one.back_of_id is None:
        return
    first = drafting.locked(one.back_of_id)
    if first.state == states.IN_FORCE:
        first.to(states.REVERTED)
        first.save()
        notices.close_task(f"review:{first.pk}", now)
        telling.reverted(first, now)
