"""Three months of a believable co-op, lived through the same actions a person uses, with the clock passed in.

Everything that happens is an event in a queue: a booking brings a payment, a payment an answer, an answer a visit. What falls due in
between (offers, confirmations, votes) happens in sweeps twice a day, as the steward would do it each second. The dice have a
fixed seed; ids are random, so who wins a draw differs from one filling to the next.
"""

from __future__ import annotations

import gc
import heapq
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Semaphore
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection

from madang.coop import law, record
from madang.coop.members import queries as members
from madang.coop.notices.due import run_due
from madang.coop.payments import actions as payments
from madang.coop.payments import rails
from madang.coop.payments.models import Charge
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.services import actions, demo_people, demo_story, queries, states
from madang.platforms.services.actions import offers
from madang.platforms.services.models import Home, Job, Offer

Act = Callable[[datetime], Any]
SWEEPS = (9, 21)
DAYS = 92
DEADLOCK = "40P01"
LOOK_S = 5.0
LEAD = (1, 2, 2, 3, 4, 5, 7, 7, 9, 12)
EVERY = [(7, 40), (14, 31), (28, 15), (0, 14)]  # days between a client's visits (0: once), and how many of a hundred do so


class Pace:
    """How two processes keep the same time: lane 0 sweeps a half-day that lane 1 has lived; lane 1 is never more than one ahead."""

    def __init__(self, lane: int, lived: Semaphore, swept: Semaphore, both_live: Callable[[], bool]) -> None:
        self._lane, self._lived, self._swept, self._both_live = lane, lived, swept, both_live

    def before(self) -> bool:
        """Wait for one's turn; True when it is this process that sweeps. Raises ``BrokenPipeError`` when the other one is gone."""
        if self._lane:
            self._lived.release()
        mine = self._swept if self._lane else self._lived
        while not mine.acquire(timeout=LOOK_S):
            if not self._both_live():
                raise BrokenPipeError("the other process of the demo is gone")
        return not self._lane

    def after(self) -> None:
        """The sweep is done."""
        self._swept.release()


