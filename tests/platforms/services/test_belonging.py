"""Jobs, and the addresses that come with them, go to members' workers only: not to whoever founds an organisation, not to who has left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop.members import actions as members
from madang.coop.members.models import MemberClass, Membership
from madang.coop.people import actions as people
from madang.coop.people.models import Work
from madang.kit.errors import Refused
from madang.platforms.services import actions, free, queries
from madang.platforms.services.models import Worker
from tests.platforms.services.conftest import WEEK, person

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=3)


def who_could(world):
    return {one.worker_id for one in free.candidates(world.start, world.start + HOURS, world.start + HOURS, client_id=world.client.pk, now=world.now)}


def test_a_stranger_cannot_become_a_worker(world, now):
    stranger = person("stranger")
    own = members.found_organisation("My own thing", by=stranger, now=now)
    with pytest.raises(Refused) as no:
        actions.become_worker(stranger, own, by=stranger, now=now)
    assert no.value.code == "not-a-member" and not Worker.objects.filter(person=stranger).exists()
    smuggled = Worker.objects.create(person=stranger, organisation=own, time_zone="Asia/Seoul", since=now)
    actions.set_availability(stranger, WEEK, now=now)
    assert smuggled.pk not in who_could(world)
    with pytest.raises(Refused):
        actions.assign(world.coordinator, book_and_offer(world, now).pk, smuggled.pk, now=now)


def book_and_offer(world, now):
    job = actions.book(world.client, world.home.pk, {}, world.start, now=now)
    job.to("offered")
    job.paid_at = now
    job.save()
    return job


def test_who_left_gets_no_more_jobs(world, now):
    first, second = world.workers
    assert who_could(world) == {first.pk, second.pk}
    people.end_work(first.person, first.organisation, now=now)
    assert who_could(world) == {second.pk}
    speaker = person("speaker")
    Work.objects.create(organisation=second.organisation, person=speaker, role=Work.REPRESENTATIVE, since=now)
    members.leave(Membership.objects.get(organisation=second.organisation), by=speaker, now=now)
    assert who_could(world) == set() and queries.free_slots(60, now=now) == []


def test_where_only_people_join_the_person_counts(world, now):
    Membership.objects.filter(organisation__isnull=False).delete()
    MemberClass.objects.filter(key="provider").delete()
    assert who_could(world) == set()
    moments = {"applied_at": now, "admitted_at": now, "active_from": now}
    Membership.objects.create(member_class=MemberClass.objects.get(key="worker"), person=world.workers[0].person, state="active", **moments)
    assert who_could(world) == {world.workers[0].pk}
    assert actions.become_worker(world.workers[0].person, world.bright, by=world.workers[0].person, now=now)
