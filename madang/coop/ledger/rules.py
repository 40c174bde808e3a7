"""The rules of the books."""

from madang.coop.ledger.inspection.rules import answer_within, open_for

__all__ = ["answer_within", "open_for"]
