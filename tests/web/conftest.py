"""Pages are asked at a moment of the test's choosing."""

from collections.abc import Callable
from datetime import datetime

import pytest


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Callable[[datetime], None]:
    """``at(moment)``: from here on it is that moment for every request; it begins at ``now``."""
    from madang.coop.law import clock

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_to(now)
    return set_to
