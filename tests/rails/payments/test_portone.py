"""PortOne: the official SDK talks to a server of ours that holds every request to the SDK's own types."""

from __future__ import annotations

import base64
import contextlib
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.rails.payments import BadSignature, Order, PaymentRail, PayoutBatch, PayoutOrder, PayoutRail, RailError
from madang.rails.payments.portone import PortOne, Settings
from madang.rails.payments.portone.adapter import asked_amount, payment_id
from madang.rails.payments.portone.client import idempotency_key
from madang.rails.payments.portone.fake import FakePortOne, World
from madang.rails.payments.portone.partners import Place

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a pure secret").decode()
OWNER = "person:11111111-1111-1111-1111-111111111111"


class Places:
    """Where payees are paid."""

    known = {OWNER: Place("김마당", "kim@example.org", "088", "110123456789")}

    def place(self, owner):
        return self.known.get(owner)


@pytest.fixture(scope="module")
def fake():
    with FakePortOne("api-secret", SECRET, lambda: NOW) as made:
        yield made


@pytest.fixture
def rail(fake):
    fake.faults.clear()
    return PortOne(Settings("api-secret", "store-1", "channel-1", SECRET, "contract-1", 330, fake.url), Places(), "/pay/portone/{ref}/")


def open_one(rail, key, amount=10_000) -> str:
    return rail.authorise(Order(key, amount, "KRW", "A thing", "/back/", NOW)).ref


def test_it_is_both_rails(rail) -> None:
    first: PaymentRail = rail
    second: PayoutRail = rail
    assert first.name == second.name == "portone" and rail.fee_in_words == "3.30 %" and rail.fee(10_000, "KRW") == 330


def test_our_name_for_a_payment_holds_its_amount() -> None:
    assert asked_amount(payment_id("k", 52_000)) == 52_000 and len(payment_id("k" * 300, 10**14)) <= 40
    for wrong in ("", "w5", "mw", "m1w-5", "x1w5", "m" * 60 + "w5"):
        with pytest.raises(ValueError):
            asked_amount(wrong)


def test_paid_is_told_and_asked_again_it_is_one(rail, fake) -> None:
    ref = open_one(rail, "paid")
    assert open_one(rail, "paid") == ref and rail.fetch(ref, at=NOW).state == "waiting"
    with pytest.raises(ValueError):
        fake.world.pay(ref, 9_999)
    fake.world.pay(ref, decline=True)
    assert rail.fetch(ref, at=NOW).state == "declined"
    fake.world.pay(ref)
    answer = rail.fetch(ref, at=NOW)
    assert (answer.state, answer.amount, answer.unit, answer.fee) == ("paid", 10_000, "KRW", 330)
    assert open_one(rail, "paid") == ref, "already paid: the way back tells"


def test_another_amount_than_was_asked_goes_back_whole(rail, fake) -> None:
    ref = open_one(rail, "lie")
    fake.world.pay(ref, 10, force=True)
    answer = rail.fetch(ref, at=NOW)
    assert (answer.state, answer.reason) == ("declined", "amount") and rail.fetch(ref, at=NOW) == answer
    assert fake.world.payments[ref]["amount"]["cancelled"] == 10


def test_parts_go_back_once_for_each_key_and_never_too_much(rail, fake) -> None:
    ref = open_one(rail, "parts")
    assert rail.refund(ref, 1, key="r0", at=NOW).state == "unknown"
    fake.world.pay(ref)
    first = rail.refund(ref, 4_000, key="r1", at=NOW)
    assert first.state == "paid" and rail.refund(ref, 4_000, key="r1", at=NOW) == first
    fake.keys.clear()  # PortOne forgets keys after a while: the mark in the reason does not
    assert rail.refund(ref, 4_000, key="r1", at=NOW) == first
    assert rail.refund(ref, 6_001, key="r2", at=NOW).reason == "too-much"
    fake.fail("/cancel", "pg")
    assert rail.refund(ref, 6_000, key="r3", at=NOW).state == "declined"
    assert rail.refund(ref, 6_000, key="r4", at=NOW).state == "paid" and rail.fetch(ref, at=NOW).state == "paid"
    assert rail.refund(ref, 1, key="r5", at=NOW).reason == "too-much"


