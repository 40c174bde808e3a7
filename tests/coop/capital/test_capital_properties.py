"""Whatever the order of the verbs: nothing of the capital is lost or doubled, nobody takes out more than they put in, cap and queue hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.capital import handovers, queries, queue, withdrawals
from madang.coop.capital.models import Claim
from madang.coop.ledger import queries as books
from madang.coop.members import actions as members
from madang.coop.members.models import Membership, OfficeTerm
from madang.kit.errors import Refused
from madang.kit.surplus import withdrawal
from madang.kit.surplus.withdrawal import Asked
from tests.coop.capital.outlife import british, give, membership, person, sound

SMALL = st.integers(1, 60)
WHO = st.integers(1, 5)
VERBS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), WHO, SMALL), st.tuples(st.just("back"), WHO, SMALL), st.tuples(st.just("pay"), WHO, SMALL),
        st.tuples(st.just("pass"), WHO, SMALL), st.tuples(st.just("leave"), st.integers(3, 5), SMALL), st.tuples(st.just("write"), WHO, st.integers(1, 900)),
        st.tuples(st.just("wait"), WHO, st.integers(1, 120)), st.tuples(st.just("suspend"), WHO, SMALL), st.tuples(st.just("resume"), WHO, SMALL),
    ),
    min_size=5, max_size=14,
)  # fmt: skip


class House:
    """The society, and what a plain model says of it: who put in what, who got what, what losses took."""

    def __init__(self, now: datetime) -> None:
        self.now = now + timedelta(days=400)
        self.put = {number: count * 100 for number, count in enumerate((100, 60, 40, 20, 7), 1)}
        self.got = dict.fromkeys(self.put, 0)
        self.borne = 0
        self.passed = dict.fromkeys(self.put, 0)
        self.by_year: dict[int, int] = {}
        self.opening = {self.now.year: 22_700}

    def do(self, verb: str, who: int, much: int) -> None:
        try:
            with transaction.atomic():
                getattr(self, f"_{verb}")(who, much)
        except Refused:
            pass

    def _ask(self, who: int, much: int) -> None:
        withdrawals.ask(membership(who), much, by=person(who), key=uuid4(), now=self.now)

    def _back(self, who: int, much: int) -> None:
        for one in queue.open_withdrawals():
            if one.membership.person_id == person(who).pk:
                withdrawals.take_back(one, by=person(who), now=self.now)

    def _pay(self, who: int, much: int) -> None:
        places = [one for one in queue.queue(self.now).places if one.now]
        if places:
            place = places[much % len(places)]
            number = next(n for n in self.put if membership(n).pk == place.membership.pk)
            paid = withdrawals.pay(place.item, by=person(2), now=self.now).amount
            assert paid <= place.now
            self.got[number] += paid
            self.by_year[queue.today(self.now).year] = self.by_year.get(queue.today(self.now).year, 0) + paid

    def _pass(self, who: int, much: int) -> None:
        other = who % 5 + 1
        held, before = queries.holding(membership(who)), queries.holding(membership(other)).worth
        one = handovers.offer(membership(who), membership(other), much, by=person(who), key=uuid4(), now=self.now)
        handovers.accept(one, by=person(other), now=self.now)
        moved = queries.holding(membership(other)).worth - before
        assert queries.holding(membership(who)).worth == held.worth - moved
        self.passed[who] -= moved
        self.passed[other] += moved

    def _leave(self, who: int, much: int) -> None:
        members.leave(membership(who), by=person(who), now=self.now)

    def _write(self, who: int, much: int) -> None:
        from madang.coop.capital import writedown

        worth = writedown.worths("GBP")
        loss = min(much, sum(worth.values()))
        if not loss:
            return
        own, places = ledger.account("surplus", "", "GBP"), writedown.shared(loss, worth, f"x{self.now}{much}")
        moves = [ledger.Move(ledger.account("written-down", owner, "GBP"), own, part, "write-down") for owner, part in places.items() if part]
        ledger.post("write-down", moves, key=f"write:{uuid4()}", subject="writedown:x", now=self.now)
        self.borne += loss

    def _wait(self, who: int, much: int) -> None:
        was = self.now.year
        self.now += timedelta(days=much)
        if self.now.year != was:
            self.opening[self.now.year] = queries.capital("GBP")

    def _suspend(self, who: int, much: int) -> None:
        withdrawals.suspend("A reason.", by=person(1), now=self.now)

    def _resume(self, who: int, much: int) -> None:
        withdrawals.resume(by=person(1), now=self.now)

    def check(self) -> None:
        """What is there, what is owed, what went out and what losses took is what was put in."""
        rows = [membership(number) for number in self.put]
        worth = {number: queries.holding(one).worth for number, one in enumerate(rows, 1)}
        owed = dict.fromkeys(self.put, 0)
        for claim in queue.open_claims():
            owed[next(n for n, one in enumerate(rows, 1) if one.pk == claim.membership_id)] += claim.amount
        assert sum(worth.values()) + sum(owed.values()) + sum(self.got.values()) + self.borne == sum(self.put.values())
        for number in self.put:
            assert 0 <= worth[number] and self.got[number] + owed[number] + worth[number] <= self.put[number] + self.passed[number]
        for year, paid in self.by_year.items():
            assert paid * 10 <= (self.opening[year] or 10**9), "more left than a tenth of the capital at the year's beginning"
        assert -books.kind_balance("clearing", "GBP") == sum(self.put.values()) - sum(self.got.values())
        sound()


@pytest.mark.django_db(transaction=False)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(verbs=VERBS)
def test_no_order_of_verbs_takes_out_more_than_was_put_in(db: Any, now: datetime, verbs: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        lived(now, verbs)
        assert Membership.objects.count() == 5 and Claim.objects.filter(amount=0).count() == 0
        transaction.set_rollback(True)


def lived(now: datetime, verbs: list[tuple[str, int, int]]) -> House:
    """A society of five that lived through these, checked at the end."""
    british(now, transferable=True, notice="30d")
    OfficeTerm.objects.update(until=now + timedelta(days=9_000))
    house = House(now)
    for number, amount in house.put.items():
        give(number, amount // 100, now)
    for verb, who, much in verbs:
        house.do(verb, who, much)
    house.check()
    return house


@pytest.mark.django_db
def test_a_long_life_in_which_every_verb_does_something(now: datetime) -> None:
    """So that the test above cannot pass by everything being refused: two years with a loss, a handover, a leaver, a suspension, four payments."""
    verbs = [
        ("ask", 1, 50), ("ask", 2, 30), ("write", 1, 555), ("wait", 1, 40), ("pay", 1, 1), ("pass", 1, 10), ("leave", 4, 1), ("write", 1, 77),
        ("suspend", 1, 1), ("pay", 1, 2), ("resume", 1, 1), ("wait", 1, 120), ("pay", 1, 3), ("wait", 1, 120), ("wait", 1, 120), ("pay", 1, 4),
        ("back", 1, 1), ("ask", 3, 9), ("wait", 1, 110), ("pay", 1, 5), ("wait", 1, 120), ("wait", 1, 120), ("wait", 1, 120), ("pay", 1, 6),
    ]  # fmt: skip
    house = lived(now, verbs)
    assert house.borne == 632 and house.passed[2] > 0 and membership(4).state == "left"
    assert len(house.by_year) >= 2 and all(house.by_year.values()) and sum(house.got.values()) > 4_000


QUEUES = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 5_000), st.integers(0, 300)), min_size=1, max_size=12)


@given(rows=QUEUES, percent=st.integers(1, 100), capital=st.integers(1, 60_000))
def test_the_forecast_keeps_to_notice_and_cap(rows: list[tuple[int, int, int]], percent: int, capital: int) -> None:
    """Nobody is promised a day before theirs, no more is promised up to a year than its parts of the capital come to; without a cap all have their own day."""
    start, most = date(2027, 1, 1), Fraction(percent, 100)
    line = [(Asked(f"k{n:02}", start + timedelta(days=day), amount), start + timedelta(days=day + notice)) for n, (day, amount, notice) in enumerate(rows)]
    told = withdrawal.expected(line, start, capital=capital, most=most, paid_this_year=0)
    assert set(told) == {one.key for one, _ready in line}
    assert all(told[one.key] is None or told[one.key] >= ready for one, ready in line)
    years = sorted({day.year for day in told.values() if day})
    for year in years:
        promised = sum(one.amount for one, _ready in line if (day := told[one.key]) and day.year <= year)
        assert promised <= (year - start.year + 1) * (most * capital)
    if percent == 100 and sum(one.amount for one, _ready in line) <= capital:
        assert all(told[one.key] == ready for one, ready in line)


@given(amounts=st.lists(st.integers(1, 9_000), min_size=2, max_size=8), percent=st.integers(1, 60), capital=st.integers(1_000, 50_000))
def test_who_asked_first_is_never_paid_after_who_asked_later(amounts: list[int], percent: int, capital: int) -> None:
    """With the same notice: the days stand in the order of the queue."""
    start = date(2027, 1, 1)
    line = [(Asked(f"k{n}", start + timedelta(days=n), amount), start + timedelta(days=n + 30)) for n, amount in enumerate(amounts)]
    told = withdrawal.expected(line, start, capital=capital, most=Fraction(percent, 100), paid_this_year=0)
    days = [told[one.key] or date.max for one, _ready in line]
    assert days == sorted(days)
