"""What must always hold of the papers, held against the ledger."""

from __future__ import annotations

from django.db import connection

_GAPS = "SELECT series, max(number), count(*) FROM tax_paper GROUP BY series HAVING max(number) <> count(*)"
_PAPERS = """
SELECT p.series || '-' || p.number, p.tax, coalesce(sum(CASE WHEN c.kind = 'vat-out' THEN t.amount WHEN d.kind = 'vat-out' THEN -t.amount END), 0) AS booked
FROM tax_paper p JOIN ledger_transfer t ON t.entry_id = p.entry_id
JOIN ledger_account c ON c.id = t.credit_id JOIN ledger_account d ON d.id = t.debit_id
GROUP BY p.id, p.series, p.number, p.tax HAVING p.tax <> coalesce(sum(CASE WHEN c.kind = 'vat-out' THEN t.amount WHEN d.kind = 'vat-out' THEN -t.amount END), 0)
LIMIT 20
"""
_LOOSE = """
SELECT t.id, t.amount FROM ledger_transfer t JOIN ledger_account c ON c.id = t.credit_id JOIN ledger_account d ON d.id = t.debit_id
LEFT JOIN tax_paper p ON p.entry_id = t.entry_id
WHERE 'vat-out' IN (c.kind, d.kind) AND t.kind NOT IN ('tax-paid') AND p.id IS NULL LIMIT 20
"""
_WITHHELD = """
SELECT * FROM (
    SELECT w.id, w.income, w.local, coalesce(sum(t.amount) FILTER (WHERE t.kind = 'withheld'), 0) AS national,
           coalesce(sum(t.amount) FILTER (WHERE t.kind = 'withheld-local'), 0) AS city
    FROM tax_withholding w JOIN ledger_transfer t ON t.entry_id = w.entry_id GROUP BY w.id, w.income, w.local
) AS booked WHERE (income, local) <> (national, city) LIMIT 20
"""


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def numbers_have_no_gap() -> list[str]:
    """Every series of papers counts from one without a gap. One query."""
    return [f"{series}: the last number is {last}, but there are {count} papers" for series, last, count in _rows(_GAPS)]


def papers_are_booked() -> list[str]:
    """Each paper's tax is what its entry moved on the tax account, and nothing moved there without a paper. Two queries."""
    wrong = [f"paper {code} says {tax}, the books moved {booked}" for code, tax, booked in _rows(_PAPERS)]
    return wrong + [f"line {line} moved {amount} of tax without a paper" for line, amount in _rows(_LOOSE)]


def withheld_is_booked() -> list[str]:
    """What a payout's list says was kept back is what its entry moved. One query."""
    return [f"withholding {key}: {income} and {local}, the books moved {one} and {two}" for key, income, local, one, two in _rows(_WITHHELD)]
