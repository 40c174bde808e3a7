"""Which way of deciding applies, who may propose in it, who votes in it, and what it needs of the count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madang.coop import rules
from madang.coop.decisions.rules import PREFIX
from madang.coop.members import queries as members
from madang.coop.members.queries import Voter
from madang.coop.people.models import Organisation, Person
from madang.coop.rules.models import RuleVersion
from madang.kit.counting.asked import requirement_of
from madang.kit.counting.majority import Requirement
from madang.kit.errors import Refused
from madang.kit.ruletypes import Way, WayOfDeciding
from madang.kit.ruletypes.way import title_of


def name_for(candidates: Iterable[str], at: datetime) -> str:
    """The first of these ways that the co-op has at ``at``; the last one when it has none of them. One query."""
    names = list(candidates)
    if len(names) == 1:
        return names[0]
    keys = [PREFIX + name for name in names]
    there = set(RuleVersion.objects.filter(key__in=keys, scope="", effective_from__lte=at).values_list("key", flat=True))
    return next((name for name in names if PREFIX + name in there), names[-1])


def read(name: str, at: datetime) -> WayOfDeciding:
    """The way with this name as it is in force at ``at``. One query. Raises ``Missing`` for a name that cannot be one."""
    way = rules.get(PREFIX + name).at(at).value
    assert isinstance(way, WayOfDeciding)
    return way


def parse(stored: Mapping[str, Any]) -> WayOfDeciding:
    """A way as a proposal keeps it."""
    return Way().parse(stored)


def title(stored: Mapping[str, Any], name: str, lang: str) -> str:
    """What people call the way a proposal was decided in."""
    return title_of(parse(stored), lang, name)


def requirement(way: WayOfDeciding) -> Requirement:
    """What the count needs."""
    return requirement_of(way)


def voters(way: WayOfDeciding, at: datetime, org: Organisation | None) -> list[Voter]:
    """Who votes in this way at ``at``: of all voters those of its classes, members for at least as long as it asks.

    Inside an organisation there are no classes: everyone who works there votes.
    """
    found = members.voters(at, org)
    if way.electorate and org is None:
        found = [one for one in found if one.class_key in way.electorate]
    if way.who.barred and org is None:
        found = [one for one in found if one.class_key not in way.who.barred]
    if way.member_for:
        found = [one for one in found if one.membership.active_from and one.membership.active_from + way.member_for <= at]
    return found


def may_propose(way: WayOfDeciding, person: Person, at: datetime, org: Organisation | None) -> bool:
    """Whether this person may propose in this way; inside an organisation only those who vote there."""
    if org is not None or way.draft == "voters":
        return any(one.person.pk == person.pk for one in voters(way, at, org))
    if way.draft.startswith("office:"):
        return members.holds(person, way.draft.removeprefix("office:"), at)
    return members.is_member(person, at)


def require_may_propose(way: WayOfDeciding, person: Person, at: datetime, org: Organisation | None) -> None:
    """Raise ``Refused("not-yours-to-propose")`` unless the person may."""
    if may_propose(way, person, at, org):
        return
    if org is not None:
        raise Refused("not-yours-to-propose", _("Only those who work in {name} can propose this.").format(name=org.name))
    if way.draft.startswith("office:"):
        raise Refused("not-yours-to-propose", _("Only the office “{name}” can propose this.").format(name=way.draft.removeprefix("office:")))
    raise Refused("not-yours-to-propose", _("Only members can propose. You can join first: what you wrote is still in the form."))
