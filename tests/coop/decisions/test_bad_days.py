"""Bad days of a vote: somebody leaves, the clocks change, the count is killed half way, two proposals change one rule."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from madang.coop.decisions import actions, checking
from madang.coop.decisions.models import Ballot, Proposal
from madang.coop.law.models import Coop
from madang.coop.members import actions as members
from madang.coop.members.models import Membership
from madang.coop.notices.due import run_due
from madang.coop.record.models import PendingLeaf
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Refused
from tests.coop.decisions.yard import SPLIT, Yard, make, split

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROOT = Path(__file__).resolve().parents[3]


def test_a_member_who_leaves_during_the_vote(yard: Yard):
    """A ballot cast before still counts; one not cast is lost; the electorate stays as it was."""
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    voted, silent = yard.people["worker"][:2]
    actions.cast(one, voted, "for", now=one.opens_at)
    for person in (voted, silent):
        members.leave(Membership.objects.get(person=person), by=person, now=one.opens_at + DAY)
    for person in (voted, silent):
        with pytest.raises(Refused) as no:
            actions.cast(one, person, "against", now=one.opens_at + 2 * DAY)
        assert no.value.code == "not-any-more"
    yard.vote(one, worker="--ffff")
    one = actions.close(one, now=one.closes_at)
    assert one.electorate["total"] == 13 and one.tally["totals"] == {"for": 5, "against": 0, "abstain": 0} and checking.wrong_tallies() == []


@pytest.mark.parametrize(("start", "hours"), [(datetime(2026, 3, 2, 15, tzinfo=UTC), 1), (datetime(2026, 10, 26, 15, tzinfo=UTC), -1)])
def test_a_clock_change_in_the_middle(db, rules_of_the_yard, client_for, monkeypatch, start, hours):
    """Summer time begins or ends in New York while voting is open: it lasts exactly as long as it says, and the deadline is told in the new time."""
    yard = make(start, {"worker": 7})
    Coop.objects.update(time_zone="America/New_York")
    one = actions.open_voting(yard.propose(), now=start + 3 * DAY)
    assert one.closes_at - one.opens_at == 5 * DAY
    from zoneinfo import ZoneInfo

    opens, closes = (moment.astimezone(ZoneInfo("America/New_York")) for moment in (one.opens_at, one.closes_at))
    assert (closes.utcoffset() - opens.utcoffset()) == hours * timedelta(hours=1) and closes.hour - opens.hour == hours
    person = yard.people["worker"][0]
    actions.cast(one, person, "for", now=one.closes_at - timedelta(seconds=1))
    with pytest.raises(Refused):
        actions.cast(one, person, "against", now=one.closes_at)
    with pytest.raises(Refused):
        actions.close(one, now=one.closes_at - timedelta(seconds=1))
    assert actions.close(one, now=one.closes_at).tally["totals"] is None


def test_the_demo_clock_jumps_over_the_close(yard: Yard):
    """A demo's clock is moved by a month in one step: each stage still runs in its order, and none of them sooner than it may."""
    one = yard.propose()
    later = yard.now + 30 * DAY
    run_due(later)
    one.refresh_from_db()
    assert one.state == "voting" and one.opens_at == later, "it opens when it is noticed, and stays open as long as it must"
    actions.cast(one, yard.people["worker"][0], "for", now=later)
    run_due(later + 30 * DAY)
    one.refresh_from_db()
    assert one.state == "rejected" and one.closed_at == later + 30 * DAY
    assert PendingLeaf.objects.filter(kind="decision.tally", subject=f"decision:{one.pk}").count() == 1


KILLED = """
import os, signal, sys
from datetime import datetime
from madang.site import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from madang.coop.decisions import actions, telling
telling.counted = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
actions.close(sys.argv[2], now=datetime.fromisoformat(sys.argv[3]))
"""


@pytest.mark.django_db(transaction=True)
def test_the_tally_killed_half_way(yard: Yard):
    """Another process counts and dies by SIGKILL before it is done: nothing of it is there, and it is counted once afterwards."""
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    yard.vote(one, worker="fffffff")
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "madang.site.settings", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, str(connection.settings_dict["NAME"]), str(one.pk), one.closes_at.isoformat()]
    died = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert died.returncode == -9, died.stderr[-2000:]
    one = Proposal.objects.get(pk=one.pk)
    assert one.state == "voting" and one.tally is None and not PendingLeaf.objects.filter(kind="decision.tally").exists()
    for _again in range(2):
        one = actions.close(one, now=one.closes_at)
    assert one.state == "passed" and one.tally["totals"]["for"] == 7 and Ballot.objects.count() == 7
    assert PendingLeaf.objects.filter(kind="decision.tally").count() == 1


def test_two_proposals_changing_one_rule(yard: Yard):
    """Both pass; the first takes effect, the second does not overwrite what it was not drafted from, and says so."""
    first, second = yard.propose(split("94%", "6%")), yard.propose(split("93%", "7%"))
    done = [yard.run(one, worker="fffffff") for one in (first, second)]
    done = [actions.take_effect(one, now=one.effect_at) for one in done]
    assert [one.state for one in done] == ["in_force", "failed"] and done[1].ended_because == "moved"
    assert RuleVersion.objects.filter(key=SPLIT).latest("effective_from").decision_id == first.pk
    assert RuleVersion.objects.filter(key=SPLIT).count() == 2


def test_minimum_membership_time(db, now, rules_of_the_yard):
    """Beanstalk 2022, borrowed votes: who joined yesterday does not vote today where the way says so."""
    from tests.coop.decisions.yard import POLICY

    yard = make(now, {"worker": 7}, {"ways.policy": POLICY | {"member_for": "22d"}})
    late = yard.people["worker"][0]
    Membership.objects.filter(person=late).update(active_from=now)
    one = actions.open_voting(yard.propose(author=yard.people["worker"][1]), now=now + 3 * DAY)
    assert one.electorate["total"] == 6 and not one.electors.filter(person=late).exists()
