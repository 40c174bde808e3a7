"""The page where one delegates, accepts, takes back and gives a proxy; and what a decision's page tells of it, to those whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from madang.coop.decisions import actions, delegated, delegations, proxies
from madang.coop.decisions.delegations import Delegation
from madang.coop.law import clock
from madang.coop.law.models import Coop
from tests.coop.decisions.yard import POLICY, Yard, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE = "/decisions/delegations/"
EN = {"headers": {"accept-language": "en"}}


@pytest.fixture
def free(db, now, rules_of_the_yard, monkeypatch) -> Yard:
    monkeypatch.setattr(clock, "now", lambda: now)
    yard = make(now, {"worker": 6}, {"ways.policy": POLICY | {"delegation": {"most": 3}}})
    Coop.objects.update(law="plain")
    return yard


def test_asked_accepted_and_given_up(free: Yard, client_for):
    a, b = free.people["worker"][:2]
    until = (free.now + 20 * DAY).date().isoformat()
    answer = client_for(a).post(PAGE + "give/", {"topic": "rules:test", "holder": b.pk, "until": until}, **EN)
    assert answer.status_code == 302
    one = Delegation.objects.get()
    page = client_for(b).get(PAGE, **EN).content.decode()
    assert "worker 0 asks you to carry their vote in: Rules: Money, Times" in page
    client_for(b).post(f"{PAGE}{one.pk}/", {"do": "accept"}, **EN)
    one.refresh_from_db()
    assert one.accepted_at and "accepted" in client_for(a).get(PAGE, **EN).content.decode()
    assert "worker 0" in client_for(b).get(PAGE, **EN).content.decode()
    assert client_for(free.people["worker"][3]).post(f"{PAGE}{one.pk}/", {"do": "end"}, **EN).status_code == 404
    client_for(b).post(f"{PAGE}{one.pk}/", {"do": "end"}, **EN)
    one.refresh_from_db()
    assert one.ended_at


def test_what_was_typed_stays_when_it_cannot_be(free: Yard, client_for):
    a, b = free.people["worker"][:2]
    answer = client_for(a).post(PAGE + "give/", {"topic": "", "holder": b.pk, "until": "2031-01-01"}, **EN)
    text = answer.content.decode()
    assert answer.status_code == 422 and "2031-01-01" in text and "at most 365 days" in text and not Delegation.objects.exists()
    assert client_for(a).post(PAGE + "give/", {"topic": "x", "holder": "y", "until": "z"}, **EN).status_code == 422


def test_a_proxy_is_given_on_the_same_page(free: Yard, client_for):
    a, b = free.people["worker"][:2]
    until = (free.now + 20 * DAY).date().isoformat()
    client_for(a).post(PAGE + "proxy/", {"holder": b.pk, "until": until, "words": "For the second plan."}, **EN)
    (one,) = proxies.held(b, free.now)
    assert "For the second plan." in client_for(b).get(PAGE, **EN).content.decode()
    client_for(a).post(f"{PAGE}{one.pk}/", {"do": "end"}, **EN)
    assert proxies.held(b, free.now) == []
    assert client_for(None).get(PAGE).status_code == 302


def test_korea_says_why_there_is_none(free: Yard, client_for):
    Coop.objects.update(law="kr-general")
    text = client_for(free.people["worker"][0]).get(PAGE, **EN).content.decode()
    assert "art. 23" in text and 'action="/decisions/delegations/give/"' not in text


def test_a_loop_is_shown(free: Yard, client_for):
    people = free.people["worker"]
    for giver, holder in ((0, 1), (1, 2), (2, 0)):
        one = delegations.give(people[giver], people[holder], "", until=free.now + 20 * DAY, now=free.now)
        delegations.accept(one, people[holder], now=free.now)
    assert "This leads back to you" in client_for(people[0]).get(PAGE, **EN).content.decode()
    delegations.end(one, people[2], now=free.now)
    assert "This leads back to you" not in client_for(people[0]).get(PAGE, **EN).content.decode()


@pytest.mark.parametrize("shown", ["after", "at-once"])
def test_the_one_who_delegated_sees_how_it_was_cast(db, now, rules_of_the_yard, client_for, shown):
    yard = make(now, {"worker": 6}, {"ways.policy": POLICY | {"delegation": {"most": 3, "shown": shown}}})
    Coop.objects.update(law="plain")
    a, b, c = yard.people["worker"][:3]
    delegations.accept(delegations.give(a, b, "", until=now + 60 * DAY, now=now), b, now=now)
    one = actions.open_voting(yard.propose(), now=now + 3 * DAY)
    with translation.override("en"):
        assert delegated.told(one, a, voting=True) == ["worker 1 carries your vote here unless you vote yourself."]
        actions.cast(one, b, "against", now=one.opens_at)
        assert ("Against" in delegated.told(one, a, voting=True)[0]) == (shown == "at-once")
        assert delegated.told(one, b, voting=True) == ["1 member delegated to you here."] and delegated.told(one, c, voting=True) == []
        one = actions.close(one, now=one.closes_at)
        assert delegated.told(one, a, voting=False) == ["worker 1 carried your vote: Against."]
        assert delegated.told(one, b, voting=False) == ["Your ballot carried 1 more."]
    assert "carried your vote: Against." in client_for(a).get(f"/decisions/{one.pk}/", **EN).content.decode()
    assert "carried your vote" not in client_for(c).get(f"/decisions/{one.pk}/", **EN).content.decode()
