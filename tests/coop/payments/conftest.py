"""A purpose for the tests, and a payer."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from madang.coop import ledger
from madang.kit import house
from madang.kit.errors import Refused
from madang.kit.house import Line, Purpose


@pytest.fixture
def world() -> Iterator[Any]:
    """Declares the purpose "test": what was called, and how it shall answer (``parts``, ``refuse``)."""
    told = SimpleNamespace(settled=[], failed=[], refunded=[], refuse=False, parts=None)

    def settled(charge, *, now):
        if told.refuse:
            raise Refused("gone", "The slot is gone.")
        told.settled.append(charge.pk)
        if told.parts is not None:
            return told.parts(charge)
        held = ledger.hold(charge.subject, charge.amount, charge.unit, payer=charge.owner, key=f"hold:{charge.pk}", now=now)
        return [held.part()]

    hooks = ModuleType("test_hooks")
    hooks.purposes = [
        Purpose(
            "test",
            "A test",
            settled,
            lambda charge, *, now: told.failed.append(charge.pk),
            lambda refund, *, now: told.refunded.append(refund.pk),
            url=lambda charge: "/",
            lines=lambda charge: [Line("One thing", charge.amount)],
            bank_days=7,
        )
    ]
    house.move_in(hooks)
    yield told
    house._house.rooms.remove(hooks)


@pytest.fixture
def payer(db: Any) -> Any:
    from madang.coop.people.models import Person

    return Person.objects.create_user("payer@example.org", "Payer", language="en")
