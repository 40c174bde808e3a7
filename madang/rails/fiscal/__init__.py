"""The services of a tax office, in our words: cash receipts (현금영수증) and electronic invoices (전자세금계산서). An adapter for each provider.

Like every rail: never called inside a transaction, every request has a key of ours that makes it happen once, and silence is
:class:`FiscalError`: nobody knows whether it happened, so it is asked again with the same key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

State = Literal["issued", "cancelled", "waiting", "refused", "unknown"]
"""``waiting``: taken in, the tax office has not answered yet; ``unknown``: the service has never heard of this key."""


@dataclass(frozen=True)
class CashReceipt:
    """A cash receipt to ``to`` (a mobile number, a card, a registration number; digits), for ``use`` "income", "business" or "self" (자진발급)."""

    key: str
    supplier: str
    to: str
    use: str
    net: int
    tax: int
    unit: str
    at: datetime


@dataclass(frozen=True)
class Invoice:
    """An electronic tax invoice; ``corrects`` is the number of the one it corrects ("" for none), its figures are then below zero."""

    key: str
    number: str
    supplier: str
    customer: str
    customer_name: str
    net: int
    tax: int
    unit: str
    issued_on: date
    corrects: str
    at: datetime


@dataclass(frozen=True)
class Result:
    """What the service says: its ``approval`` number where it issued or cancelled, ``reason`` in one of our few words where it refused:
    ``number``, ``supplier``, ``key-used``, ``amount``, ``too-much``, ``unknown``."""

    ref: str
    state: State
    approval: str = ""
    reason: str = ""


class FiscalError(Exception):
    """The service did not answer: try again with the same key."""


class FiscalRail(Protocol):
    """What every provider's adapter does."""

    name: str
    pretend: bool

    def issue(self, receipt: CashReceipt) -> Result:
        """Issue a cash receipt. Raises :class:`FiscalError`."""

    def cancel(self, key: str, approval: str, amount: int, *, at: datetime) -> Result:
        """Cancel an issued cash receipt in whole or in part. Raises :class:`FiscalError`."""

    def send(self, invoice: Invoice) -> Result:
        """Issue an electronic invoice and pass it on to the tax office. Raises :class:`FiscalError`."""

    def fetch(self, key: str, *, at: datetime) -> Result:
        """What became of a request. Raises :class:`FiscalError`."""
