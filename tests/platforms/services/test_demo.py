"""A small demo: three weeks of a co-op that lives, and every invariant holds."""

from datetime import timedelta

import pytest

from madang.coop.notices.models import Failure
from madang.platforms.services import checks, demo, demo_story, states
from madang.platforms.services.models import Job, Offer

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_weeks_of_a_small_coop(now):
    from tests.coop import founded

    founded.forming_coop(now)
    end = now + timedelta(days=21)
    life = demo.Life(end, clients=6, workers=5)
    demo_story.begin(life)
    life.run()
    jobs = Job.objects.values_list("state", flat=True)
    assert jobs.count() >= 5 and states.RELEASED in set(jobs)
    assert Offer.objects.exists() and not Failure.objects.exists()
    assert not Job.objects.filter(booked_at__gt=end).exists()
    assert [*checks.overlaps(), *checks.held(), *checks.parts()] == []
