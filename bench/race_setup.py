"""Clients and tries for :mod:`bench.race`: people made by the program's own actions, bookings by its own action."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

MOST_HOMES = 100


def clients(count: int) -> list[tuple[Any, list[Any]]]:
    """``count`` new clients, each with homes enough for their tries (a home is cleaned once at a time)."""
    from madang.coop import law
    from madang.coop.people.models import Person
    from madang.platforms.services.models import Home

    made = []
    for number in range(count):
        person = Person.objects.create_user(f"race-{uuid4().hex[:12]}@example.org", f"Race {number}", created_at=law.clock.now())
        homes = Home.objects.bulk_create(
            Home(client=person, district="Mapo-gu", address=f"{place} Race Road", bedrooms=1, bathrooms=1) for place in range(MOST_HOMES)
        )
        made.append((person, list(homes)))
    return made


def attempt(who: tuple[Any, list[Any]], chance: random.Random, after: datetime) -> str:
    """One try at one of few slots. Returns ``booked``, ``taken``, or the name of what should not happen."""
    from madang.coop import law
    from madang.kit.errors import Refused
    from madang.platforms.services import actions

    person, homes = who
    start = after.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=chance.randrange(7), hours=chance.randrange(9))
    home = homes.pop()
    try:
        actions.book(person, home.pk, {}, start, now=law.clock.now())
    except Refused as no:
        return no.code
    except Exception as error:
        return f"ERROR {type(error).__name__}"
    return "booked"


__all__ = ["attempt", "clients"]
