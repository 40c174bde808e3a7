"""Clients and tries for :mod:`bench.race`: people made by the program's own actions, bookings by its own action."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

EACH_HOLDS = 3  # of unpaid times: who wants more needs another account


def clients(count: int, tries: int) -> list[list[Any]]:
    """The homes of ``count`` new clients, one for each try (a home is cleaned once at a time), with accounts enough to hold them unpaid."""
    from madang.coop import law
    from madang.coop.people.models import Person
    from madang.platforms.services.models import Home

    made = []
    for number in range(count):
        address = f"race-{uuid4().hex[:12]}"
        accounts = -(-tries // EACH_HOLDS)
        people = [Person.objects.create_user(f"{address}-{n}@example.org", f"Race {number}", created_at=law.clock.now()) for n in range(accounts)]
        homes = Home.objects.bulk_create(
            Home(client=people[place // EACH_HOLDS], district="Mapo-gu", address=f"{place} Race Road", bedrooms=1, bathrooms=1) for place in range(tries)
        )
        made.append(list(homes))
    return made


def attempt(homes: list[Any], chance: random.Random, after: datetime) -> str:
    """One try at one of few slots. Returns ``booked``, ``taken``, or the name of what should not happen."""
    from madang.coop import law
    from madang.kit.errors import Refused
    from madang.platforms.services import actions

    start = after.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=chance.randrange(7), hours=chance.randrange(9))
    home = homes.pop()
    try:
        actions.book(home.client, home.pk, {}, start, now=law.clock.now())
    except Refused as no:
        return no.code
    except Exception as error:
        return f"ERROR {type(error).__name__}"
    return "booked"


__all__ = ["attempt", "clients"]
