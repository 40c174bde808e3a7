"""Deciding on a telephone with a bad network: from nothing to an opened proposal on one page, from the notice to a cast ballot in at most five taps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import houses
from tests.e2e.hands import Visitor
from tests.e2e.server import House

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("deciding")]
MOST_TAPS = 5
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
"""What Chromium calls "slow 3G": 400 ms, 400 kbit/s."""
TITLE, REASON = "청소 도구를 함께 삽시다", "각자 사는 것보다 쌉니다."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    served = House(houses.copy(tmp_path_factory, "demo"))
    served.start()
    yield served
    served.end()


def on_a_train(browser: Any, house: House, email: str) -> Visitor:
    """Somebody with a telephone and a slow network."""
    visitor = Visitor.arrive(browser, house.url, email, language="ko")
    wire = visitor.context.new_cdp_session(visitor.page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW)
    return visitor


def somebody_called(author: Visitor) -> str:
    """The address of somebody else who was told of the vote by mail."""
    box = author.context.new_page()
    box.goto(f"{author.base}/outbox/")
    letters = [row.inner_text() for row in box.locator("main .list > li", has_text=TITLE).all()]
    box.close()
    found = {email for text in letters for email in re.findall(r"worker\d+@example\.org", text)} - {author.email}
    assert found, letters[:3]
    return sorted(found)[0]


def test_from_nothing_to_an_opened_proposal_to_a_ballot(browser: Any, house: House) -> None:
    author = on_a_train(browser, house, "worker2@example.org")
    author.come_in("/decisions/")
    author.tap('main a.btn-primary[href*="/decisions/new/"]')
    author.page.wait_for_url("**/decisions/new/**")
    author.tap('main a[href*="kind=resolve"]')
    author.page.wait_for_url("**kind=resolve**")
    page = author.page.url
    author.fill(title=TITLE, reason=REASON, text="도구를 조합 돈으로 50만 원까지 삽니다.")
    author.press("do", "propose")
    decision = urlsplit(author.page.url).path
    assert re.fullmatch(r"/decisions/[0-9a-f-]{36}/", decision), f"everything stood on {page}"
    author.sees(TITLE)
    author.page.locator('main .question [class*="pill"]').first.wait_for()
    author.until("#ballot", by="day", most=8)

    # Signed in already: the mail's link, and the choice.
    author.open_mail(TITLE)
    author.press("choice", "for")
    assert author.taps == 2 and author.page.locator('#ballot [aria-pressed="true"][value="for"]').count(), author.text()

    # Signed out, as one is on a telephone after a while: the link, signing in with the code of a mail, and the choice.
    voter = on_a_train(browser, house, somebody_called(author))
    voter.clock.moved = author.clock.moved
    voter.open_mail(TITLE)
    voter.tap('#ballot a[href*="login"]')
    voter.page.wait_for_load_state()
    voter._through_the_door()
    assert urlsplit(voter.page.url).path == decision, "back where the vote is"
    voter.press("choice", "against")
    assert voter.taps <= MOST_TAPS, voter.taps
    assert voter.page.locator('#ballot [aria-pressed="true"][value="against"]').count(), voter.text()
    voter.look("ballot-cast")
    assert author.wrong == voter.wrong == []
    author.leave()
    voter.leave()
