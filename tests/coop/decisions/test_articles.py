"""The articles of association: adopted and amended by one kind of decision, word for word on the page, and by no other path."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from madang.coop import rules
from madang.coop.decisions import actions, articles, bodies
from madang.coop.decisions.models import Proposal
from madang.coop.law.models import Coop
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Refused
from tests.coop.decisions import yard as yards
from tests.coop.decisions.yard import Yard

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CONSTITUTION: dict[str, Any] = {
    "title": {"ko": "정관", "en": "Constitution"}, "quorum": "50%", "majority": "2/3", "strict": False, "discussion": "7d", "voting": "7d", "notice": "7d",
    "grace": "14d", "back_notice": "1d",
}  # fmt: skip
FIRST = "Article 1 (Seat)\nThe seat is in Seoul.\nArticle 2 (Meeting)\nThe meeting is held once a year.\n"
SECOND = "Article 1 (Seat)\nThe seat is in Seoul.\nArticle 2 (Meeting)\nThe meeting is held twice a year.\nArticle 3 (Minutes)\nAnyone may read them.\n"


@pytest.fixture
def yard(db: Any, now: datetime, rules_of_the_yard: None) -> Yard:
    return yards.make(now, {"worker": 7, "client": 6}, {"ways.constitution": CONSTITUTION, articles.KEY: FIRST})


def propose(yard: Yard, text: str = SECOND, now: datetime | None = None, **more: Any) -> Proposal:
    now = now or yard.now
    author = yard.people["worker"][0]
    one = actions.draft(author, "articles", "Two meetings", "Because.", details={"text": text, **more}, now=now)
    return actions.open_discussion(one, author, now=now)


def run(yard: Yard, one: Proposal) -> Proposal:
    one = yard.run(one, worker="fffffff", client="ffff")
    return actions.take_effect(one, now=one.effect_at)


def test_a_passed_text_is_the_text_from_its_day_on(yard: Yard):
    one = propose(yard)
    assert one.way_name == "constitution" and one.changes[0]["rule"] == articles.KEY
    one = yard.run(one, worker="fffffff", client="ffff")
    assert articles.text.at(one.effect_at - timedelta(seconds=1)).value == FIRST.strip()
    one = actions.take_effect(one, now=one.effect_at)
    version = articles.text.at(one.effect_at)
    assert version.value == SECOND.strip() and version.decision_id == one.pk


def test_an_amendment_that_failed_does_not_return_in_a_thin_disguise(db: Any, now: datetime, rules_of_the_yard: None):
    yard = yards.make(now, {"worker": 7, "client": 6}, {"ways.constitution": {**CONSTITUTION, "cooling_off": "90d"}, articles.KEY: FIRST})
    failed = yard.run(propose(yard), worker="aaaaaaa")
    later = failed.closed_at + DAY
    for text in (SECOND, SECOND.replace("a year.", "a  YEAR!"), SECOND.replace("in Seoul", "in Busan"), SECOND + "Article 4 (Name)\nLittle Yard."):
        with pytest.raises(Refused) as no:
            propose(yard, text, now=later)
        assert no.value.code == "cooling-off"
    other = FIRST.replace("once a year", "every spring")
    assert propose(yard, other, now=later).state == "discussion"
    assert propose(yard, now=failed.closed_at + 91 * DAY).state == "discussion"


def test_two_thirds_are_needed(yard: Yard):
    one = yard.run(propose(yard), worker="ffffaaa", client="faa")  # 5 of 10
    assert one.state == "rejected" and articles.text.at(one.closed_at).value == FIRST.strip()


def test_no_change_of_rules_reaches_the_articles(yard: Yard):
    change = {"rule": articles.KEY, "value": SECOND}
    with pytest.raises(Refused) as no:
        actions.draft(yard.people["worker"][0], "change_rules", "x", "", [change], now=yard.now)
    assert no.value.code == "other-kind"
    with pytest.raises(Refused) as no:
        actions.draft(yard.people["worker"][0], "articles", "x", "", [yards.split("94%", "6%")], now=yard.now)
    assert no.value.code == "other-kind"


def test_two_amendments_of_one_text_do_not_overwrite_each_other(yard: Yard):
    one, other = propose(yard), propose(yard, FIRST.replace("Seoul", "Busan"))
    run(yard, one)
    done = run(yard, other)
    assert done.state == "failed" and done.ended_because == "moved"
    assert articles.text.at(done.closes_at + 30 * DAY).value == SECOND.strip()


def test_what_was_drafted_from_an_older_text_is_not_opened_until_it_was_looked_at_again(yard: Yard, client: Client):
    author, before = yard.people["worker"][0], articles.text.at(yard.now)
    one = actions.draft(author, "articles", "x", "", details={"text": SECOND, "drafted_from": str(before.pk)}, now=yard.now)
    done = run(yard, propose(yard, FIRST.replace("Seoul", "Busan")))
    with pytest.raises(Refused) as no:
        actions.open_discussion(one, author, now=done.effect_at + DAY)
    assert no.value.code == "moved"
    client.force_login(author)
    with translation.override("en"):
        html = client.get(f"/decisions/{one.pk}/edit/", headers={"accept-language": "en"}).content.decode()
    assert "have been changed since you wrote this" in html and "<del>" in html and "Busan" in html
    live = str(RuleVersion.objects.get(decision_id=done.pk).pk)
    assert f'value="{live}"' in html
    actions.edit(one, author, title="x", reason="", details={"text": SECOND.replace("Seoul", "Busan"), "drafted_from": live}, now=done.effect_at + DAY)
    assert actions.open_discussion(one, author, now=done.effect_at + DAY).state == "discussion"


@pytest.mark.parametrize(("text", "code"), [("", "no-text"), ("  \n ", "no-text"), (FIRST, "no-change"), ("x" * 60_001, "unfit")])
def test_what_is_no_amendment_is_refused(yard: Yard, text: str, code: str):
    with pytest.raises(Refused) as no:
        propose(yard, text)
    assert no.value.code == code and no.value.field == "text"


def test_a_way_weaker_than_the_law_changes_no_articles(db: Any, now: datetime, rules_of_the_yard: None):
    """Art. 29 (2) asks for two thirds of those present, half of all being present; the policy of this co-op for half of a fifth."""
    small = yards.make(now, {"worker": 7})
    with translation.override("en"), pytest.raises(Refused) as no:
        propose(small)
    assert no.value.code == "law" and "2/3" in str(no.value.message) and "art. 29 (2)" in str(no.value.message)


def test_where_no_law_asks_the_co_ops_own_way_is_enough(db: Any, now: datetime, rules_of_the_yard: None):
    small = yards.make(now, {"worker": 7})
    Coop.objects.update(law="plain")
    assert propose(small).way_name == "policy"
    assert articles.authority_says(now) == ""


def test_the_law_says_which_body_and_which_authority(yard: Yard):
    with translation.override("en"):
        assert bodies.of("articles", yard.now).key == bodies.MEETING
        assert "art. 16 (3)" in articles.authority_says(yard.now)
    Coop.objects.update(law="kr-social")
    with translation.override("ko"):
        assert "제86조" in articles.authority_says(yard.now)


def test_going_back_brings_the_old_words_back(yard: Yard):
    one = run(yard, propose(yard))
    back = actions.go_back(one, yard.people["worker"][1], now=one.effect_at + DAY)
    assert back.kind == "articles" and back.changes[0]["value"] == FIRST.strip()
    done = run(yard, back)
    assert done.state == "in_force" and articles.text.at(done.effect_at).value == FIRST.strip()


def test_the_proposal_shows_every_word_that_differs_and_folds_the_rest(yard: Yard, client: Client):
    one = propose(yard)
    html = client.get(f"/decisions/{one.pk}/", headers={"accept-language": "en"}).content.decode()
    assert '<del><span class="visually-hidden">goes: </span>once </del>' in html
    assert '<ins><span class="visually-hidden">comes: </span>twice </ins>' in html
    assert "1 part stays as it is" in html and "1 article changed, 1 added" in html
    assert "art. 16 (3)" in html and "art. 29 (1)" in html


def test_words_typed_are_shown_as_words(yard: Yard, client: Client):
    one = propose(yard, FIRST + "<script>alert(1)</script>")
    assert b"<script>alert(1)" not in client.get(f"/decisions/{one.pk}/").content


def test_the_page_tells_every_version_and_its_decision(yard: Yard, client: Client, monkeypatch: Any):
    one = run(yard, propose(yard))
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: one.effect_at + DAY)
    page = client.get("/decisions/articles/", headers={"accept-language": "en"})
    html = page.content.decode()
    assert page.status_code == 200 and "twice a year" in html and f"/decisions/{one.pk}/" in html
    why = f'<a class="why" href="/decisions/{one.pk}/">'
    assert html.count(why) == 2, "the article that changed and the one that came; not the first, which stands since the founding"
    version = RuleVersion.objects.get(decision_id=one.pk)
    html = client.get(f"/decisions/articles/?version={version.pk}", headers={"accept-language": "en"}).content.decode()
    assert "once </del>" in html and "twice </ins>" in html
    assert client.get("/decisions/articles/?version=nonsense").status_code == 200


def test_a_co_op_without_articles_is_told_how_to_begin(db: Any, now: datetime, rules_of_the_yard: None, client: Client):
    yards.make(now, {"worker": 7})
    assert "?kind=articles" in client.get("/decisions/articles/").content.decode()


def test_the_form_begins_with_todays_words_and_remembers_which(yard: Yard, client: Client):
    client.force_login(yard.people["worker"][0])
    live = articles.text.at(yard.now)
    html = client.get("/decisions/new/?kind=articles").content.decode()
    assert "once a year" in html and str(live.pk) in html
    assert "once a year" in client.get(f"/decisions/new/?rule={articles.KEY}").content.decode()
    sent = {"kind": "articles", "title": "T", "reason": "", "text": SECOND, "drafted_from": str(live.pk), "do": "preview"}
    html = client.post("/decisions/new/", {**sent, "title": "", "reason": "Spring."}, headers={"accept-language": "en"}).content.decode()
    assert "twice </ins>" in html and "Spring." in html and "field is required" not in html, "who only looks is not told what lacks"
    assert client.post("/decisions/new/", {**sent, "do": "draft"}).status_code == 302
    one = Proposal.objects.get()
    assert one.changes[0]["from"] == str(live.pk)
    assert "twice a year" in client.get(f"/decisions/{one.pk}/edit/").content.decode()


def test_a_charter_may_bring_the_articles(yard: Yard):
    assert rules.get(articles.KEY).at(yard.now).founding_id == yard.coop.founding_id
