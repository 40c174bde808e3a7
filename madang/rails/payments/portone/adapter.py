"""Payments through PortOne V2, as a :class:`~madang.rails.payments.PaymentRail` and :class:`~madang.rails.payments.PayoutRail`.

A payment's name (``paymentId``) is made by us and holds the amount, so that what was paid is checked against what was asked without asking
anybody. Amounts are won. The window itself can only be opened by PortOne's browser SDK: see docs/decisions/110.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from madang.rails.payments import Answer, BadSignature, Checkout, Event, Movement, Order, PayoutBatch, RailError, Sent
from madang.rails.payments.portone import partners
from madang.rails.payments.portone.client import Settings, asking, clients

UNIT = "KRW"
TOLERANCE = timedelta(minutes=5)
PAGE, PAGES_MAX = 100, 500
CHANGED_SINCE = timedelta(days=31)
"""How long before a span payments are looked through: a second part sent back does not change a payment's state, so its day is not told."""


class Directory(Protocol):
    """Where payees are paid. Whoever hosts the rail knows."""

    def place(self, owner: str) -> partners.Place | None:
        """The account of an owner, None while they have said none."""
        ...


def payment_id(key: str, amount: int) -> str:
    """Our name for a payment: at most 40 letters and digits, as the strictest PGs have it; it ends with the amount."""
    return f"m{hashlib.sha256(key.encode()).hexdigest()[:22]}w{amount}"


def asked_amount(ref: str) -> int:
    """The amount in a name of ours. Raises ``ValueError`` for one that is not ours."""
    head, mark, amount = ref.rpartition("w")
    if not (mark and head.startswith("m") and amount.isdecimal() and len(ref) <= 40):
        raise ValueError("not a payment of ours")
    return int(amount)


