"""A passkey on the served house: added, used, beside the code, and taken away. The device is the DevTools protocol's virtual authenticator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.hands import Visitor
from tests.e2e.server import House

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("axe")]
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


def sign_out(visitor: Visitor) -> None:
    visitor.go("/settings/")
    with visitor.page.expect_navigation():
        visitor.page.locator('main form[action="/accounts/logout/"] button').click()


def test_a_passkey_opens_the_same_door(demo: House, browser: Any) -> None:
    someone = Visitor.arrive(browser, demo.url, "key@example.org")
    device = someone.context.new_cdp_session(someone.page)
    device.send("WebAuthn.enable")
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    someone.come_in("/settings/", name="Kay")
    someone.tap('#passkeys a[href="/accounts/2fa/webauthn/add/"]')
    someone.page.wait_for_url("**/webauthn/add/")
    someone.tap("main button.btn-primary:visible")
    someone.page.wait_for_url("**/accounts/2fa/")
    kept = device.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})["credentials"]
    assert [one["rpId"] for one in kept] == ["localhost"]

    sign_out(someone)
    someone.go("/accounts/login/?next=/settings/")
    someone.tap("#passkey_login")
    someone.page.wait_for_url(f"{demo.url}/settings/")
    assert "key@example.org" in someone.text()

    sign_out(someone)
    someone.come_in("/settings/")
    assert someone.page.url.endswith("/settings/"), "the code still opens the door by itself"

    someone.tap('#passkeys a[href$="/remove/"]')
    someone.page.wait_for_url("**/remove/")
    with someone.page.expect_navigation():
        someone.tap('main form[method="post"] button:visible')
    sign_out(someone)
    someone.go("/accounts/login/")
    someone.tap("#passkey_login")
    someone.page.locator("[data-passkey-problem]:visible, .errorlist:visible, .notice-bad:visible, .error:visible").first.wait_for()
    someone.go("/settings/")
    assert "/accounts/login/" in someone.page.url, "a key that was taken away opens nothing"
    assert someone.wrong == []
    someone.leave()
