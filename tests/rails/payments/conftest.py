"""A Stripe of our own, and our adapter talking to it through the official SDK."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from madang.rails.payments import Order
from madang.rails.payments.stripe import Settings, Stripe
from madang.rails.payments.stripe.fake import Server, World

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def stripe() -> Iterator[Any]:
    """``.rail`` the adapter, ``.server``, ``.world``, ``.at`` the moment (``.later(seconds)`` moves it), ``.order(…)``, ``.paid(…)``."""
    here = SimpleNamespace(at=NOW)
    here.world = World(lambda: int(here.at.timestamp()))

    def later(seconds: int) -> None:
        here.at += timedelta(seconds=seconds)

    def order(key: str = "k", amount: int = 52_000, unit: str = "KRW", **more: Any) -> Order:
        return Order(key, amount, unit, "A cleaning", "http://localhost:8000/pay/x/back/", here.at, **more)

    def paid(key: str = "k", amount: int = 52_000, unit: str = "KRW", **more: Any) -> str:
        ref = here.rail.authorise(order(key, amount, unit, **more)).ref
        here.world.pay(ref)
        return ref

    here.later, here.order, here.paid = later, order, paid
    with Server(here.world) as server:
        here.server = server
        here.rail = Stripe(Settings(server.key, (server.secret,), server.base, seconds=0.5, tries=0))
        yield here
