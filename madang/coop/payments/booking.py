"""Which accounts a payment passes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.coop import ledger
from madang.kit import house
from madang.kit.house import Purpose

if TYPE_CHECKING:
    from madang.coop.ledger.models import Account
    from madang.coop.payments.models import Charge


def clearing(rail: str, unit: str) -> Account:
    """What the rail holds for us. Money there is a minus: it went from here to where it belongs."""
    return ledger.account("clearing", f"rail:{rail}", unit)


def refund_account(charge: Charge) -> Account:
    """Where money that goes back to this charge's payer is put aside until the rail has sent it."""
    return ledger.account("refunds", f"charge:{charge.pk}", charge.unit)


def disputed(charge: Charge) -> Account:
    """What the payer's bank has taken back of this charge, until it is decided whose loss it is. Money that is gone is a minus."""
    return ledger.account("disputed", f"charge:{charge.pk}", charge.unit)


def purpose(key: str) -> Purpose:
    """The declaration of a purpose. Raises ``KeyError`` for one nobody declared."""
    for found in house.collect("purposes"):
        if found.key == key:
            return found  # type: ignore[no-any-return]
    raise KeyError(key)
