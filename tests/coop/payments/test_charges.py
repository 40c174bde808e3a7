"""A charge, from the wish to the books: once, whatever the web hooks do."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from madang.coop import ledger
from madang.coop.ledger import checks, queries
from madang.coop.ledger.models import Transfer
from madang.coop.notices.due import run_due
from madang.coop.payments import actions, sandbox
from madang.coop.payments.booking import clearing
from madang.coop.payments.models import Charge, Refund, SandboxEvent, SandboxPayment, WebhookEvent
from madang.kit.errors import Refused
from madang.rails.payments import BadSignature
from madang.rails.payments.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def charge(world, payer, now):
    return actions.charge("test", "job:1", payer, 52_000, "KRW", key="c1", now=now)


def sound() -> None:
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == checks.holds_match() == checks.days_equal_sums() == []


def test_paid_is_booked_once_with_the_card_costs(world, charge, now) -> None:
    paid = sandbox.pay(charge, now=now)
    assert (paid.state, paid.fee) == ("settled", 1_508)
    assert world.settled == [charge.pk]
    assert queries.balance(ledger.account("hold", "job:1", "KRW")) == 52_000
    assert queries.balance(ledger.account("card-costs", "", "KRW")) == -1_508
    assert queries.balance(clearing("sandbox", "KRW")) == -(52_000 - 1_508)
    actions.settle(paid, now=now)
    assert sandbox.pay(charge, now=now).state == "settled" if paid.ref == "" else True
    assert Transfer.objects.count() == 2
    sound()


def test_a_charge_is_asked_once(world, charge, payer, now) -> None:
    assert actions.charge("test", "job:1", payer, 52_000, "KRW", key="c1", now=now).pk == charge.pk
    with pytest.raises(Refused):
        actions.charge("test", "job:1", payer, 1, "KRW", key="c1", now=now)
    for amount in (0, -5, 10**16):
        with pytest.raises(Refused):
            actions.charge("test", "job:2", payer, amount, "KRW", key="c2", now=now)
    with pytest.raises(ValueError):
        actions.charge("test", "job:2", payer, 5, "ZZZ", key="c2", now=now)


def test_two_clicks_are_one_payment(world, charge, now) -> None:
    first, second = actions.go_and_pay(charge, now=now), actions.go_and_pay(charge, now=now)
    assert first.ref == second.ref and first.checkout_url == second.checkout_url


def test_the_web_hook_comes_twice(world, charge, now) -> None:
    assert sandbox.pay(charge, now=now, answer="twice").state == "settled"
    assert world.settled == [charge.pk]
    assert WebhookEvent.objects.count() == 1
    sound()


def test_the_web_hook_gets_lost_and_the_rail_is_asked(world, charge, now) -> None:
    assert sandbox.pay(charge, now=now, answer="lost").state == "created"
    run_due(now + timedelta(minutes=2))
    assert Charge.objects.get().state == "created"
    run_due(now + timedelta(minutes=4))
    assert Charge.objects.get().state == "settled"
    sound()


def test_a_slow_bank(world, charge, now) -> None:
    assert sandbox.pay(charge, now=now, answer="slow").state == "created"
    run_due(now + timedelta(minutes=1))
    assert Charge.objects.get().state == "created"
    run_due(now + timedelta(minutes=2))
    assert Charge.objects.get().state == "settled"


def test_a_bank_says_no_and_another_card_says_yes(world, charge, now) -> None:
    no = sandbox.pay(charge, now=now, answer="insufficient")
    assert (no.state, no.reason, no.ref) == ("created", "insufficient-funds", "")
    assert sandbox.pay(no, now=now).state == "settled"
    assert world.failed == []


def test_six_times_no_is_no(world, charge, now) -> None:
    for _ in range(6):
        charge = sandbox.pay(charge, now=now, answer="decline")
    assert charge.state == "failed" and world.failed == [charge.pk]
    with pytest.raises(Refused):
        actions.go_and_pay(charge, now=now)


def test_nobody_pays_and_it_lapses(world, charge, now) -> None:
    actions.go_and_pay(charge, now=now)
    run_due(now + timedelta(minutes=31))
    run_due(now + timedelta(minutes=31))
    assert Charge.objects.get().state == "expired"
    assert world.failed == [charge.pk]
    ref = Charge.objects.get().ref
    sandbox.rail().choose(ref, "approve", at=now + timedelta(minutes=32))
    assert sandbox.rail().fetch(ref, at=now).state == "cancelled"


def test_never_went_there_and_it_lapses(world, charge, now) -> None:
    run_due(now + timedelta(minutes=31))
    assert Charge.objects.get().state == "expired" and world.failed == [charge.pk]


def test_money_that_comes_too_late_goes_back(world, charge, now) -> None:
    started = actions.go_and_pay(charge, now=now)
    actions.expire(started, now=now)
    sandbox.rail().choose(started.ref, "approve", at=now)
    sandbox.deliver(now)
    over = Charge.objects.get()
    assert over.state == "expired" and over.entry is not None
    refund = Refund.objects.get()
    assert (refund.state, refund.amount) == ("done", 52_000)
    assert queries.balance(ledger.account("refunds", f"charge:{charge.pk}", "KRW")) == 0
    assert queries.balance(clearing("sandbox", "KRW")) == 1_508
    assert world.settled == []
    sound()


def test_a_purpose_that_no_longer_wants_it_sends_it_back(world, charge, now) -> None:
    world.refuse = True
    over = sandbox.pay(charge, now=now)
    assert over.state == "failed" and Refund.objects.get().state == "done"
    sound()


def test_parts_that_do_not_add_up_book_nothing(world, charge, now) -> None:
    world.parts = lambda charge: [ledger.Part(ledger.account("upkeep", "", "KRW"), charge.amount - 1, "upkeep")]
    started = actions.go_and_pay(charge, now=now)
    sandbox.rail().choose(started.ref, "approve", at=now)
    sandbox.deliver(now)
    assert Charge.objects.get().state == "created" and Transfer.objects.count() == 0
    assert WebhookEvent.objects.get().handled_at is None
    world.parts = None
    run_due(now + timedelta(minutes=1))
    assert Charge.objects.get().state == "settled" and WebhookEvent.objects.get().handled_at


def test_give_up(world, charge, now) -> None:
    started = actions.go_and_pay(charge, now=now)
    assert actions.give_up(started, now=now).state == "failed"
    assert world.failed == [charge.pk]


def test_refund_of_a_part(world, charge, now) -> None:
    paid = sandbox.pay(charge, now=now)
    held = ledger.hold("job:1", 52_000, "KRW", payer=paid.owner, key=f"hold:{charge.pk}", now=now)
    worker = ledger.account("payable", "person:2", "KRW")
    with pytest.raises(Refused):
        actions.refund(paid, 1, key="r1", now=now)
    ledger.release(held, [ledger.Part(actions.refund_account(paid), 20_000, "refund"), ledger.Part(worker, 32_000, "provider")], key="cancel:1", now=now)
    refund = actions.refund(paid, 20_000, key="r1", now=now)
    assert actions.refund(paid, 20_000, key="r1", now=now).pk == refund.pk
    refund.refresh_from_db()
    assert refund.state == "done" and world.refunded == [refund.pk]
    with pytest.raises(Refused):
        actions.refund(paid, 20_000, key="r2", now=now)
    sound()


@pytest.mark.parametrize("spoil", ["body", "signature", "old", "none"])
def test_a_message_that_is_not_the_rails_is_thrown_away(world, charge, now, spoil) -> None:
    started = actions.go_and_pay(charge, now=now)
    sandbox.rail().choose(started.ref, "approve", at=now)
    ((_post, headers, body),) = sandbox.rail().deliveries(now, 10)
    at = now
    if spoil == "body":
        body = body.replace(b"52000", b"52001")
    elif spoil == "signature":
        headers = {name: value[:-1] + ("0" if value[-1] != "0" else "1") for name, value in headers.items()}
    elif spoil == "old":
        at = now + timedelta(minutes=6)
    else:
        headers = {}
    with pytest.raises(BadSignature):
        actions.receive_webhook("sandbox", headers, body, now=at)
    assert WebhookEvent.objects.count() == 0 and Charge.objects.get().state == "created"


def test_a_message_about_nothing_we_know(world, payer, now) -> None:
    bank = sandbox.rail()
    event = {"id": f"ev_{uuid4().hex}", "kind": "payment.paid", "ref": "sb_none", "answer": {"ref": "sb_none", "state": "paid", "amount": 1, "unit": "KRW"}}
    SandboxEvent.objects.create(event_id=event["id"], ref="sb_none", deliver_at=now, body=event)
    ((_post, headers, body),) = bank.deliveries(now, 10)
    assert json.loads(body)["ref"] == "sb_none"
    actions.receive_webhook("sandbox", headers, body, now=now)
    assert WebhookEvent.objects.get().handled_at is None, "it may have overtaken our own commit"
    run_due(now + actions.EARLY)
    assert WebhookEvent.objects.get().handled_at == now + actions.EARLY


def test_another_way_to_pay_chosen_while_the_rail_thinks(world, charge, now, monkeypatch) -> None:
    """What the first rail opened does not become the second one's: nothing would ever book what is paid there."""
    from madang.coop.payments import choosing, rails
    from madang.rails.payments.sandbox import Sandbox

    opened = Sandbox.authorise

    def slowly(rail, order):
        checkout = opened(rail, order)
        choosing._moved(charge, "bank", now=now, waits=timedelta(days=7))
        return checkout

    monkeypatch.setattr(Sandbox, "authorise", slowly)
    with pytest.raises(Refused) as no:
        actions.go_and_pay(charge, now=now)
    after = Charge.objects.get()
    assert no.value.code == "charge-busy" and (after.rail, after.ref, after.checkout_url) == ("bank", "", "")
    payment = SandboxPayment.objects.get()
    assert rails.rail("sandbox").fetch(payment.ref, at=now).state == "cancelled"


