"""A veto, where a way of deciding gives one: after the count, within its window, the holders of an office may stop what passed. It fails then, with
their reason for everyone to read; members can propose it anew. Exposed through ``actions``."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop.decisions import kinds, states, voting, ways
from madang.coop.decisions.drafting import locked
from madang.coop.decisions.models import Proposal
from madang.coop.members import queries as members
from madang.coop.people.actions import clean_line
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

PREFIX = "veto: "
REASON_MAX = 400


def until(one: Proposal, now: datetime) -> datetime | None:
    """Until when it may be vetoed; None where its way gives no veto, or the time is over. No query."""
    window = ways.parse(one.way).window
    if one.state != states.PASSED or not window.office or one.closed_at is None or one.effect_at is None:
        return None
    end = min(one.closed_at + window.time, one.effect_at)
    return end if now < end else None


def may(one: Proposal, person: Person, now: datetime) -> bool:
    """Whether this person may veto it now. One query at most."""
    return until(one, now) is not None and members.holds(person, ways.parse(one.way).window.office, now)


@transaction.atomic
def veto(proposal: Proposal | UUID | str, person: Person, reason: str, *, now: datetime) -> Proposal:
    """Stop what passed: it takes no effect. Twice is once. Raises ``Missing`` for who does not hold the office, ``Refused``: "no-veto", "reason"."""
    one = locked(proposal)
    if not members.holds(person, ways.parse(one.way).window.office, now):
        raise Missing("not yours to veto")
    if one.state == states.FAILED and one.ended_because.startswith(PREFIX):
        return one
    if until(one, now) is None:
        raise Refused("no-veto", _("The time in which this could be vetoed is over, or its way of deciding gives no veto."))
    reason = clean_line(reason, REASON_MAX * 4, "reason")
    if not reason or len(reason) > REASON_MAX:
        raise Refused("reason", _("Say in one or two sentences why: everyone who followed it reads it."), "reason")
    return voting.fail(one, PREFIX + ("" if kinds.get(one.kind).heading else reason), now)
