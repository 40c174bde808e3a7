"""Balances at any moment, by what counted and by what was booked, against a plain sum."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.ledger import booking, checks, queries
from madang.coop.ledger.moves import Move
from madang.kit import canonical
from madang.kit.ids import time_ordered

moments = st.datetimes(datetime(2025, 12, 30), datetime(2026, 3, 3)).map(
    lambda at: at.replace(tzinfo=UTC, minute=at.minute // 20 * 20, second=0, microsecond=0)
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(moments, moments, st.integers(0, 2), st.integers(1, 900)), max_size=14), st.lists(moments, min_size=1, max_size=6))
def test_a_balance_at_any_moment_is_the_sum_until_then(entries, asked) -> None:
    from django.db import transaction

    with transaction.atomic():
        hot, person = ledger.account("upkeep", "", "KRW"), ledger.account("payable", "person:1", "KRW")
        capped = ledger.account("jar", "rail:x", "KRW", cap=10**9)
        pairs = [(hot, person), (person, capped), (capped, hot)]
        for number, (at, effective, pair, amount) in enumerate(entries):
            debit, credit = pairs[pair]
            ledger.post("test", [Move(debit, credit, amount, "test")], key=f"k{number}", subject="", now=at, effective_at=effective)
        for account in (hot, person, capped):
            for moment in [*asked, *(at for at, *_rest in entries), *(effective for _at, effective, *_rest in entries)]:
                signed = [(at, eff, amount * ((pairs[pair][1] == account) - (pairs[pair][0] == account))) for at, eff, pair, amount in entries]
                assert queries.balance_at(account, moment) == sum(amount for _at, effective, amount in signed if effective <= moment)
                assert queries.balance_at(account, moment, recorded=True) == sum(amount for at, _effective, amount in signed if at <= moment)
        assert checks.periods_equal_sums() == []
        transaction.set_rollback(True)


def test_a_day_ends_when_it_ends_for_the_coop(coop) -> None:
    clearing, upkeep = ledger.account("clearing", "", coop.currency), ledger.account("upkeep", "", coop.currency)
    before_midnight = datetime(2026, 3, 5, 14, 59, 59, tzinfo=UTC)  # 23:59:59 in Seoul
    for number, at in enumerate((before_midnight, before_midnight + timedelta(seconds=1))):
        ledger.post("gift", [Move(clearing, upkeep, 10**number, "gift")], key=f"g{number}", subject="", now=at)
    assert [queries.balance_on(upkeep, date(2026, 3, day)) for day in (4, 5, 6)] == [0, 1, 11]


@pytest.mark.django_db(transaction=True)
def test_sums_of_busy_accounts_hold_when_many_book_at_once(now) -> None:
    from tests.coop.ledger.test_balances import at_once

    clearing, upkeep = ledger.account("clearing", "rail:x", "KRW"), ledger.account("upkeep", "", "KRW")
    entered = threading.Semaphore(4)

    def work(number: int) -> None:
        with entered:
            for turn in range(5):
                at = now + timedelta(minutes=7 * (number + turn))
                ledger.post_batch("run", [Move(clearing, upkeep, 3, "gift")] * 20, key=f"{number}:{turn}", now=at)

    assert at_once(12, work) == []
    assert queries.balance_at(upkeep, now + timedelta(days=1)) == 12 * 5 * 20 * 3 == queries.balance(upkeep)
    assert checks.periods_equal_sums() == checks.balances_equal_sums() == checks.days_equal_sums() == []


@settings(max_examples=200)
@given(st.text(max_size=60), st.integers(1, 10**15))
def test_lines_of_the_record_are_canonical(owner, amount) -> None:
    from madang.coop.ledger.models import Account

    if any("\ud800" <= one <= "\udfff" for one in owner):
        return
    move = Move(Account(id=1, kind="payable", owner=owner, unit="KRW"), Account(id=2, kind="upkeep", unit="KRW"), amount, "gift")
    entry, at = UUID(int=7), datetime(2026, 3, 2, 1, 2, 3, 4, tzinfo=UTC)
    (body,) = booking.bodies(entry, booking.Posting("k", [move], "key"), at)
    said = {
        "entry": str(entry), "transfer": 0, "kind": "gift", "amount": amount, "unit": "KRW", "debit": f"payable {owner}".strip(), "credit": "upkeep",
        "version": None, "effective_at": at.isoformat(),
    }  # fmt: skip
    assert body.encode() == canonical.dumps(said) and "\n" not in body


def test_ids_stand_in_the_order_of_time(now) -> None:
    ids = [time_ordered(now + timedelta(milliseconds=n)) for n in range(50)]
    assert ids == sorted(ids) and {one.version for one in ids} == {7} and {one.variant for one in ids} == {ids[0].variant} == {"specified in RFC 4122"}
    assert len({time_ordered(now) for _n in range(1_000)}) == 1_000
    assert ids[0].int >> 80 == int(now.timestamp() * 1000)
