"""What the pretend bank does with a payout: its amount decides, so that the plan, the model and every process agree on it beforehand."""

from __future__ import annotations

import hashlib
from typing import Any

MOODS = ("paid", "paid", "paid", "paid", "slow", "declined", "returned", "twice")


def mood(amount: int) -> str:
    """Pays, takes two minutes, refuses, sends back a day later, tells twice."""
    return MOODS[hashlib.sha256(str(amount).encode()).digest()[0] % len(MOODS)]


def install() -> None:
    """The bank of this process behaves so from now on."""
    from madang.rails.payments.sandbox import Sandbox

    plain = Sandbox.send

    def send(self: Sandbox, batch: Any) -> Any:
        self._payouts = mood(batch.orders[0].amount)
        return plain(self, batch)

    Sandbox.send = send  # type: ignore[method-assign]
