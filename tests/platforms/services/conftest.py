"""A small co-op that cleans: two member co-ops, workers with a week, a client with a home."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

WEEK = [(day, 8 * 60, 20 * 60) for day in range(7)]


def person(name: str, **more: Any) -> Any:
    from madang.coop.people.models import Person

    return Person.objects.create_user(f"{name}@example.org", name.title(), **more)


def make_world(coop: Any, now: datetime, workers: int = 2) -> SimpleNamespace:
    """Organisations ``bright`` and ``clear``, ``workers`` who work 8–20 every day in Seoul, a ``client`` with a ``home``, the ``coordinator`` f1."""
    from madang.coop.members.models import MemberClass, Membership
    from madang.coop.people.models import Organisation, Person, Work
    from madang.platforms.services import actions

    bright = Organisation.objects.create(name="Brightly", slug="brightly", created_at=now)
    clear = Organisation.objects.create(name="Clear Water", slug="clear-water", created_at=now)
    for body in (bright, clear):
        moments = {"applied_at": now, "admitted_at": now, "active_from": now}
        Membership.objects.create(member_class=MemberClass.objects.get(key="provider"), organisation=body, state="active", **moments)
    made = []
    for number in range(workers):
        one = person(f"worker{number}")
        body = (bright, clear)[number % 2]
        Work.objects.create(organisation=body, person=one, since=now - timedelta(days=1))
        made.append(actions.become_worker(one, body, by=one, time_zone="Asia/Seoul", now=now))
        actions.set_availability(one, WEEK, now=now)
    client = person("client")
    home = actions.add_home(client, district="마포구", address="성미산로 1, 203호", bedrooms=2, bathrooms=1, has_machine=True, now=now)
    return SimpleNamespace(
        coop=coop, bright=bright, clear=clear, workers=made, client=client, home=home, coordinator=Person.objects.get(email="f1@example.org"), now=now,
        start=now + timedelta(days=3),
    )  # fmt: skip


@pytest.fixture
def world(coop: Any, now: datetime) -> SimpleNamespace:
    return make_world(coop, now)


@pytest.fixture
def pay() -> Callable[..., Any]:
    """``pay(job, now)``: the rail says that the job's (or the tip's) charge is paid."""

    def paid(thing: Any, now: datetime) -> Any:
        from madang.coop.payments import actions as payments
        from madang.coop.payments.models import Charge

        charge = payments.settle(Charge.objects.get(pk=thing.charge_id), now=now)
        thing.refresh_from_db()
        return charge

    return paid
