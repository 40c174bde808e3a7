"""Members who stay and draw shares out (Great Britain: withdrawable shares): notice, queue, yearly cap, suspension."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from madang.coop import ledger
from madang.coop.capital import actions, queries, queue, withdrawals
from madang.coop.capital.models import Claim, Withdrawal
from madang.coop.ledger import queries as books
from madang.coop.members import actions as members
from madang.coop.members.models import Membership
from madang.coop.notices.models import Notice, Task
from madang.kit.errors import Missing, Refused
from tests.coop.capital.outlife import ask, british, give, membership, person, sound

pytestmark = pytest.mark.django_db
NEXT = datetime(2027, 7, 1, tzinfo=UTC)


@pytest.fixture
def society(db, now):
    """Under the British Act: five members with 200 shares of £1 each, bought in 2026; a tenth may leave in a year, 90 days' notice."""
    made = british(now)
    for number in range(1, 6):
        give(number, 200, now)
    return made


def test_notice_then_first_asked_first_paid_within_the_cap(society, now) -> None:
    """£1,000 at the year's beginning: £100 may leave in 2027. Three ask for 60 each: all, part, nothing; the rest next year."""
    for number, day in ((3, 0), (1, 1), (2, 2)):
        ask(number, 60, datetime(2027, 3, 1 + day, tzinfo=UTC))
    early = queue.queue(datetime(2027, 5, 1, tzinfo=UTC))
    assert [one.why for one in early.places] == ["notice"] * 3 and early.payable == 0
    whole = queue.queue(NEXT)
    assert [(one.membership.person, one.now, one.why) for one in whole.places] == [(person(3), 6000, ""), (person(1), 4000, "cap"), (person(2), 0, "cap")]
    assert [one.expected and one.expected.year for one in whole.places] == [2027, 2028, 2028]
    for one in whole.places[:2]:
        withdrawals.pay(one.item, by=person(2), now=NEXT)
    with pytest.raises(Refused) as no, transaction.atomic():
        withdrawals.pay(whole.places[2].item, by=person(2), now=NEXT)
    assert no.value.code == "cap"
    assert [queries.holding(membership(number)).count for number in (3, 1, 2)] == [140, 160, 200]
    assert sum(Claim.objects.filter(origin="stay").values_list("amount", flat=True)) == 10_000
    sound()
    again = queue.queue(datetime(2028, 1, 2, tzinfo=UTC))
    assert again.budget.whole == 9_000 and [(one.amount, one.now) for one in again.places] == [(2000, 2000), (6000, 6000)]


def test_asked_shares_are_still_shares_and_cannot_be_used_twice(society, now) -> None:
    ask(1, 150, now)
    assert queries.holding(membership(1)).count == 200 and withdrawals.may_take(membership(1)) == 49
    with pytest.raises(Refused) as no, transaction.atomic():
        ask(1, 50, now)
    assert no.value.code == "count" and "49" in str(no.value.message)
    ask(1, 49, now)


def test_the_same_form_twice_is_one_wish(society, now) -> None:
    one, key = membership(1), uuid4()
    first = withdrawals.ask(one, 5, by=one.person, key=key, now=now)
    assert withdrawals.ask(one, 5, by=one.person, key=key, now=now) == first
    with pytest.raises(Refused) as no, transaction.atomic():
        withdrawals.ask(one, 6, by=one.person, key=key, now=now)
    assert no.value.code == "key-used"
    assert Withdrawal.objects.count() == 1
    with pytest.raises(Missing), transaction.atomic():
        withdrawals.ask(one, 5, by=person(2), key=uuid4(), now=now)


def test_kept_after_all(society, now) -> None:
    wish = ask(1, 50, now)
    with pytest.raises(Missing), transaction.atomic():
        withdrawals.take_back(wish, by=person(2), now=now)
    assert Task.objects.filter(person=person(2), message="capital.withdrawals", closed_at=None).exists()
    withdrawals.take_back(wish, by=person(1), now=now)
    withdrawals.take_back(wish, by=person(1), now=now)
    assert withdrawals.may_take(membership(1)) == 199 and queue.queue(NEXT).places == []
    assert not Task.objects.filter(message="capital.withdrawals", closed_at=None).exists()
    with pytest.raises(Refused), transaction.atomic():
        withdrawals.pay(wish, by=person(2), now=NEXT)


def test_the_board_suspends_with_reasons_and_everyone_keeps_their_place(society, now) -> None:
    ask(4, 10, now)
    ask(5, 10, now)
    outsider = person(5)
    with pytest.raises(Refused) as no, transaction.atomic():
        withdrawals.suspend("Because.", by=outsider, now=now)
    assert no.value.code == "office"
    with pytest.raises(Refused) as no, transaction.atomic():
        withdrawals.suspend("  ", by=person(1), now=now)
    assert no.value.code == "reason"
    made = withdrawals.suspend("The boiler broke.", by=person(1), now=now)
    assert withdrawals.suspend("Again.", by=person(2), now=now) == made
    told = Notice.objects.filter(message="capital.suspended")
    assert {one.person for one in told} == {person(2), person(4), person(5)} and all("boiler" in str(one.params) for one in told)
    whole = queue.queue(NEXT)
    assert [one.why for one in whole.places] == ["suspended"] * 2 and [one.expected for one in whole.places] == [None, None]
    with pytest.raises(Refused) as no, transaction.atomic():
        withdrawals.pay(whole.places[0].item, by=person(2), now=NEXT)
    assert no.value.code == "suspended"
    withdrawals.resume(by=person(2), now=NEXT)
    withdrawals.resume(by=person(2), now=NEXT)
    assert [one.now for one in queue.queue(NEXT).places] == [1000, 1000]
    assert Notice.objects.filter(message="capital.resumed").count() == 3


