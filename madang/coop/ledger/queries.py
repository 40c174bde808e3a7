"""What people ask of the books."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Sum

from madang.coop.ledger.explain import Why, why
from madang.coop.ledger.history import balance_at, balance_on
from madang.coop.ledger.models import Account, Balance
from madang.coop.ledger.statements import Statement, statement
from madang.coop.ledger.treasuries import Treasury, treasury

__all__ = [
    "Standing", "Statement", "Treasury", "Why", "balance", "balance_at", "balance_on", "balances", "kind_balance", "standing", "statement", "treasury",
    "why",
]  # fmt: skip


def balance(account: Account) -> int:
    """Credits − debits of an account, in the smallest unit. One SQL query."""
    return int(Balance.objects.filter(account_id=account.pk).aggregate(total=Sum(F("credits") - F("debits")))["total"] or 0)


def balances(owner: str, kind: str | None = None) -> list[tuple[Account, int]]:
    """All accounts of an owner with their balances, by kind and unit. One SQL query."""
    found = Account.objects.filter(owner=owner).annotate(total=Sum(F("balances__credits") - F("balances__debits"))).order_by("kind", "unit")
    if kind:
        found = found.filter(kind=kind)
    return [(account, int(account.total or 0)) for account in found]


def kind_balance(kind: str, unit: str) -> int:
    """What stands in all accounts of one kind together. One SQL query."""
    total = Balance.objects.filter(account__kind=kind, account__unit=unit).aggregate(total=Sum(F("credits") - F("debits")))["total"]
    return int(total or 0)


@dataclass(frozen=True)
class Standing:
    """What stands in an account, in the smallest unit: posted, promised out and in, and what may still be taken (posted − promised out)."""

    posted: int
    pending_out: int
    pending_in: int

    @property
    def available(self) -> int:
        """What may still be taken out where nothing may go below zero."""
        return self.posted - self.pending_out


def standing(account: Account) -> Standing:
    """The balances of an account, with what is promised. One SQL query."""
    row = Balance.objects.filter(account_id=account.pk).aggregate(
        posted=Sum(F("credits") - F("debits")), going=Sum("pending_out"), coming=Sum("pending_in")
    )  # fmt: skip
    return Standing(int(row["posted"] or 0), int(row["going"] or 0), int(row["coming"] or 0))
