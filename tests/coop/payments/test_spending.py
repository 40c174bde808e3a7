"""What the co-op itself spends: a line of the bank is a cost or an income, once, on the bank's day; no year is closed over money that is not booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from madang.coop import ledger
from madang.coop.capital import years
from madang.coop.ledger import periods, queries
from madang.coop.payments import items, spending, statements
from madang.coop.payments.bank_items import Lines
from madang.coop.payments.booking import clearing
from madang.coop.payments.models import BankLine
from madang.kit.errors import Missing
from tests.coop.payments.bank_hands import page, person, read, refusal, sound

pytestmark = pytest.mark.django_db


def lines(now, *amounts: int) -> list[BankLine]:
    read([(amount, f"something {number}") for number, amount in enumerate(amounts)], now)
    return list(BankLine.objects.filter(state="doubtful").order_by("pk"))


def stands(kind: str) -> int:
    return queries.balance(ledger.account(kind, "", "KRW"))


def test_a_cost_is_booked_once_on_the_banks_day(ours, now) -> None:
    (rent,) = lines(now, -900_000)
    before = queries.balance(clearing("bank", "KRW"))
    first = spending.book(rent.pk, "rent", "  The office,  March ", by=person(2), now=now)
    assert spending.book(rent.pk, "rent", "again", by=person(2), now=now) == first
    assert stands("rent") == -900_000 and queries.balance(clearing("bank", "KRW")) == before + 900_000
    line = BankLine.objects.get(pk=rent.pk)
    assert (line.state, line.entry, line.why) == ("decided", first, "The office, March")
    assert first.effective_at == min(periods.begins(line.booked), now) and "office" not in str(first.transfers.get().note)
    assert statements.standing().unexplained == 0 and sound()


def test_income_and_a_cost_that_came_back(ours, now) -> None:
    interest, back = lines(now, 700, 5_000)
    spending.book(interest.pk, "other-income", "interest", by=person(2), now=now)
    spending.book(back.pk, "purchases", "returned soap", by=person(2), now=now)
    assert stands("other-income") == 700 and stands("purchases") == 5_000


@pytest.mark.parametrize(
    ("code", "kind", "what", "who"),
    [
        ("sort", "payable", "x", 2), ("sort", "", "x", 2), ("sort", "other-income", "x", 2), ("what", "rent", " ", 2), ("what", "rent", "x" * 41, 2),
        ("office", "rent", "x", 5),
    ],
)  # fmt: skip
def test_refused_with_a_reason_and_nothing_booked(ours, now, code, kind, what, who) -> None:
    (line,) = lines(now, -100)
    before = queries.balance(clearing("bank", "KRW"))
    refusal(code, lambda: spending.book(line.pk, kind, what, by=person(who), now=now))
    assert queries.balance(clearing("bank", "KRW")) == before and BankLine.objects.get().state == "doubtful"
    with pytest.raises(Missing):
        spending.book(10**9, "rent", "x", by=person(2), now=now)


def test_the_wrong_heading_is_put_right_by_a_new_entry(ours, now) -> None:
    cost, came = lines(now, -100, 40)
    spending.book(cost.pk, "rent", "x", by=person(2), now=now)
    spending.book(came.pk, "other-income", "x", by=person(2), now=now)
    for kind in ("wages", "purchases", "purchases", "rent", "wages"):
        spending.move(cost.pk, kind, "y", by=person(2), now=now)
        spending.move(came.pk, kind, "y", by=person(2), now=now)
        assert {one.kind for _line, one in spending.lately()} == {kind}
        assert stands(kind) == -60 and stands("other-income") == 0
        assert sum(stands(one) for one in spending.SORTS) == -60
    with pytest.raises(Missing):
        spending.move(lines(now + timedelta(days=1), -5)[0].pk, "rent", "x", by=person(2), now=now)
    assert sound()


def test_what_was_left_can_be_booked_after_all(ours, now) -> None:
    (line,) = lines(now, -100)
    statements.leave(line.pk, "rent", by=person(2), now=now)
    assert statements.standing().left == -100 and spending.left() == [line]
    spending.book(line.pk, "rent", "rent", by=person(2), now=now)
    assert statements.standing().left == 0 == statements.standing().unexplained and stands("rent") == -100


def test_a_years_result_has_them_and_waits_for_all_of_them(ours, now) -> None:
    from madang.coop.capital import yearend
    from madang.kit.surplus import Wish

    later = datetime(now.year + 1, 2, 1, tzinfo=UTC)
    rent, odd = lines(now, -900_000, 300)
    spending.book(rent.pk, "rent", "rent", by=person(2), now=now)
    figures = years.figures(now.year, "KRW")
    assert figures.closes["rent"] == -900_000
    refusal("unbooked", lambda: yearend.close_year(now.year, later, Wish(), {}))
    spending.book(odd.pk, "other-income", "interest", by=person(2), now=now)
    assert yearend.close_year(now.year, later, Wish(), {}).year == now.year


def test_what_came_does_not_hide_what_left(ours, now) -> None:
    """A client's unmatched payment is no rent; two sides of a transfer between our own accounts are."""
    came, rent = lines(now, 900, -900)
    day = rent.booked
    assert spending.unbooked(day) == 1_800
    statements.leave(rent.pk, "rent", by=person(2), now=now)
    assert spending.unbooked(day) == 1_800
    statements.leave(came.pk, "from our savings", by=person(2), now=now)
    assert spending.unbooked(day) == 0 == spending.unbooked(day - timedelta(days=1))


