"""The sweep: each piece alone, failures kept and tried again, a crash leaves nothing half-done, two sweepers share."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop.notices import due
from madang.coop.notices.models import Failure, Notice, Sweep
from madang.coop.people.models import Person
from madang.kit import house
from madang.kit.errors import Missing, Refused


class World:
    """Notices whose message is their number; due while unread; doing one reads it. Numbers in ``broken`` fail."""

    def __init__(self, monkeypatch, person, now, count):
        self.person, self.broken, self.acted = person, {}, []
        self.lock = threading.Lock()
        Notice.objects.bulk_create([Notice(person=person, message=f"{number:05}", at=now) for number in range(count)])
        self.works = [house.DueWork("test", self.find, self.act)]
        real = house.collect
        monkeypatch.setattr(house, "collect", lambda room: self.works if room == "due" else real(room))

    def find(self, now, limit):
        return list(Notice.objects.filter(person=self.person, read_at=None, at__lte=now).order_by("message").values_list("message", flat=True)[:limit])

    def act(self, key, *, now):
        """Not safe to repeat on purpose: a second time would be seen."""
        with self.lock:
            self.acted.append(key)
        Notice.objects.create(person=self.person, message=f"done {key}", at=now + timedelta(days=9999))
        Notice.objects.filter(person=self.person, message=key).update(read_at=now)
        if key in self.broken:
            raise self.broken[key]

    @property
    def done(self):
        return sorted(Notice.objects.filter(message__startswith="done ").values_list("message", flat=True))


@pytest.fixture
def world(monkeypatch, mina, now):
    return lambda count: World(monkeypatch, mina, now, count)


@pytest.mark.django_db
def test_everything_due_is_done_once(world, now):
    w = world(450)  # more than two pages
    report = due.run_due(now)
    assert report.total == 450 and not report.failed and not report.more
    assert len(w.done) == 450 == len(set(w.acted))
    assert due.run_due(now).total == 0
    assert Sweep.objects.get(work=due.EVERYTHING).last_at == now


@pytest.mark.django_db
def test_the_limit_holds_and_says_there_is_more(world, now):
    w = world(30)
    reports = [due.run_due(now, limit=12) for _n in range(3)]
    assert [r.total for r in reports] == [12, 12, 6]
    assert [r.more for r in reports] == [True, True, False]
    assert len(w.done) == 30


@pytest.mark.django_db
def test_what_one_sets_off_is_done_in_the_same_sweep(world, now, mina):
    w = world(1)
    chain = house.DueWork("earlier", lambda now, limit: ["x"] if len(w.done) == 1 else [], lambda key, *, now: w.act("x", now=now))
    w.works.insert(0, chain)
    assert due.run_due(now).done == {"test": 1, "earlier": 1}


@pytest.mark.django_db
def test_a_failure_is_kept_and_tried_again_with_growing_waits(world, now):
    w = world(3)
    w.broken["00001"] = Refused("held", "Money is held.")
    moment, waits = now, []
    for attempt in range(1, 9):
        report = due.run_due(moment)
        assert report.failed == {"test": 1}, attempt
        assert "done 00001" not in w.done, "what failed left nothing behind"
        failure = Failure.objects.get()
        assert failure.attempts == attempt and failure.last_error == "Money is held."
        if attempt < 8:
            waits.append(failure.next_try_at - moment)
            assert due.run_due(failure.next_try_at - timedelta(seconds=1)).failed == {}
            moment = failure.next_try_at
    assert waits == [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), *[timedelta(hours=12)] * 3]
    assert failure.state == Failure.STUCK and failure.first_at == now
    assert due.run_due(now + timedelta(days=400)).failed == {}
    w.broken.clear()
    assert due.run_due(now + timedelta(days=400)).total == 0
    due.try_again(failure.pk, now=moment)
    assert due.run_due(moment).total == 1
    assert not Failure.objects.exists()
    assert len(w.done) == 3


@pytest.mark.django_db
def test_stuck_ones_do_not_stand_in_the_way_of_others(world, now):
    w = world(due.PAGE + 60)
    w.broken = {f"{number:05}": ValueError("x") for number in range(due.PAGE + 10)}
    assert due.run_due(now).total == 50
    assert due.run_due(now).total == 0
    assert len(w.done) == 50


@pytest.mark.django_db
def test_given_up_stays_given_up(world, now):
    w = world(1)
    w.broken["00000"] = ZeroDivisionError("a\x00b")
    due.run_due(now)
    failure = due.give_up(Failure.objects.get().pk)
    assert "ZeroDivisionError" in failure.trace and failure.next_try_at is None
    w.broken.clear()
    assert due.run_due(now + timedelta(days=1)).total == 0
    with pytest.raises(Missing):
        due.give_up(w.person.pk)


@pytest.mark.django_db
def test_what_was_done_some_other_way_is_no_failure_any_more(world, now):
    w = world(1)
    w.broken["00000"] = ValueError("x")
    due.run_due(now)
    Notice.objects.update(read_at=now)
    due.run_due(now)
    assert not Failure.objects.exists()


@pytest.mark.django_db
def test_a_work_that_cannot_even_look_is_a_failure_of_its_own(world, now):
    w = world(2)
    w.works.insert(0, house.DueWork("blind", lambda now, limit: 1 / 0, w.act))
    assert due.run_due(now).failed == {"blind": 1}
    assert len(w.done) == 2, "the others are not held up"
    w.works[0] = house.DueWork("blind", lambda now, limit: [], w.act)
    due.run_due(now)
    assert not Failure.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_leaves_it_done_or_not_done(world, now):
    w = world(10)
    w.broken["00004"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        due.run_due(now)
    assert len(w.done) == 4 and not Failure.objects.exists()
    w.broken.clear()
    assert due.run_due(now).total == 6
    assert len(w.done) == 10


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_not_the_end(world, now):
    w = world(5)
    real = w.act

    def loses(key, *, now):
        real(key, now=now)
        if key == "00002" and "lost" not in w.broken:
            w.broken["lost"] = True
            with connection.cursor() as cursor:
                cursor.execute("select pg_terminate_backend(pg_backend_pid())")

    w.works[0] = house.DueWork("test", w.find, loses)
    report = due.run_due(now)
    assert report.done == {"test": 4} and report.failed == {"test": 1}
    assert due.run_due(now + timedelta(minutes=1)).done == {"test": 1}
    assert len(w.done) == 5


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_do_each_thing_once(world, now):
    w = world(120)
    w.works = [house.DueWork("test", w.find, w.act)]
    reports, errors, gate = [], [], threading.Barrier(4)

    def sweep():
        try:
            gate.wait()
            reports.append(due.run_due(now))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    due.run_due(now)  # what a sweeper left because another was at it
    assert len(w.acted) == 120 == len(set(w.acted)) == len(w.done)
    assert not Failure.objects.exists()
    assert sum(r.total for r in reports) <= 120


@pytest.mark.django_db(transaction=True)
def test_a_sweeper_that_meets_another_goes_on_with_other_work(world, now, mina):
    w = world(2)
    w.works.append(house.DueWork("other", lambda now, limit: [] if "done o" in w.done else ["o"], lambda key, *, now: w.act(key, now=now)))
    due.run_due(now - timedelta(days=1))
    Notice.objects.filter(message="done o").delete()
    held, free = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Sweep.objects.select_for_update().get(work="test")
            held.set()
            free.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    report = due.run_due(now)
    free.set()
    holder.join()
    assert report.busy == ["test"] and report.done == {"other": 1}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(broken=st.sets(st.integers(0, 19)), limit=st.integers(1, 25))
@pytest.mark.django_db
def test_any_failures_any_limit_the_rest_is_done(monkeypatch, mina, now, broken, limit):
    with transaction.atomic():
        w = World(monkeypatch, mina, now, 20)
        w.broken = {f"{number:05}": ValueError("x") for number in broken}
        for _sweep in range(25):
            if not due.run_due(now, limit=limit).more:
                break
        assert len(w.done) == 20 - len(broken)
        assert Failure.objects.count() == len(broken)
        transaction.set_rollback(True)
    assert Person.objects.exists()
