"""A small demo: three weeks of a co-op that lives, and every invariant holds."""

from datetime import UTC, datetime, timedelta

import pytest

from madang.coop.members.models import MemberClass, Membership
from madang.coop.notices.models import Failure
from madang.platforms.services import checks, demo, demo_story, states
from madang.platforms.services.models import Job, Offer, Worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_weeks_of_a_small_coop(now):
    from tests.coop import founded

    founded.forming_coop(now)
    MemberClass.objects.filter(key="provider").update(admission="office:board")
    end = now + timedelta(days=21)
    life = demo.Life(end, clients=6, workers=5)
    demo_story.begin(life)
    life.run()
    jobs = Job.objects.values_list("state", flat=True)
    assert jobs.count() >= 5 and states.RELEASED in set(jobs)
    assert Offer.objects.exists() and not Failure.objects.exists()
    assert not Job.objects.filter(booked_at__gt=end).exists()
    assert [*checks.overlaps(), *checks.held(), *checks.parts()] == []


def test_member_coops_can_be_admitted_by_a_vote(now):
    """As in the charter most tests stand on: two co-ops apply, the members vote, they pay; only then jobs can come."""
    from tests.coop import founded

    founded.forming_coop(now)
    life = demo.Life(now + timedelta(days=14), clients=0, workers=4)
    demo_story.begin(life)
    assert set(Membership.objects.filter(organisation__isnull=False).values_list("state", flat=True)) == {"applied"}
    life.run()
    assert [one.active_from > now + timedelta(days=10) for one in Membership.objects.filter(organisation__isnull=False)] == [True, True]
    assert not Failure.objects.exists()


def test_coops_that_founded_are_the_member_coops():
    """New York: organisations founded it, so nobody else's are invented."""
    from pathlib import Path

    from madang.coop.charter import actions as charter
    from madang.coop.charter import reader
    from madang.coop.people.models import Organisation

    now = datetime(2026, 3, 2, tzinfo=UTC)
    charter.found(reader.read_file(Path(__file__).parents[3] / "charters/upandgo-nyc.toml", now=now), now=now)
    life = demo.Life(now + timedelta(days=12), clients=6, workers=10)
    demo_story.begin(life)
    assert Organisation.objects.count() == 5 and Worker.objects.count() == 10
    life.run()
    assert not Failure.objects.exists()
