"""Twelve people hold a general meeting: one wall, a few telephones, the rest on paper; a proxy, a quorum lost and regained, minutes that are signed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import twelve
from tests.e2e.hands import Clock, Visitor, plain
from tests.e2e.server import House, madang

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("meeting")]
FIRST, SECOND, TALK = "창고를 넓힙시다", "여름 잔치를 엽시다", "지난 한 해"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    served = House(twelve.house(tmp_path_factory.mktemp("twelve") / "data"))
    served.start()
    yield served
    served.end()


def soon(page: Any, selector: str, text: str) -> None:
    """Within a few seconds, and without anybody touching it, this part of the page says so."""
    says = "([where, text]) => [...document.querySelectorAll(where)].some(one => one.innerText.replaceAll('\\u00a0', ' ').includes(text))"
    page.wait_for_function(says, arg=[selector, text])


def look(wall: Any, name: str) -> None:
    """Keep a picture of the wall, for our eyes (see ``Visitor.look``)."""
    if folder := os.environ.get("MADANG_LOOK"):
        wall.screenshot(path=Path(folder) / f"{name}.png")


def do(visitor: Visitor, what: str) -> None:
    """Press a button of the chair's page, and wait for the page it leads to."""
    with visitor.page.expect_navigation():
        visitor.tap(f'main button[name="do"][value="{what}"]')


def come(visitor: Visitor, wall: Any, meeting: str) -> None:
    """Type the code that stands on the wall."""
    visitor.go(meeting)
    visitor.fill(code=re.sub(r"\s", "", wall.locator(".wallcode").inner_text()))
    visitor.press("do", "come")
    visitor.sees("출석했습니다")


