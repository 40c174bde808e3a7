"""A worker of a member organisation, a client, a rule, and one finished job in the books."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from madang.coop import ledger


@pytest.fixture
def done(coop: Any, now: Any) -> Any:
    """One job of 52,000 won: 95 % to the organisation, of that 80 % to the worker; 5 % upkeep. ``done.parts`` by kind."""
    from madang.coop.people.models import Organisation, Person, Work
    from madang.coop.rules.models import RuleVersion

    names = ("client", "worker", "stranger")
    client, worker, stranger = (Person.objects.create_user(f"{name}@example.org", name, language="en", time_zone="Asia/Seoul") for name in names)
    place = Organisation.objects.create(name="Bright Homes", slug="bright")
    Work.objects.create(organisation=place, person=worker, role="worker", since=now)
    unit = coop.currency
    version = RuleVersion.objects.filter(key="services.split").first() or RuleVersion.objects.first()
    organisation, mine = ledger.account("payable", ledger.owner_of(place), unit), ledger.account("payable", ledger.owner_of(worker), unit)
    upkeep = ledger.account("upkeep", "", unit)
    held = ledger.hold(f"job:{uuid4()}", 52_000, unit, payer=ledger.owner_of(client), key="h", now=now, source=ledger.account("clearing", "rail:sandbox", unit))
    parts = [
        ledger.Part(organisation, 49_400, "provider", version, {"of": 52_000, "share": "95 %"}),
        ledger.Part(upkeep, 2_600, "upkeep", version, {"of": 52_000, "share": "5 %"}),
        ledger.Move(organisation, mine, 39_520, "worker", version, {"of": 49_400, "share": "80 %"}),
    ]
    entry = ledger.release(held, parts, key="r", now=now)
    by_kind = {one.kind: one for one in entry.transfers.all()}
    return SimpleNamespace(client=client, worker=worker, stranger=stranger, place=place, version=version, entry=entry, parts=by_kind, unit=unit)
