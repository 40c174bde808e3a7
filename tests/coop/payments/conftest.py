"""A purpose for the tests, and a payer."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from madang.coop import ledger
from madang.coop.payments import accounts, actions, choosing
from madang.coop.payments.models import BankAccount, Charge
from madang.kit import house
from madang.kit.errors import Refused
from madang.kit.house import Line, Purpose
from tests.coop.payments.bank_hands import MINE, OURS, earn, person


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


@pytest.fixture
def ours(coop, now, monkeypatch) -> BankAccount:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    return accounts.confirm_ours(accounts.propose_ours(**OURS, by=person(2), now=now).pk, by=person(1), now=now)


@pytest.fixture
def earned(ours, now) -> tuple[str, str]:
    """f4 earned 30,000 and f5 20,000; both said where they are paid."""
    for number, name in ((4, "정네온"), (5, "최다온")):
        accounts.set_account(ledger.owner_of(person(number)), **{**MINE, "holder": name}, by=person(number), now=now)
    return earn(4, 30_000, now), earn(5, 20_000, now)


@pytest.fixture
def charge(ours, world, now) -> Charge:
    made = actions.charge("test", "job:1", person(4), 52_000, "KRW", key="c1", now=now)
    return choosing.by_bank(made, now=now)
