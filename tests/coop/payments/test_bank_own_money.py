"""Nobody decides alone over their own money, and nothing that is read or clicked twice counts twice."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from madang.coop import law, ledger
from madang.coop.law.models import Coop
from madang.coop.payments import accounts, actions, batches, choosing, outgoing, statements
from madang.coop.payments.models import BankLine, Batch, Charge, Payout
from tests.coop.payments.bank_hands import MINE, OURS, balance, earn, person, read, refusal

pytestmark = pytest.mark.django_db


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


def test_a_real_co_op_with_a_bank_does_not_pay_out_through_the_pretend_one(earned, now) -> None:
    """The books would say sent, and nothing would leave: a single payout waits for the next batch, which two people sign."""
    owner = earned[0]
    Coop.objects.update(demo=False)
    law.request_ended()
    refusal("whose", lambda: actions.pay_out(earn(2, 1_000, now), 1_000, "KRW", by=person(2), key="q", now=now))
    waiting = actions.pay_out(owner, 30_000, "KRW", by=person(2), key="p", now=now)
    assert (waiting.rail, waiting.state, waiting.next_at, waiting.batch_id, balance(owner)) == ("bank", "created", None, None, 0)
    outgoing.send_payout(waiting.pk, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database knows it too
        Payout.objects.filter(pk=waiting.pk).update(state="done")
    Coop.objects.update(demo=True)
    law.request_ended()
    assert actions.pay_out(earned[1], 20_000, "KRW", by=person(2), key="d", now=now).rail == "sandbox"
