"""10,000 members who stay ask shares back in one week; a year's cap lets a tenth of the capital go. The queue, its page, and all that may go out at once.

``--members N`` says how many ask. Through PostgreSQL with every law on, on a database of its own in a temporary folder, under the British Act.
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.common import ROOT, Bench, arguments, open_house

FOUNDED = datetime(2024, 1, 10, tzinfo=UTC)
ASKED = datetime(2025, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 2, 2, tzinfo=UTC)
RUN = 5_000


def main() -> None:
    options = arguments(__doc__, ("--members", {"type": int, "default": 10_000, "help": "how many ask"}))
    os.environ.pop("DATABASE_URL", None)
    bench = Bench("The withdrawal queue", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "data"
        open_house(str(data))
        try:
            _measure(bench, options.members)
        finally:
            from django.db import connections

            from madang.site import postgres

            connections.close_all()
            postgres.stop(data.resolve())
    bench.close()


def _measure(bench: Bench, members: int) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client, override_settings

    from madang.coop.capital import queue, withdrawals
    from madang.coop.capital.hooks import checks
    from madang.coop.payments.models import Payout

    call_command("migrate", verbosity=0)
    treasurer = _asked(members)
    _took(lambda: queue.queue(NOW))
    seconds, whole = _took(lambda: queue.queue(NOW))
    bench.add("queue_ms", seconds * 1_000, "ms", f"the whole queue worked out, {len(whole.places):,} wait")
    plain = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=plain):
        office = Client(HTTP_HOST="localhost")
        office.force_login(treasurer)
        office.get("/shares/claims/")
        seconds, page = _took(lambda: office.get("/shares/claims/"))
    bench.add("queue_page_ms", seconds * 1_000, "ms", f"its page, {len(page.content) // 1_000} kB")
    may = sum(1 for one in whole.places if one.now)
    seconds, sent = _took(lambda: withdrawals.pay_next(by=treasurer, limit=200, now=NOW))
    bench.add("queue_pay_ms", seconds * 1_000 / len(sent), "ms", f"each of {len(sent)} paid in one go ({may:,} may go out this year)")
    wrong = [said for one in checks for said in one.find()]
    if wrong or Payout.objects.count() != len(sent):
        raise SystemExit(f"it does not add up: {wrong}")


def _took(act: Any) -> tuple[float, Any]:
    began = perf_counter()
    made = act()
    return perf_counter() - began, made


def _asked(members: int) -> Any:
    """Members with ten shares each who asked five of them back. Returns who pays out."""
    from madang.coop import ledger, rules
    from madang.coop.capital.models import Withdrawal
    from madang.coop.charter import actions, reader
    from madang.coop.law.models import Coop
    from madang.coop.members.models import MemberClass, Membership, Office, OfficeTerm
    from madang.coop.people.models import Person

    text = (ROOT / "charters" / "upandgo.toml").read_text().replace('law = "kr-general"', 'law = "uk-coop"')
    text = text.replace("share_price = 10000", "share_price = 1000")
    actions.found(reader.read(text + "\n[rules]\n\"capital.withdrawal_cap\" = \"10%\"\n", "bench.toml", now=FOUNDED), now=FOUNDED)
    Coop.objects.update(state="open", opened_at=FOUNDED)
    assert rules.get("capital.withdrawal_cap").at(NOW).value < 1
    kind = MemberClass.objects.get(key="client")
    people = Person.objects.bulk_create([Person(email=f"m{n}@example.org", name=f"Member {n}") for n in range(members)], batch_size=2_000)
    rows = Membership.objects.bulk_create(
        [
            Membership(member_class=kind, person=one, state="active", primary=True, applied_at=FOUNDED, admitted_at=FOUNDED, active_from=FOUNDED)
            for one in people
        ],
        batch_size=2_000,
    )
    bank = ledger.account("clearing", "rail:sandbox", "KRW")
    for start in range(0, members, RUN):
        places = ledger.accounts([("shares", f"membership:{one.pk}") for one in rows[start : start + RUN]], "KRW")
        moves = [ledger.Move(bank, place, 10 * kind.share_price, "shares") for place in places]
        ledger.post_batch("shares", moves, key=f"shares:{start}", now=FOUNDED)
    Withdrawal.objects.bulk_create(
        [
            Withdrawal(
                membership=one, count=5, asked_at=ASKED + timedelta(minutes=n), asked_on=(ASKED + timedelta(minutes=n)).date(),
                ready_on=(ASKED + timedelta(days=90, minutes=n)).date(),
            )
            for n, one in enumerate(rows)
        ],
        batch_size=2_000,
    )  # fmt: skip
    treasurer = Office.objects.get(key="treasurer")
    OfficeTerm.objects.create(office=treasurer, person=people[0], since=FOUNDED, until=NOW + timedelta(days=365), appointed_by=people[1])
    return people[0]


if __name__ == "__main__":
    main()
