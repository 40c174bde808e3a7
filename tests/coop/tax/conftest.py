"""A co-op that is registered for value added tax, and somebody who deals with the tax office."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from madang.coop.tax import status
from madang.coop.tax.status import Facts
from tests.platforms.services.conftest import make_world

OURS = Facts("registered", "120-81-47521", "작은마당 협동조합", "강하나", "서울 마포구 성미산로 1", "서비스업", "청소")
RESIDENT = "900101-1234567"


@pytest.fixture
def treasurer(coop: Any) -> Any:
    from madang.coop.people.models import Person

    return Person.objects.get(email="f2@example.org")


@pytest.fixture
def day(coop: Any, now: datetime) -> date:
    return status.day_of(now)


@pytest.fixture
def registered(coop: Any, treasurer: Any, day: date, now: datetime) -> Any:
    """The co-op is registered from today on."""
    return status.say("", OURS, since=day, by=treasurer, now=now)


@pytest.fixture
def world(coop: Any, now: datetime) -> Any:
    return make_world(coop, now)


def visited(world: Any, *, price: int | None = None, days: int = 0, before: Any = None) -> Any:
    """One whole visit, paid and confirmed."""
    from datetime import timedelta

    from madang.coop.payments import sandbox
    from madang.coop.payments.models import Charge
    from madang.platforms.services import actions
    from madang.platforms.services.models import Job

    job = actions.book(world.client, world.home.pk, {}, world.start + timedelta(days=days), worker_id=world.workers[0].pk, now=world.now)
    if before is not None:
        before(job)
    sandbox.pay(Charge.objects.get(pk=job.charge_id), now=world.now)
    worker = world.workers[0].person
    actions.accept(worker, job.pk, now=world.now)
    actions.check_in(worker, job.pk, now=job.starts_at)
    actions.check_out(worker, job.pk, now=job.ends_at)
    actions.confirm(world.client, job.pk, now=job.ends_at)
    return Job.objects.get(pk=job.pk)