def test_whoever_moves_it_stands_beside_it(ours, now) -> None:
    (line,) = lines(now, -100)
    spending.book(line.pk, "rent", "x", by=person(2), now=now)
    later = now + timedelta(days=3)
    spending.move(line.pk, "wages", "y", by=person(2), now=later)
    assert BankLine.objects.get(pk=line.pk).decided_at == later
    refusal("office", lambda: spending.move(line.pk, "rent", "x", by=person(5), now=later))


def test_the_daily_reconciliation_finds_nothing_in_them(ours, now) -> None:
    rent, interest = lines(now, -900_000, 700)
    spending.book(rent.pk, "rent", "rent", by=person(2), now=now)
    spending.book(interest.pk, "other-income", "interest", by=person(2), now=now)
    spending.move(rent.pk, "wages", "wages", by=person(2), now=now)
    books = items.Books("bank", "KRW")
    here = {(leg.thing, leg.amount) for leg in books.legs(None)}
    there = {(leg.thing, leg.amount) for leg in Lines("KRW").legs(None)}
    assert here == there and len(there) == 2
    assert {leg.thing for leg in books.legs({thing for thing, _amount in there})} == {thing for thing, _amount in there}


def test_in_the_browser(ours, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    cost, came = lines(now, -100, 40)
    office = client_for(person(2))
    shown = page(office, "/pay/bank/")
    assert shown.count('value="wages"') == 2 and shown.count('value="other-income"') == 1
    wrong = office.post("/pay/bank/", {"line": cost.pk, "sort": "rent", "what": ""})
    assert wrong.status_code == 422 and 'value="rent" selected' in wrong.content.decode()
    assert office.post("/pay/bank/", {"line": cost.pk, "sort": "rent", "what": "The office"}).status_code == 302
    assert "The office" in page(office, "/pay/bank/")
    assert office.post("/pay/bank/", {"line": cost.pk, "moved": "1", "sort": "wages", "what": "Kim"}).status_code == 302
    assert stands("wages") == -100 and stands("rent") == 0
    assert client_for(person(5)).post("/pay/bank/", {"line": came.pk, "sort": "rent", "what": "x"}).status_code == 404


def test_the_page_of_the_bank_asks_as_often_for_many_as_for_one(ours, now, django_assert_num_queries) -> None:
    for line in lines(now, *(-1_000 - number for number in range(9))):
        spending.book(line.pk, "rent", "x", by=person(2), now=now)
    moved = BankLine.objects.filter(state="decided").order_by("pk").first()
    spending.move(moved.pk, "wages", "a wage", by=person(2), now=now)
    spending.move(moved.pk, "purchases", "soap", by=person(2), now=now)
    with django_assert_num_queries(2):
        found = {line.pk: sort.kind for line, sort in spending.lately()}
    assert sorted(found.values()) == ["purchases", *["rent"] * 8] and found[moved.pk] == "purchases"