@pytest.mark.parametrize("how", ["500", "cut", "cut-after", "garbage"])
def test_no_answer_is_no_knowledge_and_a_repeat_does_it_once(rail, fake, how) -> None:
    ref = open_one(rail, f"fault-{how}")
    fake.world.pay(ref)
    fake.fail("/cancel", how)
    with pytest.raises(RailError):
        rail.refund(ref, 4_000, key=f"f-{how}", at=NOW)
    assert rail.refund(ref, 4_000, key=f"f-{how}", at=NOW).state == "paid"
    assert fake.world.payments[ref]["amount"]["cancelled"] == 4_000


def test_a_wrong_secret_is_no_answer(rail, fake) -> None:
    other = PortOne(Settings("wrong", "store-1", "channel-1", SECRET, url=fake.url), Places(), "{ref}")
    with pytest.raises(RailError):
        other.fetch("m1w1", at=NOW)


def test_an_account_opened_for_a_payment_is_waited_for_and_closed(rail, fake) -> None:
    ref = open_one(rail, "account")
    fake.world.issue_account(ref)
    assert rail.fetch(ref, at=NOW).state == "waiting"
    assert rail.void(ref, key="v1", at=NOW).state == "cancelled" and fake.world.payments[ref]["status"] == "FAILED"
    paid = open_one(rail, "account-2")
    fake.world.issue_account(paid)
    fake.world.pay(paid)
    assert rail.void(paid, key="v2", at=NOW).state == "paid"
    assert rail.refund(paid, 5, key="v3", at=NOW).reason == "by-hand", "we know no account of the payer's"
    assert rail.void(open_one(rail, "never"), key="v4", at=NOW).state == "cancelled"


def test_messages_are_signed_fresh_and_only_say_that_something_changed(rail, fake) -> None:
    import portone_server_sdk

    ref = open_one(rail, "told")
    fake.world.pay(ref)
    message = fake.world.messages[-1]
    headers = fake.world.signed(message, NOW)
    event = rail.verify_webhook(headers, message.body, at=NOW)
    assert (event.event_id, event.kind, event.ref, event.answer.state) == (message.ident, "Transaction.Paid", ref, "ask")
    rotated = {**headers, "webhook-signature": f"v1,{base64.b64encode(b'old').decode()} v2,x {headers['webhook-signature']}"}
    assert rail.verify_webhook(rotated, message.body, at=NOW).ref == ref
    for head, body, at in [
        (headers, message.body + b" ", NOW), (headers, message.body, NOW + timedelta(minutes=6)), ({}, message.body, NOW),
        ({**headers, "webhook-id": "msg-0"}, message.body, NOW), ({**headers, "webhook-timestamp": "9" * 30}, message.body, NOW),
    ]:  # fmt: skip
        with pytest.raises(BadSignature):
            rail.verify_webhook(head, body, at=at)
    live = fake.world.signed(message, datetime.fromtimestamp(time.time(), UTC))
    judged = portone_server_sdk.webhook.verify(SECRET, message.body.decode(), live)
    assert judged.data.payment_id == ref, "the SDK's own check takes the fake's signature too"


def batch(key: str, amount: int = 7_000, to: str = OWNER) -> PayoutBatch:
    return PayoutBatch(key, (PayoutOrder(key, to, amount, "KRW"),), NOW, NOW.date())


def test_a_payee_becomes_a_partner_and_is_settled_once(rail, fake) -> None:
    (first,) = rail.send(batch("po1")).answers
    assert first.state == "waiting" and rail.send(batch("po1")).answers == (first,)
    (partner,) = [one for one in fake.world.partners.values() if one["name"] == "김마당"]
    assert partner["account"]["bank"] == "SHINHAN" and len(fake.world.transfers) == 1
    assert rail.send(batch("po1", 7_001)).answers[0].reason == "key-used"
    fake.world.move_on(first.ref, "PAID_OUT")
    assert rail.results([first.ref, "m-none"], at=NOW)[0].state == "paid" and rail.results(["m-none"], at=NOW)[0].state == "unknown"
    assert rail.reverse(first.ref, key="x", at=NOW).reason == "too-late"
    (second,) = rail.send(batch("po2", 100)).answers
    assert rail.reverse(second.ref, key="y", at=NOW).state == "cancelled" and rail.reverse(second.ref, key="z", at=NOW).state == "unknown"
    assert rail.send(batch("po3", 5, "person:nobody")).answers[0].reason == "account"
    fake.fail("/transfers/manual", "cut-after")
    with pytest.raises(RailError):
        rail.send(batch("po4", 900))
    assert rail.send(batch("po4", 900)).answers[0].state == "waiting" and sum(1 for one in fake.world.transfers.values() if one["settlementAmount"] == 900) == 1


