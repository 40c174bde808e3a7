"""What the demo's accounts come to, summed in Python from its transfers: ``python -m tests.foreign.demo_books DATA`` prints it, in a process of its own.

JSON: ``{"units": [code…], "days": {"YYYY-MM-DD": {"account|unit": smallest units, debits plus}}}``; three days of its life, the last its last.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


def told(zone: ZoneInfo) -> dict[str, object]:
    """As above. The accounts by the names that English books have."""
    from django.utils import translation

    from madang.coop.ledger.books.chart import Chart, Names
    from madang.coop.ledger.models import Account, Transfer

    rows = list(Transfer.objects.order_by("entry__effective_at", "pk").values_list("debit", "credit", "amount", "entry__effective_at"))
    with translation.override("en"):
        names = Names(Chart())
        shown = {one.pk: f"{names.of(one.kind, one.owner, str(one.pk))}|{one.unit}" for one in Account.objects.all()}
    assert len(set(shown.values())) == len(shown), "two accounts have one name"
    days: dict[str, dict[str, int]] = {}
    for day in (rows[len(rows) * part // 3 - 1][3].astimezone(zone).date() for part in (1, 2, 3)):
        days[day.isoformat()] = _standing(rows, day, zone, shown)
    return {"units": sorted({name.partition("|")[2] for name in shown.values()}), "days": days}


def _standing(rows: list[tuple[int, int, int, datetime]], day: date, zone: ZoneInfo, shown: dict[int, str]) -> dict[str, int]:
    end, sums = datetime.combine(day + timedelta(days=1), time.min, zone), dict.fromkeys(shown, 0)
    for debit, credit, amount, at in rows:
        if at < end:
            sums[debit] += amount
            sums[credit] -= amount
    return {shown[pk]: amount for pk, amount in sums.items() if amount}


def main(data: Path) -> None:
    """Print it."""
    from madang.site import start

    start.ground(data)
    start.house()
    from madang.coop.law.models import Coop

    zone = ZoneInfo(Coop.objects.get().time_zone)
    print(json.dumps(told(zone), ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
