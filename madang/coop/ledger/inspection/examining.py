"""The examiner's count: what each account comes to, summed anew from its transfers, beside what the program says it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from madang.coop.ledger import owners
from madang.coop.ledger.books.chart import RAIL, UNDECLARED, Chart
from madang.kit import house
from madang.kit.errors import Missing

A_PAGE = 100
SAID = {
    "balances equal sums": _("Balances are what the transfers come to"),
    "units sum to zero": _("All accounts together come to zero"),
    "holds match": _("What is held stands in its account"),
    "days equal sums": _("The sums of each day are what was moved"),
    "periods equal sums": _("The sums of months, days and hours are right"),
    "pendings match": _("What is promised counts against its accounts"),
    "reversals mirror": _("What was taken back mirrors what was booked"),
    "transfers are as recorded": _("Each transfer is as the record has it"),
    "the statements agree with the books": _("The statements agree with the books"),
}
"""The invariants of ``madang check`` in words; one without any stands there by its name."""
_SUMS = """
WITH page AS (
    SELECT id, kind, owner, unit FROM ledger_account
    WHERE id > %(after)s AND (%(kind)s::text = '' OR kind = %(kind)s::text AND (%(own)s::boolean IS NULL OR (owner = '') = %(own)s::boolean))
    ORDER BY id LIMIT %(limit)s
)
SELECT p.id, p.kind, p.owner, p.unit,
       (SELECT coalesce(sum(credits - debits), 0) FROM ledger_balance b WHERE b.account_id = p.id),
       (SELECT coalesce(sum(amount), 0) FROM ledger_transfer t WHERE t.credit_id = p.id)
       - (SELECT coalesce(sum(amount), 0) FROM ledger_transfer t WHERE t.debit_id = p.id),
       (SELECT count(*) FROM ledger_transfer t WHERE t.credit_id = p.id OR t.debit_id = p.id)
FROM page p ORDER BY p.id
"""


@dataclass(frozen=True)
class Counted:
    """One account: what is said of it and what its transfers come to, in the smallest unit; credits − debits, as the ledger counts."""

    number: int
    code: int
    title: Any
    whose: str
    unit: str
    said: int
    summed: int
    transfers: int

    @property
    def right(self) -> bool:
        """Whether the two are the same."""
        return self.said == self.summed


@dataclass(frozen=True)
class Examined:
    """A page of accounts; ``more``: after which number the next begins. ``checks``: each invariant of the books with what it found wrong."""

    rows: list[Counted]
    more: str
    checks: list[tuple[Any, list[str]]]
    wrong: int


def examine(code: str = "", after: str = "") -> Examined:
    """Count a page of accounts anew, of one number of the chart or all; on the first page the invariants of the books too. Raises ``Missing``."""
    chart = Chart()
    kind = chart.by_code(int(code)) if code.isascii() and code.isdecimal() else None
    if (code and kind is None) or (after and not (after.isascii() and after.isdecimal() and len(after) < 19)):
        raise Missing("no such account")
    own = {"own": True, "others": False}.get(kind.whose) if kind else None
    with connection.cursor() as sql:
        sql.execute(_SUMS, {"after": int(after or 0), "kind": kind.kind if kind else "", "own": own, "limit": A_PAGE + 1})
        rows = sql.fetchall()
    shown = rows[:A_PAGE]
    names = owners.names([owner for _pk, _kind, owner, *_rest in shown])
    counted = [_counted(row, chart, names) for row in shown]
    ours = [one for one in house.collect("checks") if one.find.__module__.startswith("madang.coop.ledger")] if not (after or code) else []
    checks = [(SAID.get(one.name, one.name), list(one.find())) for one in ours]
    wrong = sum(not one.right for one in counted) + sum(bool(found) for _name, found in checks)
    return Examined(counted, str(shown[-1][0]) if len(rows) > A_PAGE else "", checks, wrong)


def _counted(row: tuple[Any, ...], chart: Chart, names: dict[str, str]) -> Counted:
    pk, kind, owner, unit, said, summed, count = row
    declared = chart.of(kind, owner == "")
    whose = "" if owner == "" else owner.removeprefix(RAIL) if owner.startswith(RAIL) else names.get(owner, "")
    return Counted(pk, declared.code if declared else UNDECLARED, declared.title if declared else kind, whose, unit, int(said), int(summed), count)
