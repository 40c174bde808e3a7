"""What every test can ask for."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now() -> datetime:
    """A Monday morning, 09:00 in Seoul."""
    return datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
