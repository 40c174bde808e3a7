"""What is to be booked, before it is: moves and parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.coop.ledger.models import Account
    from madang.coop.rules.models import RuleVersion


@dataclass(frozen=True)
class Move:
    """``amount`` (smallest unit, > 0) from ``debit`` to ``credit``; ``version`` is the rule that set it, ``note`` how."""

    debit: Account
    credit: Account
    amount: int
    kind: str
    version: RuleVersion | None = None
    note: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Part:
    """A move whose source is still open: where a part of a hold or of a payment goes."""

    credit: Account
    amount: int
    kind: str
    version: RuleVersion | None = None
    note: Mapping[str, Any] | None = None

    def out_of(self, debit: Account) -> Move:
        """The move that takes this part out of ``debit``."""
        return Move(debit, self.credit, self.amount, self.kind, self.version, self.note)
