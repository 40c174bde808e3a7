"""Search: every word must be found, in what the reader may read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop.decisions import actions, finding
from tests.coop.decisions.test_options import propose, voted
from tests.coop.decisions.yard import SPLIT

pytestmark = pytest.mark.django_db


def titles(insider: bool = False, **given: str) -> list[str]:
    return [one.title for one in finding.find(finding.wanted(given), insider=insider)]


@pytest.fixture
def some(yard):
    author = yard.people["worker"][0]
    made = {}
    for title, reason in (("Paint the shed", "It rusts, 100% of it"), ("헛간을 칠합시다", "녹이 슬었습니다"), ("Hidden draft", "")):
        one = actions.draft(author, "resolve", title, reason, details={"text": title}, now=yard.now)
        made[title] = one if title == "Hidden draft" else actions.open_discussion(one, author, now=yard.now)
    made["which"] = propose(yard, "approval", choices="Crimson\nOlive")
    return made


def test_words_are_all_found_and_drafts_are_not(yard, some) -> None:
    assert titles(q="shed RUSTS") == ["Paint the shed"]
    assert titles(q="shed olive") == []
    assert titles(q="칠합") == ["헛간을 칠합시다"], "a part of a Korean word"
    assert titles(q="crimson") == ["Which colour?"], "what the options are called"
    assert titles(q="hidden") == [] and titles(q="100%") == ["Paint the shed"] and titles(q="1_0%") == [], "no wildcards"
    assert len(titles()) == 3 and titles(q="\0") == titles(), "a NUL is not looked for"


def test_how_it_ended_and_which_kind(yard, some) -> None:
    actions.withdraw(some["Paint the shed"], yard.people["worker"][0], "never mind", now=yard.now)
    assert titles(outcome="not") == ["Paint the shed"] and "Paint the shed" not in titles(outcome="open")
    assert titles(kind="choose") == ["Which colour?"]
    assert len(titles(kind="nonsense", outcome="nonsense")) == 3, "what is unknown is left out"


def test_discussions_are_searched_for_members_only(yard, some, client_for, client) -> None:
    actions.comment(some["Paint the shed"], yard.people["client"][0], "I own a wheelbarrow", now=yard.now)
    assert titles(q="wheelbarrow") == [] and titles(insider=True, q="wheelbarrow") == ["Paint the shed"]
    assert "Paint the shed" not in client.get("/decisions/all/?q=wheelbarrow").content.decode()
    assert "Paint the shed" in client_for(yard.people["client"][1]).get("/decisions/all/?q=wheelbarrow").content.decode()


def test_the_whole_history_of_a_rule_names_what_was_not_taken(yard, client) -> None:
    lost = yard.run(yard.propose(title="Upkeep that nobody wants"), worker="aaaaa")
    taken = yard.run(yard.propose(title="Upkeep that all want"), worker="fffff")
    taken = actions.take_effect(taken, now=taken.effect_at)
    assert {found.pk for found in finding.about_rule(SPLIT, "")} == {lost.pk, taken.pk}
    page = client.get(f"/rules/{SPLIT}/").content.decode()
    assert "Upkeep that nobody wants" in page and f"/decisions/{lost.pk}/" in page and f"/decisions/{taken.pk}/" in page


def test_the_page_has_its_pages(yard, client, django_assert_max_num_queries) -> None:
    for number in range(23):
        author = yard.people["worker"][number % 2]
        one = actions.draft(author, "resolve", f"Motion {number}", "", details={"text": "x"}, now=yard.now)
        actions.open_discussion(one, author, now=yard.now + timedelta(minutes=number))
    with django_assert_max_num_queries(12):
        page = client.get("/decisions/all/?q=motion").content.decode()
    assert "q=motion&amp;page=2" in page or "page=2" in page
    assert "Motion 22" in page and "Motion 2<" not in page


def test_votes_that_are_over_are_found(yard) -> None:
    done = voted(yard, propose(yard, "approval"), *[["o1"]] * 6)
    assert titles(q="colour", outcome="open") == [done.title], "passed, but not in force yet"
