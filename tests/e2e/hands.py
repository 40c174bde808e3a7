"""What a person does with a browser: come in by the code from the mail, pay, press a button, move the demo's clock, count taps."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError

CHROMIUM = "/usr/bin/chromium"
ARGS = ["--no-sandbox", "--disable-background-networking"]
PATIENCE_MS = 20_000
CODE = re.compile(r"\b\d{4}-\d{4}\b")


STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


@dataclass
class Clock:
    """The clock of a demo: the real one, and how far it was moved."""

    moved: timedelta = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved


@dataclass
class Visitor:
    """A person before a browser of their own. ``wrong`` collects what must never be seen: script errors, broken policies, other hosts."""

    context: BrowserContext
    page: Page
    base: str
    email: str = ""
    clock: Clock = field(default_factory=Clock)
    taps: int = 0
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def arrive(
        cls, browser: Browser, base: str, email: str = "", *, clock: Clock | None = None, language: str = "en", width: int = 390, **more: Any
    ) -> Visitor:
        """Open a browser nobody has used before."""
        context = browser.new_context(locale=language, viewport={"width": width, "height": 844}, timezone_id="Asia/Seoul", **more)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "django_language", "value": language, "url": base}])
        page = context.new_page()
        visitor = cls(context, page, base, email, clock or Clock())
        page.on("console", lambda said: visitor.wrong.append(f"{page.url}: {said.text}") if _bad(said) else None)
        page.on("pageerror", lambda error: visitor.wrong.append(f"{page.url}: {error}"))
        page.on("request", lambda asked: visitor.wrong.append(f"{page.url} asks {asked.url}") if _elsewhere(asked.url, base) else None)
        return visitor

    # -- looking ---------------------------------------------------------------------------------------------------------

    def go(self, path: str) -> Page:
        """Type an address; anything but a good page is an error."""
        answer = self.page.goto(path if path.startswith("http") else self.base + path)
        assert answer is None or answer.status < 400, f"{self.email or 'nobody'}: {path} → {answer.status}\n{self.text()[:800]}"
        return self.page

    def text(self) -> str:
        """What the page says."""
        return self.page.locator("main").inner_text()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The page says it (no-break spaces count as spaces)."""
        said = plain(self.text())
        found = text.search(said) if isinstance(text, re.Pattern) else text in said
        assert found, f"{self.page.url} does not say {text!r}:\n{said[:1500]}"

    def look(self, name: str) -> None:
        """Keep a picture of the page as this person sees it, for our eyes: only where ``MADANG_LOOK`` names a folder. Both widths."""
        if folder := os.environ.get("MADANG_LOOK"):
            before = self.page.viewport_size
            for width in (390, 1280):
                self.page.set_viewport_size({"width": width, "height": 844})
                self.page.screenshot(path=Path(folder) / f"{name}.{width}.png", full_page=True)
            if before:
                self.page.set_viewport_size(before)

    # -- doing -----------------------------------------------------------------------------------------------------------

    def tap(self, what: str | Locator) -> None:
        """One tap, counted."""
        self.taps += 1
        try:
            (self.page.locator(what).first if isinstance(what, str) else what).click()
        except TimeoutError as late:
            raise AssertionError(f"{self.email or 'nobody'} cannot tap {what} on {self.page.url}:\n{self.text()[:1500]}") from late

    def press(self, name: str, value: str) -> Page:
        """The button ``<button name=… value=…>`` in the page."""
        self.tap(f'main button[name="{name}"][value="{value}"]')
        self.page.wait_for_load_state()
        return self.page

    def send(self, form: str = "main form") -> Page:
        """The main button of a form."""
        self.tap(f"{form} button.btn-primary")
        self.page.wait_for_load_state()
        return self.page

    def fill(self, **values: str) -> None:
        """Fill in fields by their names."""
        for name, value in values.items():
            self.page.locator(f'main [name="{name}"]').first.fill(value)

    def come_in(self, next: str = "/", *, name: str = "") -> Page:
        """Sign in with the code from the mail, as ``/outbox/`` shows it in a demo; someone new says their name."""
        self.go(f"/accounts/login/?next={next}")
        self._through_the_door(name)
        return self.page

    def _through_the_door(self, name: str = "") -> None:
        self.fill(email=self.email)
        self.send('main form[action*="login"]')
        code = CODE.search(self.mail())
        assert code, f"no code in the mail to {self.email}"
        self.fill(code=code.group())
        self.press("action", "verify")
        self.page.wait_for_url(lambda url: "/login" not in urlsplit(url).path)
        if urlsplit(self.page.url).path == "/welcome/":
            self.fill(name=name or self.email.split("@")[0].title())
            self.send()

    def pay(self, choice: str = "approve") -> Page:
        """From the pay page through the pretend bank and back."""
        self.page.wait_for_url("**/pay/*/")
        self.send('main form:not([action])')
        self.page.wait_for_url("**/pay/sandbox/**")
        self.press("choice", choice)
        self.page.wait_for_url(lambda url: "/pay/sandbox/" not in url)
        return self.page

    def move(self, by: str, times: int = 1) -> None:
        """Move the demo's clock with the bar on top of the page: hour, day or week."""
        for _time in range(times):
            bar = self.page.locator("details[data-demo]")
            if bar.get_attribute("open") is None:
                bar.locator("summary").click()
            with self.page.expect_navigation(timeout=90_000):
                bar.locator(f'button[name="by"][value="{by}"]').click()
            self.clock.moved += STEPS[by]

    def until(self, what: str, by: str = "hour", most: int = 60) -> None:
        """Move the clock on until this stands on the page."""
        for _time in range(most):
            if self.page.locator(what).count():
                return
            self.move(by)
        raise AssertionError(f"after {most} moves by a {by} there is no {what} on {self.page.url}:\n{self.text()[:1500]}")

    def soon(self, what: str, seconds: float = 15) -> None:
        """Look again until this stands on the page: for what the steward does within a second or two."""
        deadline = time.monotonic() + seconds
        while not self.page.locator(what).count():
            assert time.monotonic() < deadline, f"no {what} on {self.page.url}:\n{self.text()[:1500]}"
            time.sleep(0.3)
            self.page.reload()

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    # -- mail ------------------------------------------------------------------------------------------------------------

    def _newest_mail(self, holds: str) -> Locator:
        box = self.context.new_page()
        box.goto(f"{self.base}/outbox/")
        rows = box.locator("main .list > li", has_text=self.email)
        return (rows.filter(has_text=holds) if holds else rows).first

    def mail(self, holds: str = "") -> str:
        """The text of the newest mail to this person."""
        row = self._newest_mail(holds)
        text = row.text_content() or ""
        row.page.close()
        return text

    def open_mail(self, holds: str) -> Page:
        """Tap the link in the newest mail to this person that holds this text: the first of the taps counted from here."""
        row = self._newest_mail(holds)
        link = row.locator("a").first.get_attribute("href") or ""
        row.page.close()
        assert link, f"no link in the mail to {self.email} about {holds}"
        self.page.goto("about:blank")
        self.taps = 1
        return self.go(link)


def plain(text: str) -> str:
    """With ordinary spaces only."""
    return re.sub(r"[\u00a0\u202f\u2009]", " ", text)


def _bad(said: Any) -> bool:
    return said.type == "error" and "status of 4" not in said.text


def _elsewhere(url: str, base: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(base).netloc
