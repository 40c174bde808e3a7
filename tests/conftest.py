"""What every test can ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest


@pytest.fixture
def now() -> datetime:
    """A Monday morning, 09:00 in Seoul."""
    return datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A test database begins as a copy of one that was migrated already (and is migrated again: what is new since is not missed)."""
    from django.conf import settings

    from madang.site import postgres
    from tests import tables

    kept = request.config.getvalue("reuse_db") and not request.config.getvalue("create_db")
    if not kept and os.environ["DATABASE_URL"] == postgres.address(tables.TESTS):
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = tables.database(tables.TESTS)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """No test sees what another one's process remembered about the co-op."""
    from madang.coop import law
    from madang.kit import ration

    law.request_ended()
    ration.forget_all()
    yield
    law.request_ended()


@pytest.fixture
def coop(db: Any, now: datetime) -> Any:
    """A small open co-op: five founders (classes worker and client), an organisation class, four offices, all rules at their defaults.

    Founded from ``tests/coop/tiny.toml``. People: ``Person.objects.get(email="f1@example.org")`` … ``f5``; f1 is coordinator
    and board, f2 treasurer, f3 auditor, f1–f3 workers, f4–f5 clients.
    """
    from tests.coop import founded

    return founded.open_coop(now)


@pytest.fixture
def client_for() -> Callable[[Any], Any]:
    """``client_for(person)``: a browser signed in as that person (``client_for(None)``: nobody)."""
    from django.test import Client

    def signed_in(person: Any) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person)
        return client

    return signed_in
