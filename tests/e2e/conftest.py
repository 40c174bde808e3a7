"""One browser for all; houses are founded once and shared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import houses
from tests.e2e.hands import ARGS, CHROMIUM
from tests.e2e.server import House


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Debian's chromium (tools/browser.sh)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A small demo, filled and served, for looking at."""
    served = House(houses.copy(tmp_path_factory, "demo"))
    served.start()
    yield served
    served.end()
