"""The adapter: our words on this side, the SDK's on the other. Nothing here knows a database.

A payment is a Checkout Session on Stripe's own pages, so no script of theirs runs on ours; its PaymentIntent is what the money is called once
it was paid. Payouts are transfers to connected accounts ("separate charges and transfers"). Every call that does something carries our key, and
because Stripe forgets keys after a day, what a key may have done already is looked up before it is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from madang.rails.payments import Answer, Checkout, Event, Movement, Order, PayoutBatch, PayoutOrder, RailError, Sent
from madang.rails.payments.stripe import messages
from madang.rails.payments.stripe.amounts import from_stripe, to_stripe
from madang.rails.payments.stripe.connect import Connect
from madang.rails.payments.stripe.disputes import Disputes

PAID = ["payment_intent.latest_charge.balance_transaction"]
KINDS = {
    "charge": "payment", "payment": "payment", "refund": "refund", "payment_refund": "refund", "refund_failure": "refund",
    "payment_failure_refund": "refund", "transfer": "payout", "transfer_failure": "payout", "transfer_cancel": "payout", "transfer_refund": "recall",
    "payout": "withdrawal", "payout_failure": "withdrawal", "payout_cancel": "withdrawal", "adjustment": "dispute",
}  # fmt: skip
"""What Stripe's types of balance transaction are to us; every other is a fee (https://docs.stripe.com/reports/balance-transaction-types)."""


@dataclass(frozen=True)
class Settings:
    """How this installation reaches Stripe: the secret key (``sk_test_…`` is test mode), the secrets its messages are signed with, the ``base``
    address ("" is Stripe itself), the seconds it waits for an answer and how often the SDK tries again by itself."""

    key: str
    webhook_secrets: tuple[str, ...] = ()
    base: str = ""
    seconds: float = 20
    tries: int = 1

    @property
    def test_mode(self) -> bool:
        """Whether no real money moves."""
        return not self.key.startswith(("sk_live_", "rk_live_"))


