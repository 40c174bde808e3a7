"""Cash over the counter: it is there or it is not. An office takes it against a receipt, and it is booked at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from madang.rails.payments import Answer, BadSignature, Checkout, Event, Movement, Order, RailError


class Cash:
    """A :class:`~madang.rails.payments.PaymentRail` that is a drawer. What is in it, a person counts."""

    name = "cash"
    pretend = False
    fee_in_words = "0"

    def authorise(self, order: Order) -> Checkout:
        """Nobody pays cash by a browser."""
        raise RailError("cash is paid at the office")

    def capture(self, ref: str, *, key: str, at: datetime) -> Answer:
        """It was taken when it was given."""
        return self.fetch(ref, at=at)

    def void(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Nothing waits in a drawer."""
        return Answer(ref, "cancelled")

    def refund(self, ref: str, amount: int, *, key: str, at: datetime) -> Answer:
        """A person hands it back, and says so."""
        return Answer("", "declined", amount, reason="by-hand")

    def fetch(self, ref: str, *, at: datetime) -> Answer:
        """A drawer tells nothing of one payment."""
        return Answer(ref, "waiting")

    def reconcile(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """A drawer is counted by a person."""
        return []

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> Event:
        """A drawer sends no messages."""
        raise BadSignature("a drawer sends no messages")

    def fee(self, amount: int, unit: str) -> int:
        """Nothing."""
        return 0