class Life:
    """The queue of what happens, the dice, and the co-op it happens to. ``now`` is where the story ends."""

    def __init__(self, now: datetime, *, clients: int = 300, workers: int = 40, progress: Callable[[str, int], Any] = lambda *_: None) -> None:
        coop = law.coop()
        self.now, self.progress = now, progress
        self.dice = Random(9_5_2017)  # noqa: S311  a demo's dice, not a secret
        self.zone = ZoneInfo(coop.time_zone)
        self.start = max(coop.founded_at, now - timedelta(days=DAYS)) + timedelta(hours=1)
        self.clients, self.workers = clients, workers
        self.codes = set(queries.catalogue(now).extras)
        self.refused = 0
        self._queue: list[tuple[datetime, int, int, Act]] = []
        self._pace: Pace | None = None
        self._count = 0
        self._sweeps = self._sweep_times()
        self._next_sweep = next(self._sweeps)

    def at(self, moment: datetime, act: Act, lane: int = 0) -> None:
        """Let ``act(moment)`` happen then; after ``now`` nothing happens any more. ``lane`` 1 may be lived by a second process."""
        if moment <= self.now:
            self._count += 1
            heapq.heappush(self._queue, (moment, self._count, lane, act))

    def take(self, lane: int, pace: Pace) -> None:
        """From now on live only this lane, at this pace. Lane 0 does the sweeps."""
        self._queue = [one for one in self._queue if one[2] == lane]
        heapq.heapify(self._queue)
        self._pace = pace
        if lane:
            self.dice, self.progress = Random(lane), lambda *_: None  # noqa: S311

    def chance(self, percent: float) -> bool:
        """True in ``percent`` of a hundred cases."""
        return self.dice.random() * 100 < percent

    def minutes(self, low: int, high: int) -> timedelta:
        """A while between two numbers of minutes."""
        return timedelta(minutes=self.dice.randint(low, high))

    def awake(self, moment: datetime) -> datetime:
        """``moment``, or the next morning when people sleep then."""
        local = moment.astimezone(self.zone)
        if local.hour >= 22:
            local += timedelta(days=1)
        elif local.hour >= 7:
            return moment
        return local.replace(hour=7, minute=self.dice.randint(5, 55)).astimezone(moment.tzinfo)

    def run(self) -> None:
        """Everything in its order, until ``now``."""
        whole = max(1.0, (self.now - self.start).total_seconds())
        while self._queue:
            moment, _count, _lane, act = heapq.heappop(self._queue)
            self._sweep_until(moment)
            self._live(act, moment)
            if self._count % 50 == 0:
                self.progress("three months of visits", int((moment - self.start).total_seconds() / whole * 100))
        self._sweep_until(self.now)
        if self._pace is None or self._pace.before():
            run_due(self.now)
            record.seal(self.now)
        self.progress("three months of visits", 100)

    def _live(self, act: Act, moment: datetime) -> None:
        for _attempt in range(3):
            try:
                with law.one_reading():  # what a person does is one request
                    act(moment)
            except (Refused, Missing):
                self.refused += 1  # someone was faster, or it is over: as in life
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                    raise
                continue  # the two processes stood in each other's way; the database undid this one's step
            return

    def _sweep_times(self) -> Iterator[datetime]:
        day = self.start.astimezone(self.zone).replace(minute=30, second=0, microsecond=0)
        while True:
            for hour in SWEEPS:
                yield day.replace(hour=hour).astimezone(self.start.tzinfo)
            day += timedelta(days=1)

    def _sweep_until(self, moment: datetime) -> None:
        while self._next_sweep <= min(moment, self.now):
            at = self._next_sweep
            if at >= self.start and (self._pace is None or self._pace.before()):
                run_due(at)
                if at.astimezone(self.zone).hour == SWEEPS[-1]:
                    record.seal(at)
                for offer_id in Offer.objects.filter(state=states.OPEN, made_at=at).values_list("pk", flat=True):
                    self.asked(offer_id, at)  # whoever answers what the sweep asked lives here from now on
                if self._pace is not None:
                    self._pace.after()
            self._next_sweep = next(self._sweeps)

    # -- one visit ----------------------------------------------------------------------------------------------------

    def pay(self, charge_id: UUID, at: datetime) -> Charge:
        """The person goes to the pretend bank, says yes and comes back; we ask the bank what became of it."""
        charge = payments.go_and_pay(Charge.objects.get(pk=charge_id), now=at)
        rails.rail(charge.rail).choose(charge.ref, "lost", at=at)  # type: ignore[attr-defined]
        return payments.ask(charge, now=at)

    def asked(self, offer_id: UUID, at: datetime) -> None:
        """A worker was asked: they answer after a while, or never."""
        if not self.chance(3):
            self.at(self.awake(at + self.minutes(4, 150)), lambda then: self.answer(offer_id, then))

    def answer(self, offer_id: UUID, at: datetime) -> None:
        """Accept or decline."""
        offer = Offer.objects.select_related("worker__person").get(pk=offer_id)
        who = offer.worker.person
        if self.chance(7):
            actions.decline(who, offer.job_id, reason=self.dice.choice(demo_people.DECLINES), now=at)
            for new in Offer.objects.filter(job_id=offer.job_id, state=states.OPEN):
                self.asked(new.pk, at)
            return
        job = actions.accept(who, offer.job_id, now=at)
        self.agreed(who, job, at)

    def agreed(self, who: Person, job: Job, at: datetime) -> None:
        """What comes of a visit that is agreed: most take place."""
        client, key = job.client, job.pk
        left = int((job.starts_at - at).total_seconds() // 60)
        if self.chance(4) and left > 90:
            self.at(job.starts_at - self.minutes(30, min(left - 5, 4_000)), lambda then: actions.cancel_by_client(client, key, now=then))
        elif self.chance(1.5) and left > 240:
            self.at(job.starts_at - self.minutes(60, min(left - 5, 3_000)), lambda then: self.cannot_come(who, key, then))
        elif self.chance(0.3):
            self.at(job.starts_at + self.minutes(45, 80), lambda then: self.nobody_came(client, key, then))
            return
        self.at(job.starts_at + self.minutes(-12, 9), lambda then: self.visit(who, job, then))

    def cannot_come(self, who: Person, key: UUID, at: datetime) -> None:
        """The worker cancels; whoever is asked next answers."""
        actions.cancel_by_worker(who, key, reason=self.dice.choice(demo_people.DECLINES), now=at)
        for new in Offer.objects.filter(job_id=key, state=states.OPEN):
            self.asked(new.pk, at)

    def visit(self, who: Person, job: Job, at: datetime) -> None:
        """In, the list, and out."""
        actions.check_in(who, job.pk, now=at)
        out = job.ends_at + self.minutes(-20, 15)
        if self.chance(70):
            self.at(out - timedelta(minutes=2), lambda then: actions.tick_many(who, job.pk, now=then))
        self.at(out, lambda then: self.finished(who, job, then))

    def finished(self, who: Person, job: Job, at: datetime) -> None:
        """The worker leaves; the client looks."""
        actions.check_out(who, job.pk, now=at)
        if self.chance(1.2):
            self.at(self.awake(at + self.minutes(20, 300)), lambda then: self.problem(job, then))
        elif self.chance(60):
            self.at(self.awake(at + self.minutes(5, 600)), lambda then: self.thank(who, job, then))
        elif self.chance(20):
            self.at(self.awake(at + timedelta(days=2) + self.minutes(0, 600)), lambda then: self.rate(who, job, then))

    def thank(self, who: Person, job: Job, at: datetime) -> None:
        """The client confirms, perhaps with a tip and a few words."""
        actions.confirm(job.client, job.pk, now=at)
        if self.chance(14):
            tip = actions.tip(job.client, job.pk, max(1, job.price // 100 * self.dice.choice((5, 8, 10)) // 100 * 100), now=at)
            if tip.charge_id:
                self.pay(tip.charge_id, at)
        if self.chance(55):
            self.rate(who, job, at + timedelta(minutes=2))

    def rate(self, who: Person, job: Job, at: datetime) -> None:
        """Words, one way or both."""
        stars = self.dice.choices((5, 4, 3, 2), (72, 21, 5, 2))[0]
        words = self.dice.choice(demo_people.THANKS if stars > 3 else demo_people.MILD)
        actions.rate(job.client, job.pk, stars, words, now=at)
        if self.chance(65):
            back, text = self.dice.choices((5, 4, 3), (80, 17, 3))[0], self.dice.choice(demo_people.BACK)
            self.at(self.awake(at + self.minutes(30, 2_000)), lambda then: actions.rate(who, job.pk, back, text, now=then))

    def problem(self, job: Job, at: datetime) -> None:
        """Something was wrong; the coordinator hears both and decides."""
        words, answer, percent = self.dice.choice(demo_people.PROBLEMS)
        actions.report_problem(job.client, job.pk, words, now=at)
        self.at(self.awake(at + self.minutes(120, 1_400)), lambda then: self.settle(job.pk, job.price * percent // 100, answer, False, then))

    def nobody_came(self, client: Person, key: UUID, at: datetime) -> None:
        """The client waited in vain."""
        actions.report_problem(client, key, "약속한 시간에 아무도 오지 않았습니다.", now=at)
        self.at(self.awake(at + self.minutes(30, 300)), lambda then: self.settle(key, 0, "연락이 닿지 않아 전액을 돌려 드립니다. 죄송합니다.", True, then))

    def settle(self, key: UUID, refund: int, answer: str, nobody_came: bool, at: datetime) -> None:
        """The coordinator's word."""
        officer = next(iter(members.on_duty(offers.COORDINATION, at)), None)
        if officer is not None:
            actions.settle_problem(officer, key, refund=refund, answer=answer, nobody_came=nobody_came, now=at)

    # -- a client's habit -----------------------------------------------------------------------------------------------

    def becomes_client(self, client: Person, home: Home, at: datetime) -> None:
        """From now on this client books as often as they do."""
        every = self.dice.choices([days for days, _share in EVERY], [share for _days, share in EVERY])[0]
        first = (at + timedelta(days=self.dice.randint(1, 5))).astimezone(self.zone)
        hour, half = self.dice.choice((8, 9, 9, 10, 10, 13, 13, 14, 15)), self.dice.choice((0, 0, 30))
        visit = first.replace(hour=hour, minute=half, second=0, microsecond=0).astimezone(at.tzinfo)
        self.at(self.awake(at + self.minutes(10, 300)), lambda then: self.book(client, home, visit, every, True, then))

    def book(self, client: Person, home: Home, visit: datetime, every: int, first: bool, at: datetime) -> None:
        """Book the next visit, and plan the one after it."""
        if every:
            following = visit + timedelta(days=every)
            when = following - timedelta(days=min(every, self.dice.choice(LEAD)), minutes=self.dice.randint(-600, 600))
            self.at(self.awake(max(when, at + timedelta(hours=1))), lambda then: self.book(client, home, following, every, False, then))
        extras = self.extras(home, first)
        note = self.dice.choice(demo_people.NOTES) if self.chance(20) else ""
        wish = None
        if not first and self.chance(25):
            known = queries.known_workers(client, 1)
            wish = known[0].pk if known else None
        try:
            job = actions.book(client, home.pk, extras, visit, worker_id=wish, note=note, now=at)
        except actions.Taken as no:
            if not no.free:
                raise
            job = actions.book(client, home.pk, extras, no.free[0], note=note, now=at)
        if self.chance(98) and job.charge_id:
            key, charge_id = job.pk, job.charge_id
            self.at(at + self.minutes(1, 9), lambda then: self.paid(key, charge_id, then))

    def paid(self, key: UUID, charge_id: UUID, at: datetime) -> None:
        """The price is there, and a worker is asked."""
        self.pay(charge_id, at)
        for offer_id in Offer.objects.filter(job_id=key, state=states.OPEN).values_list("pk", flat=True):
            self.asked(offer_id, at)

    def extras(self, home: Home, first: bool) -> dict[str, int]:
        """What this visit holds besides the basics."""
        wanted: dict[str, int] = {}
        if first and self.chance(60):
            wanted["fresh-start"] = 1
        for code, percent, most in (("windows", 9, 6), ("oven", 6, 1), ("fridge-large", 5, 1), ("pet-hair", 12, 1), ("bookshelf", 4, 2), ("products", 8, 1)):
            if self.chance(percent):
                wanted[code] = self.dice.randint(1, most)
        if home.has_machine and self.chance(14):
            wanted["laundry"] = self.dice.randint(1, 2)
        return {code: number for code, number in wanted.items() if code in self.codes}


def fill(progress: Callable[[str, int], Any], scale: int, now: datetime) -> None:
    """Give the demo co-op a past that ends at ``now``. ``scale`` is somebody else's: see ``madang demo --scale``.

    More than half of the clients live in a second process, so that two cores share the work (this one has the sweeps to do).
    Raises ``RuntimeError`` when that one fails.
    """
    if Job.objects.exists():
        return
    life = Life(now, progress=progress)
    _hurry()
    demo_story.begin(life)
    _let_go()
    fork = get_context("fork")
    lived, swept = fork.Semaphore(0), fork.Semaphore(1)
    other = fork.Process(target=_other_lane, args=(life, lived, swept, os.getpid()), daemon=True)
    other.start()
    try:
        life.take(0, Pace(0, lived, swept, lambda: other.exitcode in (None, 0)))
        _hurry()
        life.run()
        other.join()
    except BrokenPipeError as broken:
        raise RuntimeError("the second process of the demo stopped; its message is above") from broken
    finally:
        other.kill()
        _let_go()
    if other.exitcode:
        raise RuntimeError("the second process of the demo stopped; its message is above")


def _hurry() -> None:
    """A demo that is cut short is founded again: its steps need not wait for the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    gc.set_threshold(100_000, 50, 50)


def _let_go() -> None:
    """Close what must not be shared between two processes (and ends the session's settings)."""
    connection.close()
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close_pool()  # type: ignore[attr-defined]


def _other_lane(life: Life, lived: Semaphore, swept: Semaphore, parent: int) -> None:
    try:
        life.take(1, Pace(1, lived, swept, lambda: os.getppid() == parent))
        _hurry()
        life.run()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    _let_go()
