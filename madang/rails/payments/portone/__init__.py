"""PortOne (Korea): payments through whichever PG the co-op has a contract with, payouts by its partner settlement (파트너 정산)."""

from madang.rails.payments.portone.adapter import PortOne
from madang.rails.payments.portone.client import Settings

__all__ = ["PortOne", "Settings"]