class Stripe(Connect, Disputes):
    """A :class:`~madang.rails.payments.PaymentRail`, ``PayoutRail``, ``DisputeRail`` and ``PayeeRail`` over Stripe's API."""

    name = "stripe"
    fee_in_words = ""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.pretend = settings.test_mode

    @cached_property
    def sdk(self) -> Any:
        """The official client, made at the first call."""
        import stripe
        from stripe._http_client import RequestsClient

        client = RequestsClient(timeout=(min(5, self.settings.seconds), self.settings.seconds))
        base = {"api": self.settings.base, "files": self.settings.base} if self.settings.base else None
        return stripe.StripeClient(self.settings.key, base_addresses=base, max_network_retries=self.settings.tries, http_client=client).v1  # type: ignore[arg-type]

    def call(self, ask: Callable[..., Any], *args: Any, refused: bool = False, **kwargs: Any) -> dict[str, Any]:
        """Ask Stripe, and have the answer as plain data. Raises :class:`RailError` when nothing is known; where ``refused``, a definite
        "no" (a card, a wrong request) is raised as the SDK raises it."""
        import stripe

        try:
            return ask(*args, **kwargs).to_dict()  # type: ignore[no-any-return]
        except (stripe.CardError, stripe.InvalidRequestError) as no:
            if refused:
                raise
            raise RailError(f"Stripe refused: {no.code or ''} {no.user_message or ''}") from no
        except stripe.StripeError as error:
            raise RailError(f"Stripe did not answer: {type(error).__name__} {error.code or ''}") from error

    # Paying in

    def authorise(self, order: Order) -> Checkout:
        """Open a Checkout Session; a repeat with the same key is the same one. Raises :class:`RailError`, also for an amount Stripe cannot write."""
        try:
            number = to_stripe(order.amount, order.unit)
        except ValueError as no:
            raise RailError(str(no)) from no
        line = {
            "quantity": 1,
            "price_data": {
                "currency": order.unit.lower(), "unit_amount": number, "product_data": {"name": order.title[:120]},
            },
        }  # fmt: skip
        params: dict[str, Any] = {
            "mode": "payment", "line_items": [line], "success_url": order.return_url, "cancel_url": order.return_url,
            "client_reference_id": order.key[:200], "metadata": {"key": order.key},
            "payment_intent_data": {
                "capture_method": "manual" if order.later else "automatic", "metadata": {"key": order.key}, "description": order.title[:120],
            },
        }  # fmt: skip
        made = self.call(self.sdk.checkout.sessions.create, params, {"idempotency_key": f"pay:{order.key}"})
        return Checkout(made["id"], made.get("url") or order.return_url)

    def fetch(self, ref: str, *, at: datetime) -> Answer:
        """How the payment of this session is now."""
        return self._told(ref, self._session(ref))

    def _session(self, ref: str) -> dict[str, Any] | None:
        return self._found(self.sdk.checkout.sessions.retrieve, ref, {"expand": PAID})

    def _found(self, ask: Callable[..., Any], *args: Any) -> dict[str, Any] | None:
        """What is there, or None where Stripe knows nothing of this name."""
        import stripe

        try:
            return self.call(ask, *args, refused=True)
        except (stripe.CardError, stripe.InvalidRequestError) as no:
            if no.code == "resource_missing":
                return None
            raise RailError(f"Stripe refused: {no.code}") from no

    def _told(self, ref: str, session: dict[str, Any] | None) -> Answer:
        """A session in our words; ``paid`` only once the fee is known."""
        if session is None:
            return Answer(ref, "unknown")
        code = str(session["currency"]).upper()
        answer = Answer(ref, "waiting", from_stripe(session["amount_total"], code), code)
        if session["status"] == "expired":
            return replace(answer, state="cancelled")
        paid = session.get("payment_intent")
        if session["status"] == "open" or not isinstance(paid, dict):
            return answer
        answer = replace(answer, payment=paid["id"])
        if paid["status"] == "succeeded":
            return self._paid(answer, paid)
        if paid["status"] == "requires_capture":
            return replace(answer, state="authorised")
        if paid["status"] == "canceled":
            return replace(answer, state="cancelled")
        if paid["status"] == "requires_payment_method":
            code = str((paid.get("last_payment_error") or {}).get("decline_code") or "")
            return replace(answer, state="declined", reason="insufficient-funds" if code == "insufficient_funds" else "declined")
        return answer

    def _paid(self, answer: Answer, paid: dict[str, Any]) -> Answer:
        booked = (paid.get("latest_charge") or {}).get("balance_transaction")
        if not isinstance(booked, dict):
            return answer
        if booked["currency"].upper() != answer.unit:
            raise RailError(f"the Stripe account settles in {booked['currency']}, and the co-op keeps {answer.unit}: connect one that settles in {answer.unit}")
        received = from_stripe(paid["amount_received"], answer.unit)
        return replace(answer, state="paid", amount=received, fee=from_stripe(booked["fee"], answer.unit))

    def capture(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Take what was promised; what was taken already is told."""
        answer = self.fetch(ref, at=at)
        if answer.state != "authorised":
            return answer
        self.call(self.sdk.payment_intents.capture, answer.payment, {}, {"idempotency_key": key})
        return self.fetch(ref, at=at)

    def void(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Close the session, or give up what was promised and not taken; what was paid meanwhile is told."""
        import stripe

        answer = self.fetch(ref, at=at)
        try:
            if answer.state == "authorised":
                self.call(self.sdk.payment_intents.cancel, answer.payment, {}, {"idempotency_key": key}, refused=True)
            elif answer.state == "waiting" and not answer.payment:
                self.call(self.sdk.checkout.sessions.expire, ref, {}, {"idempotency_key": key}, refused=True)
        except (stripe.CardError, stripe.InvalidRequestError):
            pass  # it was paid, or closed, a moment ago: what it is now is asked next
        return self.fetch(ref, at=at)

    def refund(self, ref: str, amount: int, *, key: str, at: datetime) -> Answer:
        """Send back part or all. Stripe keeps its fee. ``declined``: what Stripe will never do (too much, disputed); asked again it is the same one."""
        import stripe

        answer = self.fetch(ref, at=at)
        if answer.state != "paid":
            return replace(answer, ref="", state="declined", amount=amount, reason="not-paid")
        there = self.call(self.sdk.refunds.list, {"payment_intent": answer.payment, "limit": 100})["data"]
        made = next((one for one in there if (one.get("metadata") or {}).get("key") == key), None)
        if made is None:
            params = {"payment_intent": answer.payment, "amount": to_stripe(amount, answer.unit), "metadata": {"key": key}}
            try:
                made = self.call(self.sdk.refunds.create, params, {"idempotency_key": key}, refused=True)
            except (stripe.CardError, stripe.InvalidRequestError) as no:
                reasons = {"charge_disputed": "disputed", "charge_already_refunded": "too-much", "amount_too_large": "too-much"}
                return Answer("", "declined", amount, answer.unit, reason=reasons.get(no.code or "", "refused"))
        state = messages.REFUND_STATES.get(made["status"], "waiting")
        return Answer(made["id"], "declined" if state == "returned" else state, amount, answer.unit, reason=str(made.get("failure_reason") or "")[:40])

    def fee(self, amount: int, unit: str) -> int:
        """Nobody knows before Stripe has booked the payment; every ``paid`` answer says it."""
        return 0

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> Event:
        """As Stripe signs its messages, at most five minutes old by ``at``."""
        return messages.event(messages.verified(headers, body, self.settings.webhook_secrets, at))

    # Paying out

    def send(self, batch: PayoutBatch) -> Sent:
        """A transfer each, to connected accounts (``PayoutOrder.account``). ``waiting`` while too little is available at Stripe."""
        if not batch.orders or any(order.amount <= 0 or not order.account for order in batch.orders):
            raise ValueError("nothing to send, or nowhere")
        return Sent(batch.key, tuple(self._transfer(order, batch.at) for order in batch.orders))

    def _transfer(self, order: PayoutOrder, at: datetime) -> Answer:
        import stripe

        there = self.call(self.sdk.transfers.list, {"transfer_group": order.key, "limit": 1})["data"]
        if there:
            return Answer(there[0]["id"], "paid", order.amount, order.unit)
        params = {
            "amount": to_stripe(order.amount, order.unit), "currency": order.unit.lower(), "destination": order.account, "transfer_group": order.key,
            "metadata": {"key": order.key, "code": order.code},
        }  # fmt: skip
        for key in (order.key, f"{order.key}:{int(at.timestamp())}"):
            try:
                made = self.call(self.sdk.transfers.create, params, {"idempotency_key": key}, refused=True)
                return Answer(made["id"], "paid", order.amount, order.unit)
            except (stripe.CardError, stripe.InvalidRequestError) as no:
                if no.code != "balance_insufficient":
                    return Answer("", "declined", order.amount, order.unit, reason="account")
                if not {name.lower(): value for name, value in (no.headers or {}).items()}.get("idempotent-replayed"):
                    break  # a fresh "no"; an old one that Stripe only repeats is asked once more under a new key
        return Answer("", "waiting", order.amount, order.unit, reason="insufficient-funds")

    def results(self, refs: Sequence[str], *, at: datetime) -> list[Answer]:
        """How these transfers are now; ``returned`` once all of one was taken back."""
        return [self._result(ref) for ref in refs]

    def _result(self, ref: str) -> Answer:
        found = self._found(self.sdk.transfers.retrieve, ref)
        if found is None:
            return Answer(ref, "unknown")
        code = str(found["currency"]).upper()
        return Answer(ref, "returned" if found["reversed"] else "paid", from_stripe(found["amount"], code), code)

    def reverse(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Take the whole of a transfer back; ``declined`` where the payee's balance at Stripe is too small."""
        told = self._result(ref)
        return told if told.state != "paid" else self.recall(ref, told.amount, key=key, at=at)

    def reconcile(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """Everything in our balance in ``[since, until)``, oldest first. Raises :class:`RailError`.

        A payment's ref is its PaymentIntent's, as ``Answer.payment`` says; a refund's, transfer's and dispute's its own, ``about`` the payment's or transfer's.
        """
        span = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        rows: list[dict[str, Any]] = []
        while True:
            wanted: dict[str, Any] = {"created": span, "limit": 100, "expand": ["data.source"]}
            if rows:
                wanted["starting_after"] = rows[-1]["id"]
            page = self.call(self.sdk.balance_transactions.list, wanted)
            rows += page["data"]
            if not page["has_more"] or not page["data"]:
                break
        return [_movement(row) for row in reversed(rows)]


def _movement(row: Mapping[str, Any]) -> Movement:
    code = str(row["currency"]).upper()
    source = row.get("source")
    thing: Mapping[str, Any] = source if isinstance(source, Mapping) else {"id": str(source or row["id"])}
    ref = str(thing.get("payment_intent") or thing["id"]) if thing.get("object") == "charge" else str(thing["id"])
    at = datetime.fromtimestamp(row["created"], UTC)
    kind = KINDS.get(row["type"], "fee")
    if kind == "dispute" and thing.get("object") != "dispute":
        kind = "fee"  # an adjustment of Stripe's own
    about = _name(thing.get("transfer") if kind == "recall" else thing.get("payment_intent") if kind in ("refund", "dispute") else "")
    return Movement(ref, kind, from_stripe(row["amount"], code), code, at, from_stripe(row["fee"], code), about)


def _name(thing: Any) -> str:
    """A thing of Stripe's or its name, as its name."""
    return str(thing["id"] if isinstance(thing, Mapping) else thing or "")
