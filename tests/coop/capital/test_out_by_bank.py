"""Shares of those who left go out through the bank: put aside, in a batch two people sign, booked as paid by the statement, back when returned."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from madang.coop import law, ledger
from madang.coop.capital import actions, death, queue, withdrawals
from madang.coop.capital.models import Claim
from madang.coop.law.models import Coop
from madang.coop.ledger import queries
from madang.coop.members import actions as members
from madang.coop.notices.models import Notice, Task
from madang.coop.payments import accounts, approving, batches
from madang.coop.payments.models import BankAccount, Batch, Payout
from tests.coop.capital.outlife import NEW_YEAR, ask, british, give, membership, person, sound
from tests.coop.payments.bank_hands import MINE, OURS, read, refusal

pytestmark = pytest.mark.django_db
IBAN = {"holder": "Ann Example", "bank": "", "number": "GB33BUKB20201555555555"}
HOUSE = {"holder": "Tiny Co-op", "bank": "", "number": "GB94BARC10201530093459"}


def real(now: datetime, account: dict[str, str] = OURS) -> None:
    """No demo, and two people named the co-op's bank account."""
    Coop.objects.update(demo=False)
    law.request_ended()
    accounts.confirm_ours(accounts.propose_ours(**account, by=person(2), now=now).pk, by=person(1), now=now)


def left(now: datetime) -> Claim:
    """f4 held three shares of 10,000 won and left; the day the law gives has come, and the members decided to pay it back."""
    give(4, 3, now)
    members.leave(membership(4), by=person(4), now=now)
    Claim.objects.update(resolution_id=membership(4).pk)  # the vote is told of in test_refunds
    real(now)
    return Claim.objects.get()


def owed(claim: Claim) -> int:
    return queries.balance(claim.account)


def paid(claim: Claim, at: datetime) -> Payout:
    return withdrawals.pay(claim, by=person(2), now=at)


def carried(payout: Payout, at: datetime, key: str = "b") -> Batch:
    """In a batch, approved by a second person, taken to the bank."""
    batch = batches.make([], on=at.date() + timedelta(days=1), by=person(2), key=key, now=at, waiting=[payout.pk])
    batches.approve(batch.pk, by=person(1), now=at)
    batches.take(batch.pk, by=person(2), now=at)
    payout.refresh_from_db()
    return batch


def test_a_leavers_shares_go_out_with_a_batch_and_are_paid_when_the_statement_says_so(coop, now) -> None:
    claim, at = left(now), NEW_YEAR
    refusal("whose", lambda: paid(claim, at))
    assert not Payout.objects.exists() and owed(claim) == 30_000
    accounts.set_account(ledger.owner_of(person(4)), **MINE, by=person(4), now=now)
    one = paid(claim, at)
    assert (one.rail, one.kind, one.state, one.next_at, one.amount, one.party) == ("bank", "share-refund", "created", None, 30_000, f"person:{person(4).pk}")
    assert paid(Claim.objects.get(), at).pk == one.pk and owed(claim) == 0
    assert Notice.objects.filter(person=person(4), message="capital.paid_soon").count() == 1
    assert not Notice.objects.filter(message="capital.paid_back").exists(), "nothing is on its way yet"
    batch = carried(one, at)
    assert read([(-30_000, one.code)], at).matched == 1
    one.refresh_from_db()
    batch.refresh_from_db()
    assert (one.state, batch.state) == ("done", "done") and Claim.objects.get().payout == one
    sound()


def test_what_the_bank_returns_is_a_claim_again_and_is_paid_once_more(coop, now) -> None:
    claim, at = left(now), NEW_YEAR
    accounts.set_account(ledger.owner_of(person(4)), **MINE, by=person(4), now=now)
    one = paid(claim, at)
    carried(one, at)
    Task.objects.update(closed_at=at)
    assert read([(-30_000, one.code)], at).matched == 1
    assert read([(-30_000, one.code), (7, "이자"), (30_000, one.code)], at).matched == 1
    claim.refresh_from_db()
    assert (claim.payout, claim.paid_at, owed(claim)) == (None, None, 30_000)
    assert Task.objects.filter(person=person(2), message="capital.withdrawals", closed_at=None).exists(), "whoever pays out is asked again"
    sound()
    again = paid(claim, at + timedelta(days=3))
    assert again.pk != one.pk and again.state == "created"
    sound()


@pytest.mark.parametrize("how", ["batch", "single"])
def test_what_is_called_off_before_it_leaves_stands_again(coop, now, how) -> None:
    claim, at = left(now), NEW_YEAR
    accounts.set_account(ledger.owner_of(person(4)), **MINE, by=person(4), now=now)
    one = paid(claim, at)
    if how == "batch":
        batches.cancel(batches.make([], on=date(2027, 1, 2), by=person(2), key="b", now=at, waiting=[one.pk]).pk, by=person(2), now=at)
    else:
        approving.cancel(one.pk, by=person(2), now=at)
    claim.refresh_from_db()
    assert (claim.payout, owed(claim)) == (None, 30_000)
    sound()


def test_a_member_who_stays_is_paid_the_same_way(db, now) -> None:
    british(now, cap="100%", notice="1d")
    give(4, 10, now)
    real(now, HOUSE)
    accounts.set_account(ledger.owner_of(person(4)), **IBAN, by=person(4), now=now)
    wish, at = ask(4, 4, now), now + timedelta(days=2)
    one = withdrawals.pay(wish, by=person(2), now=at)
    assert (one.rail, one.amount, one.state) == ("bank", 400, "created")
    batch = carried(one, at)
    assert batch.format == "pain001" and Claim.objects.get().origin == "stay"
    sound()