def test_who_leaves_keeps_the_place_of_what_was_asked_before(society, now) -> None:
    """The wish becomes a claim of its own day; the rest is asked for on the day of leaving, with the notice: leaving is no way around it."""
    one = membership(4)
    ask(4, 60, datetime(2027, 1, 10, tzinfo=UTC))
    ask(5, 60, datetime(2027, 1, 11, tzinfo=UTC))
    members.leave(one, by=one.person, now=datetime(2027, 2, 1, tzinfo=UTC))
    assert [(row.origin, row.amount, row.due_on.isoformat()) for row in Claim.objects.order_by("due_on")] == [
        ("left", 6000, "2027-04-10"), ("left", 14000, "2027-05-02"),
    ]  # fmt: skip
    assert Withdrawal.objects.get(membership=one).state == "left"
    places = queue.queue(NEXT).places
    assert [(row.membership, row.amount, row.now) for row in places] == [(one, 6000, 6000), (membership(5), 6000, 4000), (one, 14000, 0)]
    sound()


def test_a_cap_cuts_a_claim_in_two_and_nothing_is_lost(society, now) -> None:
    one = membership(4)
    members.leave(one, by=one.person, now=datetime(2027, 2, 1, tzinfo=UTC))
    claim = Claim.objects.get()
    actions.pay_claim(claim, by=person(2), now=NEXT)
    assert sorted((one.amount, one.paid_at is None) for one in Claim.objects.all()) == [(10_000, False), (10_000, True)]
    assert books.balance(claim.account) == 10_000
    sound()


def test_a_payout_the_bank_sends_back_is_owed_again(society, now) -> None:
    from madang.coop.payments import outgoing
    from madang.rails.payments import Answer

    wish = ask(1, 50, datetime(2027, 1, 1, 12, tzinfo=UTC))
    payout = withdrawals.pay(wish, by=person(2), now=NEXT)
    outgoing.payout_answered(payout, Answer("x", "declined", reason="account"), now=NEXT)
    claim = Claim.objects.get()
    assert claim.paid_at is None and books.balance(claim.account) == 5000
    sound()
    (place,) = queue.queue(NEXT).places
    assert (place.amount, place.now) == (5000, 5000)
    again = actions.pay_claim(claim, by=person(2), now=NEXT)
    assert again.pk != payout.pk
    sound()


def test_of_one_day_the_first_comes_first_whatever_id_they_chose(society, now) -> None:
    first, second = membership(1), membership(2)
    withdrawals.ask(first, 60, by=first.person, key=UUID(int=2**127), now=datetime(2027, 1, 1, 9, tzinfo=UTC))
    withdrawals.ask(second, 60, by=second.person, key=UUID(int=1), now=datetime(2027, 1, 1, 10, tzinfo=UTC))
    assert [(one.membership, one.now) for one in queue.queue(NEXT).places] == [(first, 6000), (second, 4000)]


def test_the_queue_asks_the_same_number_of_questions_however_many_wait(society, now) -> None:
    queue.queue(now)
    for number in range(1, 6):
        give(number, 10, now)
        ask(number, 2, now)
    with CaptureQueriesContext(connection) as few:
        queue.queue(now)
    more(60, now)
    with CaptureQueriesContext(connection) as many:
        whole = queue.queue(now + timedelta(days=91))
    assert len(whole.places) == 65 and len(many) <= len(few) <= 15


def more(count: int, now) -> None:
    """So many members who stay, each with ten shares, asking two back."""
    from madang.coop.people.models import Person

    kind = membership(1).member_class
    people = Person.objects.bulk_create([Person(email=f"w{n}@example.org", name=f"W{n}") for n in range(count)])
    rows = Membership.objects.bulk_create(
        [Membership(member_class=kind, person=one, state="active", applied_at=now, admitted_at=now, active_from=now) for one in people]
    )
    bank, places = ledger.account("clearing", "rail:sandbox", "GBP"), ledger.accounts([("shares", ledger.owner_of(one)) for one in rows], "GBP")
    moves = [ledger.Move(bank, place, 10 * kind.share_price, "shares") for place in places]
    ledger.post("shares", moves, key="more", subject="more:1", now=now)
    day = queue.today(now)
    Withdrawal.objects.bulk_create([Withdrawal(membership=one, count=2, asked_at=now, asked_on=day, ready_on=day + timedelta(days=90)) for one in rows])
