"""What people ask of the books."""

from __future__ import annotations

from django.db.models import F, Sum

from madang.coop.ledger.explain import Why, why
from madang.coop.ledger.models import Account, Balance
from madang.coop.ledger.statements import Statement, statement
from madang.coop.ledger.treasuries import Treasury, treasury

__all__ = ["Statement", "Treasury", "Why", "balance", "balances", "kind_balance", "statement", "treasury", "why"]


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
