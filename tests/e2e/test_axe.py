"""Every page anyone can reach: no WCAG 2.2 A/AA violation, no sideways scroll, no script error, no other host; in both languages, widths and themes.

Pages are found by following links as each persona of a small demo, so a new page is judged as soon as something links to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.e2e import axe
from tests.e2e.hands import Visitor
from tests.e2e.server import House
from tests.e2e.shots import PAGES
from tests.site.walking import Forms

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("axe")]
PERSONAS = ("", "client", "worker", "coordinator", "treasurer", "operator")
SIDES = {"web:home", "services:job", "members:home", "decisions:decision"}  # one address, another page for another person
SEVERAL = {"services:job": 3, "decisions:decision": 3, "rules:rule": 5, "record:leaf": 2, "ledger:why": 3, "notices:outbox": 1}
PAGES_MAX = 70  # of one persona
FRAMES = 6  # pages on which a persona has what stands around them judged too
KILOBYTE = 1000


@dataclass(frozen=True)
class Stop:
    """A page of the walk: who stands before it."""

    persona: str
    url: str


def be(visitor: Visitor, persona: str) -> None:
    """Be someone of the demo, by its bar."""
    visitor.go("/")
    bar = visitor.page.locator("details[data-demo]")
    if bar.get_attribute("open") is None:
        bar.locator("summary").click()
    button = visitor.page.locator(f'form[action="/demo/be/{persona or "nobody"}/"] button')
    if button.count():
        with visitor.page.expect_navigation():
            button.first.click()
    elif persona:
        raise AssertionError(f"the demo has no {persona}")


def what(url: str) -> tuple[str, tuple[str, ...]] | None:
    """Which page this address is, by its pattern; None for what is no page of the house."""
    from django.urls import Resolver404, resolve

    parts = urlsplit(url)
    if parts.path.startswith(("/static/", "/api/", "/demo/")) or parts.path.endswith((".txt", ".json", ".gz", "/key", "/checkpoint")):
        return None
    try:
        name = resolve(parts.path).view_name
    except Resolver404:
        return None
    return None if name in ("record:tile", "account_logout") else (name, tuple(sorted(key for key, _value in parse_qsl(parts.query))))


def found_by(visitor: Visitor, persona: str, known: dict[Any, int]) -> list[str]:
    """Pages this persona can walk to and nobody has seen before."""
    waiting = ["/", *[shot.path for shot in PAGES if shot.persona == persona and shot.name != "missing"]]
    seen: set[str] = set()
    found: list[str] = []
    while waiting and len(found) < PAGES_MAX:
        url = waiting.pop(0)
        which = what(url)
        if url in seen or which is None:
            continue
        seen.add(url)
        key = (*which, persona if which[0] in SIDES else "")
        fresh = known.get(key, 0) < SEVERAL.get(which[0], 1)
        crossed = (key, persona)
        if not fresh and known.get(crossed, 0) >= 1:
            continue
        known[crossed] = known.get(crossed, 0) + 1
        answer = visitor.context.request.get(visitor.base + url)
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            assert answer.status < 500, f"{persona or 'nobody'}: {url} → {answer.status}"
            continue
        landed = urlsplit(answer.url)
        waiting += [link for link in Forms(answer.text()).links if link not in seen]
        if fresh and landed.path == urlsplit(url).path:
            known[key] = known.get(key, 0) + 1
            found.append(url)
    return found


def judge(visitor: Visitor, stop: Stop, language: str, *, frame: bool = True) -> list[str]:
    """What is wrong with a page. The telephone in Korean and the desk in English are judged by axe, in both themes; all by their width."""
    page, wrong = visitor.page, []
    visitor.wrong.clear()
    page.set_viewport_size({"width": 390, "height": 844})
    answer = page.goto(visitor.base + stop.url)
    if answer is None or answer.status != 200:
        wrong.append(f"it is not there: {answer and answer.status}")
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    for width in (390, 1280):
        if width == 1280:
            page.set_viewport_size({"width": width, "height": 844})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wrong.append(f"at {width} px it scrolls sideways by {over} px")
        if (width == 390) == (language == "ko"):
            wrong += [f"at {width} px: {one}" for one in axe.violations(page, frame=frame)]
            page.emulate_media(color_scheme="dark")
            wrong += [f"at {width} px in the dark: {one}" for one in axe.violations(page, ["color-contrast"], frame=frame)]
            page.emulate_media(color_scheme="light")
    return [f"{stop.persona or 'nobody'} {stop.url} ({language}): {one}" for one in [*wrong, *visitor.wrong]]


@pytest.fixture(scope="module")
def walks() -> dict[str, list[str]]:
    """What each persona found: walked once, in whichever language comes first."""
    return {}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_page(demo: House, browser: Any, walks: dict[str, list[str]], language: str) -> None:
    visitor = Visitor.arrive(browser, demo.url, language=language, reduced_motion="reduce")  # no colour is caught on its way to another
    axe.bring(visitor.context)
    known: dict[Any, int] = {}
    wrong: list[str] = []
    for persona in PERSONAS:
        be(visitor, persona)
        if persona not in walks:
            walks[persona] = found_by(visitor, persona, known)
        for number, url in enumerate(walks[persona]):
            wrong += judge(visitor, Stop(persona, url), language, frame=number < FRAMES)
    visitor.leave()
    count = sum(len(walks[persona]) for persona in PERSONAS)
    assert not wrong, f"{len(wrong)} things on {count} pages:\n" + "\n".join(wrong)
    assert count > 60, count


def test_the_judge_sees(demo: House, browser: Any) -> None:
    """What is bad in a page is found, in both themes; around it only where that was asked for; beyond the fortieth row of a list not."""
    visitor = Visitor.arrive(browser, demo.url, width=1280, reduced_motion="reduce")
    axe.bring(visitor.context)
    visitor.go("/")
    spoil = """([where, what]) => {
      const one = document.createElement(what); document.querySelector(where).append(one);
      if (what === 'img') one.src = '/static/none.png'; else one.textContent = 'Nobody can read this.';
      if (what === 'p') one.style.cssText = 'color: rgb(120, 120, 120); background: rgb(130, 130, 130)';
      if (what === 'ul') one.innerHTML = '<li>a row</li>'.repeat(40) + '<li><img src="/static/none.png"></li>';
    }"""
    assert axe.violations(visitor.page) == []
    visitor.page.evaluate(spoil, ["main", "ul"])
    assert axe.violations(visitor.page) == []
    visitor.page.evaluate("document.querySelector('main ul:last-child li').remove()")
    assert [line.split()[0] for line in axe.violations(visitor.page, frame=False)] == ["image-alt"]
    visitor.page.evaluate(spoil, ["header.head", "p"])
    assert [line.split()[0] for line in axe.violations(visitor.page, frame=False)] == ["image-alt"]
    assert [line.split()[0] for line in axe.violations(visitor.page, ["color-contrast"])] == ["color-contrast"]
    visitor.page.evaluate(spoil, ["main", "p"])
    visitor.page.emulate_media(color_scheme="dark")
    assert [line.split()[0] for line in axe.violations(visitor.page, ["color-contrast"], frame=False)] == ["color-contrast"]
    visitor.leave()


def test_what_goes_wrong_is_a_good_page_too(demo: House, browser: Any) -> None:
    """Missing pages, and forms sent back with what is wrong beside each field."""
    visitor = Visitor.arrive(browser, demo.url, reduced_motion="reduce")
    wrong = [line for line in judge(visitor, Stop("", "/nowhere/"), "ko") if "404" not in line]
    be(visitor, "client")
    for url in ("/settings/erase/", "/services/book/address/?start=", "/decisions/new/?rule=services.split", "/members/organisations/new/"):
        visitor.go(url if not url.endswith("=") else first_slot(visitor))
        visitor.page.evaluate("for (const form of document.querySelectorAll('main form')) form.noValidate = true")
        for box in visitor.page.locator("main form[method=post]").locator("input[type=text], input[type=email], textarea").all():
            if box.is_visible() and box.is_editable():
                box.fill("")
        visitor.tap("main form[method=post] :is(.btn-primary, .btn-danger):visible")
        visitor.page.wait_for_load_state()
        visitor.page.locator(".error").first.wait_for()
        wrong += [f"{url} with errors: {one}" for one in axe.violations(visitor.page)]
        described = visitor.page.locator("main [aria-invalid=true]").first.get_attribute("aria-describedby") or ""
        assert "error" in described, f"{url}: a field names its error, {described!r}"
    visitor.leave()
    assert not wrong, "\n".join(wrong)


def first_slot(visitor: Visitor) -> str:
    visitor.go("/services/book/time/?bedrooms=1&bathrooms=1")
    if not visitor.page.locator("main a.chip").count():
        visitor.tap("main .empty a")
    return str(visitor.page.locator("main a.chip").first.get_attribute("href"))


@pytest.mark.parametrize("path", ["/", "/services/", "/treasury/"])
def test_the_first_visit_is_light(demo: House, browser: Any, path: str) -> None:
    """At most 200 kB over the wire before fonts, 550 kB with; nothing from elsewhere."""
    visitor = Visitor.arrive(browser, demo.url, language="ko", width=1280)
    wire = visitor.context.new_cdp_session(visitor.page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    wire.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    fonts = sum(size for key, size in sizes.items() if kinds.get(key) == "Font")
    rest = sum(sizes.values()) - fonts
    assert visitor.wrong == []
    visitor.leave()
    assert rest <= 200 * KILOBYTE, f"{rest / KILOBYTE:.0f} kB before fonts"
    assert rest + fonts <= 550 * KILOBYTE, f"{(rest + fonts) / KILOBYTE:.0f} kB with fonts"
    assert rest > 5 * KILOBYTE and len(sizes) > 4, "something was measured"


def test_the_keyboard_goes_everywhere_and_shows_where_it_is(demo: House, browser: Any) -> None:
    visitor = Visitor.arrive(browser, demo.url, width=1280)
    be(visitor, "client")
    for path in ("/", "/services/book/", "/settings/", "/decisions/"):
        visitor.go(path)
        page = visitor.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.classList.contains('skip')"), f"{path}: the first stop is the way past the menus"
        box = page.locator("a.skip").bounding_box()
        assert box and box["y"] >= 0 and box["height"] > 10, f"{path}: the skip link is seen when it has the focus"
        before = page.evaluate("getComputedStyle(document.querySelector('main a, main button')).outlineStyle")
        hidden = []
        for _stop in range(25):
            page.keyboard.press("Tab")
            page.wait_for_timeout(20)
            told = page.evaluate(FOCUS)
            if told and not told["seen"]:
                hidden.append(told["html"])
        assert hidden == [], f"{path} ({before})"
        page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
        visitor.go(path)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id || document.activeElement.closest('main')?.id") == "main"
    visitor.leave()


FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return {seen: (ring || style.boxShadow !== 'none') && box.width > 0 && box.bottom > 0 && box.top < innerHeight, html: one.outerHTML.slice(0, 120)};
}"""
