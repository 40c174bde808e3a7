"""Every page of money on a telephone: nothing scrolls sideways, and no figure of a table that fits by design stands beyond the edge."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.hands import Visitor
from tests.e2e.server import House
from tests.e2e.shots import PAGES, become, visit

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("axe")]
ROOMS = ("/pay/", "/treasury/", "/shares/", "/statement/", "/tax/")
FITS = {"pay-out", "reconciliations", "shares-register"}  # tables nobody should have to push aside
BEYOND = """() => [...document.querySelectorAll('main .num')].filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.innerText)"""


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_page_of_money_scrolls_sideways(demo: House, browser: Any, language: str) -> None:
    visitor = Visitor.arrive(browser, demo.url, language=language)
    persona, wrong, seen = None, [], 0
    for shot in [one for one in PAGES if one.path.startswith(ROOMS)]:
        if shot.persona != persona:
            become(visitor.page, demo.url, shot.persona)
            persona = shot.persona
        if visit(visitor.page, demo.url, shot, settle_ms=0) != 200:
            continue
        seen += 1
        if visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{shot.name} scrolls sideways")
        if shot.name in FITS and (beyond := visitor.page.evaluate(BEYOND)):
            wrong.append(f"{shot.name} has figures beyond the edge: {beyond[:3]}")
    visitor.leave()
    assert wrong == []
    assert seen > 35, seen
