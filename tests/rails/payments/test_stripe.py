"""Our Stripe adapter, the official SDK and a Stripe of ours that checks what it is told: every life of a payment."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rails.payments import BadSignature, DisputeRail, Evidence, File, PayeeRail, PaymentRail, PayoutBatch, PayoutOrder, PayoutRail, RailError
from madang.rails.payments.stripe import Settings, Stripe, messages
from madang.rails.payments.stripe.amounts import from_stripe, to_stripe
from tests.rails.payments.conftest import NOW


def order_of(account: str, amount: int = 20_000, key: str = "payout:1", unit: str = "KRW") -> PayoutBatch:
    return PayoutBatch(key, (PayoutOrder(key, "person:1", amount, unit, account=account),), NOW, date(2026, 3, 2))


@pytest.fixture
def payee(stripe) -> str:
    made = stripe.rail.enrol("person:1", email="w@example.org", organisation=False, key="person:1")
    stripe.world.enrolled(made.ref)
    return made.ref


def test_it_is_every_kind_of_rail(stripe) -> None:
    payments: PaymentRail = stripe.rail
    payouts: PayoutRail = stripe.rail
    assert isinstance(stripe.rail, DisputeRail) and isinstance(stripe.rail, PayeeRail)
    assert payments.name == payouts.name == "stripe" and payments.pretend
    assert not Stripe(Settings("sk_live_x")).pretend and not Stripe(Settings("rk_live_x")).pretend


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, madang.rails.payments.stripe as s; s.Stripe(s.Settings('sk_test_x')); sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("amount", "unit", "number"),
    [
        (52_000, "KRW", 52_000), (500, "JPY", 500), (1_234, "USD", 1_234), (5, "ISK", 500), (1_045, "HUF", 1_045), (800, "TWD", 800),
        (5_120, "KWD", 5_120), (500, "MGA", 5),
    ],
)  # fmt: skip
def test_amounts_as_stripe_writes_them(amount, unit, number) -> None:
    assert to_stripe(amount, unit) == number and from_stripe(number, unit) == amount


@pytest.mark.parametrize(("amount", "unit"), [(5_124, "KWD"), (501, "MGA"), (1, "UGX"), (1.0, "USD"), (1, "XAU")])
def test_amounts_stripe_cannot_write_are_refused(amount, unit) -> None:
    with pytest.raises(ValueError):
        to_stripe(amount, unit)


@given(st.integers(1, 10**12), st.sampled_from(["KRW", "JPY", "USD", "EUR", "GBP", "ISK", "HUF", "TWD", "CHF"]))
def test_there_and_back_is_the_same_amount(amount, unit) -> None:
    assert from_stripe(to_stripe(amount, unit), unit) == amount


def test_paid_with_its_fee(stripe) -> None:
    checkout = stripe.rail.authorise(stripe.order())
    assert checkout.url.startswith(stripe.server.base) and stripe.rail.fetch(checkout.ref, at=NOW).state == "waiting"
    assert stripe.rail.authorise(stripe.order()) == checkout
    stripe.world.pay(checkout.ref)
    told = stripe.rail.fetch(checkout.ref, at=NOW)
    assert (told.state, told.amount, told.unit, told.fee) == ("paid", 52_000, "KRW", 1_508) and told.payment.startswith("pi_")
    (said,) = {json.dumps(said) for _m, path, said in stripe.server.seen if path.endswith("/sessions")}
    assert json.loads(said)["line_items"][0]["price_data"]["unit_amount"] == 52_000


def test_one_key_for_two_amounts_is_refused(stripe) -> None:
    stripe.rail.authorise(stripe.order())
    with pytest.raises(RailError):
        stripe.rail.authorise(stripe.order(amount=52_001))


def test_a_declined_card_may_be_followed_by_a_good_one(stripe) -> None:
    ref = stripe.rail.authorise(stripe.order()).ref
    stripe.world.pay(ref, card="insufficient_funds")
    assert stripe.rail.fetch(ref, at=NOW).state == "waiting"
    stripe.world.pay(ref)
    assert stripe.rail.fetch(ref, at=NOW).state == "paid"


def test_promised_then_taken(stripe) -> None:
    ref = stripe.paid(later=True)
    assert stripe.rail.fetch(ref, at=NOW).state == "authorised" and stripe.world.total("krw") == 0
    for _twice in range(2):
        assert stripe.rail.capture(ref, key="capture:1", at=NOW).state == "paid"
    assert stripe.world.total("krw") == 52_000 - 1_508


def test_promised_then_given_up(stripe) -> None:
    ref = stripe.paid(later=True)
    for _twice in range(2):
        assert stripe.rail.void(ref, key="void:1", at=NOW).state == "cancelled"
    assert stripe.rail.capture(ref, key="c", at=NOW).state == "cancelled" and stripe.world.total("krw") == 0


def test_closed_before_anyone_paid_or_told_that_it_was_paid(stripe) -> None:
    open_one, paid_one = stripe.rail.authorise(stripe.order("a")).ref, stripe.paid("b")
    assert stripe.rail.void(open_one, key="v:a", at=NOW).state == "cancelled"
    assert stripe.rail.void(paid_one, key="v:b", at=NOW).state == "paid"
    assert stripe.rail.fetch("cs_never", at=NOW).state == stripe.rail.void("cs_never", key="v", at=NOW).state == "unknown"


def test_refunds_in_part_once_each_and_never_too_much(stripe) -> None:
    ref = stripe.paid()
    first = stripe.rail.refund(ref, 12_000, key="refund:1", at=NOW)
    assert first.state == "paid" and stripe.rail.refund(ref, 12_000, key="refund:1", at=NOW) == first
    too_much = stripe.rail.refund(ref, 40_001, key="refund:2", at=NOW)
    assert (too_much.state, too_much.reason) == ("declined", "too-much")
    assert stripe.rail.refund(ref, 40_000, key="refund:3", at=NOW).state == "paid"
    assert stripe.rail.refund(stripe.rail.authorise(stripe.order("x")).ref, 1, key="r", at=NOW).reason == "not-paid"
    assert stripe.world.total("krw") == -1_508


@pytest.mark.parametrize("fault", ["429", "500", "before", "cut", "timeout"])
def test_whatever_breaks_is_done_once_when_asked_again(stripe, payee, fault) -> None:
    ref = stripe.paid()

    def twice(do):
        stripe.server.fail(fault, part=part)
        with pytest.raises(RailError):
            do()
        return do()

    part = "/v1/refunds"
    assert twice(lambda: stripe.rail.refund(ref, 5_000, key="refund:1", at=NOW)).state == "paid"
    part = "/v1/transfers"
    assert twice(lambda: stripe.rail.send(order_of(payee))).answers[0].state == "paid"
    part = "/v1/checkout"
    assert twice(lambda: stripe.rail.authorise(stripe.order("z"))).ref.startswith("cs_")
    assert len(stripe.world.made["refund"]) == len(stripe.world.made["transfer"]) == 1 and len(stripe.world.made["checkout.session"]) == 2
    assert stripe.world.total("krw") == 52_000 - 1_508 - 5_000 - 20_000


def test_a_forgotten_key_does_not_pay_twice(stripe, payee) -> None:
    ref = stripe.paid()
    stripe.rail.refund(ref, 5_000, key="refund:1", at=NOW)
    stripe.rail.send(order_of(payee))
    before = stripe.world.total("krw")
    stripe.server._keys.clear()  # a day later Stripe knows them no more
    stripe.rail.refund(ref, 5_000, key="refund:1", at=NOW)
    stripe.rail.send(order_of(payee))
    assert stripe.world.total("krw") == before


def test_too_little_available_is_waited_for(stripe, payee) -> None:
    stripe.world.delay = 86_400
    stripe.paid()
    batch = order_of(payee)
    for _again in range(2):
        assert (stripe.rail.send(batch).answers[0].state, stripe.rail.send(batch).answers[0].reason) == ("waiting", "insufficient-funds")
    stripe.later(86_401)
    late = PayoutBatch(batch.key, batch.orders, stripe.at, batch.on)
    assert stripe.rail.send(late).answers[0].state == "paid"  # although Stripe still repeats its old "no" to the first key
    assert stripe.rail.send(late) == stripe.rail.send(late) and len(stripe.world.made["transfer"]) == 1


def test_who_has_not_told_stripe_who_they_are_cannot_be_paid(stripe) -> None:
    stripe.paid()
    made = stripe.rail.enrol("person:1", email="", organisation=True, key="person:1")
    assert not made.ready and made.missing and stripe.rail.enrol("person:1", email="", organisation=True, key="person:1").ref == made.ref
    assert stripe.rail.enrolment_url(made.ref, back="http://localhost/back", again="http://localhost/again").startswith(stripe.server.base)
    assert stripe.rail.send(order_of(made.ref)).answers[0].state == "declined"
    stripe.world.enrolled(made.ref, fully=False)
    assert not stripe.rail.payee(made.ref).ready
    stripe.world.enrolled(made.ref)
    assert stripe.rail.payee(made.ref).ready and stripe.rail.payee("acct_never") is None


def test_a_transfer_is_taken_back_in_part_while_it_is_there(stripe, payee) -> None:
    stripe.paid()
    (sent,) = stripe.rail.send(order_of(payee)).answers
    for _twice in range(2):
        assert stripe.rail.recall(sent.ref, 5_000, key="recall:1", at=NOW).state == "returned"
    assert stripe.world.total("krw") == 52_000 - 1_508 - 15_000
    assert stripe.rail.recall(sent.ref, 15_001, key="recall:2", at=NOW).state == "declined"
    stripe.world.empties(payee)
    no = stripe.rail.recall(sent.ref, 1, key="recall:3", at=NOW)
    assert (no.state, no.reason) == ("declined", "insufficient-funds")
    assert stripe.rail.recall("tr_never", 1, key="recall:4", at=NOW).state == "declined"


def test_a_whole_transfer_is_taken_back(stripe, payee) -> None:
    stripe.paid()
    (sent,) = stripe.rail.send(order_of(payee)).answers
    assert stripe.rail.reverse(sent.ref, key="r", at=NOW).state == "returned"
    assert [one.state for one in stripe.rail.results([sent.ref, "tr_never"], at=NOW)] == ["returned", "unknown"]


def test_a_dispute_is_answered_and_won(stripe) -> None:
    payment = stripe.rail.fetch(stripe.paid(), at=NOW).payment
    ref = stripe.world.dispute(payment)["id"]
    told = stripe.rail.dispute(ref, at=NOW)
    assert (told.state, told.payment, told.amount, told.taken, told.fee) == ("open", payment, 52_000, 52_000, 1_500)
    assert told.due_at == NOW + timedelta(days=7)
    file = File("key.pdf", "application/pdf", b"%PDF-1.7 she was there")
    for _twice in range(2):
        assert stripe.rail.contest(ref, Evidence("She was there.", file), key="e1", at=NOW).state == "answered"
    assert stripe.world.made["file"]["file_00000000000001"]["_body"] == file.body and len(stripe.world.made["file"]) == 1
    stripe.world.decide(ref, won=True)
    told = stripe.rail.dispute(ref, at=NOW)
    assert (told.state, told.taken, told.fee) == ("won", 0, 1_500) and stripe.rail.dispute("du_never", at=NOW) is None
    with pytest.raises(RailError):
        stripe.rail.contest(ref, Evidence("too late"), key="e2", at=NOW)


def test_a_dispute_is_let_go_and_an_inquiry_takes_nothing(stripe) -> None:
    first = stripe.rail.fetch(stripe.paid("a"), at=NOW).payment
    ref = stripe.world.dispute(first)["id"]
    assert stripe.rail.refund(stripe.world.made["checkout.session"]["cs_00000000000001"]["id"], 1, key="r", at=NOW).reason == "disputed"
    assert stripe.rail.concede(ref, key="c", at=NOW).state == "lost"
    asked = stripe.world.dispute(stripe.rail.fetch(stripe.paid("b"), at=NOW).payment, inquiry=True)["id"]
    told = stripe.rail.dispute(asked, at=NOW)
    assert (told.state, told.taken, told.fee) == ("open", 0, 0)
    stripe.world.escalate(asked)
    assert stripe.rail.dispute(asked, at=NOW).taken == 52_000


def test_what_moved_is_what_there_is(stripe, payee) -> None:
    ref = stripe.paid()
    payment = stripe.rail.fetch(ref, at=NOW).payment
    back = stripe.rail.refund(ref, 2_000, key="refund:1", at=NOW)
    (sent,) = stripe.rail.send(order_of(payee)).answers
    stripe.rail.recall(sent.ref, 5_000, key="recall:1", at=NOW)
    stripe.world.withdraw(1_000, "krw")
    stripe.world.dispute(payment)
    rows = list(stripe.rail.reconcile(NOW, NOW + timedelta(seconds=1)))
    assert [(row.kind, row.amount) for row in rows] == [
        ("payment", 52_000), ("refund", -2_000), ("payout", -20_000), ("recall", 5_000), ("withdrawal", -1_000), ("dispute", -50_000),
    ]  # fmt: skip
    assert [row.ref for row in rows[:3]] == [payment, back.ref, sent.ref]
    assert sum(row.amount - row.fee for row in rows) == stripe.world.total("krw")
    assert list(stripe.rail.reconcile(NOW - timedelta(days=1), NOW)) == []


def test_more_lines_than_a_page_holds(stripe) -> None:
    for number in range(205):
        stripe.world.book("stripe_fee", -number - 1, "krw", f"x_{number}")
    rows = list(stripe.rail.reconcile(NOW, NOW + timedelta(seconds=1)))
    assert [row.amount for row in rows] == [-number - 1 for number in range(205)]


def test_messages_are_read_only_when_stripe_signed_them_lately(stripe) -> None:
    stripe.paid()
    headers, body = stripe.server.message(stripe.world.events[-1])
    event = stripe.rail.verify_webhook(headers, body, at=NOW)
    assert (event.about, event.kind, event.answer.state) == ("payment", "checkout.session.completed", "ask")
    spoilt = [
        (headers, body + b" ", NOW), ({}, body, NOW), ({"Stripe-Signature": "t=1,v1=x"}, body, NOW), ({"Stripe-Signature": "v1=x"}, body, NOW),
        (headers, body, NOW + timedelta(minutes=6)), (headers, body, NOW - timedelta(minutes=6)),
        ({"Stripe-Signature": messages.signed(b"{}", stripe.server.secret, NOW)}, b"{}", NOW),
    ]  # fmt: skip
    for wrong, what, when in spoilt:
        with pytest.raises(BadSignature):
            stripe.rail.verify_webhook(wrong, what, at=when)
    no_secret = Stripe(Settings("sk_test_x", ("",)))
    with pytest.raises(BadSignature):
        no_secret.verify_webhook({"Stripe-Signature": messages.signed(body, "", NOW)}, body, at=NOW)


def test_the_sdk_itself_takes_our_signature_for_stripes(stripe) -> None:
    from stripe import WebhookSignature

    header = messages.signed(b'{"a": 1}', "whsec_x", NOW)
    assert WebhookSignature.verify_header(b'{"a": 1}', header, "whsec_x", None)
    assert header == WebhookSignature.generate_signature_header('{"a": 1}', "whsec_x", int(NOW.timestamp()))


def test_a_refund_that_fails_later_says_so_under_our_key(stripe) -> None:
    ref = stripe.paid()
    stripe.world.refund_fails(stripe.rail.refund(ref, 2_000, key="refund:abc", at=NOW).ref)
    headers, body = stripe.server.message(stripe.world.events[-1])
    event = stripe.rail.verify_webhook(headers, body, at=NOW)
    assert (event.about, event.ref, event.answer.state, event.answer.amount) == ("refund", "refund:abc", "returned", 2_000)
    assert stripe.world.total("krw") == 52_000 - 1_508


def test_messages_come_twice_in_any_order_and_get_lost(stripe) -> None:
    for number in range(5):
        stripe.paid(str(number))
    got: list[str] = []
    many = len(stripe.world.events)

    def door(headers, body):
        got.append(stripe.rail.verify_webhook(headers, body, at=NOW).event_id)

    arrived = stripe.server.deliver(door, times=2, shuffled=random.Random(7), lose=lambda event: event["id"].endswith("3"))
    assert arrived == 2 * (many - 1) and len(set(got)) == many - 1 and got != sorted(got)
    assert stripe.server.deliver(door) == 0


def test_a_wrong_key_and_another_currency_are_said(stripe) -> None:
    stranger = Stripe(Settings("sk_test_other", base=stripe.server.base, tries=0))
    with pytest.raises(RailError, match="AuthenticationError"):
        stranger.authorise(stripe.order())
    ref = stripe.paid()
    stripe.world.lines[-1]["currency"] = "usd"
    with pytest.raises(RailError, match="settles in usd"):
        stripe.rail.fetch(ref, at=NOW)