def test_the_heirs_are_paid_where_they_said_and_not_where_the_dead_were(db, now) -> None:
    british(now, cap="100%", notice="1d")
    give(4, 10, now)
    real(now, HOUSE)
    accounts.set_account(ledger.owner_of(person(4)), **IBAN, by=person(4), now=now)
    (claim,) = _died(now)
    at = now + timedelta(days=40)
    refusal("heirs", lambda: paid(claim, at))
    refusal("office", lambda: death.pay_to(claim.pk, **{**IBAN, "holder": "Kim Daughter"}, by=person(5), now=at))
    refusal("number", lambda: death.pay_to(claim.pk, **{**IBAN, "number": "GB33BUKB20201555555556"}, by=person(2), now=at))
    death.pay_to(claim.pk, holder="Kim Daughter", bank="", number="GB82WEST12345698765432", by=person(2), now=at)
    one = paid(claim, at)
    carried(one, at)
    assert one.name == "Kim Daughter" and one.to.endswith("5432")
    from madang.coop.payments.outgoing import payout_answered
    from madang.rails.payments import Answer

    payout_answered(one, Answer(one.code, "paid", one.amount, one.unit), now=at)
    assert not BankAccount.objects.exclude(sealed=b"").filter(owner__startswith="claim:").exists(), "their number is forgotten once they are paid"
    sound()


def _died(now: datetime) -> Any:
    return death.died(person(4), now.date(), now=now)


def test_the_pages(coop, now, client_for, monkeypatch) -> None:
    claim, at = left(now), NEW_YEAR
    accounts.set_account(ledger.owner_of(person(4)), **MINE, by=person(4), now=now)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: at)
    type(person(4)).objects.filter(pk__in=[person(2).pk, person(4).pk]).update(language="en")
    office, me = client_for(person(2)), client_for(person(4))
    said = office.post("/shares/claims/", {"claim": str(claim.pk)}, follow=True).content.decode()
    assert "goes with the next batch" in said
    one = Payout.objects.get()
    assert "shares paid back" in office.get("/pay/batches/").content.decode() and str(one.pk) in office.get("/pay/batches/").content.decode()
    assert "once two people have signed" in me.get("/shares/").content.decode()
    assert me.get(f"/pay/payouts/{one.pk}/").status_code == 404
    assert actions.pay_claim(Claim.objects.get(), by=person(2), now=at).pk == one.pk


def test_all_who_may_be_paid_are_paid_in_one_go_within_the_cap(db, now) -> None:
    """Working the queue out once gives what paying one after the other gives; who has not said where keeps their place."""
    british(now, cap="10%", notice="1d")
    for number in (2, 3, 4, 5):
        give(number, 100, now)
    real(now, HOUSE)
    for number in (2, 3, 5):
        accounts.set_account(ledger.owner_of(person(number)), **IBAN, by=person(number), now=now)
    for minute, number in enumerate((4, 2, 3, 5)):
        ask(number, 15, now + timedelta(minutes=minute))
    at = now + timedelta(days=2)
    refusal("office", lambda: withdrawals.pay_next(by=person(5), now=at))
    most = queue.budget(at).left
    made = withdrawals.pay_next(by=person(2), now=at)
    assert [one.party for one in made] == [f"person:{person(number).pk}" for number in (2, 3)], "4 has not said where, and their part waits for them"
    paid_now = sum(one.amount for one in made)
    assert 0 < paid_now <= most and queue.budget(at).paid == paid_now
    first = queue.queue(at).places[0]
    assert first.membership.person == person(4) and first.now == 1_500
    sound()
    accounts.set_account(ledger.owner_of(person(4)), **IBAN, by=person(4), now=at)
    rest = withdrawals.pay_next(by=person(2), now=at)
    assert rest[0].party == f"person:{person(4).pk}" and queue.budget(at).paid <= most
    assert withdrawals.pay_next(by=person(2), now=at) == [] or queue.budget(at).paid <= most
    sound()


def test_an_empty_form_says_why_and_what_to_do(coop, now, client_for, monkeypatch) -> None:
    type(person(4)).objects.filter(pk=person(4).pk).update(language="en")
    browser, url = client_for(person(4)), "/decisions/new/?kind=refund_to_leavers"
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    nobody = browser.get(url).content.decode()
    assert "Nobody who left waits" in nobody and 'value="propose"' not in nobody
    assert "No year is open" in browser.get("/decisions/new/?kind=use_of_surplus").content.decode()
    give(5, 3, now)
    members.leave(membership(5), by=person(5), now=now)
    assert "Come again on that day" in browser.get(url).content.decode()
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: NEW_YEAR)
    ready = browser.get(url).content.decode()
    assert "1 claim of someone who left" in ready and 'value="propose"' in ready


def test_nobody_says_of_their_own_shares_that_the_bank_refused_them(db, now) -> None:
    """What is paid for shares is owned by a membership: it is theirs all the same. Else it is paid by the bank, and once more by the next batch."""
    british(now, cap="100%", notice="1d")
    give(2, 10, now)
    real(now, HOUSE)
    accounts.set_account(ledger.owner_of(person(2)), **IBAN, by=person(2), now=now)
    wish, at = ask(2, 4, now), now + timedelta(days=2)
    one = withdrawals.pay(wish, by=person(2), now=at)
    carried(one, at)
    refusal("own-payout", lambda: batches.refused_by_bank(one.pk, by=person(2), now=at))
    one.refresh_from_db()
    assert one.state == "created"
