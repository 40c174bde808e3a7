"""The booking's price: a press on the button in the very moment the new price arrives is a press."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.hands import Visitor
from tests.e2e.server import House

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("axe")]
GO = 'main button[formaction="/services/book/time/"]:visible'


@pytest.mark.parametrize("width", [390, 1280])
def test_a_press_while_the_price_changes_is_not_lost(demo: House, browser: Any, width: int) -> None:
    client = Visitor.arrive(browser, demo.url, width=width)
    page, held = client.page, []
    client.go("/services/book/?bedrooms=1&bathrooms=1")
    before = page.locator(GO).inner_text()
    page.route("**/services/book/quote/**", lambda route: held.append(route))
    with page.expect_request("**/services/book/quote/**"):
        page.locator('[name="bedrooms"]').select_option("3")
    page.locator(GO).hover()
    page.mouse.down()
    held[0].continue_()
    changed = "([go, was]) => [...document.querySelectorAll(go)].some(one => one.offsetParent && one.innerText !== was)"
    page.wait_for_function(changed, arg=[GO.removesuffix(":visible"), before])
    page.mouse.up()
    page.wait_for_url("**/services/book/time/**bedrooms=3**")
    assert client.wrong == []


def test_the_new_price_stands_on_the_button_and_in_the_list(demo: House, browser: Any) -> None:
    client = Visitor.arrive(browser, demo.url, width=1280)
    client.go("/services/book/?bedrooms=1&bathrooms=1")
    go, total = client.page.locator(GO), client.page.locator("#quote tfoot td")
    before = total.inner_text()
    with client.page.expect_response("**/services/book/quote/**"):
        client.page.locator('[name="bedrooms"]').select_option("3")
    client.page.wait_for_function("was => document.querySelector('#quote tfoot td').innerText !== was", arg=before)
    assert total.inner_text().strip() in go.inner_text() and go.count() == 1
    assert client.wrong == []
