"""The sandbox: a pretend bank that behaves like a real one, bad days included. No money moves."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from madang.rails.payments import Answer, BadSignature, Checkout, Event, Order, State

CHOICES = ("approve", "decline", "insufficient", "slow", "twice", "lost")
"""What a person may ask of the pretend bank: pay; be refused; have too little; be answered two minutes later; have the answer sent
twice; pay and have the answer get lost."""

SLOW = timedelta(minutes=2)
TOLERANCE = timedelta(minutes=5)
HEADER = "X-Sandbox-Signature"
FEE_BASIS_POINTS = 290


@dataclass(frozen=True)
class Payment:
    """The pretend bank's memory of one payment. ``answers_at`` is set while the bank takes its time."""

    ref: str
    key: str
    amount: int
    unit: str
    title: str
    return_url: str
    state: State = "waiting"
    reason: str = ""
    answers_at: str = ""
    refunded: int = 0
    refunds: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Post:
    """A message to be delivered ``times`` times, from ``at`` on."""

    event_id: str
    at: datetime
    body: dict[str, Any]
    times: int = 1


class Store(Protocol):
    """Where the pretend bank keeps its book. Whoever hosts the sandbox gives it one."""

    def open(self, payment: Payment) -> Payment:
        """Keep a new payment, or return the one that has this key already."""
        ...

    def locked(self, ref: str) -> AbstractContextManager[Payment | None]:
        """The payment, with nobody else changing it until the block ends."""
        ...

    def keep(self, payment: Payment) -> None:
        """Write a payment back."""
        ...

    def post(self, post: Post) -> None:
        """Keep a message for delivery; one with a known id is kept once."""
        ...

    def waiting(self, at: datetime, limit: int, only: str = "") -> Iterable[Post]:
        """Messages to be delivered by now; ``only`` one (an event's id) or those about one payment (its ref)."""
        ...

    def delivered(self, event_id: str, at: datetime) -> None:
        """This one arrived."""
        ...


