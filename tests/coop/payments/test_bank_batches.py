"""The account two people set, and batches with four eyes: made, approved, taken, and what the bank did with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, IntegrityError, transaction

from madang.coop import ledger
from madang.coop.members.models import OfficeTerm
from madang.coop.notices.models import Notice, Task
from madang.coop.payments import accounts, batches, statements
from madang.coop.payments.models import BankAccount, BankLine, Batch, Payout
from madang.kit.errors import Missing, Refused
from madang.rails.bank import krbulk
from tests.coop.payments.bank_hands import MINE, OURS, balance, earn, english, exported, make, page, person, read, refusal, sound

pytestmark = pytest.mark.django_db


# Accounts


def test_the_coops_account_needs_two_people(coop, now) -> None:
    refusal("office", lambda: accounts.propose_ours(**OURS, by=person(5), now=now))
    first = accounts.propose_ours(**OURS, by=person(2), now=now)
    seconds = set(accounts.second_people(person(2), now)[0])
    assert {task.person for task in Task.objects.filter(key=accounts.OURS, closed_at=None)} == seconds != set()
    assert accounts.ours() is None
    refusal("four-eyes", lambda: accounts.confirm_ours(first.pk, by=person(2), now=now))
    refusal("office", lambda: accounts.confirm_ours(first.pk, by=person(5), now=now))
    assert accounts.second_people(person(2), now)[1], "there is one treasurer, so the board confirms"
    accounts.confirm_ours(first.pk, by=person(1), now=now)
    assert accounts.ours() == first and accounts.place(first).number == "12345604123456"
    assert not Task.objects.filter(key=accounts.OURS, closed_at=None).exists()
    other = accounts.propose_ours(**{**OURS, "number": "999-999-999991"}, by=person(2), now=now)
    assert accounts.ours() == first
    accounts.confirm_ours(other.pk, by=person(4), now=now)
    assert accounts.ours() == other
    with pytest.raises(IntegrityError), transaction.atomic():
        BankAccount.objects.filter(pk=other.pk).update(confirmed_by=person(2))


@pytest.mark.parametrize(
    ("wrong", "field"), [({"number": "12"}, "number"), ({"bank": "999"}, "bank"), ({"holder": "  "}, "holder"), ({"number": "9" * 12}, "number")]
)
def test_an_account_that_cannot_be(coop, now, wrong, field) -> None:
    with pytest.raises(Refused) as no:
        accounts.set_account(ledger.owner_of(person(4)), **{**MINE, **wrong}, by=person(4), now=now)
    assert no.value.field == field and not BankAccount.objects.exists()


def test_in_euros_it_is_an_iban(coop, now) -> None:
    type(coop).objects.update(currency="EUR")
    from madang.coop import law

    law.forget()
    owner = ledger.owner_of(person(4))
    refusal("number", lambda: accounts.set_account(owner, holder="K", bank="", number="DE88370400440532013000", by=person(4), now=now))
    made = accounts.set_account(owner, holder="K", bank="", number="DE89 3704 0044 0532 0130 00", by=person(4), now=now)
    assert accounts.place(made).number == "DE89370400440532013000"


def test_my_account_is_mine_encrypted_and_forgotten(coop, now) -> None:
    owner = ledger.owner_of(person(4))
    with pytest.raises(Missing):
        accounts.set_account(owner, **MINE, by=person(2), now=now)
    accounts.set_account(owner, **MINE, by=person(4), now=now)
    second = accounts.set_account(owner, **{**MINE, "number": "3333-01-1234567"}, by=person(4), now=now)
    assert accounts.account_of(owner) == second and BankAccount.objects.count() == 2
    for row in BankAccount.objects.all():
        assert b"110123456789" not in bytes(row.sealed) and b"3333011234567" not in bytes(row.sealed)
    assert bytes(BankAccount.objects.exclude(pk=second.pk).get().sealed) == b""
    assert any(one.get("number") == "3333011234567" for one in exported(person(4)))
    accounts.end_account(owner, now=now)
    assert accounts.account_of(owner) is None and not any("number" in one for one in exported(person(4)))


# Batches


def test_one_makes_it_another_approves_it_then_it_goes(earned, now) -> None:
    batch = make(earned, now)
    assert make(earned, now).pk == batch.pk and Payout.objects.count() == 2 and balance(earned[0]) == 0
    assert {task.person for task in Task.objects.filter(key=f"batch:{batch.pk}", closed_at=None)} == {person(1), person(4)}, "the board, without the maker"
    refusal("not-approved", lambda: batches.take(batch.pk, by=person(2), now=now))
    refusal("four-eyes", lambda: batches.approve(batch.pk, by=person(2), now=now))
    refusal("office", lambda: batches.approve(batch.pk, by=person(5), now=now))
    for _twice in range(2):
        batches.approve(batch.pk, by=person(1), now=now)
    assert not Task.objects.filter(key=f"batch:{batch.pk}", closed_at=None).exists()
    refusal("office", lambda: batches.take(batch.pk, by=person(1), now=now))
    file = batches.take(batch.pk, by=person(2), now=now)
    paid = krbulk.read(file.body)
    assert sorted((one.name, one.amount, one.account) for one in paid) == [("정네온", 30_000, "110123456789"), ("최다온", 20_000, "110123456789")]
    assert file.body == batches.take(batch.pk, by=person(2), now=now).body
    refusal("taken", lambda: batches.cancel(batch.pk, by=person(2), now=now))
    assert b"110123456789" not in bytes(Batch.objects.get().sealed) and sound()


def test_another_treasurer_approves_and_then_the_board_does_not(earned, now) -> None:
    office = OfficeTerm.objects.get(office__key="treasurer").office
    OfficeTerm.objects.create(office=office, person=person(3), since=now, until=now + timedelta(days=9), appointed_by=person(1))
    batch = make(earned, now)
    refusal("office", lambda: batches.approve(batch.pk, by=person(1), now=now))
    assert batches.approve(batch.pk, by=person(3), now=now).state == "approved"


def test_cancelled_is_booked_back_and_the_file_forgotten(earned, now) -> None:
    batch = make(earned, now)
    refusal("office", lambda: batches.cancel(batch.pk, by=person(5), now=now))
    for _twice in range(2):
        batch = batches.cancel(batch.pk, by=person(1), now=now)
    assert (balance(earned[0]), balance(earned[1]), batch.sealed) == (30_000, 20_000, None) and sound()
    refusal("over", lambda: batches.approve(batch.pk, by=person(4), now=now))
    assert not Notice.objects.filter(message="payments.came_back").exists()
    assert make(earned, now, key="again").state == "made"


def test_a_batch_that_cannot_be(earned, now) -> None:
    one, two = earned
    for wishes, code in [
        ([], "empty"), ([(one, 1), (one, 2)], "empty"), ([(one, 30_001)], "not-enough"), ([(one, 0)], "not-enough"), ([(one, 10**18)], "not-enough"),
        ([(earn(3, 5, now), 5)], "whose"), ([(one, 30_000), (two, 20_001)], "not-enough"),
    ]:  # fmt: skip
        refusal(code, lambda wishes=wishes: _in_one(lambda: batches.make(wishes, on=now.date(), by=person(2), key="w", now=now)))
    refusal("office", lambda: batches.make([(one, 5)], on=now.date(), by=person(5), key="w", now=now))
    refusal("day", lambda: batches.make([(one, 5)], on=now.date() - timedelta(days=1), by=person(2), key="w", now=now))
    make(earned, now)
    refusal("key-used", lambda: batches.make([(one, 5)], on=now.date(), by=person(2), key="k", now=now))
    assert Payout.objects.count() == 2 and Batch.objects.count() == 1


def _in_one(act: Any) -> Any:
    with transaction.atomic():
        return act()


def test_no_approval_by_the_maker_even_past_the_code(earned, now) -> None:
    batch = make(earned, now)
    for wrong in ({"approved_by": person(2)}, {"state": "approved"}, {"taken_at": now}):
        with pytest.raises(Error), transaction.atomic():
            Batch.objects.filter(pk=batch.pk).update(**wrong)


def at_the_bank(earned, now) -> Batch:
    batch = make(earned, now)
    batches.approve(batch.pk, by=person(1), now=now)
    batches.take(batch.pk, by=person(2), now=now)
    return batch


def test_the_statement_says_what_the_bank_did(earned, now) -> None:
    batch = at_the_bank(earned, now)
    one, two = (Payout.objects.get(owner=owner) for owner in earned)
    report = read([(-30_000, f"정네온 {one.code}"), (-20_000, two.code), (20_000, f"{two.code} 반환")], now)
    assert (report.matched, report.doubtful) == (3, 0)
    batch.refresh_from_db()
    assert [Payout.objects.get(owner=owner).state for owner in earned] == ["done", "failed"] and (batch.state, batch.sealed) == ("done", None)
    assert (balance(earned[0]), balance(earned[1])) == (0, 20_000) and sound()
    assert Notice.objects.get(message="payments.came_back").person == person(5)
    assert statements.standing().unexplained == 0
    refusal("over", lambda: batches.take(batch.pk, by=person(2), now=now))
    assert read([(-30_000, f"정네온 {one.code}"), (-20_000, two.code), (20_000, f"{two.code} 반환"), (7, "이자")], now).known == 3


def test_a_bank_that_books_the_whole_batch_in_one_line(earned, now) -> None:
    batch = at_the_bank(earned, now)
    report = read([(-50_000, f"대량이체 {batch.code}")], now)
    assert report.matched == 1 and set(Payout.objects.values_list("state", flat=True)) == {"done"}
    assert statements.standing().unexplained == 0


def test_what_the_bank_never_took_in_is_said_by_hand(earned, now) -> None:
    batch = make(earned, now)
    payout = Payout.objects.get(owner=earned[0])
    refusal("not-taken", lambda: batches.refused_by_bank(payout.pk, by=person(2), now=now))
    batches.approve(batch.pk, by=person(1), now=now)
    batches.take(batch.pk, by=person(2), now=now)
    for _twice in range(2):
        assert batches.refused_by_bank(payout.pk, by=person(2), now=now).state == "failed"
    assert balance(earned[0]) == 30_000 and sound()
    report = read([(-30_000, payout.code)], now)
    assert report.doubtful == 1 and BankLine.objects.get().why == "left-twice"


def test_a_payout_nobody_approved_that_left_is_doubtful(earned, now) -> None:
    make(earned, now)
    assert read([(-30_000, Payout.objects.get(owner=earned[0]).code)], now).doubtful == 1
    assert BankLine.objects.get().why == "not-approved" and Payout.objects.get(owner=earned[0]).state == "created"


# Pages


def test_the_walk_over_the_pages_of_who_pays_out(coop, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    english(1, 2, 4, 5)
    office, board, earner, other = (client_for(person(number)) for number in (2, 1, 4, 5))
    assert "No account yet" in page(office, "/pay/bank/") and "No account yet" in page(office, "/pay/batches/")
    assert "Please check it." in office.post("/pay/bank/account/", {**OURS, "number": "12"}).content.decode()
    assert office.post("/pay/bank/account/", OURS).status_code == 302
    told = page(office, "/pay/bank/account/")
    assert "somebody of the board has to approve it" in told and person(1).name in told
    waiting = str(accounts.proposed().pk)
    assert office.post("/pay/bank/account/", {"confirm": waiting}).status_code == 409 and other.get("/pay/bank/account/").status_code == 404
    assert board.post("/pay/bank/account/", {"confirm": waiting}).status_code == 302 and accounts.ours()
    owner = earn(4, 30_000, now)
    assert "Has not said yet where to be paid" in page(office, "/pay/batches/")
    assert "No account yet" in page(earner, "/pay/account/")
    assert earner.post("/pay/account/", {**MINE, "owner": ledger.owner_of(person(2))}).status_code == 404
    assert earner.post("/pay/account/", {**MINE, "number": "1"}).status_code == 422
    assert earner.post("/pay/account/", MINE).status_code == 302
    shown_to_all = page(office, "/pay/batches/")
    assert "6789" in shown_to_all and "110123456789" not in shown_to_all and "110123456789" not in page(earner, "/pay/account/")
    made = office.post("/pay/batches/", {"owner": [owner], "key": "11111111-2222-3333-4444-555555555555"})["Location"]
    assert "Nobody waits for money" in page(office, "/pay/batches/") and "waits for approval" in page(office, made)
    assert office.post(f"{made}file/").status_code == 409 and other.get(made).status_code == 404
    assert office.post(made, {"approve": "1"}, follow=True).content.decode().count("somebody else has to approve it") == 1
    assert "Approve" in page(board, made) and board.post(made, {"approve": "1"}).status_code == 302
    file = office.post(f"{made}file/")
    assert file.status_code == 200 and "attachment" in file["Content-Disposition"] and krbulk.read(file.content)[0].amount == 30_000
    payout = Payout.objects.get()
    assert "The bank refused it" in page(office, made)
    assert office.post(made, {"refused": "x"}).status_code == 404
    assert office.post(made, {"refused": str(payout.pk)}).status_code == 302 and balance(owner) == 30_000
    assert earner.post("/pay/account/", {"forget": "1"}).status_code == 302 and accounts.account_of(owner) is None
