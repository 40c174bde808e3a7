"""All shares bear a loss that no reserve covers: as one decision, every member's part shown before, booked exactly so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.capital import handovers, queries, queue, withdrawals, writedown
from madang.coop.capital.models import Claim
from madang.coop.ledger import queries as books
from madang.coop.members import actions as members
from madang.kit.errors import Refused
from tests.coop.capital.outlife import ask, british, give, membership, passed, person, propose, sound

pytestmark = pytest.mark.django_db
MARCH = datetime(2027, 3, 2, tzinfo=UTC)


def lost(amount: int, now: datetime) -> None:
    """A loss of an earlier year stands in the surplus brought forward."""
    surplus, bank = ledger.accounts([("surplus", ""), ("clearing", "rail:sandbox")], "GBP")
    ledger.post("loss", [ledger.Move(surplus, bank, amount, "cover-loss")], key=f"loss:{now}", subject="loss", now=now)


@pytest.fixture
def society(db, now, monkeypatch):
    """Five members with 100, 50, 30, 15 and 5 shares of £1; all years closed; £70.01 lost."""
    british(now, cap="100%", transferable=True)
    for number, count in enumerate((100, 50, 30, 15, 5), 1):
        give(number, count, now)
    lost(7_001, now + timedelta(days=1))
    monkeypatch.setattr("madang.coop.capital.yearend.open_years", lambda _now: [])


def worths() -> list[int]:
    return [queries.holding(membership(number)).worth for number in range(1, 6)]


def test_each_bears_the_same_part_and_all_of_it_is_borne(society) -> None:
    proposal = propose("write_down", MARCH)
    (mine,) = writedown.own(proposal, person(1), "en")
    assert (mine.before, mine.after) == ("£100.00", "£64.99")
    assert [worths(), passed(proposal).state] == [[10_000, 5_000, 3_000, 1_500, 500], "in_force"]
    assert sum(worths()) == 20_000 - 7_001 and worths()[0] in (6499, 6500)
    assert books.kind_balance("surplus", "GBP") == 0 and queries.capital("GBP") == 20_000
    assert [queries.holding(membership(number)).count for number in range(1, 6)] == [100, 50, 30, 15, 5]
    sound()


def test_drawn_passed_and_left_shares_take_their_part_of_the_loss_along(society) -> None:
    done = passed(propose("write_down", MARCH))
    after = done.effect_at + timedelta(days=1)
    wish = ask(1, 40, after)
    handovers.accept(
        handovers.offer(membership(2), membership(3), 25, by=person(2), key=wish.pk, now=after), by=person(3), now=after
    )
    later = after + timedelta(days=91)
    withdrawals.pay(wish, by=person(2), now=later)
    claim = Claim.objects.get()
    assert claim.amount == 40 * 100 - -(-3501 * 40 // 100)
    one = membership(5)
    members.leave(one, by=one.person, now=later)
    assert queries.holding(one) == queries.Holding(0, 0, "GBP", 0)
    left = Claim.objects.get(membership=one)
    assert left.amount == 500 - 175
    assert sum(worths()) + claim.amount + left.amount == 20_000 - 7_001
    sound()


def test_shares_asked_back_are_still_shares_and_bear_it(society) -> None:
    wish = ask(1, 50, MARCH)
    done = passed(propose("write_down", MARCH))
    (place,) = queue.queue(done.effect_at + timedelta(days=100)).places
    assert place.item == wish and place.amount == 5000 - 1751


def test_korea_carries_losses_forward(coop, now) -> None:
    """협동조합 기본법 art. 51 (1)."""
    for number in range(1, 6):
        give(number, 1, now)
    with pytest.raises(Refused) as no, transaction.atomic():
        propose("write_down", MARCH)
    assert no.value.code == "law" and "51" in str(no.value.message)


def test_not_before_the_reserves_nor_without_a_loss(society) -> None:
    reserve, surplus, bank = ledger.accounts([("voluntary-reserve", ""), ("surplus", ""), ("clearing", "rail:sandbox")], "GBP")
    ledger.post("kept", [ledger.Move(bank, reserve, 10, "voluntary-reserve")], key="kept", subject="kept", now=MARCH)
    with pytest.raises(Refused) as no, transaction.atomic():
        propose("write_down", MARCH)
    assert no.value.code == "reserves-first"
    ledger.post("used", [ledger.Move(reserve, surplus, 10, "cover-loss")], key="used", subject="kept", now=MARCH)
    ledger.post("gift", [ledger.Move(bank, surplus, 6_991, "gift")], key="gift", subject="gift", now=MARCH)
    with pytest.raises(Refused) as no, transaction.atomic():
        propose("write_down", MARCH)
    assert no.value.code == "no-loss"


def test_a_loss_that_moved_books_nothing(society) -> None:
    proposal = propose("write_down", MARCH)
    lost(1, MARCH)
    assert passed(proposal).state == "failed" and worths() == [10_000, 5_000, 3_000, 1_500, 500]


def test_years_first(db, now) -> None:
    british(now)
    give(1, 10, now)
    with pytest.raises(Refused) as no, transaction.atomic():
        propose("write_down", MARCH)
    assert no.value.code == "years-open" and "2026" in str(no.value.message)


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(1, 10**12), min_size=1, max_size=30).flatmap(
        lambda worth: st.tuples(st.just(worth), st.integers(1, sum(worth.values())))
    )
)
def test_nobody_loses_more_than_they_have_and_all_is_shared(drawn) -> None:
    worth, loss = drawn
    parts = writedown.shared(loss, worth, "salt")
    assert sum(parts.values()) == loss
    assert all(0 <= part <= worth[owner] and abs(part * sum(worth.values()) - loss * worth[owner]) < sum(worth.values()) for owner, part in parts.items())


def test_more_than_all_is_no_write_down() -> None:
    for loss in (0, -1, 11):
        with pytest.raises(ValueError, match="no more"):
            writedown.shared(loss, {"a": 10}, "s")