class Sandbox:
    """A :class:`~madang.rails.payments.PaymentRail` over a :class:`Store`. ``secret`` signs its messages."""

    name = "sandbox"
    pretend = True
    fee_in_words = "2.9 %"

    def __init__(self, store: Store, secret: bytes, checkout_url: str) -> None:
        self.store = store
        self._secret = secret
        self._checkout_url = checkout_url

    # What we ask of it

    def authorise(self, order: Order) -> Checkout:
        """Open a payment; a repeat with the same key is the same payment."""
        ref = "sb_" + hashlib.sha256(order.key.encode()).hexdigest()[:24]
        payment = self.store.open(Payment(ref, order.key, order.amount, order.unit, order.title[:120], order.return_url))
        if (payment.amount, payment.unit) != (order.amount, order.unit):
            raise ValueError("one key for two amounts")
        return Checkout(payment.ref, self._checkout_url.format(ref=payment.ref))

    def capture(self, ref: str, *, key: str, at: datetime) -> Answer:
        """The sandbox takes the money when the person approves, so this only tells how things are."""
        return self.fetch(ref, at=at)

    def void(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Close it unless it is paid already (or will be, once the bank has taken its time)."""
        with self.store.locked(ref) as found:
            if found is None:
                return Answer(ref, "unknown")
            payment = self._settled_by(found, at)
            if payment.state == "waiting" and not payment.answers_at:
                payment = replace(payment, state="cancelled")
            self.store.keep(payment)
            return self._answer(payment)

    def refund(self, ref: str, amount: int, *, key: str, at: datetime) -> Answer:
        """Give back part or all of a paid payment, never more than came in. Fees are kept, as card companies do."""
        with self.store.locked(ref) as found:
            if found is None:
                return Answer(ref, "unknown")
            name = "re_" + hashlib.sha256(key.encode()).hexdigest()[:24]
            if found.refunds.get(name) == amount:
                return Answer(name, "paid", amount, found.unit)
            payment = self._settled_by(found, at)
            if payment.state != "paid" or amount <= 0 or name in payment.refunds or payment.refunded + amount > payment.amount:
                return Answer(name, "declined", amount, payment.unit, reason="too-much" if payment.state == "paid" else "not-paid")
            self.store.keep(replace(payment, refunded=payment.refunded + amount, refunds={**payment.refunds, name: amount}))
            return Answer(name, "paid", amount, payment.unit)

    def pay_out(self, to: str, amount: int, unit: str, *, key: str, at: datetime) -> Answer:
        """The pretend bank sends pretend money to anyone."""
        return Answer("po_" + hashlib.sha256(key.encode()).hexdigest()[:24], "paid", amount, unit)

    def fetch(self, ref: str, *, at: datetime) -> Answer:
        """How things are now."""
        with self.store.locked(ref) as found:
            if found is None:
                return Answer(ref, "unknown")
            payment = self._settled_by(found, at)
            if payment != found:
                self.store.keep(payment)
            return self._answer(payment)

    def fee(self, amount: int, unit: str) -> int:
        """2.9 % of ``amount``, rounded half up to a whole smallest unit: 52,000 won cost 1,508, $100.00 cost $2.90."""
        return (amount * FEE_BASIS_POINTS + 5_000) // 10_000

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> Event:
        """``X-Sandbox-Signature: t=<unix seconds>,v1=<HMAC-SHA256 over "t.body">``, at most five minutes old."""
        given = {name.lower(): value for name, value in headers.items()}.get(HEADER.lower(), "")
        fields = dict(part.split("=", 1) for part in given.split(",") if "=" in part)
        stamp = fields.get("t", "")
        if not (stamp.isdecimal() and len(stamp) < 12) or not hmac.compare_digest(fields.get("v1", ""), self._sign(stamp, body)):
            raise BadSignature("not signed by the sandbox")
        if abs(datetime.fromtimestamp(int(stamp), UTC) - at) > TOLERANCE:
            raise BadSignature("too old")
        told = json.loads(body)
        return Event(str(told["id"]), str(told["kind"]), str(told["ref"]), Answer(**told["answer"]))

    # What a person asks of it, at its checkout page

    def payment(self, ref: str) -> Payment | None:
        """What its checkout page shows."""
        with self.store.locked(ref) as found:
            return found

    def choose(self, ref: str, choice: str, *, at: datetime) -> Payment | None:
        """The person decides: one of :data:`CHOICES`. Decided once, it stays so. None when there is no such payment."""
        if choice not in CHOICES:
            raise ValueError(choice)
        with self.store.locked(ref) as found:
            if found is None or found.state != "waiting" or found.answers_at:
                return found
            if choice == "slow":
                payment = replace(found, answers_at=(at + SLOW).isoformat())
            elif choice in ("decline", "insufficient"):
                payment = replace(found, state="declined", reason="insufficient-funds" if choice == "insufficient" else "declined")
            else:
                payment = replace(found, state="paid")
            self.store.keep(payment)
            if choice != "lost":
                self._tell(payment, at + SLOW if choice == "slow" else at, 2 if choice == "twice" else 1)
            return payment

    def deliveries(self, at: datetime, limit: int, only: str = "") -> list[tuple[Post, dict[str, str], bytes]]:
        """Messages due by now with their signed headers and body: the host delivers each ``times`` times and says ``delivered``."""
        bodies = [(post, json.dumps(post.body, sort_keys=True, separators=(",", ":")).encode()) for post in self.store.waiting(at, limit, only)]
        stamp = str(int(at.timestamp()))
        return [(post, {HEADER: f"t={stamp},v1={self._sign(stamp, body)}", "Content-Type": "application/json"}, body) for post, body in bodies]

    # Within

    def _sign(self, stamp: str, body: bytes) -> str:
        return hmac.new(self._secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()

    def _settled_by(self, payment: Payment, at: datetime) -> Payment:
        """A slow payment is paid once its time has come."""
        if payment.answers_at and payment.state == "waiting" and datetime.fromisoformat(payment.answers_at) <= at:
            return replace(payment, state="paid")
        return payment

    def _answer(self, payment: Payment) -> Answer:
        fee = self.fee(payment.amount, payment.unit) if payment.state == "paid" else 0
        return Answer(payment.ref, payment.state, payment.amount, payment.unit, fee, payment.reason)

    def _tell(self, payment: Payment, at: datetime, times: int) -> None:
        told = self._answer(replace(payment, state="paid") if payment.answers_at else payment)
        event_id = "ev_" + hashlib.sha256(f"{payment.ref}|{told.state}".encode()).hexdigest()[:24]
        self.store.post(Post(event_id, at, {"id": event_id, "kind": f"payment.{told.state}", "ref": payment.ref, "answer": asdict(told)}, times))
