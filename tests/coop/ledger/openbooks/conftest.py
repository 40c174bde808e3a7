"""A month with a crowd: six workers paid for jobs of six clients, and one person alone who left."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from madang.coop import ledger
from madang.coop.ledger import Move, Part, owner_of


@pytest.fixture
def month(coop: Any, now: Any) -> Any:
    """``month.workers``, ``month.clients`` (people), ``month.member`` (f4, who paid for one of the jobs), ``month.keeper`` (f3, auditor), ``month.leaver``."""
    from madang.coop.members.models import Membership
    from madang.coop.people.models import Person

    def person(name: str) -> Any:
        return Person.objects.create_user(f"{name}@example.org", name, language="en", time_zone="Asia/Seoul")

    member, keeper = Person.objects.get(email="f4@example.org"), Person.objects.get(email="f3@example.org")
    workers, clients = [person(f"Worker {n}") for n in range(6)], [*(person(f"Client {n}") for n in range(5)), member]
    unit, when = coop.currency, now + timedelta(days=40)
    clearing, upkeep = ledger.account("clearing", "rail:sandbox", unit), ledger.account("upkeep", "", unit)
    for number, (worker, client) in enumerate(zip(workers, clients, strict=True)):
        for again in range(2):
            price = 50_000 + 1_000 * number + again
            at = when + timedelta(hours=number * 2 + again)
            held = ledger.hold(f"job:{uuid4()}", price, unit, payer=owner_of(client), key=f"h{number}{again}", now=at, source=clearing)
            theirs = ledger.account("payable", owner_of(worker), unit)
            parts = [Part(theirs, price - 2_500, "provider", None, {"of": price, "share": "95 %"}), Part(upkeep, 2_500, "upkeep")]
            ledger.release(held, parts, key=f"r{number}{again}", now=at + timedelta(minutes=30))
    leaver = Membership.objects.get(person__email="f5@example.org")
    claim, clearing_back = ledger.account("claims", owner_of(leaver), unit), clearing
    ledger.post("leaving", [Move(clearing, claim, 77_700, "claim")], key="c", subject="", now=when + timedelta(hours=30))
    ledger.post("paid-back", [Move(claim, clearing_back, 7_700, "claim-paid")], key="cp", subject="", now=when + timedelta(hours=31))
    return SimpleNamespace(
        now=when + timedelta(days=3), first=(when + timedelta(hours=9)).date().replace(day=1), workers=workers, clients=clients, member=member, keeper=keeper,
        leaver=leaver.person, unit=unit,
    )  # fmt: skip
