"""What must always hold of the statements, held against the transfers themselves."""

from __future__ import annotations

from datetime import date

from madang.coop.ledger.books import journal
from madang.coop.ledger.books.chart import UNDECLARED, Chart, Side
from madang.coop.ledger.books.statements import closings, statements

EVER = date(1970, 1, 1)


def statements_agree() -> list[str]:
    """Assets are liabilities and equity in every unit, each line is what its accounts come to, and no account is of a kind nobody declared."""
    chart = Chart()
    summed: dict[tuple[str, int], int] = {}
    undeclared: set[str] = set()
    with journal.snapshot():
        for one in journal.standings(journal.Part()):
            kind = chart.of(one.kind, one.owner == "")
            if kind is None:
                undeclared.add(one.kind)
            key = (one.unit, kind.code if kind else UNDECLARED)
            summed[key] = summed.get(key, 0) + one.balance
        span = journal.span(journal.Part())
        wrong = [f"accounts of the kind {kind!r} are on no side of the books: no app declares it" for kind in sorted(undeclared)]
        if span is None:
            return wrong
        for unit in sorted({unit for unit, _code in summed}):
            told = statements(min(EVER, span[0]), span[1], unit, chart)
            if told.off:
                wrong.append(f"{unit}: assets {told.assets.total}, liabilities {told.liabilities.total}, equity {told.equity_total}: {told.off} off")
            said = {row.code: part.side.sign * row.amount for part in told.parts for row in part.rows}
            for code, amount in closings(span[1], unit, chart).items():  # a year's closing empties its accounts, and is no income and no expense
                if code // 100 in (Side.INCOME, Side.EXPENSES):
                    said[code] = said.get(code, 0) + amount
            codes = {*said, *(code for other, code in summed if other == unit)}
            wrong += [
                f"{unit}: line {code} of the statements says {said.get(code, 0)}, its accounts {summed.get((unit, code), 0)}"
                for code in sorted(codes)
                if said.get(code, 0) != summed.get((unit, code), 0)
            ]
    return wrong
