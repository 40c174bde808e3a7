"""What the books know of each member's use in a year: what they earned, what they spent. Platforms add their own (hours, plays) in ``hooks.measures``."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.ledger.flows import BACK
from madang.kit.house import Measure
from madang.kit.money import format_amount

# What was taken back (kinds that begin with BACK go the other way) is taken off again.
_EARNED = """
SELECT CASE WHEN back THEN debit_owner ELSE credit_owner END AS owner, sum(CASE WHEN back THEN -amount ELSE amount END) FROM (
    SELECT starts_with(t.kind, %(back)s) AS back, t.amount, d.kind AS debit, d.owner AS debit_owner, c.kind AS credit, c.owner AS credit_owner
    FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
    WHERE t.unit = %(unit)s AND t.at >= %(since)s AND t.at < %(until)s AND (c.kind = 'payable' OR d.kind = 'payable')
) AS moved
WHERE NOT back AND credit = 'payable' AND debit IN ('hold', 'payable') AND credit_owner <> ''
   OR back AND debit = 'payable' AND credit IN ('hold', 'payable') AND debit_owner <> ''
GROUP BY 1
"""
_SPENT = """
SELECT e.payer, sum(CASE WHEN starts_with(t.kind, %(back)s) THEN -t.amount ELSE t.amount END) FROM ledger_transfer t
JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id JOIN ledger_entry e ON e.id = t.entry_id
WHERE t.unit = %(unit)s AND t.at >= %(since)s AND t.at < %(until)s AND e.payer <> ''
  AND CASE WHEN starts_with(t.kind, %(back)s) THEN c.kind = 'hold' AND d.kind NOT IN ('hold', 'refunds')
           ELSE d.kind = 'hold' AND c.kind NOT IN ('hold', 'refunds') END
GROUP BY e.payer
"""


def _sums(sql: str, since: datetime, until: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"unit": law.coop().currency, "since": since, "until": until, "back": BACK})
        return {owner: int(total) for owner, total in cursor.fetchall() if total > 0}


def earned(since: datetime, until: datetime) -> dict[str, int]:
    """What each person or organisation earned through the platform, before passing on: {owner: smallest units}. One SQL query."""
    return _sums(_EARNED, since, until)


def spent(since: datetime, until: datetime) -> dict[str, int]:
    """What each paid for work that was done (what went back is not counted): {owner: smallest units}. One SQL query."""
    return _sums(_SPENT, since, until)


def _money(amount: int) -> str:
    return format_amount(amount, law.coop().currency, get_language() or "en")


MEASURES = [
    Measure("earned", _("what each earned through the platform"), earned, _money),
    Measure("spent", _("what each spent through the platform"), spent, _money),
]
