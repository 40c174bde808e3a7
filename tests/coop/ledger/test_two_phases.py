"""Promises: posted whole, in part, voided, expired; limits that count them; who comes first when many come at once."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import Error, IntegrityError, connection, transaction

from madang.coop import ledger
from madang.coop.ledger import checks, pendings, queries
from madang.coop.ledger.models import Entry, Pending
from madang.coop.ledger.moves import Move
from madang.coop.ledger.queries import Standing
from madang.coop.ledger.retry import retrying
from madang.kit.errors import Refused
from tests.coop.ledger.test_balances import at_once

pytestmark = pytest.mark.django_db


def sound() -> None:
    assert checks.pendings_match() == checks.balances_equal_sums() == checks.units_sum_to_zero() == checks.periods_equal_sums() == []


def wallet(now, amount: int = 1_000):
    """A wallet with money in it that may not go below zero, and a place to spend at."""
    wallet, shop = ledger.account("wallet", "person:1", "KRW", floored=True), ledger.account("payable", "person:2", "KRW")
    if amount:
        ledger.post("top-up", [Move(ledger.account("clearing", "", "KRW"), wallet, amount, "top-up")], key="top-up", subject="", now=now)
    return wallet, shop


def test_a_promise_counts_and_moves_nothing(now) -> None:
    one, shop = wallet(now)
    promise = ledger.pend(Move(one, shop, 600, "buy"), key="p", now=now)
    assert queries.standing(one) == Standing(1_000, 600, 0) and queries.standing(one).available == 400
    assert queries.standing(shop) == Standing(0, 0, 600)
    with pytest.raises(Refused) as no:
        ledger.post("buy", [Move(one, shop, 401, "buy")], key="b", subject="", now=now)
    assert no.value.code == "not-enough"
    with pytest.raises(Refused):
        ledger.pend(Move(one, shop, 401, "buy"), key="p2", now=now)
    assert not Pending.objects.filter(key="p2").exists()
    ledger.post("buy", [Move(one, shop, 400, "buy")], key="b", subject="", now=now)
    entry = ledger.post_pending(promise, key="post", now=now)
    assert entry.transfers.get().amount == 600
    assert ledger.post_pending(promise, key="post", now=now).pk == entry.pk
    assert queries.standing(one) == Standing(0, 0, 0) and queries.standing(shop) == Standing(1_000, 0, 0)
    sound()


def test_a_repeat_is_the_first_promise_and_a_contradiction_is_refused(now) -> None:
    one, shop = wallet(now)
    first = ledger.pend(Move(one, shop, 600, "buy"), key="p", now=now)
    assert ledger.pend(Move(one, shop, 600, "buy"), key="p", now=now + timedelta(days=1)).pk == first.pk
    for other in (Move(one, shop, 601, "buy"), Move(one, shop, 600, "gift"), Move(shop, one, 600, "buy")):
        with pytest.raises(Refused) as no:
            ledger.pend(other, key="p", now=now)
        assert no.value.code == "key-used"
    assert queries.standing(one).pending_out == 600


def test_in_part_the_rest_is_voided_or_stays(now) -> None:
    one, shop = wallet(now)
    first, second = (ledger.pend(Move(one, shop, 500, "buy"), key=key, now=now) for key in "ab")
    ledger.post_pending(first, key="a1", now=now, amount=200)
    assert queries.standing(one) == Standing(800, 500, 0)
    assert Pending.objects.get(key="a").state == "posted"
    with pytest.raises(Refused) as no:
        ledger.post_pending(first, key="a2", now=now, amount=1)
    assert no.value.code == "pending-done"
    part = ledger.post_pending(second, key="b1", now=now, amount=200, keep_rest=True)
    assert ledger.post_pending(second, key="b1", now=now, amount=200, keep_rest=True).pk == part.pk
    with pytest.raises(Refused) as no:
        ledger.post_pending(second, key="b1", now=now, amount=199, keep_rest=True)
    assert no.value.code == "key-used"
    with pytest.raises(Refused) as no:
        ledger.post_pending(second, key="b2", now=now, amount=301)
    assert no.value.code == "pending-less"
    assert queries.standing(one) == Standing(600, 300, 0)
    ledger.post_pending(second, key="b2", now=now)
    assert queries.standing(one) == Standing(300, 0, 0) and Pending.objects.get(key="b").state == "posted"
    with pytest.raises(Refused) as no:
        ledger.post_pending(second, key="b3", now=now)
    assert no.value.code == "pending-done"
    with pytest.raises(Refused) as no:
        ledger.void(second, now=now)
    assert no.value.code == "pending-done"
    sound()


def test_voided_and_expired_promises_hold_nothing_back(now) -> None:
    one, shop = wallet(now)
    late = now + timedelta(days=1)
    gone = ledger.pend(Move(one, shop, 500, "buy"), key="v", now=now)
    ending = ledger.pend(Move(one, shop, 500, "buy"), key="e", now=now, expires_at=late)
    assert ledger.void(gone, now=now).state == ledger.void(gone, now=now).state == "voided"
    with pytest.raises(Refused) as no:
        ledger.post_pending(gone, key="x", now=now)
    assert no.value.code == "pending-done"
    ledger.post_pending(ending, key="part", now=now, amount=100, keep_rest=True)
    assert pendings.expired(late - timedelta(seconds=1)) == []
    with pytest.raises(Refused) as no:
        ledger.post_pending(ending, key="y", now=late)
    assert no.value.code == "late"
    assert pendings.expired(late) == [str(ending.pk)]
    for _twice in range(2):
        pendings.expire(ending.pk, now=late)
    assert Pending.objects.get(key="e").state == "expired" and pendings.expired(late) == []
    assert queries.standing(one) == Standing(900, 0, 0) and queries.standing(shop) == Standing(100, 0, 0)
    with pytest.raises(Refused) as no:
        ledger.pend(Move(one, shop, 1, "buy"), key="z", now=late, expires_at=late)
    assert no.value.code == "late"
    sound()


def test_linked_promises_are_all_there_or_none(now) -> None:
    one, shop = wallet(now)
    with pytest.raises(Refused), transaction.atomic():
        ledger.pend_linked([(Move(one, shop, 600, "buy"), "a"), (Move(one, shop, 600, "buy"), "b")], now=now)
    assert not Pending.objects.exists() and queries.standing(one).pending_out == 0
    assert len(ledger.pend_linked([(Move(one, shop, 600, "buy"), "a"), (Move(one, shop, 400, "buy"), "b")], now=now)) == 2


def test_an_account_may_not_hold_more_than_its_cap(now) -> None:
    clearing = ledger.account("clearing", "", "KRW")
    jar = ledger.account("jar", "person:1", "KRW", cap=1_000)
    ledger.pend(Move(clearing, jar, 300, "gift"), key="p", now=now)
    with pytest.raises(Refused) as no:
        ledger.post("gift", [Move(clearing, jar, 701, "gift")], key="a", subject="", now=now)
    assert no.value.code == "too-much"
    ledger.post("gift", [Move(clearing, jar, 700, "gift")], key="a", subject="", now=now)
    with pytest.raises(Refused) as no:
        ledger.pend(Move(clearing, jar, 1, "gift"), key="q", now=now)
    assert no.value.code == "too-much"
    ledger.post_pending(Pending.objects.get(key="p"), key="pp", now=now)
    assert queries.standing(jar) == Standing(1_000, 0, 0)
    assert ledger.account("jar", "person:1", "KRW", cap=1_000) == jar == ledger.account("jar", "person:1", "KRW")
    with pytest.raises(Refused) as no:
        ledger.account("jar", "person:1", "KRW", cap=2_000)
    assert no.value.code == "other-limits"


@pytest.mark.parametrize("table", ["ledger_pending", "ledger_pendingpost", "ledger_period", "ledger_closing", "ledger_carried"])
@pytest.mark.parametrize("what", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_promises_and_sums_cannot_be_rewritten_even_by_the_owner(now, table, what) -> None:
    clearing, upkeep = ledger.account("clearing", "", "KRW"), ledger.account("upkeep", "", "KRW")
    promise = ledger.pend(Move(clearing, upkeep, 50, "gift"), key="p", now=now)
    ledger.post_pending(promise, key="pp", now=now)
    ledger.settle("plays", clearing, 7, {"anna": ledger.Share(ledger.account("payable", "person:1", "KRW"), Fraction(1))}, key="s", now=now, kind="plays")
    ledger.close(ledger.account("fund", "", "KRW"), now=now)
    column = {"ledger_pending": "amount", "ledger_pendingpost": "amount", "ledger_period": "debits", "ledger_carried": "scope"}.get(table, "reason")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(what.format(table, column, column))


def test_an_open_promise_keeps_its_words(now) -> None:
    one, shop = wallet(now)
    ledger.pend(Move(one, shop, 600, "buy"), key="p", now=now)
    for change in ("amount = 1", "debit_id = credit_id", "posted = 700", "expires_at = now()", "posted = -1"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_pending SET {change}")


@pytest.mark.django_db(transaction=True)
def test_many_promise_the_same_money_and_it_is_promised_once(now) -> None:
    one, shop = wallet(now)
    clearing, jar = ledger.account("clearing", "", "KRW"), ledger.account("jar", "person:1", "KRW", cap=500)

    @retrying
    def promise(number: int) -> None:
        move = Move(one, shop, 100, "buy") if number % 2 else Move(clearing, jar, 100, "gift")
        ledger.post_pending(ledger.pend(move, key=f"p{number}", now=now), key=f"pp{number}", now=now, amount=60, keep_rest=number % 4 < 2)

    raised = at_once(40, promise)
    assert {type(no) for no in raised} <= {Refused} and {no.code for no in raised} <= {"not-enough", "too-much"}
    mine, theirs = queries.standing(one), queries.standing(jar)
    bought, given = (Entry.objects.filter(kind="pending", transfers__kind=kind).count() for kind in ("buy", "gift"))
    assert mine.available >= 0 and mine.posted + 60 * bought == 1_000 and 10 <= bought <= 16  # nobody is refused while a hundred are free
    assert theirs.posted + theirs.pending_in <= 500 and theirs.posted == 60 * given and 5 <= given <= 8
    sound()


@pytest.mark.django_db(transaction=True)
def test_a_promise_ends_one_way_only(now) -> None:
    one, shop = wallet(now)
    promise = ledger.pend(Move(one, shop, 600, "buy"), key="p", now=now, expires_at=now + timedelta(hours=1))
    ways = [
        lambda n: ledger.post_pending(promise, key=f"post{n}", now=now),
        lambda _n: ledger.void(promise, now=now),
        lambda _n: pendings.expire(promise.pk, now=now + timedelta(hours=2)),
    ]
    raised = at_once(12, lambda n: ways[n % 3](n))
    assert [no for no in raised if not isinstance(no, Refused) or no.code != "pending-done"] == []
    done = Pending.objects.get()
    assert queries.standing(one) == Standing(400 if done.state == "posted" else 1_000, 0, 0)
    assert Entry.objects.filter(kind="pending").count() == (done.state == "posted")
    sound()


@pytest.mark.django_db(transaction=True)
def test_a_promise_is_not_fulfilled_without_an_entry(now) -> None:
    """Who could only say that a promise was posted would set the money free that it keeps back."""
    giver, taker = ledger.account("clearing", "", "KRW"), ledger.account("upkeep", "", "KRW")
    made = ledger.pend(ledger.Move(giver, taker, 10, "gift"), key="p", now=now)
    with pytest.raises(IntegrityError, match="posted by entries"), transaction.atomic():
        Pending.objects.filter(pk=made.pk).update(posted=4)
    ledger.post_pending(made, key="part", now=now, amount=4, keep_rest=True)
    assert Pending.objects.get(pk=made.pk).posted == 4
