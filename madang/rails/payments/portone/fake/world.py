"""What the pretend PortOne remembers: payments, settlements, partners, keys, and messages still to be brought."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

DELETABLE = ("SCHEDULED", "IN_PROCESS")
COURSE = ("SCHEDULED", "IN_PROCESS", "SETTLED", "IN_PAYOUT", "PAID_OUT", "PAYOUT_CONFIRMED")


@dataclass(frozen=True)
class Message:
    """A web hook: its headers but for time and signature, which are made when it is brought."""

    ident: str
    body: bytes


@dataclass
class World:
    """The memory. ``clock`` says what time it is there; ``secret`` signs its messages; ``held`` is the co-op's money, before fees."""

    secret: str
    clock: Callable[[], datetime]
    store: str = "store-1"
    lock: RLock = field(default_factory=RLock)
    registered: dict[str, int] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    partners: dict[str, dict[str, Any]] = field(default_factory=dict)
    transfers: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    count: int = 0

    def now(self) -> str:
        """The moment as the API writes it."""
        return self.clock().astimezone(UTC).isoformat().replace("+00:00", "Z")

    def next(self, prefix: str) -> str:
        """A name nobody has yet."""
        self.count += 1
        return f"{prefix}-{self.count:08d}"

    # What people do at its window and at their bank

    def pay(self, ident: str, amount: int | None = None, *, decline: bool = False, force: bool = False) -> dict[str, Any]:
        """Somebody pays in the window. Another amount than was registered is refused, unless ``force`` lies about it."""
        with self.lock:
            due = self.registered[ident]
            amount = due if amount is None else amount
            if amount != due and not force:
                raise ValueError("the window refuses another amount than was registered")
            if ident in self.payments and self.payments[ident]["status"] not in ("READY", "FAILED", "VIRTUAL_ACCOUNT_ISSUED"):
                return self.payments[ident]
            found = self.payments.get(ident) or self._new(ident, amount)
            if decline:
                found |= {"status": "FAILED", "failedAt": self.now(), "failure": {"reason": "한도 초과"}, "statusChangedAt": self.now()}
                found.setdefault("disputes", [])
                self._tell("Transaction.Failed", found)
            else:
                found["amount"] = _amount(amount, 0)
                found |= {"status": "PAID", "paidAt": self.now(), "statusChangedAt": self.now(), "disputes": [], "cancellations": []}
                self._tell("Transaction.Paid", found)
            self.payments[ident] = found
            return found

    def issue_account(self, ident: str) -> dict[str, Any]:
        """Somebody chooses to pay by transfer: an account is opened for this payment."""
        with self.lock:
            found = self._new(ident, self.registered[ident])
            method = {"type": "PaymentMethodVirtualAccount", "bank": "SHINHAN", "accountNumber": "56212345678901"}
            found |= {"status": "VIRTUAL_ACCOUNT_ISSUED", "method": method, "statusChangedAt": self.now()}
            self.payments[ident] = found
            self._tell("Transaction.VirtualAccountIssued", found)
            return found

    def move_on(self, ident: str, status: str) -> None:
        """A settlement goes its course."""
        with self.lock:
            if COURSE.index(status) < COURSE.index(self.transfers[ident]["status"]):
                raise ValueError("a settlement does not go back")
            self.transfers[ident]["status"] = status

    def held(self) -> int:
        """What came, less what went: the truth that a reconciliation has to find. In won, before fees."""
        with self.lock:
            paid = sum(one["amount"]["total"] for one in self.payments.values() if one.get("paidAt"))
            back = sum(one["amount"]["cancelled"] for one in self.payments.values())
            out = sum(one["settlementAmount"] for one in self.transfers.values() if one["status"] in ("PAID_OUT", "PAYOUT_CONFIRMED"))
            return int(paid - back - out)

    # What the API does

    def cancel(self, found: dict[str, Any], amount: int, reason: str) -> dict[str, Any]:
        """Send back a part of a paid payment."""
        left = found["amount"]["total"] - found["amount"]["cancelled"]
        made = {
            "status": "SUCCEEDED", "id": self.next("cancel"), "totalAmount": amount, "taxFreeAmount": 0, "vatAmount": 0, "reason": reason,
            "requestedAt": self.now(), "cancelledAt": self.now(),
        }  # fmt: skip
        found["cancellations"].append(made)
        found["amount"] = _amount(found["amount"]["total"], found["amount"]["cancelled"] + amount)
        found["status"] = "CANCELLED" if amount == left else "PARTIAL_CANCELLED"
        found["cancelledAt"] = found["statusChangedAt"] = self.now()
        self._tell("Transaction.Cancelled" if amount == left else "Transaction.PartialCancelled", found, cancellationId=made["id"])
        return made

    def _new(self, ident: str, amount: int) -> dict[str, Any]:
        return {
            "id": ident, "transactionId": self.next("tx"), "merchantId": "merchant-1", "storeId": self.store, "version": "V2", "requestedAt": self.now(),
            "updatedAt": self.now(), "orderName": "A thing", "amount": _amount(amount, 0), "currency": "KRW", "customer": {},
            "origin": {"platformType": "PC", "ipAddress": "127.0.0.1"}, "channel": {"type": "TEST", "pgProvider": "KCP_V2", "pgMerchantId": "T0000"},
        }  # fmt: skip

    def _tell(self, kind: str, found: dict[str, Any], **more: str) -> None:
        data = {"paymentId": found["id"], "storeId": self.store, "transactionId": found["transactionId"], **more}
        body = json.dumps({"type": kind, "timestamp": self.now(), "data": data}).encode()
        self.messages.append(Message(self.next("msg"), body))

    def signed(self, message: Message, at: datetime) -> dict[str, str]:
        """The headers a message is brought with at a moment (Standard Webhooks)."""
        stamp = str(int(at.timestamp()))
        secret = base64.b64decode(self.secret.removeprefix("whsec_"))
        code = base64.b64encode(hmac.digest(secret, f"{message.ident}.{stamp}.".encode() + message.body, "sha256")).decode()
        return {"webhook-id": message.ident, "webhook-timestamp": stamp, "webhook-signature": f"v1,{code}", "Content-Type": "application/json"}


def _amount(total: int, cancelled: int) -> dict[str, int]:
    return {"total": total, "taxFree": 0, "discount": 0, "paid": total, "cancelled": cancelled, "cancelledTaxFree": 0}
