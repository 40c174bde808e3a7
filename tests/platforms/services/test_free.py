"""Sets in SQL and bits in Python find the same people and the same times, also on the days when clocks jump."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.platforms.services import actions, free, queries, slots
from tests.platforms.services.conftest import make_world, person

pytestmark = pytest.mark.django_db
TRAVEL = timedelta(minutes=30)


def starts(minutes, since, until, **more):
    return free.starts(minutes, TRAVEL, since=since, until=until, **more)


def by_candidates(world, minutes, since, until):
    at, found = since, []
    while at < until:
        end = at + timedelta(minutes=minutes)
        if free.candidates(at, end, end + TRAVEL, client_id=world.client.pk, now=world.now):
            found.append(at)
        at += timedelta(minutes=30)
    return found


@pytest.mark.parametrize(
    "since, windows",
    [
        (datetime(2026, 3, 7, 12, tzinfo=UTC), [(day, 0, 1440) for day in range(7)]),
        (datetime(2026, 3, 8, 2, tzinfo=UTC), [(6, 60, 330), (5, 1200, 1440)]),
        (datetime(2026, 10, 31, 20, tzinfo=UTC), [(5, 1200, 1440), (6, 0, 240), (6, 600, 720)]),
        (datetime(2026, 11, 1, 2, tzinfo=UTC), [(6, 90, 300)]),
    ],
)
def test_bits_and_sets_agree_when_clocks_jump_in_new_york(world, since, windows):
    for worker in world.workers:
        actions.edit_worker(worker.person, time_zone="America/New_York", active=worker == world.workers[0], now=world.now)
    actions.set_availability(world.workers[0].person, windows, now=world.now)
    actions.add_time_off(world.workers[0].person, since + timedelta(hours=5), since + timedelta(hours=6), now=world.now)
    until = since + timedelta(hours=20)
    for minutes in (30, 120, 210):
        assert starts(minutes, since, until) == by_candidates(world, minutes, since, until), minutes


def test_busy_times_and_the_way_are_kept_free(world, now):
    actions.edit_worker(world.workers[1].person, time_zone="Asia/Seoul", active=False, now=now)
    day = now + timedelta(days=3)
    job = actions.book(world.client, world.home.pk, {}, day + timedelta(hours=3), now=now)
    found = starts(60, day, day + timedelta(hours=12))
    assert found == by_candidates(world, 60, day, day + timedelta(hours=12))
    assert (job.ends_at not in found and job.free_at + timedelta(minutes=15) in [at + timedelta(minutes=15) for at in found]) or job.free_at.minute % 30
    assert all(at + timedelta(minutes=60) + TRAVEL <= job.starts_at or at >= job.free_at for at in found)
    assert queries.free_slots(60, now=now, since=day, days=1)
    days = [(day + timedelta(days=shift)).date() for shift in (-1, 0, 1, 2)]
    assert free.peer(60, TRAVEL, since=day, until=day + timedelta(hours=12), days=days) == found


def test_the_number_of_queries_is_what_it_says(coop, now):
    world = make_world(coop, now, workers=4)
    with CaptureQueriesContext(connection, ) as seen:
        queries.free_slots(120, now=now, client=world.client)
    assert len(seen) <= 5
    with CaptureQueriesContext(connection) as seen:
        queries.catalogue(now)
    assert len(seen) == 1


def test_many_workers_are_searched_in_batches_with_the_same_answer(coop, now, monkeypatch):
    world = make_world(coop, now, workers=12)
    for number, worker in enumerate(world.workers):
        actions.set_availability(worker.person, [(number % 7, 600 + 60 * (number % 3), 900)], now=now)
    whole = starts(120, now, now + timedelta(days=28))
    monkeypatch.setattr(free, "FIRST_BATCH", 2)
    assert starts(120, now, now + timedelta(days=28)) == whole
    assert len(whole) == len(set(whole)) > 10


def test_a_time_at_which_everybody_is_busy_is_asked_of_all_who_work_then_and_of_nobody_else(coop, now, monkeypatch):
    world = make_world(coop, now, workers=9)
    day = (now + timedelta(days=5)).replace(hour=0, minute=0, second=0, microsecond=0)
    for number, worker in enumerate(world.workers):
        actions.edit_worker(worker.person, time_zone="UTC", active=True, now=now)
        windows = [(weekday, 0, 1440) for weekday in range(7)] if number == 8 else [(weekday, 540 + 15 * (number % 3), 1020) for weekday in range(7)]
        actions.set_availability(worker.person, windows, now=now)
    for number, worker in enumerate(world.workers):
        hours = (21, 27) if number == 8 else (9, 12)  # the one who works at night is away over midnight
        actions.add_time_off(worker.person, day + timedelta(hours=hours[0]), day + timedelta(hours=hours[1]), now=now)
    span = (120, day - timedelta(days=1), day + timedelta(days=3))
    whole = starts(*span)
    monkeypatch.setattr(free, "FIRST_BATCH", 1)
    assert starts(*span) == whole == starts(*span, at_once=True)
    assert day + timedelta(hours=23) not in whole and day - timedelta(hours=1) in whole, "a visit across midnight takes two windows of one week"


def test_who_has_no_window_then_is_not_looked_at_again(coop, now, monkeypatch):
    world = make_world(coop, now, workers=6)
    for number, worker in enumerate(world.workers):
        actions.set_availability(worker.person, [(6, 600, 900)] if number % 2 else [(2, 600, 900)], now=now)
        if number % 2:
            actions.add_time_off(worker.person, now, now + timedelta(days=20), now=now)
    monkeypatch.setattr(free, "FIRST_BATCH", 1)
    with CaptureQueriesContext(connection) as queried:
        found = starts(120, now, now + timedelta(days=9))
    assert found and {at.weekday() for at in found} <= {1, 2}
    weeks = [query["sql"] for query in queried.captured_queries if "string_agg(a.weekday" in query["sql"]]
    assert len(weeks) > 1 and [" fits(" in one for one in weeks] == [False] + [True] * (len(weeks) - 1)


def test_a_client_who_is_a_worker_is_not_sent_to_themself(world, now):
    one = world.workers[0]
    actions.edit_worker(world.workers[1].person, time_zone="Asia/Seoul", active=False, now=now)
    home = actions.add_home(one.person, district="x", address="y", bedrooms=1, bathrooms=1, now=now)
    with pytest.raises(actions.Taken):
        actions.book(one.person, home.pk, {}, world.start, now=now)


def test_the_worker_with_fewest_jobs_is_asked(world, pay, now):
    clients = [person(f"c{number}") for number in range(4)]
    seen = []
    for number, one in enumerate(clients):
        home = actions.add_home(one, district="x", address="y", bedrooms=1, bathrooms=1, now=now)
        job = actions.book(one, home.pk, {}, world.start + timedelta(days=number), now=now)
        pay(job, now)
        seen.append(job.worker_id)
        offer = job.offers.get()
        assert offer.reasons["jobs_30_days"] == number // 2 and offer.reasons["free"] == 2
        assert "2" in queries.why_me(offer)
    assert sorted(map(seen.count, {worker.pk for worker in world.workers})) == [2, 2]


def test_a_wish_for_a_worker_is_kept(world, pay, now):
    wish = world.workers[1]
    job = actions.book(world.client, world.home.pk, {}, world.start, worker_id=wish.pk, now=now)
    assert job.worker_id == wish.pk
    pay(job, now)
    assert job.offers.get().reasons == {"by": "client"}
    assert isinstance(world, SimpleNamespace) and slots.floor(world.start) == world.start
