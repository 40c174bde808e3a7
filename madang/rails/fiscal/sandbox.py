"""A pretend tax service that behaves: approval numbers, slow answers, refusals, and on request an outage.

Of a receiver's number the last four digits choose: ``0001`` the service is down (always), ``0002`` a receipt takes two minutes, ``0003`` it is refused
although its form is right. Electronic invoices are taken in at once and answered ten minutes later, as the real ones wait for the tax office.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from madang.rails.fiscal import CashReceipt, FiscalError, Invoice, Result

DOWN, SLOW, NO = "0001", "0002", "0003"
SLOWLY, ANSWERS = timedelta(minutes=2), timedelta(minutes=10)


class Store(Protocol):
    """What the pretend service remembers, by key."""

    def locked(self, key: str) -> AbstractContextManager[dict[str, Any]]:
        """The row of a key ({} for a new one), written back when the block ends."""

    def approved(self, approval: str) -> Iterator[dict[str, Any]]:
        """The rows that carry this approval number, or cancel it."""


class Sandbox:
    """A :class:`~madang.rails.fiscal.FiscalRail`."""

    name, pretend = "sandbox", True

    def __init__(self, store: Store) -> None:
        self.store = store

    def issue(self, receipt: CashReceipt) -> Result:
        """Issue a cash receipt."""
        _outage(receipt.to)
        good = (receipt.to.isdigit() and 10 <= len(receipt.to) <= 19) or (receipt.use == "business" and len(receipt.to.replace("-", "")) == 10)
        no = "supplier" if not _checked(receipt.supplier) else "number" if not good or receipt.to.endswith(NO) else ""
        no = no or ("amount" if receipt.net < 0 or receipt.tax < 0 or receipt.net + receipt.tax <= 0 else "")
        ready = receipt.at + (SLOWLY if receipt.to.endswith(SLOW) else timedelta())
        return self._once(receipt.key, _plain(asdict(receipt)), ready, no, receipt.net + receipt.tax, receipt.at, digits=9)

    def cancel(self, key: str, approval: str, amount: int, *, at: datetime) -> Result:
        """Cancel what still stands of a receipt, up to all of it."""
        said = {"key": key, "approval": approval, "amount": amount}
        rows = list(self.store.approved(approval))
        first = [row for row in rows if row.get("approval") == approval]
        standing = sum(row["amount"] for row in first) - sum(row["amount"] for row in rows if row.get("cancels") == approval and row.get("key") != key)
        no = "unknown" if not first else "too-much" if not 0 < amount <= standing else ""
        return self._once(key, said, at, no, amount, at, digits=9, cancels=approval)

    def send(self, invoice: Invoice) -> Result:
        """Take an invoice in; the tax office's answer comes later."""
        _outage(invoice.customer)
        no = "supplier" if not _checked(invoice.supplier) else "number" if not _checked(invoice.customer) else ""
        return self._once(invoice.key, _plain(asdict(invoice)), invoice.at + ANSWERS, no, invoice.net + invoice.tax, invoice.at, digits=24)

    def fetch(self, key: str, *, at: datetime) -> Result:
        """What became of a request."""
        with self.store.locked(key) as row:
            return _told(key, row, at) if row else Result(key, "unknown", reason="unknown")

    def _once(self, key: str, said: Mapping[str, Any], ready: datetime, no: str, amount: int, at: datetime, *, digits: int, cancels: str = "") -> Result:
        with self.store.locked(key) as row:
            if row and row["said"] != _same(said):
                return Result(key, "refused", reason="key-used")
            if not row:
                number = str(int(hashlib.sha256(key.encode()).hexdigest(), 16))[:digits]
                number = at.strftime("%Y%m%d") + number[: digits - 8] if digits == 24 else number
                row.update(key=key, said=_same(said), ready=ready.isoformat(), no=no, amount=amount, approval="" if no else number)
                row.update(cancels="" if no else cancels)
            return _told(key, row, at)


def _same(said: Mapping[str, Any]) -> str:
    """The contents without the moment they were sent: a repeat comes later."""
    return hashlib.sha256(repr(sorted((name, value) for name, value in said.items() if name != "at")).encode()).hexdigest()


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in data.items()}


def _told(key: str, row: Mapping[str, Any], at: datetime) -> Result:
    if row["no"]:
        return Result(key, "refused", reason=row["no"])
    if at < datetime.fromisoformat(row["ready"]):
        return Result(key, "waiting")
    return Result(key, "cancelled" if row["cancels"] else "issued", row["approval"])


def _outage(to: str) -> None:
    if to.replace("-", "").endswith(DOWN):
        raise FiscalError("the pretend tax service is down for this number")


def _checked(number: str) -> bool:
    """Whether a Korean registration number's last digit fits: the service checks for itself."""
    digits = [int(one) for one in number if one.isdigit()]
    if len(digits) != 10:
        return False
    total = sum(digit * weight for digit, weight in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False)) + digits[8] * 5 // 10
    return (total + digits[9]) % 10 == 0
