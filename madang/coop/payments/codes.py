"""Codes that people write into transfers: no two of ours are the same, whatever they are for."""

from __future__ import annotations

from madang.coop.payments.models import Batch, Charge, Payout
from madang.rails.bank import codes

RAIL = "bank"


def taken(code: str, *, charge: str = "") -> bool:
    """Whether a transfer (other than this ``charge``), a payout or a batch has this code. One query."""
    charges = Charge.objects.filter(rail=RAIL, ref=code)
    if charge:
        charges = charges.exclude(pk=charge)
    payouts, batches = Payout.objects.filter(code=code).values_list("code"), Batch.objects.filter(code=code).values_list("code")
    return charges.values_list("ref").union(payouts, batches).exists()


def new(key: str) -> str:
    """A code for this key that nothing else has. One query, one more for each that met another's."""
    return codes.free(key, taken)