def test_twelve_people_meet(house: House, browser: Any, tmp_path: Path) -> None:
    clock = Clock()
    everyone = [
        Visitor.arrive(browser, house.url, email, clock=clock, language="ko", width=1280 if number == 0 else 390)
        for number, email in enumerate(twelve.EMAILS[:6])
    ]
    chair, away, *phones = everyone  # the other six have no telephone with them, or stay away
    holder, third, fourth, fifth = phones

    # Called: an agenda, and the notice to all.
    chair.come_in("/meetings/")
    chair.tap('main a[href="/meetings/new/"]')
    chair.page.wait_for_url("**/meetings/new/")
    starts = clock.now + timedelta(days=9)
    chair.fill(title="정기총회", day=starts.date().isoformat(), time="10:00", place="마당")
    chair.send('main form:not([action])')
    meeting = re.search(r"/meetings/[0-9a-f-]{36}/", chair.page.url).group()  # type: ignore[union-attr]
    for title, words in ((FIRST, "창고를 두 칸 넓힙니다."), (SECOND, "칠월에 잔치를 엽니다.")):
        chair.tap('main details:has(button[value="motion"]) summary')
        form = chair.page.locator('main form:has(button[value="motion"])')
        form.locator('[name="title"]').fill(title)
        form.locator('[name="text"]').fill(words)
        do(chair, "motion")
    chair.tap('main details:has(button[value="talk"]) summary')
    chair.page.locator('main form:has(button[value="talk"]) [name="title"]').fill(TALK)
    do(chair, "talk")
    chair.look("meeting-draft")
    do(chair, "call")
    chair.sees("소집됨")

    # Somebody cannot come and gives a proxy, from the mail they got.
    away.come_in("/")
    away.open_mail("정기총회")
    away.sees(FIRST)
    away.look("meeting-called")
    away.tap('main a[href*="#proxies"]')
    away.page.wait_for_url("**/decisions/delegations/**")
    away.tap('main details:has(form[action$="/proxy/"]) summary')
    away.page.locator('main form[action$="/proxy/"] [name="holder"]').select_option(label=twelve.NAMES[2])
    away.tap('main form[action$="/proxy/"] button.btn-primary')
    away.page.wait_for_load_state()
    away.sees(twelve.NAMES[2])

    # The day has come: the doors open, the wall shows the code.
    for phone in phones:
        phone.come_in("/")
    chair.go(meeting)
    while clock.now < starts - timedelta(hours=30):
        chair.move("day")
    for _hour in range(60):  # the doors open shortly before; until then there is nothing to press
        if chair.page.locator('main button[name="do"][value="open"]').count():
            break
        chair.move("hour")
    do(chair, "open")
    chair.page.wait_for_url("**/chair/")
    wall = chair.context.new_page()
    wall.set_viewport_size({"width": 1280, "height": 720})
    wall.goto(f"{house.url}{meeting}screen/")
    for phone in (holder, third, fourth):
        come(phone, wall, meeting)
    soon(wall, ".quorum", "12명 중 5명 출석")  # the chair, three telephones, and who is acted for
    holder.sees(f"{twelve.NAMES[1]} 님을 대리합니다.")
    chair.page.reload()
    do(chair, "begin")
    do(chair, "put")
    chair.sees("정족수가 모자랍니다. 12명 중 5명이 출석했고 7명이 필요합니다.")

    # Two sign the list on paper: seven.
    for name in twelve.NAMES[6:8]:
        chair.page.locator("main .door label", has_text=name).locator("input").check()
    do(chair, "tick")
    soon(wall, ".quorum.met", "12명 중 7명 출석")
    soon(third.page, "#live .quorum", "7명 출석")
    do(chair, "put")
    soon(wall, ".big", FIRST)
    soon(third.page, "#live", FIRST)
    third.look("meeting-phone")
    third.press("choice", "for")
    fourth.soon('main button[value="for"]')
    fourth.press("choice", "for")
    holder.soon('main button[value="for"]')
    for number in range(2):  # their own vote, and the one they carry
        form = holder.page.locator("form.hand").nth(number)
        form.locator('button[value="for"]').click()
        form.locator('button[value="for"][aria-pressed="true"]').wait_for()
    soon(wall, ".figure", "4 / 7")
    if holder.page.locator("form.hand").count() != 2:
        raise AssertionError(holder.text())

    # Two leave, and the quorum with them: nothing is counted. One more comes, and it is.
    fourth.press("do", "leave")
    soon(wall, ".quorum.unmet", "정족수 부족")
    wall_lost = plain(wall.locator(".quorum").inner_text())
    assert "12명 중 6명 출석" in wall_lost
    chair.page.reload()
    chair.sees("정족수를 잃었습니다")
    do(chair, "count")
    chair.sees("정족수가 모자랍니다")
    chair.look("meeting-chair-lost")
    come(fifth, wall, meeting)
    soon(wall, ".quorum.met", "7명 출석")
    chair.go(f"{meeting}chair/")
    chair.tap('main details:has(button[value="hands"]) summary')
    chair.page.locator('input[name="for.worker"]').fill("4")
    do(chair, "count")
    chair.sees("모두 8명인데 출석한 사람은 7명입니다.")  # four voted on telephones, so three hands at most
    chair.tap('main details:has(button[value="hands"]) summary')
    chair.page.locator('input[name="for.worker"]').fill("2")
    do(chair, "count")
    soon(wall, ".verdict.ok", "가결: 찬성 6, 반대 0, 기권 0")
    soon(third.page, "#live", "가결: 찬성 6")
    look(wall, "meeting-wall")

    # The second by hands alone, against; then those who sign are chosen, and the meeting is closed.
    with chair.page.expect_navigation():
        chair.tap(chair.page.locator("main .agenda li", has_text=SECOND).locator('button[value="begin"]'))
    do(chair, "put")
    soon(wall, ".big", SECOND)
    look(wall, "meeting-wall-open")
    chair.look("meeting-chair")
    chair.tap('main details:has(button[value="hands"]) summary')
    chair.page.locator('input[name="for.worker"]').fill("2")
    chair.page.locator('input[name="against.worker"]').fill("4")
    do(chair, "count")
    soon(wall, ".verdict.no", "부결: 찬성 2, 반대 4, 기권 0")
    do(chair, "close")
    chair.sees("회의록에 함께 서명할 사람을 먼저 고르십시오")
    for name in twelve.NAMES[2:4] + twelve.NAMES[5:6]:
        chair.page.locator("main #end ~ form label, main section:has(#end) label.choice", has_text=name).first.locator("input").check()
    do(chair, "signers")
    do(chair, "close")
    assert "/minutes/" in chair.page.url, chair.text()
    soon(wall, "main", "총회가 끝났습니다")

    # The minutes tell it, and are signed by those the meeting chose.
    told = (FIRST, SECOND, "정족수를 잃다. 6명 출석.", "정족수가 차다. 7명 출석.", "직접 7, 대리 1", f"대리인: {twelve.NAMES[2]}")
    for words in (*told, "가결: 찬성 6, 반대 0, 기권 0", "다루지 못했습니다"):
        chair.sees(words)
    chair.look("meeting-minutes")
    for signer in (chair, holder, third, fifth):
        signer.go(f"{meeting}minutes/")
        signer.press("do", "sign")
        signer.sees("회의록에 서명했습니다")
    chair.go(f"{meeting}minutes/")
    chair.sees("서명 완료")

    # What passed takes effect after its notice, and anybody can check all of it.
    decision = chair.page.locator('main .agenda a[href^="/decisions/"]').first.get_attribute("href")
    chair.go(str(decision))
    chair.sees(re.compile("시행|가결"))
    for visitor in everyone:
        assert visitor.wrong == [], visitor.email
        visitor.leave()
    madang(house.data, "export", str(tmp_path / "all"))
    assert madang(house.data, "verify", str(tmp_path / "all")).returncode == 0