def test_two_windows_and_the_bank_says_no_in_one_of_them(charge, now, monkeypatch) -> None:
    """Found by the simulation: the slower window put the refused payment back, and the next try went to a payment that was over."""
    plain, asked = Sandbox.authorise, []

    def slow(self, order):
        opened = plain(self, order)
        asked.append(order.key)
        if len(asked) == 1:
            sandbox.pay(charge, now=now, answer="decline")
        return opened

    monkeypatch.setattr(Sandbox, "authorise", slow)
    ready = actions.go_and_pay(charge, now=now)
    assert ready.ref == ready.checkout_url.split("/")[-2] and ready.declines == 1
    assert sandbox.rail().payment(ready.ref).state == "waiting"
    assert sandbox.pay(charge, now=now).state == "settled"
    sound()


def test_a_message_that_overtakes_our_own_commit_is_acted_on_later(world, payer, coop, now) -> None:
    charge = actions.go_and_pay(actions.charge("test", "job:9", payer, 9_000, "KRW", key="early", now=now), now=now)
    ref = charge.ref
    Charge.objects.filter(pk=charge.pk).update(ref="")  # the service is faster than the note of its own name
    sandbox.rail().choose(ref, "approve", at=now)
    sandbox.deliver(now, only=ref)
    assert WebhookEvent.objects.get(ref=ref).handled_at is None
    Charge.objects.filter(pk=charge.pk).update(ref=ref)
    run_due(now)
    charge.refresh_from_db()
    assert charge.state == "settled" and WebhookEvent.objects.get(ref=ref).handled_at


def test_a_message_about_nothing_of_ours_is_let_go_after_an_hour(coop, now) -> None:
    row = WebhookEvent.objects.create(provider="sandbox", event_id="e", kind="payment", ref="nobody", body={"ref": "nobody", "state": "paid"}, received_at=now)
    for later, done in ((timedelta(minutes=59), False), (timedelta(minutes=61), True)):
        actions.act_on(row.pk, now=now + later)
        row.refresh_from_db()
        assert bool(row.handled_at) is done
