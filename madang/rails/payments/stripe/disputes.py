"""Disputes: a payer's bank takes a payment back and asks for our side of it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from madang.rails.payments import Dispute, DisputeState, Evidence, RailError
from madang.rails.payments.stripe.amounts import from_stripe

STATES: dict[str, DisputeState] = {
    "warning_needs_response": "open", "needs_response": "open", "appeal_needs_response": "open",
    "warning_under_review": "answered", "under_review": "answered", "appeal_under_review": "answered",
    "warning_closed": "won", "prevented": "won", "won": "won", "lost": "lost",
}  # fmt: skip


class Disputes:
    """The part of the adapter that is a :class:`~madang.rails.payments.DisputeRail`."""

    sdk: Any
    call: Any
    _found: Any

    def dispute(self, ref: str, *, at: datetime) -> Dispute | None:
        """How it stands now. What was taken and what it costs are the sums of Stripe's own bookings of it."""
        found = self._found(self.sdk.disputes.retrieve, ref)
        return _told(found) if found else None

    def contest(self, ref: str, evidence: Evidence, *, key: str, at: datetime) -> Dispute:
        """Hand in words and perhaps a file, for good: Stripe takes one answer."""
        said: dict[str, Any] = {"uncategorized_text": evidence.words[:20_000]}
        if evidence.file is not None:
            file = io.BytesIO(evidence.file.body)
            file.name = evidence.file.name  # what the SDK asks a file for
            sent = self.call(self.sdk.files.create, {"purpose": "dispute_evidence", "file": file}, {"idempotency_key": f"{key}:file"})
            said["uncategorized_file"] = sent["id"]
        return _told(self.call(self.sdk.disputes.update, ref, {"evidence": said, "submit": True}, {"idempotency_key": key}))

    def concede(self, ref: str, *, key: str, at: datetime) -> Dispute:
        """Let it go: lost at once."""
        return _told(self.call(self.sdk.disputes.close, ref, {}, {"idempotency_key": key}))


def _told(found: dict[str, Any]) -> Dispute:
    code = str(found["currency"]).upper()
    booked = found.get("balance_transactions") or []
    if any(str(one["currency"]).upper() != code for one in booked):
        raise RailError("the dispute was booked in another currency than the payment")
    due = (found.get("evidence_details") or {}).get("due_by")
    payment = found.get("payment_intent")
    return Dispute(
        ref=found["id"], payment=str(payment["id"] if isinstance(payment, dict) else payment or ""), state=STATES.get(found["status"], "open"),
        amount=from_stripe(found["amount"], code), unit=code, taken=-sum(from_stripe(one["amount"], code) for one in booked),
        fee=sum(from_stripe(one["fee"], code) for one in booked), reason=str(found.get("reason") or "")[:40],
        due_at=datetime.fromtimestamp(due, UTC) if due else None,
    )  # fmt: skip
