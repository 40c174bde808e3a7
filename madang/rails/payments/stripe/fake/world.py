"""Stripe's book, as far as we use it: sessions, payments, refunds, disputes, transfers, and a balance that is the sum of its lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

DECLINES = ("card_declined", "insufficient_funds", "expired_card", "incorrect_cvc", "processing_error")
DISPUTE_FEE = 1_500
FEE_BASIS_POINTS, FEE_FIXED = 290, 30
PAGE = 100


class No(Exception):
    """An answer that is an error: HTTP status, and Stripe's ``error`` object."""

    def __init__(self, status: int, kind: str, code: str, words: str, **more: Any) -> None:
        super().__init__(words)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": words, **more}}


def bad(code: str, words: str, **more: Any) -> No:
    """A wrong request (400)."""
    return No(400, "invalid_request_error", code, words, **more)


def missing(what: str, ident: str) -> No:
    """Nothing of this name (404)."""
    return No(404, "invalid_request_error", "resource_missing", f"No such {what}: '{ident}'", param="id")


class World:
    """Everything this Stripe remembers. ``clock`` answers Unix seconds; ``delay``: after how many seconds money becomes available;
    ``site``: where its own pages stand. Not thread-safe by itself: the server asks one at a time."""

    def __init__(self, clock: Callable[[], int], *, delay: int = 0, site: str = "http://stripe.invalid") -> None:
        self.clock, self.delay, self.site = clock, delay, site
        self.made: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.lines: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self._count: dict[str, int] = defaultdict(int)

    # Its own means

    def name(self, prefix: str) -> str:
        """The next name of a kind."""
        self._count[prefix] += 1
        return f"{prefix}_{self._count[prefix]:014d}"

    def put(self, kind: str, prefix: str, **fields: Any) -> dict[str, Any]:
        """A new object of Stripe's."""
        thing = {"id": self.name(prefix), "object": kind, "created": self.clock(), "livemode": False, **fields}
        self.made[kind][thing["id"]] = thing
        return thing

    def get(self, kind: str, ident: str) -> dict[str, Any]:
        """An object by its name. Raises :class:`No`."""
        found = self.made[kind].get(ident)
        if found is None:
            raise missing(kind.rpartition(".")[2], ident)
        return found

    def tell(self, kind: str, thing: dict[str, Any], account: str = "") -> None:
        """A message about what happened, with the object as it is now."""
        more = {"account": account} if account else {}
        self.events.append({
            "id": self.name("evt"), "object": "event", "type": kind, "created": self.clock(), "livemode": False, "pending_webhooks": 1,
            "data": {"object": dict(thing)}, **more,
        })  # fmt: skip

    def book(self, kind: str, amount: int, currency: str, source: str, fee: int = 0, wait: bool = True) -> dict[str, Any]:
        """A line of the balance: ``amount`` comes in (minus: goes out), ``fee`` is kept of it."""
        line = {
            "id": self.name("txn"), "object": "balance_transaction", "type": kind, "amount": amount, "currency": currency, "fee": fee,
            "net": amount - fee, "source": source, "created": self.clock(), "available_on": self.clock() + (self.delay if wait else 0), "status": "available",
        }  # fmt: skip
        self.lines.append(line)
        return line

    def total(self, currency: str) -> int:
        """All there is, in Stripe's units."""
        return sum(line["net"] for line in self.lines if line["currency"] == currency)

    def available(self, currency: str) -> int:
        """What of it may be sent on by now."""
        return sum(line["net"] for line in self.lines if line["currency"] == currency and (line["net"] < 0 or line["available_on"] <= self.clock()))

    def fee(self, amount: int, currency: str) -> int:
        """What it keeps of a payment: 2.9 % and 30 of a currency with hundredths."""
        fixed = 0 if currency in ("krw", "jpy") else FEE_FIXED
        return min(amount, (amount * FEE_BASIS_POINTS + 5_000) // 10_000 + fixed)

    # What people do

    def pay(self, session_id: str, *, card: str = "") -> dict[str, Any]:
        """Somebody pays at the checkout page with a good card (or one that answers with a decline code). A session paid or closed stays so."""
        session = self.get("checkout.session", session_id)
        if session["status"] != "open":
            return session
        data = session["_data"]
        intent = self.made["payment_intent"].get(session["_intent"]) or self.put(
            "payment_intent", "pi", amount=session["amount_total"], amount_received=0, currency=session["currency"], status="requires_payment_method",
            latest_charge=None, metadata=data.get("metadata", {}), capture_method=data.get("capture_method", "automatic"), last_payment_error=None,
        )  # fmt: skip
        session["_intent"] = intent["id"]
        if card:
            intent["last_payment_error"] = {"type": "card_error", "code": "card_declined", "decline_code": card}
            self.tell("payment_intent.payment_failed", intent)
            return session
        session["status"], session["payment_intent"] = "complete", intent["id"]
        charge = self.put(
            "charge", "ch", amount=intent["amount"], currency=intent["currency"], payment_intent=intent["id"], amount_refunded=0, refunded=False,
            disputed=False, dispute=None, balance_transaction=None, metadata=intent["metadata"], captured=False, status="succeeded",
        )  # fmt: skip
        intent["latest_charge"] = charge["id"]
        if intent["capture_method"] == "manual":
            intent["status"] = "requires_capture"
        else:
            self.captured(intent, intent["amount"])
        session["payment_status"] = "unpaid" if intent["status"] == "requires_capture" else "paid"
        self.tell("checkout.session.completed", session)
        return session

    def captured(self, intent: dict[str, Any], amount: int) -> None:
        """The money of a payment comes in."""
        charge = self.get("charge", intent["latest_charge"])
        charge["captured"], charge["amount"] = True, amount
        line = self.book("charge", amount, charge["currency"], charge["id"], self.fee(amount, charge["currency"]))
        charge["balance_transaction"] = line["id"]
        intent["status"], intent["amount_received"] = "succeeded", amount
        self.tell("payment_intent.succeeded", intent)

    def dispute(self, intent_id: str, *, amount: int | None = None, inquiry: bool = False, days: int = 7) -> dict[str, Any]:
        """The payer's bank takes (part of) a payment back, or only asks (``inquiry``)."""
        charge = self.get("charge", self.get("payment_intent", intent_id)["latest_charge"])
        left = charge["amount"] - charge["amount_refunded"]
        taken = left if amount is None else amount
        if charge["disputed"] or not 0 < taken <= left:
            raise ValueError("nothing to dispute")
        dispute = self.put(
            "dispute", "du", amount=taken, currency=charge["currency"], charge=charge["id"], payment_intent=intent_id, reason="fraudulent", metadata={},
            status="warning_needs_response" if inquiry else "needs_response", evidence={}, balance_transactions=[], is_charge_refundable=inquiry,
            evidence_details={"due_by": self.clock() + days * 86_400, "has_evidence": False, "past_due": False, "submission_count": 0},
        )  # fmt: skip
        charge["disputed"], charge["dispute"] = True, dispute["id"]
        if not inquiry:
            self._dispute_line(dispute, -taken, DISPUTE_FEE)
            self.tell("charge.dispute.funds_withdrawn", dispute)
        self.tell("charge.dispute.created", dispute)
        return dispute

    def _dispute_line(self, dispute: dict[str, Any], amount: int, fee: int) -> None:
        line = self.book("adjustment", amount, dispute["currency"], dispute["id"], fee, wait=False)
        line["reporting_category"] = "dispute" if amount < 0 else "dispute_reversal"
        dispute["balance_transactions"] = [*dispute["balance_transactions"], dict(line)]

    def escalate(self, dispute_id: str) -> None:
        """What was a question becomes a dispute: the money goes."""
        dispute = self.get("dispute", dispute_id)
        if not dispute["status"].startswith("warning"):
            return
        dispute["status"] = "needs_response"
        self._dispute_line(dispute, -dispute["amount"], DISPUTE_FEE)
        self.tell("charge.dispute.funds_withdrawn", dispute)
        self.tell("charge.dispute.updated", dispute)

    def decide(self, dispute_id: str, *, won: bool, fee_back: bool = False) -> dict[str, Any]:
        """The payer's bank decides."""
        dispute = self.get("dispute", dispute_id)
        if dispute["status"] in ("won", "lost", "warning_closed"):
            return dispute
        if dispute["status"].startswith("warning"):
            dispute["status"] = "warning_closed"
        else:
            dispute["status"] = "won" if won else "lost"
            if won:
                self._dispute_line(dispute, dispute["amount"], -DISPUTE_FEE if fee_back else 0)
                self.tell("charge.dispute.funds_reinstated", dispute)
        self.tell("charge.dispute.closed", dispute)
        return dispute

    def refund_fails(self, refund_id: str) -> None:
        """The payer's bank would not take a refund: the money is ours again."""
        refund = self.get("refund", refund_id)
        if refund["status"] == "failed":
            return
        refund["status"], refund["failure_reason"] = "failed", "lost_or_stolen_card"
        charge = self.get("charge", refund["charge"])
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        self.book("refund_failure", refund["amount"], refund["currency"], refund["id"], wait=False)
        self.tell("refund.failed", refund)

    def enrolled(self, account_id: str, *, fully: bool = True) -> None:
        """Somebody told Stripe who they are (or not all of it)."""
        account = self.get("account", account_id)
        account["capabilities"]["transfers"] = "active" if fully else "pending"
        account["details_submitted"] = True
        account["requirements"]["currently_due"] = [] if fully else ["individual.verification.document"]
        self.tell("account.updated", account, account_id)

    def empties(self, account_id: str) -> None:
        """A payee has all their money sent to their bank."""
        self.get("account", account_id)["_balance"] = {}

    def withdraw(self, amount: int, currency: str) -> dict[str, Any]:
        """Stripe pays to the co-op's own bank."""
        payout = self.put("payout", "po", amount=amount, currency=currency, status="paid", arrival_date=self.clock(), automatic=True)
        self.book("payout", -amount, currency, payout["id"], wait=False)
        self.tell("payout.paid", payout)
        return payout