def test_a_business_is_enrolled_with_its_number(fake) -> None:
    places = Places()
    places.known = {"organisation:1": Place("마당청소", "a@example.org", "004", "12345678901234", ("마당청소", "1234567891", "김대표"))}
    rail = PortOne(Settings("api-secret", "store-1", "channel-1", SECRET, "contract-1", 330, fake.url), places, "{ref}")
    assert rail.send(batch("po9", 10, "organisation:1")).answers[0].state == "waiting"
    assert [one["type"]["businessRegistrationNumber"] for one in fake.world.partners.values() if one["name"] == "마당청소"] == ["1234567891"]


def test_the_fake_refuses_what_the_sdk_would_not_send(fake) -> None:
    """So that the tests above cannot pass because it takes anything."""
    head = {"Authorization": "PortOne api-secret"}

    def post(path, body, **more):
        return httpx.post(fake.url + path, json=body, headers={**head, **more})

    fake.world.registered["mXw5"] = 5
    fake.world.pay("mXw5")
    for body in ({}, {"reason": 5}, {"reason": "x", "amount": "5"}, {"reason": "x", "ammount": 5}, {"reason": "x", "requester": "NOBODY"}):
        assert (post("/payments/mXw5/cancel", body).json()["type"]) == "INVALID_REQUEST", body
    key = idempotency_key("k")
    assert post("/payments/mXw5/cancel", {"reason": "x", "amount": 2}, **{"Idempotency-Key": "short"}).status_code == 400
    first = post("/payments/mXw5/cancel", {"reason": "x", "amount": 2}, **{"Idempotency-Key": key})
    assert post("/payments/mXw5/cancel", {"reason": "x", "amount": 2}, **{"Idempotency-Key": key}).json() == first.json()
    assert post("/payments/mXw5/cancel", {"reason": "x", "amount": 1}, **{"Idempotency-Key": key}).status_code == 400
    assert fake.world.payments["mXw5"]["amount"]["cancelled"] == 2
    account = {"bank": "ATLANTIS", "currency": "KRW", "number": "1234567890", "holder": "x"}
    partner = {"id": "p", "name": "x", "contact": {"name": "x", "email": "x"}, "account": account, "defaultContractId": "c", "tags": [], "type": {}}
    assert "ATLANTIS" in post("/platform/partners", partner).json()["message"]


def test_our_keys_reach_the_service(rail, fake) -> None:
    ref = open_one(rail, "keys")
    fake.world.pay(ref)
    rail.refund(ref, 5, key="the-key", at=NOW)
    assert ("POST", f"/payments/{ref}/cancel", idempotency_key("the-key")) in fake.asked


WHAT = ["pay", "decline", "account", "refund", "settle", "paid-out"]
steps = st.lists(st.tuples(st.sampled_from(WHAT), st.integers(0, 3), st.integers(1, 6_000)), max_size=14)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.sampled_from([None, "500", "cut-after"]))
def test_whatever_happens_the_movements_are_what_it_holds(fake, rail, courses, fault) -> None:
    fake.world = World(SECRET, lambda: NOW)
    fake.keys.clear()
    refs = [open_one(rail, f"p{n}", 5_000 + n) for n in range(4)]
    for place, (what, which, amount) in enumerate(courses):
        ref = refs[which]
        if what in ("pay", "decline"):
            fake.world.pay(ref, decline=what == "decline")
        elif what == "account" and ref not in fake.world.payments:
            fake.world.issue_account(ref)
        elif what == "refund":
            if fault:
                fake.fail("/cancel", fault)
            for _again in range(2):
                with contextlib.suppress(RailError):
                    rail.refund(ref, amount, key=f"r{place}", at=NOW)
            fake.faults.clear()
        elif what == "settle":
            rail.send(batch(f"s{place}", amount))
        elif what == "paid-out" and fake.world.transfers:
            fake.world.move_on(sorted(fake.world.transfers)[which % len(fake.world.transfers)], "PAID_OUT")
    moved = rail.reconcile(NOW - timedelta(days=2), NOW + timedelta(days=1))
    assert sum(one.amount for one in moved) == fake.world.held()
    assert rail.reconcile(NOW + timedelta(days=1), NOW + timedelta(days=2)) == []
