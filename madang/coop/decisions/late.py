"""A late rush lengthens a vote, so that nobody wins by the last minute (Compound 289: 682,191 to 633,636 on a weekend).

What is counted is how many ballots came in or were changed late, never for what: where results are hidden until the close, the length of a vote must not
give the lead away. Where a way shows how it stands while voting, it is an outcome that turns late (``running.py``).
"""

from __future__ import annotations

from datetime import datetime

from madang.coop import record
from madang.coop.decisions import running, telling
from madang.coop.decisions.models import Ballot, Proposal
from madang.coop.rules.actions import moment_text
from madang.kit.ruletypes import WayOfDeciding
from madang.kit.ruletypes.way_course import Course


def lengthened(one: Proposal, way: WayOfDeciding, now: datetime) -> bool:
    """At the close of a locked proposal: whether the vote goes on, because ballots of so many voters came in during the last part, or where
    how it stands is shown, because the outcome turned in it. One query, or a count.

    The new close counts from the old one, or from ``now`` where the count comes late, so that nobody loses time. In the record for everyone.
    """
    course = way.course
    if not course.late or one.extended >= course.late_most or one.closes_at is None or not one.electorate:
        return False
    if not (running.turned(one, way) if course.running else _rush(one, course)):
        return False
    one.closes_at, one.extended = max(now, one.closes_at) + course.late, one.extended + 1
    one.save()
    leaf = {"decision": str(one.pk), "closes_at": moment_text(one.closes_at), "times": one.extended, **running.leaf(one)}
    record.write("decision.extended", f"decision:{one.pk}", [leaf], public=True, now=now)
    telling.lengthened(one, now)
    return True


def _rush(one: Proposal, course: Course) -> bool:
    if one.closes_at is None or not one.electorate:
        return False
    rush = Ballot.objects.filter(elector__proposal=one, cast_at__gte=one.closes_at - course.late).count()
    return bool(rush) and rush >= course.late_share * one.electorate["total"]
