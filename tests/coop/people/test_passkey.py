"""A passkey, added and used in a real browser with an authenticator of the DevTools protocol."""

import re
from pathlib import Path

import pytest
from django.core.cache import cache

from madang.coop.notices.models import Mail
from madang.coop.people.models import Person

CHROMIUM = Path("/usr/bin/chromium")
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.mark.e2e
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
@pytest.mark.django_db(transaction=True)
def test_come_in_by_code_add_a_passkey_come_in_by_passkey(live_server, settings, monkeypatch):
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver runs a loop in this thread
    settings.EMAIL_BACKEND = "madang.coop.notices.mail.OutboxBackend"
    cache.clear()
    here = live_server.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to an address
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = browser.new_context(locale="en-US", timezone_id="Europe/Paris")
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

        page.goto(f"{here}/accounts/login/?next=/inbox/")
        page.get_by_label("Your e-mail").fill("nou@example.org")
        page.get_by_role("button", name="Send me a code").click()
        page.get_by_label("The code from the mail").fill(re.search(r"\d{4}-\d{4}", Mail.objects.get().text)[0])
        page.get_by_role("button", name="Come in").click()
        page.get_by_label("Your name").fill("Nou")
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url(f"{here}/inbox/")
        assert Person.objects.get().time_zone == "Europe/Paris"

        page.goto(f"{here}/accounts/2fa/webauthn/add/")
        page.get_by_role("button", name="Add this device").click()
        page.wait_for_url("**/accounts/2fa/")
        assert page.get_by_text("My computer").count()

        page.goto(f"{here}/accounts/logout/")
        page.locator("main").get_by_role("button", name="Sign out").click()
        page.wait_for_url(lambda url: "logout" not in url)
        page.goto(f"{here}/accounts/login/?next=/settings/")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(f"{here}/settings/")
        assert page.get_by_text("nou@example.org").count()
        browser.close()
    assert not [line for line in complaints if "Content Security Policy" in line or "TypeError" in line], complaints
