"""What the books know of each member's use in a year: what they earned, what they spent. Platforms add their own (hours, plays) in ``hooks.measures``."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.kit.house import Measure
from madang.kit.money import format_amount

_EARNED = """
SELECT c.owner, sum(t.amount) FROM ledger_transfer t
JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
WHERE t.unit = %s AND t.at >= %s AND t.at < %s AND c.kind = 'payable' AND d.kind IN ('hold', 'payable') AND c.owner <> '' GROUP BY c.owner
"""
_SPENT = """
SELECT e.payer, sum(t.amount) FROM ledger_transfer t
JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id JOIN ledger_entry e ON e.id = t.entry_id
WHERE t.unit = %s AND t.at >= %s AND t.at < %s AND d.kind = 'hold' AND c.kind NOT IN ('hold', 'refunds') AND e.payer <> '' GROUP BY e.payer
"""


def _sums(sql: str, since: datetime, until: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [law.coop().currency, since, until])
        return {owner: int(total) for owner, total in cursor.fetchall()}


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
