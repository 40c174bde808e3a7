"""Look at every page: ``python -m tests.e2e.shots http://localhost:8000 [name …] [--lang ko] [--width 390] [--theme light] [--axe]``.

Signs in to a running demo as its personas and takes pictures in Korean and English, at 390 and 1280 px, light and dark, into ``shots/``
(git-ignored). Each page is also asked whether it scrolls sideways; with ``--axe`` it is judged by axe-core. Exit code 1 when something was found.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.e2e import axe

CHROMIUM = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-background-networking"]}
OUT = Path(__file__).resolve().parents[2] / "shots"
NOBODY = ""


@dataclass(frozen=True)
class Shot:
    """A page: its name, who looks, where, and the links to follow from there, one after the other, when its address holds an id."""

    name: str
    persona: str
    path: str
    follow: str = ""
    then: str = ""


PAGES = [
    Shot("home", NOBODY, "/"),
    Shot("wheel", NOBODY, "/wheel/"),
    Shot("missing", NOBODY, "/nowhere/"),
    Shot("sign-in", NOBODY, "/accounts/login/"),
    Shot("catalogue", NOBODY, "/services/"),
    Shot("book", NOBODY, "/services/book/?bedrooms=2&bathrooms=1&x-fresh-start=1&x-windows=3"),
    Shot("times", NOBODY, "/services/book/time/?bedrooms=2&bathrooms=1&x-fresh-start=1"),
    Shot("treasury", NOBODY, "/treasury/"),
    Shot("decisions", NOBODY, "/decisions/"),
    Shot("decisions-all", NOBODY, "/decisions/all/?q=a"),
    Shot("meetings", "worker", "/meetings/"),
    Shot("acting", "worker", "/decisions/delegations/"),
    Shot("articles", NOBODY, "/decisions/articles/"),
    Shot("panel-new", "worker", "/decisions/new/?kind=panel"),
    Shot("articles-new", "worker", "/decisions/new/?kind=articles"),
    Shot("decision", NOBODY, "/decisions/", "main .list a, main .card a, main a.card"),
    Shot("rules", NOBODY, "/rules/"),
    Shot("rule", NOBODY, "/rules/services.split/"),
    Shot("members", NOBODY, "/members/"),
    Shot("join", NOBODY, "/members/join/"),
    Shot("record", NOBODY, "/record/"),
    Shot("law", NOBODY, "/law/"),
    Shot("home-client", "client", "/"),
    Shot("confirm", "client", "/services/book/time/?bedrooms=1&bathrooms=1", "main a.chip"),
    Shot("bookings", "client", "/services/bookings/"),
    Shot("booking", "client", "/services/bookings/", "main .list a"),
    Shot("booking-past", "client", "/services/bookings/?which=past", "main .list a"),
    Shot("home-worker", "worker", "/"),
    Shot("day", "worker", "/services/day/"),
    Shot("job", "worker", "/services/day/", "main a.job-link"),
    Shot("availability", "worker", "/services/availability/"),
    Shot("statement", "worker", "/statement/"),
    Shot("why", "worker", "/statement/", "main a.why"),
    Shot("board", "coordinator", "/services/board/"),
    Shot("workers", "coordinator", "/services/workers/"),
    Shot("settings", "client", "/settings/"),
    Shot("inbox", "client", "/inbox/"),
    Shot("outbox", NOBODY, "/outbox/"),
    Shot("operator", "operator", "/operator/"),
    Shot("home-sceptic", "sceptic", "/"),
    Shot("founding", NOBODY, "/founding/"),
    Shot("charter", NOBODY, "/founding/charter/"),
    Shot("erased", NOBODY, "/erased/"),
    Shot("share-offers", NOBODY, "/shares/offers/"),
    Shot("certificates", "treasurer", "/shares/certificates/"),
    Shot("leaf", NOBODY, "/record/leaf/0/"),
    Shot("check-receipt", NOBODY, "/record/check/"),
    Shot("source", NOBODY, "/source/"),
    Shot("source-file", NOBODY, "/source/madang/kit/splits.py"),
    Shot("join-class", "client", "/members/join/", 'main a[href^="/members/join/"]'),
    Shot("homes", "client", "/services/homes/"),
    Shot("home-edit", "client", "/services/homes/", 'main a[href^="/services/homes/"]'),
    Shot("booking-receipt", "client", "/services/bookings/?which=past", "main .list a", 'main a[href$="/receipt/"]'),
    Shot("keys", "client", "/settings/keys/"),
    Shot("erase", "client", "/settings/erase/"),
    Shot("passkeys", "client", "/accounts/2fa/"),
    Shot("me", "worker", "/members/me/"),
    Shot("register", "worker", "/members/register/"),
    Shot("organisation-open", "worker", "/settings/", 'main a[href^="/organisations/"]'),
    Shot("organisation", "worker", "/members/me/", 'main a[href^="/members/organisations/"]'),
    Shot("organisation-new", "worker", "/members/organisations/new/"),
    Shot("shares", "worker", "/shares/"),
    Shot("buy-shares", "worker", "/shares/", 'main a[href^="/shares/buy/"]'),
    Shot("statement-month", "worker", "/statement/", 'main a[href^="/statement/2"]'),
    Shot("decision-mine", "worker", "/decisions/", "main .list a, main .card a, main a.card"),
    Shot("decision-new", "worker", "/decisions/new/"),
    Shot("decision-rule", "worker", "/decisions/new/?rule=services.split"),
    Shot("decision-elect", "worker", "/decisions/new/?kind=elect"),
    Shot("spend-new", "worker", "/decisions/new/?kind=spend"),
    Shot("budget-new", "worker", "/decisions/new/?kind=budget"),
    Shot("emergency", "worker", "/decisions/emergency/"),
    Shot("decided", "treasurer", "/pay/decided/"),
    Shot("decision-expel", "worker", "/decisions/new/?kind=expel"),
    Shot("board-job", "coordinator", "/services/board/", 'main a[href^="/services/jobs/"]'),
    Shot("applications", "coordinator", "/members/applications/"),
    Shot("offices", "treasurer", "/members/offices/"),
    Shot("pay-out", "treasurer", "/pay/out/"),
    Shot("claims", "treasurer", "/shares/claims/"),
    Shot("books", "worker", "/treasury/books/"),
    Shot("books-line", "worker", "/treasury/books/", 'main a[href^="/treasury/books/"]'),
    Shot("year", "worker", "/statement/year/2026/"),
    Shot("money", "worker", "/shares/money/"),
    Shot("money-lines", "worker", "/statement/all/paid-out/"),
    Shot("money-client", "client", "/shares/money/"),
    Shot("shares-out", "worker", "/shares/out/"),
    Shot("shares-pass", "worker", "/shares/pass/"),
    Shot("shares-convert", "worker", "/shares/convert/"),
    Shot("shares-named", "worker", "/shares/named/"),
    Shot("shares-register", "treasurer", "/shares/register/"),
    Shot("shares-death", "treasurer", "/shares/death/"),
    Shot("shares-dead", "treasurer", "/shares/death/", 'main .list a[href^="/shares/death/"]'),
    Shot("share-offer", NOBODY, "/shares/offers/", 'main a[href^="/shares/offers/"]'),
    Shot("refund-form", "client", "/decisions/new/?kind=refund_to_leavers"),
    Shot("payout", "treasurer", "/pay/out/", 'main a[href^="/pay/payouts/"]'),
    Shot("refund-new", "worker", "/decisions/new/?kind=refund_to_leavers"),
    Shot("pay-account", "worker", "/pay/account/"),
    Shot("bank", "treasurer", "/pay/bank/"),
    Shot("our-account", "treasurer", "/pay/bank/account/"),
    Shot("batches", "treasurer", "/pay/batches/"),
    Shot("cash", "treasurer", "/pay/cash/"),
    Shot("reconciliations", "treasurer", "/pay/reconciliations/"),
    Shot("reconciliation", "treasurer", "/pay/reconciliations/", 'main td a[href^="/pay/reconciliations/"]'),
    Shot("journal", "worker", "/treasury/books/journal/"),
    Shot("inspections", "worker", "/treasury/inspections/"),
    Shot("inspection-ask", "worker", "/treasury/inspections/new/"),
    Shot("inspection", "worker", "/treasury/inspections/", 'main .list a[href*="/inspections/"]'),
    Shot("surplus", "worker", "/decisions/new/?kind=use_of_surplus"),
    Shot("decision-examiner", "worker", "/decisions/new/?kind=examiner"),
    Shot("journal-names", "treasurer", "/treasury/books/journal/"),
    Shot("examine", "treasurer", "/treasury/books/examine/"),
    Shot("disputes", "treasurer", "/pay/disputes/"),
    Shot("dispute", "treasurer", "/pay/disputes/", 'main .list a[href^="/pay/disputes/"]'),
    Shot("taxes", "treasurer", "/tax/"),
    Shot("tax-standing-coop", "treasurer", "/tax/standing/?owner=coop"),
    Shot("tax-standing", "worker", "/tax/standing/"),
    Shot("tax-mine", "worker", "/tax/mine/"),
    Shot("tax-kept", "worker", "/tax/mine/", 'main a[href^="/tax/kept/"]'),
    Shot("tax-papers", "client", "/tax/mine/"),
    Shot("tax-paper", "client", "/tax/mine/", 'main a[href^="/tax/paper/"]'),
    Shot("tax-filing", "treasurer", "/tax/", 'main a[href^="/tax/filing/"]'),
    Shot("statement-org", "worker", "/statement/", 'main a[href^="/statement/of/"]'),
    Shot("treasury-month", NOBODY, "/treasury/", 'main a[href^="?month="]'),
    Shot("books-month", "treasurer", "/treasury/books/", 'main a[href*="at="]'),
    Shot("examine-line", "treasurer", "/treasury/books/", 'main a[href^="/treasury/books/"]'),
    Shot("pay-account-treasurer", "treasurer", "/pay/account/"),
    Shot("register-left", "coordinator", "/shares/register/?left=on"),
    Shot("write-down", "worker", "/decisions/new/?kind=write_down"),
    Shot("offer-open", "worker", "/decisions/new/?kind=share_offer"),
    Shot("pass-shares", "worker", "/decisions/new/?kind=pass_shares"),
]


def become(page: Page, base: str, persona: str) -> None:
    """Be a persona of the demo, by its own bar; nobody signs out."""
    page.goto(f"{base}/")
    bar = page.locator("details[data-demo]")
    if bar.get_attribute("open") is None:
        bar.locator("summary").click()
    button = page.locator(f'form[action="/demo/be/{persona or "nobody"}/"] button')
    if button.count():
        button.first.click()
        page.wait_for_load_state()


def visit(page: Page, base: str, shot: Shot, settle_ms: int = 150) -> int:
    """Open the page of a shot; returns the HTTP status, 0 when the link to follow is not there. A picture wants a moment for things to settle."""
    answer = page.goto(base + shot.path)
    for follow in filter(None, (shot.follow, shot.then)):
        link = page.locator(follow)
        if not link.count():
            return 0
        answer = page.goto(base + str(link.first.get_attribute("href")))
    if settle_ms:
        page.wait_for_timeout(settle_ms)
    return answer.status if answer else 0


def look(page: Page, shot: Shot, name: str, judge: bool) -> list[str]:
    """Take the picture; what is wrong with the page in words."""
    page.screenshot(path=OUT / f"{name}.png", full_page=True)
    found = []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"scrolls sideways by {wide} px")
    if judge:
        found += axe.violations(page)
    return found


def walk(browser: Any, options: argparse.Namespace) -> int:
    """All pictures asked for; returns how many pages had something wrong."""
    bad = 0
    shots = [shot for shot in PAGES if not options.names or shot.name in options.names]
    for language in options.lang:
        for width in options.width:
            context = browser.new_context(viewport={"width": width, "height": 844 if width < 600 else 900}, locale=language, has_touch=width < 600)
            context.add_cookies([{"name": "django_language", "value": language, "url": options.url}])
            page, persona = context.new_page(), None
            wrong: list[str] = []
            page.on("console", lambda message, wrong=wrong: wrong.append(f"console: {message.text}") if message.type == "error" else None)
            for shot in shots:
                if shot.persona != persona:
                    become(page, options.url, shot.persona)
                    persona = shot.persona
                for theme in options.theme:
                    page.emulate_media(color_scheme=theme)
                    wrong.clear()
                    status = visit(page, options.url, shot)
                    name = f"{shot.name}.{language}.{width}.{theme}"
                    found = [*wrong, *look(page, shot, name, options.axe)] if status else ["nothing to follow"]
                    if status != 200 and shot.name != "missing":
                        found.append(f"status {status}")
                    elif shot.name == "missing":
                        found = [line for line in found if "404" not in line]
                    bad += bool(found)
                    print(f"{name:32} {'; '.join(found) or 'ok'}", flush=True)
            context.close()
    return bad


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("url")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--lang", nargs="+", default=["ko", "en"])
    parser.add_argument("--width", nargs="+", type=int, default=[390, 1280])
    parser.add_argument("--theme", nargs="+", default=["light", "dark"])
    parser.add_argument("--axe", action="store_true")
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)  # type: ignore[arg-type]
        bad = walk(browser, options)
        browser.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
