"""What is to be booked, before it is: moves and parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.coop.ledger.unfit import Unfit
from madang.kit.money import LARGEST

if TYPE_CHECKING:
    from madang.coop.ledger.models import Account
    from madang.coop.rules.models import RuleVersion

_KIND = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)


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


def check_move(move: Move, key: str = "") -> None:
    """Raise :class:`Unfit` for a move that no books take; ``key`` names the booking it belongs to."""
    amount, debit, credit = move.amount, move.debit, move.credit
    if type(amount) is not int or not 0 < amount <= LARGEST:
        raise Unfit("amount", f"{key}: not an amount: {amount!r}")
    if debit.id is None or credit.id is None or debit.id == credit.id:
        raise Unfit("account", f"{key}: from {debit} to {credit}")
    if debit.unit != credit.unit:
        raise Unfit("unit", f"{key}: {debit.unit} and {credit.unit} meet in one transfer")
    if not _KIND.fullmatch(move.kind):
        raise Unfit("kind", f"{key}: not a kind: {move.kind[:60]!r}")
