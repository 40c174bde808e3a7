"""A yard of seven workers and six clients."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.coop.decisions import yard as yards


@pytest.fixture
def rules_of_the_yard(monkeypatch: Any) -> None:
    yards.declare(monkeypatch)


@pytest.fixture
def yard(db: Any, now: datetime, rules_of_the_yard: None) -> yards.Yard:
    return yards.make(now, {"worker": 7, "client": 6})
