"""Balances cannot drift: whatever is booked, in whatever order, by however many at once."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.ledger import checks, queries
from madang.coop.ledger.models import Entry, Transfer
from madang.coop.ledger.moves import Move, Part
from madang.coop.ledger.retry import retrying
from madang.kit.errors import Refused

KINDS = ["clearing", "upkeep", "shares", "claims", "fund"]


def sound() -> None:
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == checks.holds_match() == checks.days_equal_sums() == []


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS), st.integers(1, 500)), min_size=1, max_size=4)),
        max_size=12,
    )
)
def test_balances_are_the_sums_of_what_was_booked(now, entries) -> None:
    from django.db import transaction

    with transaction.atomic():
        accounts = {kind: ledger.account(kind, "x:1", "KRW") for kind in KINDS}
        model, done = {kind: queries.balance(accounts[kind]) for kind in KINDS}, {}
        for key, moves in entries:
            wanted = [Move(accounts[one], accounts[other], amount, "test") for one, other, amount in moves if one != other]
            if not wanted:
                continue
            after = dict(model)
            for move in wanted:
                after[move.debit.kind] -= move.amount
                after[move.credit.kind] += move.amount
            said = [(move.debit.kind, move.credit.kind, move.amount) for move in wanted]
            try:
                with transaction.atomic():
                    ledger.post("test", wanted, key=f"k{key}", subject="", now=now)
            except Refused as no:
                assert no.code == ("key-used" if key in done and done[key] != said else "not-enough")
                if no.code == "not-enough":
                    assert after["shares"] < 0 or after["claims"] < 0
                continue
            if key not in done:
                model, done[key] = after, said
        assert {kind: queries.balance(accounts[kind]) for kind in KINDS} == model
        sound()
        transaction.set_rollback(True)


def at_once(count, work) -> list[BaseException]:
    """Run ``work(n)`` in ``count`` threads that start together; returns what was raised."""
    ready, raised = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            ready.wait()
            work(number)
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_on_the_same_accounts(now) -> None:
    clearing, upkeep, fund = (ledger.account(kind, "", "KRW") for kind in ("clearing", "upkeep", "fund"))
    shares = [ledger.account("shares", f"membership:{n}", "KRW") for n in range(4)]
    for one in shares:
        ledger.post("buy", [Move(clearing, one, 1_000, "shares")], key=f"buy:{one.pk}", subject="", now=now)
    refused = []

    @retrying
    def move(number: int, turn: int) -> None:
        dice = random.Random(number * 1_000 + turn)
        one, other = dice.sample(shares, 2)
        moves = [Move(one, other, dice.randint(1, 400), "swap"), Move(clearing, upkeep, 7, "fee"), Move(upkeep, fund, 3, "fund")]
        dice.shuffle(moves)
        ledger.post("swap", moves, key=f"swap:{number}:{turn}", subject="", now=now)

    def work(number: int) -> None:
        for turn in range(15):
            try:
                move(number, turn)
            except Refused as no:
                assert no.code == "not-enough"
                refused.append(no)

    assert at_once(20, work) == []
    booked = 300 - len(refused)
    assert Entry.objects.filter(kind="swap").count() == booked
    assert queries.balance(fund) == booked * 3 and queries.balance(upkeep) == booked * 4
    assert sum(queries.balance(one) for one in shares) == 4_000
    assert all(queries.balance(one) >= 0 for one in shares)
    sound()


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_under_one_key(now) -> None:
    clearing, upkeep = ledger.account("clearing", "", "KRW"), ledger.account("upkeep", "", "KRW")
    entries = set()
    assert at_once(20, lambda n: entries.add(ledger.post("gift", [Move(clearing, upkeep, 9, "gift")], key="one", subject="", now=now).pk)) == []
    assert len(entries) == 1 and Transfer.objects.count() == 1 and queries.balance(upkeep) == 9


@pytest.mark.django_db(transaction=True)
def test_a_hold_goes_one_way_only(now) -> None:
    clearing, worker = ledger.account("clearing", "", "KRW"), ledger.account("payable", "person:1", "KRW")
    held = ledger.hold("job:1", 500, "KRW", payer="person:2", key="h", now=now, source=clearing)

    def work(number: int) -> None:
        if number % 2:
            ledger.release(held, [Part(worker, 500, "provider")], key=f"release:{number}", now=now)
        else:
            ledger.refund_hold(held, clearing, key=f"refund:{number}", now=now)

    raised = at_once(10, work)
    assert len(raised) == 9 and all(isinstance(no, Refused) and no.code == "hold-done" for no in raised)
    assert queries.balance(worker) in (0, 500)
    sound()


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_leaves_nothing_half(now) -> None:
    clearing, upkeep = ledger.account("clearing", "", "KRW"), ledger.account("upkeep", "", "KRW")

    def work(number: int) -> None:
        from django.db import transaction

        with transaction.atomic():
            ledger.post("gift", [Move(clearing, upkeep, 9, "gift")], key="one", subject="", now=now)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert len(at_once(1, work)) == 1
    assert not Entry.objects.exists() and queries.balance(upkeep) == 0
    assert ledger.post("gift", [Move(clearing, upkeep, 9, "gift")], key="one", subject="", now=now).pk
    sound()
