"""The chart of accounts: on which side of the books each kind of account stands, and what it is called.

Each app declares its own kinds in its hooks, in the house room ``account_kinds``::

    account_kinds = [AccountKind("card-costs", 510, Side.EXPENSES, _("Card costs"))]

A kind nobody declared is never left out: it stands under equity as "399 Undeclared", ``madang check`` names it, and a test of the
house looks for kinds in the code that no hook declares.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.kit import house


class Side(IntEnum):
    """The five parts of any books; the value is the hundred that the code of each of its kinds begins with."""

    ASSETS = 1
    LIABILITIES = 2
    EQUITY = 3
    INCOME = 4
    EXPENSES = 5

    @property
    def title(self) -> Any:
        """What the reader calls it."""
        return SIDES[self]

    @property
    def sign(self) -> int:
        """What turns a balance of ours (credits − debits) into the figure a statement shows: −1 where debits are the normal side."""
        return -1 if self in (Side.ASSETS, Side.EXPENSES) else 1


SIDES = {Side.ASSETS: _("Assets"), Side.LIABILITIES: _("Liabilities"), Side.EQUITY: _("Equity"), Side.INCOME: _("Income"), Side.EXPENSES: _("Expenses")}
ANY, OWN, OTHERS = "any", "own", "others"
UNDECLARED = 399
RAIL = "rail:"
CLOSING = "year-result"
"""The kind of transfer that takes a closed year's result out of income and expenses: it is no income and no expense of the day it is booked on."""


@dataclass(frozen=True)
class AccountKind:
    """What a kind of account is to an accountant. ``code`` is its number in the chart, its hundred the side (310: equity).

    ``whose``: ``"own"`` for the co-op's own account of the kind only, ``"others"`` for those of somebody; a common fund of a member
    organisation is owed to it, the co-op's own is equity. ``running``: what the co-op itself spends or takes in, on the treasury page by heading.
    """

    kind: str
    code: int
    side: Side
    title: Any
    whose: str = ANY
    running: bool = False

    def __post_init__(self) -> None:
        if self.code // 100 != self.side or self.code == UNDECLARED:
            raise ValueError(f"{self.kind}: {self.code} is no code of {self.side.name.lower()}")
        if self.whose not in (ANY, OWN, OTHERS):
            raise ValueError(f"{self.kind}: whose is {self.whose!r}")


class Chart:
    """All kinds of account the house declares, found by kind and by whether an account is somebody's."""

    def __init__(self, declared: Iterable[AccountKind] | None = None) -> None:
        self.kinds = sorted(house.collect("account_kinds") if declared is None else declared, key=lambda one: one.code)
        self._found: dict[tuple[str, bool], AccountKind] = {}
        for one in self.kinds:
            for own in {ANY: (True, False), OWN: (True,), OTHERS: (False,)}[one.whose]:
                if (one.kind, own) in self._found:
                    raise ValueError(f"the kind {one.kind} of account is declared twice")
                self._found[one.kind, own] = one
        codes = [one.code for one in self.kinds]
        if twice := {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"two kinds of account have the code {sorted(twice)}")

    def of(self, kind: str, own: bool) -> AccountKind | None:
        """The declaration of a kind, ``own`` for the co-op's own account; None when nobody declared it."""
        return self._found.get((kind, own))

    def mostly_own(self) -> set[str]:
        """Kinds of which only the co-op itself has an account."""
        return {one.kind for one in self.kinds if one.whose == OWN} - {one.kind for one in self.kinds if one.whose == OTHERS}

    def rarely_own(self) -> list[str]:
        """Kinds that are mostly somebody's, and of which the co-op's own account is another thing."""
        return sorted({one.kind for one in self.kinds if one.whose == OTHERS})

    def rarely_others(self) -> list[str]:
        """Kinds of which somebody else's account is not declared."""
        return sorted(self.mostly_own())

    def by_code(self, code: int) -> AccountKind | None:
        """The kind with this number, if one has it."""
        return next((one for one in self.kinds if one.code == code), None)


def word(text: str) -> str:
    """Words as one component of an account's name that hledger, ledger and beancount all take: letters, digits and hyphens."""
    return re.sub(r"[\W_]+", "-", text).strip("-")


class Names:
    """Readable account names in the language that is active when it is made: ``"Liabilities:220-Earnings-to-be-paid-out:17"``.

    Beancount wants each component to begin with a capital or a digit, which Korean words do not: so the code stands first. Accounts
    of people and organisations have their number instead of a name, the co-op's own beside them 0; those of a payment service
    (``rail:``) say which one.
    """

    def __init__(self, chart: Chart) -> None:
        self.roots = {side: word(str(side.title)) for side in Side}
        self._chart = chart
        self._prefix: dict[tuple[str, bool], str] = {}
        self._known: dict[tuple[str, str], str] = {}  # of the co-op's own accounts, which are few

    def prefix(self, kind: str, own: bool) -> str:
        """The name of a kind: the account of all its accounts."""
        found = self._prefix.get((kind, own))
        if found is None:
            declared = self._chart.of(kind, own)
            side = declared.side if declared else Side.EQUITY
            last = f"{declared.code}-{word(str(declared.title))}" if declared else f"{UNDECLARED}-{word(str(_('Undeclared')))}-{kind}"
            found = self._prefix[kind, own] = f"{self.roots[side]}:{last}"
        return found

    def of(self, kind: str, owner: str | None, number: str) -> str:
        """The name of an account. ``owner``: "" the co-op, ``"rail:<name>"``, anything else or None is somebody; ``number``: the account's."""
        if owner is None:
            return f"{self._prefix.get((kind, False)) or self.prefix(kind, False)}:{number}"
        known = self._known.get((kind, owner)) if owner.startswith(RAIL) or not owner else None
        if known is None:
            known = self._named(kind, owner, number)
            if owner.startswith(RAIL) or not owner:
                self._known[kind, owner] = known
        return known

    def _named(self, kind: str, owner: str, number: str) -> str:
        if owner == "":
            declared = self._chart.of(kind, True)
            alone = declared is not None and declared.whose == OWN
            return self.prefix(kind, True) if alone else f"{self.prefix(kind, True)}:0"  # no account may stand above another: beancount adds them
        if owner.startswith(RAIL):
            rail = owner.removeprefix(RAIL)
            said = word(rail)
            plain = said == rail == rail.lower() and said.isascii() and said[:1].isalpha()  # else two services might come to one name
            last = said[:1].upper() + said[1:] if plain else f"0{hashlib.sha256(rail.encode()).hexdigest()[:8]}-{said}".rstrip("-")
            return f"{self.prefix(kind, False)}:{last}"
        return f"{self.prefix(kind, False)}:{number}"
