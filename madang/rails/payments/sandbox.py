"""The sandbox: a pretend bank that behaves like a real one, bad days included. No money moves."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from madang.rails.payments import Answer, BadSignature, Checkout, Dispute, Event, Evidence, Movement, Order, PayoutBatch, RailError, Sent, State

CHOICES = ("approve", "decline", "insufficient", "slow", "twice", "lost")
"""What a person may ask of the pretend bank: pay; be refused; have too little; be answered two minutes later; have the answer sent
twice; pay and have the answer get lost."""

PAYOUT_CHOICES = ("paid", "slow", "declined", "returned", "twice")
"""What the bank shall do with payouts to come: pay; pay two minutes later; refuse; pay and send it back a day later; tell it twice."""

SLOW = timedelta(minutes=2)
BACK = timedelta(days=1)
TO_ANSWER = timedelta(days=7)
"""How long the payer's bank waits for our answer; then it keeps the money."""
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
    moved: list[list[Any]] = field(default_factory=list)  # [ref, kind, amount, fee, when], as it happened
    contested: dict[str, Any] = field(default_factory=dict)  # a dispute: amount, fee, opened, state, and since when it is answered


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

    def everything(self) -> Iterable[Payment]:
        """All it remembers, for reconciliation."""
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
    """A :class:`~madang.rails.payments.PaymentRail` and :class:`~madang.rails.payments.PayoutRail` over a :class:`Store`.

    ``secret`` signs its messages. ``payouts`` is what it does with payouts to come, one of :data:`PAYOUT_CHOICES`.
    """

    name = "sandbox"
    pretend = True
    fee_in_words = "2.9 %"

    def __init__(self, store: Store, secret: bytes, checkout_url: str, payouts: str = "paid") -> None:
        if payouts not in PAYOUT_CHOICES:
            raise ValueError(payouts)
        self.store = store
        self._payouts = payouts
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
            moved = [*payment.moved, [name, "refund", -amount, 0, at.isoformat()]]
            self.store.keep(replace(payment, refunded=payment.refunded + amount, refunds={**payment.refunds, name: amount}, moved=moved))
            return Answer(name, "paid", amount, payment.unit)

    def send(self, batch: PayoutBatch) -> Sent:
        """The pretend bank sends pretend money to anyone, at once unless it was asked to behave otherwise."""
        if not batch.orders or any(order.amount <= 0 for order in batch.orders):
            raise ValueError("nothing to send, or less than nothing")
        answers = []
        for order in batch.orders:
            ref = "po_" + hashlib.sha256(order.key.encode()).hexdigest()[:24]
            made = self._payout(Payment(ref, order.key, order.amount, order.unit, order.name[:120], ""), batch.at)
            kept = self.store.open(made)
            if (kept.amount, kept.unit) != (order.amount, order.unit):
                raise ValueError("one key for two amounts")
            if self._payouts != "paid":
                self._tell_of_payout(kept, batch.at)
            answers.append(self._of_payout(kept, batch.at))
        return Sent("pb_" + hashlib.sha256(batch.key.encode()).hexdigest()[:24], tuple(answers))

    def results(self, refs: Sequence[str], *, at: datetime) -> list[Answer]:
        """How these payouts are now."""
        return [self._of_payout(found, at) if (found := self.payment(ref)) else Answer(ref, "unknown") for ref in refs]

    def reverse(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Call a payout back: one the bank still thinks about is cancelled, for one that left it is too late."""
        with self.store.locked(ref) as found:
            if found is None:
                return Answer(ref, "unknown")
            answer = self._of_payout(found, at)
            if answer.state != "waiting":
                return answer if answer.state in ("cancelled", "returned") else replace(answer, state="declined", reason="too-late")
            gone = replace(found, state="cancelled", answers_at="", moved=[])
            self.store.keep(gone)
            return self._of_payout(gone, at)

    def reconcile(self, since: datetime, until: datetime) -> list[Movement]:
        """Everything that moved at the pretend bank in ``[since, until)``, oldest first."""
        rows = [
            Movement(ref, kind, amount, payment.unit, datetime.fromisoformat(when), fee, "" if ref == payment.ref else payment.ref)
            for payment in self.store.everything()
            for ref, kind, amount, fee, when in payment.moved
        ]
        return sorted((row for row in rows if since <= row.at < until), key=lambda row: (row.at, row.ref))

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
        return Event(str(told["id"]), str(told["kind"]), str(told["ref"]), Answer(**told["answer"]), told.get("about", "payment"))

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
                payment = replace(found, answers_at=(at + SLOW).isoformat(), moved=self._paid_in(found, at + SLOW))
            elif choice in ("decline", "insufficient"):
                payment = replace(found, state="declined", reason="insufficient-funds" if choice == "insufficient" else "declined")
            else:
                payment = replace(found, state="paid", moved=self._paid_in(found, at))
            self.store.keep(payment)
            if choice != "lost":
                self._tell(payment, at + SLOW if choice == "slow" else at, 2 if choice == "twice" else 1)
            return payment

    def charge_back(self, ref: str, *, at: datetime, times: int = 1) -> Payment | None:
        """The payer's bank takes back what was paid and not refunded, and we are told ``times`` times. None when there is nothing to take."""
        with self.store.locked(ref) as found:
            if found is None:
                return None
            payment = self._settled_by(found, at)
            left = payment.amount - payment.refunded
            if payment.state != "paid" or not left or payment.contested:
                return None
            fee = self.fee(left, payment.unit)
            moved = [*payment.moved, [_dispute_ref(ref), "dispute", -left, fee, at.isoformat()]]
            told = {"amount": left, "fee": fee, "opened": at.isoformat(), "state": "open"}
            gone = replace(payment, state="disputed", reason="charged-back", moved=moved, contested=told)
            self.store.keep(gone)
            self._tell_of_dispute(gone, at, times)
            return gone

    # A dispute

    def dispute(self, ref: str, *, at: datetime) -> Dispute | None:
        """How it stands. The pretend bank waits seven days for an answer, believes what it is told, and takes two minutes to say so."""
        with self.store.locked("sb_" + ref[3:]) as found:
            if found is None or not found.contested:
                return None
            now = self._decided_by(found, at)
            if now != found:
                self.store.keep(now)
            return self._of_dispute(now)

    def contest(self, ref: str, evidence: Evidence, *, key: str, at: datetime) -> Dispute:
        """Our answer. A repeat changes nothing."""
        return self._answered(ref, "answered", at)

    def concede(self, ref: str, *, key: str, at: datetime) -> Dispute:
        """Lost at once."""
        return self._answered(ref, "lost", at)

    def _answered(self, ref: str, state: str, at: datetime) -> Dispute:
        with self.store.locked("sb_" + ref[3:]) as found:
            if found is None or not found.contested:
                raise RailError("no such dispute")
            now = self._decided_by(found, at)
            if now.contested["state"] == "open":
                now = replace(now, contested={**now.contested, "state": state, "answered": at.isoformat()})
                self._tell_of_dispute(now, at if state == "lost" else at + SLOW, 1)
            self.store.keep(now)
            return self._of_dispute(now)

    def _decided_by(self, payment: Payment, at: datetime) -> Payment:
        told = payment.contested
        if told["state"] == "open" and datetime.fromisoformat(told["opened"]) + TO_ANSWER <= at:
            return replace(payment, contested={**told, "state": "lost"})
        if told["state"] == "answered" and datetime.fromisoformat(told["answered"]) + SLOW <= at:
            when = (datetime.fromisoformat(told["answered"]) + SLOW).isoformat()
            moved = [*payment.moved, [f"{_dispute_ref(payment.ref)}r", "dispute", told["amount"], 0, when]]
            return replace(payment, state="paid", reason="", moved=moved, contested={**told, "state": "won"})
        return payment

    def _of_dispute(self, payment: Payment) -> Dispute:
        told = payment.contested
        taken = 0 if told["state"] == "won" else told["amount"]
        due = datetime.fromisoformat(told["opened"]) + TO_ANSWER
        return Dispute(_dispute_ref(payment.ref), payment.ref, told["state"], told["amount"], payment.unit, taken, told["fee"], "charged-back", due)

    def _tell_of_dispute(self, payment: Payment, at: datetime, times: int) -> None:
        ref, state = _dispute_ref(payment.ref), payment.contested["state"]
        event_id = "ev_" + hashlib.sha256(f"{ref}|{state}".encode()).hexdigest()[:24]
        body = {"id": event_id, "kind": f"dispute.{state}", "ref": ref, "answer": asdict(Answer(ref, "ask")), "about": "dispute"}
        self.store.post(Post(event_id, at, body, times))

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

    def _paid_in(self, payment: Payment, at: datetime) -> list[list[Any]]:
        return [*payment.moved, [payment.ref, "payment", payment.amount, self.fee(payment.amount, payment.unit), at.isoformat()]]

    def _payout(self, new: Payment, at: datetime) -> Payment:
        """What the bank makes of a payout, as it was asked to behave."""
        left = [[new.ref, "payout", -new.amount, 0, (at + SLOW if self._payouts == "slow" else at).isoformat()]]
        if self._payouts == "declined":
            return replace(new, state="declined", reason="account")
        if self._payouts == "slow":
            return replace(new, answers_at=(at + SLOW).isoformat(), moved=left)
        if self._payouts == "returned":
            when = (at + BACK).isoformat()
            return replace(new, state="paid", reason="account", answers_at=when, moved=[*left, [f"{new.ref}r", "payout", new.amount, 0, when]])
        return replace(new, state="paid", moved=left)

    def _of_payout(self, payment: Payment, at: datetime) -> Answer:
        state, reason = payment.state, payment.reason
        if payment.answers_at and datetime.fromisoformat(payment.answers_at) <= at:
            state = "returned" if payment.state == "paid" else "paid"
        if state == "paid":
            reason = ""
        return Answer(payment.ref, state, payment.amount, payment.unit, 0, reason)

    def _tell_of_payout(self, payment: Payment, at: datetime) -> None:
        when = datetime.fromisoformat(payment.answers_at) if payment.answers_at else at
        answer = self._of_payout(payment, when)
        self._post(f"payout.{answer.state}", payment.ref, answer, when, 2 if self._payouts == "twice" else 1)

    def _answer(self, payment: Payment) -> Answer:
        fee = self.fee(payment.amount, payment.unit) if payment.state == "paid" else 0
        return Answer(payment.ref, payment.state, payment.amount, payment.unit, fee, payment.reason)

    def _tell(self, payment: Payment, at: datetime, times: int) -> None:
        told = self._answer(replace(payment, state="paid") if payment.answers_at else payment)
        self._post(f"payment.{told.state}", payment.ref, told, at, times)

    def _post(self, kind: str, ref: str, told: Answer, at: datetime, times: int) -> None:
        event_id = "ev_" + hashlib.sha256(f"{ref}|{told.state}".encode()).hexdigest()[:24]
        self.store.post(Post(event_id, at, {"id": event_id, "kind": kind, "ref": ref, "answer": asdict(told)}, times))


def _dispute_ref(payment: str) -> str:
    return f"dp_{payment[3:]}"
