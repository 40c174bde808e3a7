"""No real money goes out on one person's word: services, the bank, and what is sent back by hand; nobody reaches the pretend bank where money is real."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from madang.coop import law, ledger
from madang.coop.law.models import Coop
from madang.coop.ledger import queries
from madang.coop.members.models import OfficeTerm
from madang.coop.notices.models import Task
from madang.coop.payments import accounts, actions, approving, batches, choosing, outgoing, rails, sandbox
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import Batch, Payout, Refund
from madang.coop.people.models import Person
from madang.kit import house
from madang.kit.errors import Missing
from madang.rails.payments import Answer
from madang.rails.payments.stripe import Settings
from tests.coop.payments.bank_hands import MINE, balance, earn, person, read, refusal, sound
from tests.coop.payments.test_stripe import here, treasurer  # noqa: F401  (fixtures)


def real() -> None:
    """The co-op is no demo."""
    Coop.objects.update(demo=False)
    law.request_ended()


@pytest.fixture
def live(here, coop, monkeypatch):  # noqa: F811
    """Stripe with a live key, a worker it knows who has earned 52,000."""
    coop.demo = False
    coop.save()
    monkeypatch.setattr(Settings, "test_mode", property(lambda _self: False))
    here.pay(60_000)
    here.release(here.pay(), 0)
    here.enrol()
    return here


def made(here) -> Payout:  # noqa: F811
    return actions.pay_out(here.owner, 10_000, "KRW", by=here.treasurer, key="p", now=here.now)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_before_a_second_person_has_approved_it(live, client_for, monkeypatch) -> None:
    one = made(live)
    assert made(live).pk == one.pk and (one.state, one.second, one.next_at) == ("created", True, None)
    live.later(800)
    outgoing.send_payout(one.pk, now=live.now)
    assert not live.world.made.get("transfer") and queries.balance(ledger.account("payable", live.owner, "KRW")) == 42_000, "put aside, and not sent"
    asked = {task.person for task in Task.objects.filter(key=f"payout:{one.pk}", closed_at=None)}
    assert asked and live.treasurer not in asked
    second = asked.pop()
    refusal("four-eyes", lambda: approving.approve(one.pk, by=live.treasurer, now=live.now))
    refusal("office", lambda: approving.approve(one.pk, by=live.worker, now=live.now))
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: live.now)
    url = f"/pay/payouts/{one.pk}/"
    assert client_for(live.worker).get(url).status_code == 404
    assert client_for(second).get(url).status_code == client_for(live.treasurer).get("/pay/out/").status_code == 200
    client_for(live.treasurer).post(url, {"approve": "1"})
    assert Payout.objects.get(pk=one.pk).approved_by is None
    assert client_for(second).post(url, {"approve": "1"}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.approved_by) == ("done", second) and len(live.world.made["transfer"]) == 1 and live.agrees()
    assert approving.approve(one.pk, by=second, now=live.now).pk == one.pk
    refusal("over", lambda: approving.cancel(one.pk, by=live.treasurer, now=live.now))


@pytest.mark.django_db(transaction=True)
def test_one_that_is_not_wanted_stands_to_their_credit_again(live) -> None:
    one = made(live)
    for _twice in range(2):
        assert approving.cancel(one.pk, by=live.treasurer, now=live.now + timedelta(hours=1)).state == "failed"
    assert queries.balance(ledger.account("payable", live.owner, "KRW")) == 52_000 and live.agrees()
    refusal("over", lambda: approving.approve(one.pk, by=person(1), now=live.now))
    with pytest.raises(Missing):
        approving.approve(live.paid[0].pk, by=person(1), now=live.now)


@pytest.mark.django_db(transaction=True)
def test_the_database_knows_it_too(live) -> None:
    one = made(live)
    for change in ({"approved_by": Person.objects.get(pk=live.treasurer.pk)}, {"state": "done"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payout.objects.filter(pk=one.pk).update(**change)


@pytest.mark.django_db(transaction=True)
def test_pretend_money_needs_nobody(here) -> None:  # noqa: F811
    here.release(here.pay(), 0)
    here.enrol()
    assert made(here).second is False and Payout.objects.get().state == "done"


@pytest.mark.django_db
def test_one_person_alone_is_told_whom_to_elect(earned, now, client_for) -> None:
    """The treasurer is the only one who could sign: nothing is put aside, and the page says which office is to be filled."""
    real()
    OfficeTerm.objects.exclude(person=person(2)).update(since=now - timedelta(days=9), until=now)
    refusal("alone", lambda: actions.pay_out(earned[0], 1_000, "KRW", by=person(2), key="p", now=now))
    refusal("alone", lambda: batches.make([(earned[0], 1_000)], on=now.date(), by=person(2), key="b", now=now))
    assert not Payout.objects.exists() and balance(earned[0]) == 30_000
    Person.objects.filter(pk=person(2).pk).update(language="en")
    said = client_for(person(2)).post("/pay/out/", {"owner": earned[0], "amount": "1000", "key": "6b6f0d2e-52a4-4c67-9d8b-0d0b3f6c1f11"}, follow=True)
    assert "Elect somebody else first" in said.content.decode()


@pytest.mark.django_db
def test_single_payouts_go_with_the_next_batch_and_come_back(earned, now, client_for) -> None:
    real()
    one = actions.pay_out(earned[0], 30_000, "KRW", by=person(2), key="p", now=now)
    office = client_for(person(2))
    page = office.get("/pay/batches/").content.decode()
    assert str(one.pk) in page and str(one.pk) in office.get("/pay/out/").content.decode()
    form = {"waiting": [str(one.pk)], "owner": [earned[1]], "key": "6b6f0d2e-52a4-4c67-9d8b-0d0b3f6c1f12"}
    first, again = (office.post("/pay/batches/", form) for _twice in range(2))
    batch = Batch.objects.get()
    assert first.url == again.url == f"/pay/batches/{batch.pk}/" and (batch.total, batch.count) == (50_000, 2)
    assert batches.make([(earned[1], 20_000)], on=batch.on, by=person(2), key=batch.key, now=now, waiting=[one.pk]).pk == batch.pk
    refusal("key-used", lambda: batches.make([(earned[1], 20_000)], on=batch.on, by=person(2), key=batch.key, now=now))
    refusal("over", lambda: batches.make([], on=batch.on, by=person(2), key="other", now=now, waiting=[one.pk]))
    refusal("over", lambda: approving.cancel(one.pk, by=person(2), now=now))
    refusal("not-approved", lambda: batches.take(batch.pk, by=person(2), now=now))
    batches.approve(batch.pk, by=person(1), now=now)
    assert "정네온" in batches.take(batch.pk, by=person(2), now=now).body.decode("cp949")
    one.refresh_from_db()
    assert read([(-30_000, one.code)], now).matched == 1
    one.refresh_from_db()
    assert one.state == "done" and balance(earned[0]) == 0
    assert read([(-30_000, one.code), (30_000, one.code)], now).matched == 1
    one.refresh_from_db()
    assert one.state == "failed" and balance(earned[0]) == 30_000 and sound()


@pytest.mark.django_db
def test_a_waiting_one_is_called_off(earned, now) -> None:
    real()
    one = actions.pay_out(earned[0], 30_000, "KRW", by=person(2), key="p", now=now)
    assert approving.cancel(one.pk, by=person(2), now=now).state == "failed" and balance(earned[0]) == 30_000
    with pytest.raises(Missing):
        approving.approve(one.pk, by=person(1), now=now)
    assert approving.waiting() == [] and sound()


@pytest.fixture
def stuck(ours, world, payer, now):
    """A refund of 12,000 that no service sent, in a real co-op."""
    charge = actions.charge("test", "job:1", payer, 52_000, "KRW", key="c1", now=now)
    ledger.post("gift", [ledger.Move(clearing("bank", "KRW"), refund_account(charge), 12_000, "refund")], key="aside", subject="", now=now)
    made = actions.refund(charge, 12_000, key="back", now=now)
    real()
    return outgoing.refund_answered(made, Answer("re_x", "declined", 12_000, "KRW", reason="closed"), now=now)


@pytest.mark.django_db
def test_what_goes_back_by_hand_is_approved_before_it_is_sent(stuck, now, client_for) -> None:
    refusal("not-approved", lambda: actions.sent_by_hand(stuck.pk, by=person(2), now=now))
    treasurer, board = client_for(person(2)), client_for(person(1))  # noqa: F811
    with pytest.raises(Missing):
        approving.approve_by_hand(stuck.pk, by=person(1), now=now)
    asked = treasurer.post("/pay/out/", {"refund": str(stuck.pk), "ask": "1"})
    url = f"/pay/by-hand/{stuck.pk}/"
    assert asked.url == url and person(1) in {task.person for task in Task.objects.filter(key=f"by-hand:{stuck.pk}", closed_at=None)}
    refusal("four-eyes", lambda: approving.approve_by_hand(stuck.pk, by=person(2), now=now))
    refusal("not-approved", lambda: actions.sent_by_hand(stuck.pk, by=person(2), now=now))
    assert client_for(person(5)).get(url).status_code == 404 and board.get(url).status_code == 200
    assert board.post(url, {"approve": "1"}).status_code == 302
    assert not Task.objects.filter(key=f"by-hand:{stuck.pk}", closed_at=None).exists() and treasurer.get(url).status_code == 200
    treasurer.post("/pay/out/", {"refund": str(stuck.pk)})
    kept = Refund.objects.get()
    assert (kept.state, kept.asked_by, kept.approved_by, kept.by) == ("done", person(2), person(1), person(2)) and sound()
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.update(approved_by=person(2))


@pytest.mark.django_db
def test_no_purpose_and_nothing_on_its_way_out_reaches_the_pretend_bank_where_money_is_real(ours, world, payer, now, client_for) -> None:
    """A walk over every purpose of the house, and every kind of money that goes out."""
    before = actions.go_and_pay(actions.charge("test", "job:0", payer, 9, "KRW", key="c0", now=now), now=now)
    assert before.checkout_url and sandbox.rail().payment(before.ref)
    real()
    assert not rails.pretends()
    keys = [one.key for one in house.collect("purposes")]
    assert {"test", "shares", "job"} <= set(keys)
    for number, key in enumerate(keys):
        asked = actions.charge(key, f"x:{number}", payer, 52_000, "KRW", key=f"walk:{key}", now=now)
        refusal("no-service", lambda asked=asked: actions.go_and_pay(asked, now=now))
        asked.refresh_from_db()
        assert (asked.state, asked.ref) == ("created", "")
    refusal("no-service", lambda: actions.go_and_pay(before, now=now))
    assert choosing.by_bank(actions.charge("test", "job:9", payer, 7, "KRW", key="c9", now=now), now=now).rail == "bank"
    page = client_for(payer).get(actions.charge("test", "job:8", payer, 7, "KRW", key="c8", now=now).get_absolute_url()).content.decode()
    assert "/by-bank/" in page and "pretend bank" not in page and "connected here yet" in page
    assert client_for(payer).get(f"/pay/sandbox/{before.ref}/").status_code == 404
    assert Client().post("/pay/webhook/sandbox/", b"{}", content_type="application/json").status_code == 404
    owner = earn(4, 30_000, now)
    accounts.set_account(owner, **MINE, by=person(4), now=now)
    for number, (source, kind) in enumerate([("payable", "payout"), ("claims", "share-refund"), ("payable", "any-other")]):
        ledger.post("gift", [ledger.Move(clearing("bank", "KRW"), ledger.account(source, owner, "KRW"), 500, "x")], key=f"w{number}", subject="", now=now)
        sent = actions.pay_out(owner, 500, "KRW", by=person(2), key=f"w{number}", now=now, kind=kind, source=source)
        assert sent.rail == "bank" and sent.next_at is None
    assert not Payout.objects.filter(rail="sandbox").exists() and outgoing.find_open(now + timedelta(days=9), 50) == []
