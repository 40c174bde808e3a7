"""Many at once, and the power cut in the middle: the database keeps its word."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, connections, transaction

from madang.coop.law.models import Coop
from madang.kit.errors import Refused
from madang.platforms.services import actions, checks, states
from madang.platforms.services.models import Job, Offer
from tests.platforms.services.conftest import make_world, person

pytestmark = pytest.mark.django_db(transaction=True)


def all_is_well():
    assert [*checks.overlaps(), *checks.held(), *checks.parts()] == []


def in_threads(count, work):
    def one(number):
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_two_hundred_bookings_from_twenty_clients(coop, now):
    """Twenty clients want the same three mornings of two workers: no overlap, and nobody hears anything but "taken"."""
    world = make_world(coop, now)
    clients = []
    for number in range(20):
        one = person(f"racer{number}")
        clients.append((one, actions.add_home(one, district="마포구", address=str(number), bedrooms=1, bathrooms=1, now=now)))

    def ten_bookings(number):
        who, home = clients[number]
        heard = Counter()
        for attempt in range(10):
            start = now + timedelta(days=2 + attempt % 3, minutes=30 * ((number + attempt) % 8))
            try:
                actions.book(who, home.pk, {}, start, now=now)
                heard["booked"] += 1
            except Refused as no:
                heard[no.code] += 1
        return heard

    heard = sum(in_threads(20, ten_bookings), Counter())
    assert sum(heard.values()) == 200
    assert set(heard) <= {"booked", "taken", "same-home", "unpaid"}, heard
    assert heard["booked"] >= 6 and heard["taken"] > 0
    all_is_well()
    workers = {worker.pk for worker in world.workers}
    for day in range(2, 5):
        for worker in workers:
            day_of = Job.objects.filter(worker_id=worker, starts_at__date=(now + timedelta(days=day)).date()).order_by("starts_at")
            times = [(job.starts_at, job.free_at) for job in day_of]
            assert all(a[1] <= b[0] for a, b in pairwise(times))


def test_the_database_itself_refuses_a_second_job(coop, now):
    world = make_world(coop, now)
    first = actions.book(world.client, world.home.pk, {}, world.start, now=now)
    copy = Job.objects.get(pk=first.pk)
    copy.pk, copy._state.adding = None, True
    other = person("other")
    copy.id, copy.home = __import__("uuid").uuid4(), actions.add_home(other, district="x", address="y", bedrooms=1, bathrooms=1, now=now)
    copy.starts_at += timedelta(minutes=30)
    with pytest.raises(IntegrityError, match="services_job_one_place"), transaction.atomic():
        copy.save(force_insert=True)


def test_a_double_click_is_one_booking_and_one_charge(coop, now):
    from madang.coop.payments.models import Charge

    world = make_world(coop, now)
    booked = in_threads(6, lambda _n: actions.book(world.client, world.home.pk, {"oven": 1}, world.start, now=now).pk)
    assert len(set(booked)) == 1
    assert (Job.objects.count(), Charge.objects.count()) == (1, 1)


def test_nobody_keeps_more_than_three_unpaid_times(coop, now):
    Coop.objects.update(demo=False)
    world = make_world(coop, now, workers=6)
    homes = [actions.add_home(world.client, district="마포구", address=str(number), bedrooms=1, bathrooms=1, now=now) for number in range(6)]

    def one_each(number):
        try:
            return actions.book(world.client, homes[number].pk, {}, world.start, now=now)
        except Refused as no:
            return no.code

    heard = in_threads(6, one_each)
    held = [one for one in heard if isinstance(one, Job)]
    assert len(held) == 3 and heard.count("unpaid") == 3
    actions.cancel_by_client(world.client, held[0].pk, now=now)
    left = next(home for home in homes if home.pk not in {job.home_id for job in held})
    assert actions.book(world.client, left.pk, {}, world.start, now=now).state == states.HELD
    assert actions.book(world.client, held[1].home_id, {}, world.start, now=now).pk == held[1].pk  # the same one again is no further one
    Coop.objects.update(demo=True)  # there the client is many visitors
    in_threads(6, one_each)
    assert Job.objects.filter(state=states.HELD).count() == 6


def test_two_workers_answer_and_the_client_cancels_at_once(coop, now):
    from madang.coop.payments import actions as payments
    from madang.coop.payments.models import Charge

    world = make_world(coop, now)
    job = actions.book(world.client, world.home.pk, {}, world.start, now=now)
    payments.settle(Charge.objects.get(pk=job.charge_id), now=now)
    who = Job.objects.get(pk=job.pk).worker.person

    def act(number):
        try:
            if number % 3 == 0:
                actions.accept(who, job.pk, now=now)
            elif number % 3 == 1:
                actions.decline(who, job.pk, now=now)
            else:
                actions.cancel_by_client(world.client, job.pk, now=now)
        except Exception as no:
            return type(no).__name__
        return "done"

    heard = in_threads(6, act)
    assert set(heard) <= {"done", "Refused", "Missing"}
    assert Job.objects.get().state == states.CANCELLED
    assert not Offer.objects.filter(state__in=[states.OPEN, states.TAKEN]).exists()
    all_is_well()


@pytest.mark.parametrize("place", ["madang.coop.ledger.actions.Hold.save", "madang.platforms.services.actions.visits.notices.close_task"])
def test_a_release_that_breaks_in_the_middle_did_not_happen(coop, now, monkeypatch, place):
    from madang.coop.ledger.models import Entry
    from madang.coop.payments import actions as payments
    from madang.coop.payments.models import Charge

    world = make_world(coop, now)
    job = actions.book(world.client, world.home.pk, {}, world.start, now=now)
    payments.settle(Charge.objects.get(pk=job.charge_id), now=now)
    who = Job.objects.get(pk=job.pk).worker.person
    actions.accept(who, job.pk, now=now)
    actions.check_in(who, job.pk, now=job.starts_at)
    actions.check_out(who, job.pk, now=job.ends_at)
    before = Entry.objects.count()

    def power_cut(*_args, **_more):
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(place, power_cut)
        with pytest.raises(RuntimeError):
            actions.confirm(world.client, job.pk, now=job.ends_at)
    assert Job.objects.get().state == states.DONE and Entry.objects.count() == before
    all_is_well()
    assert actions.confirm(world.client, job.pk, now=job.ends_at).state == states.RELEASED
    all_is_well()


def test_a_connection_killed_in_the_middle_leaves_nothing(coop, now):
    """As after kill -9 of the server's process: the transaction is simply not there."""
    world = make_world(coop, now)
    job = actions.book(world.client, world.home.pk, {}, world.start, now=now)

    def die(_number):
        with pytest.raises(Exception):
            with transaction.atomic():
                actions.cancel_by_client(world.client, job.pk, now=now)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    pid = cursor.fetchone()[0]
                in_threads(1, lambda _n: connection.cursor().execute("SELECT pg_terminate_backend(%s)", [pid]))
                Job.objects.count()
        return True

    assert in_threads(1, die) == [True]
    assert Job.objects.get().state == states.HELD
