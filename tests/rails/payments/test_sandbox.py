"""The pretend bank behaves like a bank."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rails.payments import Answer, BadSignature, DisputeRail, Evidence, Movement, Order, PaymentRail, PayoutBatch, PayoutOrder, PayoutRail
from madang.rails.payments.sandbox import BACK, PAYOUT_CHOICES, SLOW, TO_ANSWER, Sandbox

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Memory:
    """A store in memory: the sandbox knows no database."""

    def __init__(self) -> None:
        self.payments, self.posts, self.gone = {}, {}, set()

    def open(self, payment):
        return self.payments.setdefault(payment.ref, payment)

    @contextmanager
    def locked(self, ref):
        yield self.payments.get(ref)

    def keep(self, payment):
        self.payments[payment.ref] = payment

    def everything(self):
        return list(self.payments.values())

    def post(self, post):
        self.posts.setdefault(post.event_id, post)

    def waiting(self, at, limit, only=""):
        return [post for post in self.posts.values() if post.at <= at and post.event_id not in self.gone][:limit]

    def delivered(self, event_id, at):
        self.gone.add(event_id)


@pytest.fixture
def bank() -> Sandbox:
    return Sandbox(Memory(), b"secret", "/bank/{ref}/")


def order(key="k", amount=10_000) -> Order:
    return Order(key, amount, "KRW", "A thing", "/back/", NOW)


def test_it_is_a_rail(bank) -> None:
    rail: PaymentRail = bank
    assert rail.name == "sandbox" and rail.pretend


def test_one_key_is_one_payment(bank) -> None:
    assert bank.authorise(order()) == bank.authorise(order())
    with pytest.raises(ValueError):
        bank.authorise(order(amount=10_001))


@pytest.mark.parametrize(
    ("choice", "state", "reason"), [("approve", "paid", ""), ("decline", "declined", "declined"), ("insufficient", "declined", "insufficient-funds")]
)
def test_what_is_chosen_stays(bank, choice, state, reason) -> None:
    ref = bank.authorise(order()).ref
    bank.choose(ref, choice, at=NOW)
    bank.choose(ref, "decline" if choice == "approve" else "approve", at=NOW)
    answer = bank.fetch(ref, at=NOW)
    assert (answer.state, answer.reason) == (state, reason)
    ((_post, headers, body),) = bank.deliveries(NOW, 10)
    assert bank.verify_webhook(headers, body, at=NOW).answer == answer


def test_slow_is_paid_two_minutes_later_and_cannot_be_closed_before(bank) -> None:
    ref = bank.authorise(order()).ref
    bank.choose(ref, "slow", at=NOW)
    assert bank.void(ref, key="v", at=NOW).state == "waiting"
    assert bank.deliveries(NOW, 10) == []
    assert bank.fetch(ref, at=NOW + SLOW).state == "paid"
    assert len(bank.deliveries(NOW + SLOW, 10)) == 1


def test_closed_is_closed(bank) -> None:
    ref = bank.authorise(order()).ref
    assert bank.void(ref, key="v", at=NOW).state == "cancelled"
    bank.choose(ref, "approve", at=NOW)
    assert bank.fetch(ref, at=NOW).state == "cancelled"
    assert bank.void("sb_none", key="v", at=NOW).state == "unknown"


@given(st.lists(st.tuples(st.integers(-5, 12_000), st.integers(0, 5)), max_size=30))
def test_never_more_goes_back_than_came_in(asked) -> None:
    bank = Sandbox(Memory(), b"secret", "/bank/{ref}/")
    ref = bank.authorise(order()).ref
    bank.choose(ref, "approve", at=NOW)
    sent = {}
    for amount, key in asked:
        answer = bank.refund(ref, amount, key=str(key), at=NOW)
        if answer.state == "paid":
            assert sent.setdefault(key, amount) == amount
    assert sum(sent.values()) <= 10_000


@given(st.integers(0, 10**15))
def test_the_fee_is_exact(amount) -> None:
    fee = Sandbox(Memory(), b"s", "{ref}").fee(amount, "KRW")
    assert abs(fee * 1_000 - amount * 29) <= 500
    assert 0 <= fee <= max(amount, 0)


def test_only_its_own_fresh_messages(bank) -> None:
    ref = bank.authorise(order()).ref
    bank.choose(ref, "approve", at=NOW)
    ((_post, headers, body),) = bank.deliveries(NOW, 10)
    other = Sandbox(Memory(), b"another secret", "{ref}")
    for judge, headers_given, text, at in [(other, headers, body, NOW), (bank, {}, body, NOW), (bank, headers, body + b" ", NOW),
                                   (bank, headers, body, NOW + timedelta(minutes=6)), (bank, {"x-sandbox-signature": "t=9" * 50}, body, NOW)]:  # fmt: skip
        with pytest.raises(BadSignature):
            judge.verify_webhook(headers_given, text, at=at)
    assert bank.verify_webhook({name.upper(): value for name, value in headers.items()}, body, at=NOW).ref == ref


def payouts(choice: str = "paid") -> Sandbox:
    return Sandbox(Memory(), b"secret", "/bank/{ref}/", payouts=choice)


def batch(*amounts: int) -> PayoutBatch:
    return PayoutBatch("b", tuple(PayoutOrder(f"k{at}", "person:1", amount, "KRW") for at, amount in enumerate(amounts)), NOW, NOW.date())


def test_it_is_a_rail_for_payouts_too() -> None:
    rail: PayoutRail = payouts()
    sent = rail.send(batch(5_000, 7_000))
    assert rail.send(batch(5_000, 7_000)) == sent and sent.file is None
    assert [(one.state, one.amount) for one in sent.answers] == [("paid", 5_000), ("paid", 7_000)]
    assert [(one.kind, one.amount) for one in rail.reconcile(NOW, NOW + SLOW)] == [("payout", -amount) for amount in _by_ref(sent.answers)]
    assert rail.results(["po_x"], at=NOW) == [Answer("po_x", "unknown")]
    assert rail.reverse(sent.answers[0].ref, key="r", at=NOW).state == "declined"
    for wrong in (batch(), batch(0), batch(-5)):
        with pytest.raises(ValueError):
            rail.send(wrong)
    with pytest.raises(ValueError):
        rail.send(batch(5_001))


def _by_ref(answers) -> list[int]:
    return [one.amount for one in sorted(answers, key=lambda one: one.ref)]


@pytest.mark.parametrize(
    ("choice", "first", "later", "told"),
    [
        ("slow", "waiting", "paid", ["paid"]), ("declined", "declined", "declined", ["declined"]), ("returned", "paid", "returned", ["returned"]),
        ("twice", "paid", "paid", ["paid", "paid"]),
    ],
)  # fmt: skip
def test_payouts_on_a_bad_day(choice, first, later, told) -> None:
    bank = payouts(choice)
    (sent,) = bank.send(batch(5_000)).answers
    assert sent.state == first and bank.results([sent.ref], at=NOW + BACK)[0].state == later
    brought = [(headers, body) for post, headers, body in bank.deliveries(NOW + BACK, 9) for _time in range(post.times)]
    heard = [bank.verify_webhook(headers, body, at=NOW + BACK).answer.state for headers, body in brought]
    assert heard == told
    held = sum(one.amount for one in bank.reconcile(NOW, NOW + BACK + SLOW))
    assert held == (0 if later in ("declined", "returned") else -5_000)


def test_a_payout_still_thought_about_can_be_called_back() -> None:
    bank = payouts("slow")
    (sent,) = bank.send(batch(5_000)).answers
    assert bank.reverse(sent.ref, key="r", at=NOW).state == bank.reverse(sent.ref, key="r", at=NOW + BACK).state == "cancelled"
    assert list(bank.reconcile(NOW, NOW + BACK)) == [] and bank.reverse("po_x", key="r", at=NOW).state == "unknown"
    with pytest.raises(ValueError):
        payouts("free")
    assert set(PAYOUT_CHOICES) == {"paid", "slow", "declined", "returned", "twice"}


def test_a_chargeback_takes_what_was_not_refunded_and_is_told_twice_on_request(bank) -> None:
    ref = bank.authorise(order()).ref
    assert bank.charge_back(ref, at=NOW) is None
    bank.choose(ref, "approve", at=NOW)
    bank.refund(ref, 4_000, key="r", at=NOW)
    assert bank.charge_back(ref, at=NOW, times=2) and bank.charge_back(ref, at=NOW) is None
    assert bank.refund(ref, 1_000, key="r2", at=NOW).state == "declined"
    (post, headers, body) = next(one for one in bank.deliveries(NOW, 9) if one[0].body["kind"] == "dispute.open")
    event = bank.verify_webhook(headers, body, at=NOW)
    assert (post.times, event.about, event.answer.state) == (2, "dispute", "ask")
    told = bank.dispute(event.ref, at=NOW)
    assert (told.state, told.payment, told.amount, told.taken, told.fee, told.due_at) == ("open", ref, 6_000, 6_000, 174, NOW + TO_ANSWER)
    moved = bank.reconcile(NOW, NOW + SLOW)
    assert sum(one.amount for one in moved) == 0 and sum(one.fee for one in moved) == 290 + 174 and Movement(ref, "payment", 10_000, "KRW", NOW, 290) in moved
    assert bank.reconcile(NOW - SLOW, NOW) == []


@pytest.mark.parametrize(("do", "wait", "state", "left"), [("contest", SLOW, "won", 10_000), ("concede", SLOW, "lost", 0), ("", TO_ANSWER, "lost", 0)])
def test_a_dispute_at_the_pretend_bank(bank, do, wait, state, left) -> None:
    assert isinstance(bank, DisputeRail)
    ref = bank.authorise(order()).ref
    bank.choose(ref, "approve", at=NOW)
    bank.charge_back(ref, at=NOW)
    name = "dp_" + ref[3:]
    for _twice in range(2):
        if do == "contest":
            assert bank.contest(name, Evidence("She was there."), key="k", at=NOW).state == "answered"
        elif do:
            assert bank.concede(name, key="k", at=NOW).state == "lost"
    told = bank.dispute(name, at=NOW + wait)
    assert (told.state, told.taken) == (state, 10_000 - left) and bank.dispute(name, at=NOW + wait) == told
    assert sum(one.amount for one in bank.reconcile(NOW, NOW + 2 * TO_ANSWER)) == left
    assert bank.dispute("dp_never", at=NOW) is None
