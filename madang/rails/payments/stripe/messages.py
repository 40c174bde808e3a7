"""Stripe's messages: whether they are Stripe's, and what they are about. What they say is never believed: the payment itself is asked."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from madang.rails.payments import About, Answer, BadSignature, Event, State
from madang.rails.payments.stripe.amounts import from_stripe

HEADER = "stripe-signature"
TOLERANCE = timedelta(minutes=5)
REFUND_STATES: dict[str, State] = {"succeeded": "paid", "pending": "paid", "requires_action": "waiting", "failed": "returned", "canceled": "returned"}


def signed(body: bytes, secret: str, at: datetime) -> str:
    """The header Stripe sends with a message: ``t=<unix seconds>,v1=<HMAC-SHA256 over "t.body">`` (https://docs.stripe.com/webhooks/signature)."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_sign(stamp, body, secret)}"


def _sign(stamp: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def verified(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], at: datetime) -> dict[str, Any]:
    """The message, after its signature by one of ``secrets`` and its age were checked against ``at``. Raises :class:`BadSignature`."""
    given = {name.lower(): value for name, value in headers.items()}.get(HEADER, "")
    fields = [part.strip().split("=", 1) for part in given.split(",") if "=" in part]
    stamp = next((value for name, value in fields if name == "t"), "")
    if not (stamp.isdecimal() and stamp.isascii() and len(stamp) < 12):
        raise BadSignature("no time in the signature")
    wanted = [_sign(stamp, body, secret) for secret in secrets if secret]
    if not any(name == "v1" and hmac.compare_digest(value.encode(), one.encode()) for name, value in fields for one in wanted):
        raise BadSignature("not signed by Stripe")
    if abs(datetime.fromtimestamp(int(stamp), UTC) - at) > TOLERANCE:
        raise BadSignature("too old")
    told = json.loads(body)
    if not isinstance(told, dict) or told.get("object") != "event":
        raise BadSignature("signed, but no event")
    return told


def event(told: Mapping[str, Any]) -> Event:
    """What a message is about. Payments, disputes and payees are to be asked; of a refund the last word is in the message itself."""
    kind, thing = str(told["type"]), told["data"]["object"]
    about, ref, answer = _about(kind, thing, bool(told.get("account")))
    return Event(str(told["id"]), kind, ref, answer, about)


def _about(kind: str, thing: Mapping[str, Any], of_a_payee: bool) -> tuple[About, str, Answer]:
    ident = str(thing.get("id", ""))
    if kind == "account.updated":
        return "payee", ident, Answer(ident, "ask")
    if of_a_payee:
        return "", ident, Answer(ident, "unknown")
    if kind.startswith("checkout.session."):
        return "payment", ident, Answer(ident, "ask")
    if kind.startswith("charge.dispute."):
        return "dispute", ident, Answer(ident, "ask")
    if thing.get("object") == "refund":
        code = str(thing["currency"]).upper()
        state = REFUND_STATES.get(str(thing.get("status")), "waiting")
        ours = str((thing.get("metadata") or {}).get("key", ""))
        return "refund", ours, Answer(ident, state, from_stripe(thing["amount"], code), code, reason=str(thing.get("failure_reason") or "")[:40])
    return "", ident, Answer(ident, "unknown")