class PortOne:
    """The rail. ``settings`` come from PortOne's console, ``directory`` says where payees are paid."""

    name = "portone"

    def __init__(self, settings: Settings, directory: Directory, checkout_url: str) -> None:
        self.settings = settings
        self.pretend = settings.test
        self.fee_in_words = f"{settings.fee_basis_points // 100}.{settings.fee_basis_points % 100:02d} %"
        self._directory = directory
        self._checkout_url = checkout_url

    # Payments

    def authorise(self, order: Order) -> Checkout:
        """Register the amount (nobody can then pay another in the window) and say where the window is opened."""
        from portone_server_sdk.errors import AlreadyPaidError
        from portone_server_sdk.payment import PreRegisterPaymentError

        if order.unit != UNIT or not 0 < order.amount < 10**15:
            raise ValueError("PortOne takes won here")
        ref = payment_id(order.key, order.amount)
        try:
            with asking(f"register:{ref}"):
                clients(self.settings).payment.pre_register_payment(payment_id=ref, total_amount=order.amount, currency=UNIT)
        except AlreadyPaidError:
            pass  # the way back tells
        except PreRegisterPaymentError as error:
            raise RailError(f"PortOne: {type(error).__name__}") from error
        return Checkout(ref, self._checkout_url.format(ref=ref))

    def fetch(self, ref: str, *, at: datetime) -> Answer:
        """How a payment is now. One that was paid with another amount is sent back whole and counts as declined (``amount``)."""
        found = self._payment(ref)
        if found is None:
            return Answer(ref, "waiting")  # the window was not opened
        return self._answer(found)

    def capture(self, ref: str, *, key: str, at: datetime) -> Answer:
        """PortOne takes the money when the person pays, so this only tells how things are."""
        return self.fetch(ref, at=at)

    def void(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Close it: an account that was opened for it is closed; an unpaid window cannot be, so what is paid later is sent back by itself."""
        from portone_server_sdk.payment import CloseVirtualAccountError

        found = self._payment(ref)
        if found is None:
            return Answer(ref, "cancelled")
        answer = self._answer(found)
        if answer.state != "waiting" or self._status(found) == "PAY_PENDING":
            return answer
        if self._status(found) == "VIRTUAL_ACCOUNT_ISSUED":
            try:
                with asking(key):
                    clients(self.settings).payment.close_virtual_account(payment_id=ref)
            except CloseVirtualAccountError:
                return self.fetch(ref, at=at)  # it was paid just now, or closed before
        return Answer(ref, "cancelled")

    def refund(self, ref: str, amount: int, *, key: str, at: datetime) -> Answer:
        """Send back a part. The reason carries a mark of our key, so that a repeat finds it whenever it comes."""
        from portone_server_sdk.errors import CancelAmountExceedsCancellableAmountError, PaymentAlreadyCancelledError, PaymentNotFoundError
        from portone_server_sdk.payment import CancelPaymentError

        found = self._payment(ref)
        if found is None:
            return Answer(ref, "unknown")
        mark = _mark(key)
        for one in getattr(found, "cancellations", None) or []:
            if one.reason.endswith(mark):
                return self._cancelled(one, amount)
        if type(getattr(found, "method", None)).__name__ == "PaymentMethodVirtualAccount":
            return Answer(mark, "declined", amount, UNIT, reason="by-hand")  # an account of the payer's is needed, which we do not know
        try:
            with asking(key):
                made = clients(self.settings).payment.cancel_payment(payment_id=ref, amount=amount, reason=f"환불 {mark}", requester="ADMIN")
        except (CancelAmountExceedsCancellableAmountError, PaymentAlreadyCancelledError):
            return Answer(mark, "declined", amount, UNIT, reason="too-much")
        except PaymentNotFoundError:
            return Answer(ref, "unknown")
        except CancelPaymentError as error:
            return Answer(mark, "declined", amount, UNIT, reason=type(error).__name__.removesuffix("Error")[:40])
        return self._cancelled(made.cancellation, amount)

    def fee(self, amount: int, unit: str) -> int:
        """What the PG keeps by the co-op's contract, to the nearest won. PortOne does not tell; the bank's statement shows what it was."""
        return (amount * self.settings.fee_basis_points + 5_000) // 10_000

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> Event:
        """Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body`` with the secret's bytes, at most five minutes old by ``at``.

        A message only says that something changed; PortOne is then asked (the SDK's own check reads the clock, so it is not used).
        """
        given = {name.lower(): value for name, value in headers.items()}
        ident, stamp, signatures = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        if not (0 < len(ident) <= 120 and stamp.isdecimal() and len(stamp) < 12):
            raise BadSignature("not signed by PortOne")
        secret = base64.b64decode(self.settings.webhook_secret.removeprefix("whsec_"))
        right = hmac.digest(secret, f"{ident}.{stamp}.".encode() + body, "sha256")
        if not any(hmac.compare_digest(right, one) for one in _signatures(signatures)):
            raise BadSignature("not signed by PortOne")
        if abs(datetime.fromtimestamp(int(stamp), UTC) - at) > TOLERANCE:
            raise BadSignature("too old")
        told = json.loads(body)
        ref = str(told.get("data", {}).get("paymentId", ""))
        return Event(ident, str(told.get("type", "")), ref, Answer(ref, "ask"))

    def reconcile(self, since: datetime, until: datetime) -> list[Movement]:
        """Payments, what was sent back, and payouts that PortOne calls paid, each at its own moment, oldest first."""
        rows: list[Movement] = []
        for one in self._payments(since - CHANGED_SINCE, until):
            rows += self._movements(one)
        rows += partners.movements(self.settings, since, until)
        return sorted((row for row in rows if since <= row.at < until), key=lambda row: (row.at, row.ref))

    # Payouts

    def send(self, batch: PayoutBatch) -> Sent:
        """A settlement (수기 정산건) a payout, under a name of ours: repeating it asks how it stands."""
        if not batch.orders or any(order.amount <= 0 or order.unit != UNIT for order in batch.orders):
            raise ValueError("nothing to send, or not won")
        answers = [partners.settle(self.settings, order, self._directory.place(order.to), batch.on) for order in batch.orders]
        return Sent(partners.transfer_id(batch.key), tuple(answers))

    def results(self, refs: Sequence[str], *, at: datetime) -> list[Answer]:
        """How these settlements are now."""
        return [partners.standing(self.settings, ref) for ref in refs]

    def reverse(self, ref: str, *, key: str, at: datetime) -> Answer:
        """A settlement that has not been closed is deleted; for a later one it is too late."""
        return partners.delete(self.settings, ref, key)

    # Within

    def _payment(self, ref: str) -> Any:
        from portone_server_sdk.errors import PaymentNotFoundError
        from portone_server_sdk.payment import GetPaymentError

        try:
            with asking():
                found = clients(self.settings).payment.get_payment(payment_id=ref)
        except PaymentNotFoundError:
            return None
        except GetPaymentError as error:
            raise RailError(f"PortOne: {type(error).__name__}") from error
        if isinstance(found, dict):
            raise RailError("PortOne tells of a state this program does not know")
        return found

    def _status(self, found: Any) -> str:
        return {"ReadyPayment": "READY", "PayPendingPayment": "PAY_PENDING", "VirtualAccountIssuedPayment": "VIRTUAL_ACCOUNT_ISSUED"}.get(
            type(found).__name__, ""
        )

    def _answer(self, found: Any) -> Answer:
        kind, ref = type(found).__name__, str(found.id)
        if kind == "FailedPayment":
            return Answer(ref, "declined", reason="declined")
        if kind == "CancelledPayment" and not _paid_before(found):
            return Answer(ref, "cancelled")
        if kind not in ("PaidPayment", "PartialCancelledPayment", "CancelledPayment"):
            return Answer(ref, "waiting")
        total = int(found.amount.total)
        if (total, found.currency) != (asked_amount(ref), UNIT):
            return self._not_what_was_asked(found, ref)
        return Answer(ref, "paid", total, UNIT, self.fee(total, UNIT))

    def _not_what_was_asked(self, found: Any, ref: str) -> Answer:
        """Somebody paid another amount: nothing of it is ours."""
        if type(found).__name__ != "CancelledPayment":
            from portone_server_sdk.payment import CancelPaymentError

            try:
                with asking(f"amount:{ref}"):
                    clients(self.settings).payment.cancel_payment(payment_id=ref, reason="결제 금액 불일치", requester="ADMIN")
            except CancelPaymentError as error:
                raise RailError(f"PortOne: {type(error).__name__}") from error
        return Answer(ref, "declined", reason="amount")

    def _cancelled(self, made: Any, amount: int) -> Answer:
        state = {"SucceededPaymentCancellation": "paid", "FailedPaymentCancellation": "declined"}.get(type(made).__name__, "waiting")
        if state == "paid" and int(made.total_amount) != amount:
            raise RailError("PortOne sent back another amount than was asked")
        return Answer(str(made.id), state, amount, UNIT)  # type: ignore[arg-type]

    def _payments(self, since: datetime, until: datetime) -> Iterator[Any]:
        """All payments whose state changed in a span, page by page."""
        from portone_server_sdk.common import PageInput
        from portone_server_sdk.payment import GetPaymentsError, PaymentFilterInput

        span = PaymentFilterInput(
            store_id=self.settings.store, timestamp_type="STATUS_CHANGED_AT", from_=since.isoformat(), until=until.isoformat(), version="V2"
        )
        for number in range(PAGES_MAX):
            try:
                with asking():
                    told = clients(self.settings).payment.get_payments(page=PageInput(number=number, size=PAGE), filter=span)
            except GetPaymentsError as error:
                raise RailError(f"PortOne: {type(error).__name__}") from error
            yield from told.items
            if (number + 1) * PAGE >= told.page.total_count:
                return
        raise RailError("PortOne has more payments than can be looked through at once")

    def _movements(self, found: Any) -> list[Movement]:
        if not getattr(found, "paid_at", None):
            return []
        total, ref = int(found.amount.total), str(found.id)
        rows = [Movement(ref, "payment", total, UNIT, _moment(found.paid_at), self.fee(total, UNIT))]
        for one in getattr(found, "cancellations", None) or []:
            if type(one).__name__ == "SucceededPaymentCancellation":
                rows.append(Movement(str(one.id), "refund", -int(one.total_amount), UNIT, _moment(one.cancelled_at or one.requested_at), 0, ref))
        return rows


def _mark(key: str) -> str:
    return "#" + hashlib.sha256(key.encode()).hexdigest()[:16]


def _paid_before(found: Any) -> bool:
    return bool(getattr(found, "paid_at", None))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _signatures(text: str) -> Iterator[bytes]:
    for one in text.split(" ")[:10]:
        version, comma, code = one.partition(",")
        if version == "v1" and comma:
            try:
                yield base64.b64decode(code, validate=True)
            except (binascii.Error, ValueError):
                continue
