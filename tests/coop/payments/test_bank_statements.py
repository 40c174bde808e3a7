"""Statements that are matched once, transfers with a code, and cash."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop import ledger
from madang.coop.ledger import queries
from madang.coop.notices.models import Task
from madang.coop.payments import accounts, actions, choosing, sandbox, statements
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import BankLine, BankStatement, Charge, Refund
from madang.kit.errors import Missing
from madang.rails.bank.codes import shown
from tests.coop.payments.bank_hands import MINE, english, exported, page, person, read, refusal, sound
from tests.rails.bank.test_krcsv import bank_file

pytestmark = pytest.mark.django_db


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
    read([(52_001, charge.ref), (51_999, charge.ref), (52_000, "정네온"), (5, "모름"), (2, f"{charge.ref}")], now)
    assert list(BankLine.objects.order_by("pk").values_list("why", flat=True)) == ["too-much", "too-little", "same-amount", "no-code", "too-much"]
    too_much, too_little, guessed, unknown, _other = BankLine.objects.order_by("pk")
    assert [one.pk for one in {line.pk: guesses for line, guesses, _own in statements.doubtful()}[guessed.pk]] == [charge.pk]
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
    assert any(one["kind"] == "bank line" and "정네온" in one["name"] for one in exported(person(4)))
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
    refused = office.post("/pay/bank/", {"line": str(line.pk), "code": "nothing"})
    assert refused.status_code == 422 and 'value="nothing"' in refused.content.decode(), "what was typed stays"
    assert BankLine.objects.filter(state="doubtful").exists()
    office.post("/pay/bank/", {"line": str(line.pk), "why": "interest"})
    assert "Nothing is doubtful" in page(office, "/pay/bank/")


def test_cash_over_the_counter(charge, now, client_for) -> None:
    english(2, 4)
    office = client_for(person(2))
    assert "The code the payer was given" in page(office, "/pay/cash/") and 'value="xyz"' in page(office, "/pay/cash/?code=xyz"), "what was typed stays"
    told = page(office, f"/pay/cash/?code={shown(charge.ref)}")
    assert "I have ₩52,000 in hand" in told
    office.post("/pay/cash/", {"code": charge.ref, "amount": "₩5"})
    assert Charge.objects.get().state == "created"
    office.post("/pay/cash/", {"code": charge.ref, "amount": "₩52,000"})
    assert Charge.objects.get().state == "settled" and "Receipt" in page(client_for(person(4)), f"/pay/{charge.pk}/receipt/")
