"""What waits for whoever coordinates moves with the office."""

from datetime import timedelta

import pytest

from madang.coop.members import actions as members
from madang.coop.members.models import OfficeTerm
from madang.coop.notices import due
from madang.coop.notices.models import Task
from madang.coop.people.models import Person
from madang.platforms.services import actions
from tests.platforms.services.test_life import accepted, booked

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_new_coordinator_finds_what_waits_and_the_old_one_is_asked_no_more(world, pay):
    trouble = accepted(world, pay)
    actions.report_problem(world.client, trouble.pk, "The kitchen was not done.", now=trouble.ends_at)
    other = booked(world, start=world.start + timedelta(days=1))
    pay(other, world.now)
    late = actions.accept(other.worker.person, other.pk, now=world.now)
    at = late.starts_at + HOUR
    due.run_due(at)
    waiting = {f"problem:{trouble.pk}", f"late:{late.pk}"}

    def asked(person):
        messages = ("services.problem", "services.late")
        return {task.key for task in Task.objects.filter(person=person, message__in=messages, closed_at=None)}

    assert asked(world.coordinator) == waiting
    members.end_term(OfficeTerm.objects.get(office__key="coordinator"), by=world.coordinator, now=at)
    assert asked(world.coordinator) == set()
    assert Task.objects.filter(key=f"late:{late.pk}", person=late.worker.person, closed_at=None).exists(), "the worker's own task stays"
    new = Person.objects.get(email="f4@example.org")
    members.appoint("coordinator", new, since=at, until=at + timedelta(days=9), by=world.coordinator, now=at)
    assert asked(new) == waiting
