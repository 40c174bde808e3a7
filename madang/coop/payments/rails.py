"""Which rails this installation has."""

from __future__ import annotations

from madang.coop.payments import sandbox
from madang.rails.payments import PaymentRail


def rail(name: str) -> PaymentRail:
    """A rail by its name. Raises ``KeyError`` for one that is not here."""
    if name == "sandbox":
        return sandbox.rail()
    raise KeyError(name)


def default() -> PaymentRail:
    """The rail new charges go through."""
    return sandbox.rail()
