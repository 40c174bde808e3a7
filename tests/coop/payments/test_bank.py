"""Bank transfer: the account two people set, batches with four eyes, statements that are matched once, and cash."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, IntegrityError, transaction

from madang.coop import ledger
from madang.coop.ledger import checks, queries
from madang.coop.ledger.moves import Move
from madang.coop.members.models import OfficeTerm
from madang.coop.notices.models import Notice, Task
from madang.coop.payments import accounts, actions, batches, choosing, sandbox, statements
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import BankAccount, BankLine, BankStatement, Batch, Charge, Payout, Refund
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.bank import krbulk
from madang.rails.bank.codes import shown
from tests.rails.bank.test_krcsv import bank_file

pytestmark = pytest.mark.django_db
OURS = {"holder": "작은마당 협동조합", "bank": "004", "number": "123456-04-123456"}
MINE = {"holder": "정네온", "bank": "088", "number": "110-123-456789"}


def person(number: int) -> Person:
    return Person.objects.get(email=f"f{number}@example.org")


def refusal(code: str, act: Any) -> None:
    with pytest.raises(Refused) as no:
        act()
    assert no.value.code == code


@pytest.fixture
def ours(coop, now, monkeypatch) -> BankAccount:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    return accounts.confirm_ours(accounts.propose_ours(**OURS, by=person(2), now=now).pk, by=person(1), now=now)


def earn(number: int, amount: int, now) -> str:
    owner = ledger.owner_of(person(number))
    move = Move(clearing("sandbox", "KRW"), ledger.account("payable", owner, "KRW"), amount, "provider")
    ledger.post("gift", [move], key=f"e{number}:{amount}", subject="", now=now)
    return owner


@pytest.fixture
def earned(ours, now) -> tuple[str, str]:
    """f4 earned 30,000 and f5 20,000; both said where they are paid."""
    for number, name in ((4, "정네온"), (5, "최다온")):
        accounts.set_account(ledger.owner_of(person(number)), **{**MINE, "holder": name}, by=person(number), now=now)
    return earn(4, 30_000, now), earn(5, 20_000, now)


def balance(owner: str) -> int:
    return queries.balance(ledger.account("payable", owner, "KRW"))


def make(earned, now, key="k") -> Batch:
    return batches.make([(earned[0], 30_000), (earned[1], 20_000)], on=now.date(), by=person(2), key=key, now=now)


def read(moved: list[tuple[int, str]], now, opening: int = 1_000_000, **more: Any) -> statements.Report:
    return statements.read(bank_file(moved, opening, True).encode("cp949"), by=person(2), now=now, is_ours=True, **more)


def sound() -> bool:
    return checks.balances_equal_sums() == checks.units_sum_to_zero() == []


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
    assert any(one.get("number") == "3333011234567" for one in _exported(person(4)))
    accounts.end_account(owner, now=now)
    assert accounts.account_of(owner) is None and not any("number" in one for one in _exported(person(4)))


def _exported(who: Person) -> list[dict[str, Any]]:
    from madang.coop.payments import hooks

    return hooks._export(who)


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


# Charges


@pytest.fixture
def charge(ours, world, now) -> Charge:
    made = actions.charge("test", "job:1", person(4), 52_000, "KRW", key="c1", now=now)
    return choosing.by_bank(made, now=now)


def test_a_transfer_with_its_code_settles_the_charge_once(charge, now) -> None:
    assert charge.rail == "bank" and charge.expires_at == now + timedelta(days=7) and choosing.by_bank(charge, now=now).ref == charge.ref
    moved = [(52_000, f"정네온{shown(charge.ref).lower()}"), (-1_000, "수수료")]
    report = read(moved, now)
    charge.refresh_from_db()
    assert (report.matched, report.doubtful, charge.state) == (1, 1, "settled")
    assert queries.balance(clearing("bank", "KRW")) == -52_000 and statements.standing().unexplained == 0
    refusal("read-before", lambda: read(moved, now))
    again = read([*moved, (52_000, f"정네온{charge.ref}")], now)
    assert (again.known, again.matched, again.doubtful) == (2, 0, 1)
    assert BankLine.objects.get(why="paid-twice").charge == charge and sound()


def test_doubtful_lines_wait_for_a_person(charge, now) -> None:
    read([(52_001, charge.ref), (51_999, charge.ref), (52_000, "정네온"), (5, "모름"), (1, f"{charge.ref}")], now)
    assert list(BankLine.objects.order_by("pk").values_list("why", flat=True)) == ["too-much", "too-little", "same-amount", "no-code", "too-little"]
    too_much, too_little, guessed, unknown, _other = BankLine.objects.order_by("pk")
    assert [one.pk for one in {line.pk: guesses for line, guesses in statements.doubtful()}[guessed.pk]] == [charge.pk]
    refusal("office", lambda: statements.take_for(guessed.pk, charge.ref, by=person(5), now=now))
    refusal("too-little", lambda: statements.take_for(too_little.pk, charge.ref, by=person(2), now=now))
    refusal("code", lambda: statements.take_for(guessed.pk, "ABC-DEFG", by=person(2), now=now))
    refusal("why", lambda: statements.leave(unknown.pk, " ", by=person(2), now=now))
    for _twice in range(2):
        statements.take_for(guessed.pk, shown(charge.ref), by=person(2), now=now)
    charge.refresh_from_db()
    assert charge.state == "settled"
    refusal("code", lambda: statements.take_for(too_much.pk, charge.ref, by=person(2), now=now))
    statements.leave(unknown.pk, "이자", by=person(2), now=now)
    refusal("decided", lambda: statements.leave(unknown.pk, "이자", by=person(2), now=now))
    with pytest.raises(Missing):
        statements.leave(unknown.pk + 999, "x", by=person(2), now=now)
    assert statements.standing().unexplained == 0 and sound()


def test_what_came_beyond_goes_back(charge, now, django_capture_on_commit_callbacks) -> None:
    read([(60_000, charge.ref)], now)
    with django_capture_on_commit_callbacks(execute=True):
        statements.take_for(BankLine.objects.get().pk, charge.ref, by=person(2), now=now)
    back = Refund.objects.get()
    assert (back.amount, back.state, back.reason) == (8_000, "failed", "by-hand") and queries.balance(refund_account(charge)) == 8_000
    assert Task.objects.filter(key=f"refund:{back.pk}", person=person(2)).exists()
    actions.sent_by_hand(back.pk, by=person(2), now=now)
    read([(-8_000, "환불")], now, opening=1_060_000)
    statements.leave(BankLine.objects.get(amount=-8_000).pk, "refund by hand", by=person(2), now=now)
    assert queries.balance(refund_account(charge)) == 0 and sound()


def test_money_that_comes_after_it_was_over_goes_back(charge, world, now) -> None:
    actions.give_up(charge, now=now)
    assert world.failed == [charge.pk]
    read([(52_000, charge.ref)], now)
    charge.refresh_from_db()
    assert charge.state == "failed" and Refund.objects.get().amount == 52_000 and queries.balance(refund_account(charge)) == 52_000


def test_files_that_are_refused(charge, now) -> None:
    fine = bank_file([(52_000, charge.ref), (1, "a")], 0, False).encode()
    ours = b"\xea\xb3\x84\xec\xa2\x8c\xeb\xb2\x88\xed\x98\xb8,123456-04-123456\n"
    other = ours.replace(b"123456-04", b"999456-04")
    for data, code in [
        (fine, "whose"), (other + fine, "file-account"), (fine.replace(b'"52,000"', b'"52,001"'), "file-sum"), (fine[:-3], "file-cut"),
        (b"%PDF", "file-format"),
        (fine.replace(b"52000", str(10**18).encode()), "file-amount"),
    ]:  # fmt: skip
        refusal(code, lambda data=data: statements.read(data, by=person(2), now=now))
    refusal("office", lambda: statements.read(ours + fine, by=person(5), now=now))
    assert not BankStatement.objects.exists() and not BankLine.objects.exists()
    assert statements.read(ours + fine, by=person(2), now=now).matched == 1


def test_a_gap_and_another_format_are_told_apart(charge, now) -> None:
    assert not read([(1, "a")], now).gap
    later = b"\n".join([b":20:A", b":25:12345604123456", b":28C:1", b":60F:C260101KRW1000001,", b":62F:C260101KRW1000001,", b""])
    refusal("other-format", lambda: statements.read(later, by=person(2), now=now))
    moved = bank_file([(5, "b")], 9, False).replace("2026.01.01", "2026.01.05").encode()
    assert statements.read(moved, by=person(2), now=now, is_ours=True).gap


def test_one_that_cannot_be_booked_does_not_keep_the_others_waiting(charge, world, now) -> None:
    other = choosing.by_bank(actions.charge("test", "job:2", person(5), 9_000, "KRW", key="c2", now=now), now=now)
    world.parts = lambda one: None if one.pk == charge.pk else [ledger.hold("x", one.amount, "KRW", payer=one.owner, key=str(one.pk), now=now).part()]
    report = read([(52_000, charge.ref), (9_000, other.ref)], now)
    assert (report.matched, report.doubtful) == (1, 1) and BankLine.objects.get(state="doubtful").why == "not-booked"
    charge.refresh_from_db()
    other.refresh_from_db()
    assert (charge.state, other.state) == ("created", "settled") and sound()
    world.parts = None
    statements.take_for(BankLine.objects.get(state="doubtful").pk, charge.ref, by=person(2), now=now)
    assert statements.standing().unexplained == 0 and sound()


def test_a_year_of_lines_in_few_queries(charge, now, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(60):
        assert read([(1_000 + at, "누구") for at in range(400)] + [(52_000, charge.ref)], now).matched == 1


def test_the_words_of_the_bank_are_forgotten(charge, now) -> None:
    read([(52_000, f"정네온 {charge.ref}"), (7, "누구")], now)
    soon, late = now + timedelta(days=89), now + timedelta(days=90)
    assert statements.forget_words(soon, 9) == []
    (key,) = statements.forget_words(late, 9)
    statements.forget(key, now=late)
    assert statements.forget_words(late, 9) == []
    assert [(one.amount, one.name) for one in BankLine.objects.order_by("pk")] == [(52_000, ""), (7, "누구")]


def test_what_is_erased_is_gone_from_the_bank_too(charge, now) -> None:
    accounts.set_account(ledger.owner_of(person(4)), **MINE, by=person(4), now=now)
    read([(52_000, f"정네온 {charge.ref}")], now)
    assert any(one["kind"] == "bank line" and "정네온" in one["name"] for one in _exported(person(4)))
    from madang.coop.payments import hooks

    hooks._erase(person(4), now=now)
    assert BankLine.objects.get().name == "" and accounts.account_of(ledger.owner_of(person(4))) is None


def test_one_may_change_from_the_pretend_bank_but_never_pay_twice(ours, world, now) -> None:
    made = actions.charge("test", "job:1", person(4), 52_000, "KRW", key="c1", now=now)
    started = actions.go_and_pay(made, now=now)
    moved = choosing.by_bank(started, now=now)
    assert moved.rail == "bank" and sandbox.rail().payment(started.ref).state == "cancelled"
    other = actions.go_and_pay(actions.charge("test", "job:2", person(4), 1_000, "KRW", key="c2", now=now), now=now)
    sandbox.rail().choose(other.ref, "lost", at=now)
    refusal("paid", lambda: choosing.by_bank(other, now=now))
    other.refresh_from_db()
    assert other.state == "settled"


def test_no_transfer_where_it_cannot_wait_or_there_is_no_account(coop, world, now) -> None:
    made = actions.charge("test", "job:1", person(4), 52_000, "KRW", key="c1", now=now)
    refusal("no-bank", lambda: choosing.by_bank(made, now=now))


def test_cash_is_booked_at_once_with_a_receipt(charge, now) -> None:
    assert choosing.by_code(shown(charge.ref)).pk == charge.pk
    for amount, by, code in [(52_001, person(2), "amount"), (51_999, person(2), "amount"), (52_000, person(5), "office")]:
        refusal(code, lambda amount=amount, by=by: choosing.take_cash(charge, amount, by=by, now=now))
    for _twice in range(2):
        paid = choosing.take_cash(charge, 52_000, by=person(2), now=now)
    assert (paid.state, paid.rail, queries.balance(clearing("cash", "KRW"))) == ("settled", "cash", -52_000)
    assert read([(52_000, charge.ref)], now).doubtful == 1, "and a transfer for it as well is seen"
    with pytest.raises(Missing):
        choosing.by_code(charge.ref)
    own = choosing.by_bank(actions.charge("test", "job:3", person(2), 5, "KRW", key="c3", now=now), now=now)
    refusal("own-cash", lambda: choosing.take_cash(own, 5, by=person(2), now=now))
    assert sound()


# Pages


def page(client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def english(*numbers: int) -> None:
    Person.objects.filter(email__in=[f"f{number}@example.org" for number in numbers]).update(language="en")


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


def test_the_walk_of_a_payer_by_transfer_and_the_statement(ours, world, now, client_for) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    english(2, 4, 5)
    me, office, other = (client_for(person(number)) for number in (4, 2, 5))
    made = actions.charge("test", "job:1", person(4), 52_000, "KRW", key="c1", now=now)
    assert "Pay by bank transfer or cash" in page(me, f"/pay/{made.pk}/")
    assert other.post(f"/pay/{made.pk}/by-bank/").status_code == 404
    where = me.post(f"/pay/{made.pk}/by-bank/")["Location"]
    made.refresh_from_db()
    told = page(me, where)
    assert shown(made.ref) in told and "12345604123456" in told and other.get(where).status_code == 404
    assert me.post(f"/pay/{made.pk}/")["Location"] == where
    for private in ("/pay/bank/", "/pay/cash/", "/pay/batches/"):
        assert other.get(private).status_code == 404

    def upload(data: bytes, **more: str) -> str:
        return office.post("/pay/bank/", {"file": SimpleUploadedFile("any.name", data), **more}, follow=True).content.decode()

    data = bank_file([(1, "모름"), (52_000, made.ref)], 7, False).encode("cp949")
    assert "does not say whose account it is" in upload(data) and "none of the files we can read" in upload(b"%PDF-1.7")
    assert "1 matched by themselves, 1 to look at" in upload(data, is_ours="on")
    assert "was read before" in upload(data, is_ours="on")
    assert office.post("/pay/bank/", {"file": SimpleUploadedFile("x", b"x" * 1_000_001)}).status_code == 413
    assert "Paid on" in page(me, where) and "No code in it." in page(office, "/pay/bank/") and "agree to the last unit" in page(office, "/pay/bank/")
    line = BankLine.objects.get(state="doubtful")
    assert office.post("/pay/bank/", {"line": "x", "why": "x"}).status_code == 404
    office.post("/pay/bank/", {"line": str(line.pk), "code": "nothing"})
    assert BankLine.objects.filter(state="doubtful").exists()
    office.post("/pay/bank/", {"line": str(line.pk), "why": "interest"})
    assert "Nothing is doubtful" in page(office, "/pay/bank/")


def test_cash_over_the_counter(charge, now, client_for) -> None:
    english(2, 4)
    office = client_for(person(2))
    assert "The code the payer was given" in page(office, "/pay/cash/") and office.get("/pay/cash/?code=xyz").status_code == 302
    told = page(office, f"/pay/cash/?code={shown(charge.ref)}")
    assert "I have ₩52,000 in hand" in told
    office.post("/pay/cash/", {"code": charge.ref, "amount": "₩5"})
    assert Charge.objects.get().state == "created"
    office.post("/pay/cash/", {"code": charge.ref, "amount": "₩52,000"})
    assert Charge.objects.get().state == "settled" and "Receipt" in page(client_for(person(4)), f"/pay/{charge.pk}/receipt/")


# Nobody decides alone over their own money


def test_nobody_says_of_their_own_payout_that_the_bank_refused_it(ours, now) -> None:
    """Else who carries the approved file to the bank is paid by the bank, and once more by the next batch."""
    owner = ledger.owner_of(person(2))
    accounts.set_account(owner, **MINE, by=person(2), now=now)
    earn(2, 30_000, now)
    batch = batches.make([(owner, 30_000)], on=now.date(), by=person(2), key="k", now=now)
    batches.approve(batch.pk, by=person(1), now=now)
    batches.take(batch.pk, by=person(2), now=now)
    payout = Payout.objects.get()
    refusal("own-payout", lambda: batches.refused_by_bank(payout.pk, by=person(2), now=now))
    assert Payout.objects.get().state == "created" and balance(owner) == 0
    refusal("office", lambda: batches.refused_by_bank(payout.pk, by=person(5), now=now))
    assert batches.refused_by_bank(payout.pk, by=person(1), now=now).state == "failed"  # who approved it
    read([(-30_000, payout.code)], now)
    refusal("own-payout", lambda: statements.leave(BankLine.objects.get().pk, "bank fee", by=person(2), now=now))


def test_nobody_lets_a_strangers_money_pay_their_own_charge(ours, world, now) -> None:
    own = choosing.by_bank(actions.charge("test", "job:1", person(2), 52_000, "KRW", key="c1", now=now), now=now)
    read([(52_000, "이름 모를 사람")], now)
    line = BankLine.objects.get()
    refusal("own-charge", lambda: statements.take_for(line.pk, own.ref, by=person(2), now=now))
    assert Charge.objects.get().state == "created" and BankLine.objects.get().state == "doubtful"


def test_the_second_click_finds_the_batch_of_the_first(earned, now, client_for) -> None:
    form = {"owner": list(earned), "key": "6b6f0d2e-52a4-4c67-9d8b-0d0b3f6c1f11"}
    first, second = (client_for(person(2)).post("/pay/batches/", form) for _twice in range(2))
    assert first.status_code == second.status_code == 302 and first.url == second.url == f"/pay/batches/{Batch.objects.get().pk}/"


def test_an_account_named_anew_does_not_bring_its_old_lines_again(charge, now) -> None:
    moved = [(52_000, f"김하늘 {charge.ref}"), (7, "이자")]
    assert read(moved, now).matched == 1
    accounts.confirm_ours(accounts.propose_ours(**OURS, by=person(2), now=now).pk, by=person(1), now=now)
    again = read([*moved, (9, "이자")], now)
    assert (again.known, again.matched, again.doubtful) == (2, 0, 1)
