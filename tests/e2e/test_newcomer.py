"""A newcomer with a telephone follows the page "One turn of the wheel" in Korean, button by button, until all eight steps are done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.hands import Visitor
from tests.e2e.server import House

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("axe")]


def step(newcomer: Visitor, key: str) -> None:
    """Press the step's own button; it is the next one to do."""
    newcomer.go("/wheel/")
    assert newcomer.page.locator(f'li.next button[name="step"][value="{key}"]').count(), f"{key} is next:\n{newcomer.text()}"
    newcomer.press("step", key)


def test_eight_steps(demo: House, browser: Any) -> None:
    newcomer = Visitor.arrive(browser, demo.url, language="ko")
    newcomer.go("/wheel/")
    newcomer.press("do", "again")

    step(newcomer, "book")
    newcomer.tap('main a.chip[href*="home="]')
    newcomer.page.wait_for_url("**home=**")
    newcomer.tap('main button[formaction="/services/book/time/"]:visible')
    newcomer.page.wait_for_url("**/book/time/**")
    newcomer.tap("main .day a.chip")
    newcomer.page.wait_for_url("**/book/address/**")
    start = datetime.fromisoformat(parse_qs(urlsplit(newcomer.page.url).query)["start"][0].replace("Z", "+00:00"))
    newcomer.tap("main form#confirm button.btn-primary:visible")
    newcomer.pay()

    step(newcomer, "accept")
    newcomer.press("do", "accept")
    step(newcomer, "work")
    while newcomer.clock.now < start - timedelta(minutes=55):
        newcomer.move("day" if start - newcomer.clock.now > timedelta(hours=26) else "hour")
    newcomer.press("do", "check_in")
    newcomer.press("do", "check_out")
    step(newcomer, "confirm")
    newcomer.press("do", "confirm")
    step(newcomer, "why")
    newcomer.tap("main a.why")
    newcomer.page.wait_for_url("**/why/*/")

    step(newcomer, "propose")
    newcomer.page.locator('form[data-slider] [name="try"]').fill("6")
    link = newcomer.page.locator("[data-slider-propose]")
    newcomer.page.wait_for_function("link => decodeURIComponent(link.href).includes('94')", arg=link.element_handle())
    newcomer.tap(link)
    newcomer.page.wait_for_url("**/decisions/new/**")
    newcomer.fill(title="운영비를 6%로", reason="서버가 모자랍니다.")
    newcomer.press("do", "propose")

    step(newcomer, "vote")
    newcomer.until('main button[name="choice"][value="for"]', by="day", most=6)
    newcomer.press("choice", "for")
    newcomer.go("/wheel/")
    newcomer.tap('main form[action="/demo/others/"] button')
    newcomer.page.wait_for_load_state()
    newcomer.until('li.next button[value="prove"]', by="day", most=8)
    step(newcomer, "prove")
    newcomer.page.wait_for_url("**/record/**")
    newcomer.go("/wheel/")
    assert newcomer.page.locator("ol.steps > li.done").count() == 8, newcomer.text()
    newcomer.move("week")
    newcomer.go("/rules/services.split/")
    assert "94" in newcomer.page.locator(".card-mine").inner_text(), "the members' vote is in force"
    assert newcomer.wrong == []
    newcomer.leave()
