"""What must always hold of the statements, held against the transfers themselves."""

from __future__ import annotations

from datetime import date

from django.db.models import Sum

from madang.coop.ledger.books import journal
from madang.coop.ledger.books.chart import CLOSING, UNDECLARED, Chart, Side
from madang.coop.ledger.books.statements import statements
from madang.coop.ledger.models import Transfer

EVER = date(1970, 1, 1)


def _closed(chart: Chart) -> dict[tuple[str, int], int]:
    """What closings of years took out of income and costs, by (unit, line): a statement tells what was earned, closed or not."""
    found: dict[tuple[str, int], int] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = Transfer.objects.filter(kind=CLOSING).values_list("unit", f"{side}__kind", f"{side}__owner").annotate(total=Sum("amount"))
        for unit, name, owner, total in rows:
            kind = chart.of(name, owner == "")
            if kind is not None and kind.side in (Side.INCOME, Side.EXPENSES):
                found[unit, kind.code] = found.get((unit, kind.code), 0) + sign * int(total)
    return found


def statements_agree() -> list[str]:
    """Assets are liabilities and equity in every unit, each line is what its accounts come to, and no account is of a kind nobody declared."""
    chart = Chart()
    summed: dict[tuple[str, int], int] = {}
    undeclared: set[str] = set()
    with journal.snapshot():
        for one in journal.standings(None):
            kind = chart.of(one.kind, one.owner == "")
            if kind is None:
                undeclared.add(one.kind)
            key = (one.unit, kind.code if kind else UNDECLARED)
            summed[key] = summed.get(key, 0) + one.balance
        for key, amount in _closed(chart).items():
            summed[key] = summed.get(key, 0) + amount
        span = journal.span(None)
        wrong = [f"accounts of the kind {kind!r} are on no side of the books: no app declares it" for kind in sorted(undeclared)]
        if span is None:
            return wrong
        for unit in sorted({unit for unit, _code in summed}):
            told = statements(min(EVER, span[0]), span[1], unit, chart)
            if told.off:
                wrong.append(f"{unit}: assets {told.assets.total}, liabilities {told.liabilities.total}, equity {told.equity_total}: {told.off} off")
            said = {row.code: part.side.sign * row.amount for part in told.parts for row in part.rows}
            codes = {*said, *(code for other, code in summed if other == unit)}
            wrong += [
                f"{unit}: line {code} of the statements says {said.get(code, 0)}, its accounts {summed.get((unit, code), 0)}"
                for code in sorted(codes)
                if said.get(code, 0) != summed.get((unit, code), 0)
            ]
    return wrong
