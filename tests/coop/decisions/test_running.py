"""How a vote stands while it is open, where its way shows that; and the outcome that turns late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madang.coop.decisions import actions, checking, options, running
from madang.coop.decisions.models import Proposal
from madang.coop.notices.models import Notice
from madang.kit.ruletypes import Way
from madang.kit.ruletypes.base import Unfit
from tests.coop.decisions import yard as yards
from tests.coop.decisions.test_failures_of_others import verified
from tests.coop.decisions.yard import POLICY

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOWN = {**POLICY, "late": "24h", "late_most": 2, "running": True}


@pytest.fixture
def yard(db: Any, now: Any, rules_of_the_yard: None) -> yards.Yard:
    return yards.make(now, {"worker": 7, "client": 6}, {"ways.policy": SHOWN})


def opened(yard: yards.Yard, **more: Any) -> Proposal:
    return actions.open_voting(yard.propose(**more), now=yard.now + 3 * DAY)


def ballots(yard: yards.Yard, one: Proposal, letters: str, at: Any, who: str = "worker") -> None:
    for person, letter in zip(yard.people[who], letters, strict=False):
        if letter != "-":
            actions.cast(one, person, {"f": "for", "a": "against", "0": "abstain"}[letter], now=at)


def figures(one: Proposal, now: Any) -> Any:
    for pk in running.due(now, 10):
        running.take(pk, now=now)
    return Proposal.objects.get(pk=one.pk).figures


def test_figures_come_five_ballots_at_a_time(yard) -> None:
    one, at = opened(yard), yard.now + 4 * DAY
    ballots(yard, one, "ffff", at)
    assert figures(one, at) is None, "four would tell of each"
    ballots(yard, one, "----a", at)
    assert figures(one, at)["totals"] == {"for": 4, "against": 1, "abstain": 0}
    ballots(yard, one, "-----aa", at + HOUR)
    ballots(yard, one, "ff", at + HOUR, "client")
    assert figures(one, at + 2 * HOUR)["totals"]["against"] == 1, "four more would tell of each of the four"
    ballots(yard, one, "a", at + HOUR, "worker")  # somebody changes theirs: that makes five
    assert figures(one, at + 2 * HOUR)["totals"] == {"for": 5, "against": 4, "abstain": 0}
    assert running.due(at + 9 * HOUR, 10) == []


def test_the_same_ballot_again_is_no_news(yard) -> None:
    one, at = opened(yard), yard.now + 4 * DAY
    ballots(yard, one, "fffff", at)
    first = figures(one, at)
    ballots(yard, one, "fffff", at + HOUR)
    assert running.due(at + 2 * HOUR, 10) == [] and figures(one, at + 2 * HOUR) == first


def test_an_hour_at_least_and_not_in_the_last_one(yard) -> None:
    one, at = opened(yard), yard.now + 4 * DAY
    ballots(yard, one, "fffff", at)
    figures(one, at)
    ballots(yard, one, "aaaaa", at + timedelta(minutes=1))
    assert running.due(at + timedelta(minutes=59), 10) == [] and running.due(at + HOUR + timedelta(minutes=1), 10) == [str(one.pk)]
    last = one.closes_at - timedelta(minutes=59)
    assert running.due(last, 10) == []
    running.take(one.pk, now=last)
    assert Proposal.objects.get(pk=one.pk).figures["totals"]["for"] == 5


def test_taken_twice_is_once_and_only_where_the_way_shows_it(yard) -> None:
    one, at = opened(yard), yard.now + 4 * DAY
    ballots(yard, one, "fffff", at)
    running.take(one.pk, now=at)
    running.take(one.pk, now=at + 2 * HOUR)
    assert Proposal.objects.get(pk=one.pk).figures_at == at
    with pytest.raises(Exception, match="no such decision"):
        running.take("not a decision", now=at)


def test_a_way_without_it_shows_nothing(db, now, rules_of_the_yard) -> None:
    quiet = yards.make(now, {"worker": 7}, {"ways.policy": POLICY})
    one = actions.open_voting(quiet.propose(), now=quiet.now + 3 * DAY)
    ballots(quiet, one, "fffffff", quiet.now + 4 * DAY)
    assert running.due(quiet.now + 5 * DAY, 10) == []
    running.take(one.pk, now=quiet.now + 5 * DAY)
    assert Proposal.objects.get(pk=one.pk).figures is None


def test_an_outcome_that_turns_late_lengthens_the_vote(yard, settings, tmp_path) -> None:
    one = opened(yard)
    ballots(yard, one, "fffffff", one.closes_at - 2 * DAY)
    first = one.closes_at
    ballots(yard, one, "aaaa", first - HOUR)
    one = actions.close(one, now=first)
    assert one.state == "voting" and one.closes_at == first + DAY and one.extended == 1
    ballots(yard, one, "ffff", first + HOUR)  # and turned back
    one = actions.close(one, now=one.closes_at)
    assert one.state == "voting" and one.extended == 2
    ballots(yard, one, "aaaa", one.closes_at - HOUR)
    one = actions.close(one, now=one.closes_at)
    assert one.state == "rejected", "at most so often"
    assert checking.wrong_tallies() == [] and verified(settings, tmp_path, one.closed_at) == []
    assert not Notice.objects.filter(message="decisions.longer").exists()


def test_a_rush_that_turns_nothing_does_not(yard) -> None:
    one = opened(yard)
    ballots(yard, one, "fff----", one.closes_at - 2 * DAY)
    ballots(yard, one, "---ffff", one.closes_at - HOUR)
    one = actions.close(one, now=one.closes_at)
    assert one.state == "passed" and one.extended == 0


def test_turned_back_and_forth_in_the_last_part_is_not_turned(yard) -> None:
    one = opened(yard)
    ballots(yard, one, "fffffff", one.closes_at - 2 * DAY)
    ballots(yard, one, "aaaaaaa", one.closes_at - 3 * HOUR)
    ballots(yard, one, "fffffff", one.closes_at - HOUR)
    assert actions.close(one, now=one.closes_at).state == "passed"


def test_who_was_first_late_is_held_against_what_was_before(yard) -> None:
    """All ballots come in the last part: before it, nothing had passed."""
    one = opened(yard)
    ballots(yard, one, "fffffff", one.closes_at - HOUR)
    assert Proposal.objects.get(pk=one.pk).before_late == {"passed": False, "winners": []}
    assert actions.close(one, now=one.closes_at).state == "voting"


def test_a_choice_is_shown_by_its_first_stage(yard, monkeypatch) -> None:
    author = yard.people["worker"][0]
    details = {"options": "Blue\nGreen\nRed", "method": "approval", "seats": 1}
    one = actions.draft(author, "choose", "Which colour?", "", details=details, now=yard.now)
    one = actions.open_discussion(one, author, now=yard.now)
    one = actions.open_voting(one, now=one.opens_at)
    keys = list(options.of(one).titles)
    at = one.opens_at + HOUR
    for number, person in enumerate(yard.people["worker"][:6]):
        actions.cast(one, person, "marked", marks=[keys[0]] if number < 4 else [keys[1]], now=at)
    actions.cast(one, yard.people["worker"][6], "abstain", now=at)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: at)
    found = figures(one, at)
    assert (found["winners"], found["marked"], found["abstain"]) == ([keys[0]], 6, 1)
    page = see(yard.people["worker"][0], one, at)
    assert "Ahead at present:" in page and "<strong>Blue</strong>" in page


def see(person: Any, one: Proposal, at: Any) -> str:
    client = Client(headers={"accept-language": "en"})
    if person is not None:
        client.force_login(person)
    return client.get(reverse("decisions:decision", args=[one.pk])).content.decode()


def test_who_decides_sees_it_and_others_do_not(yard, monkeypatch) -> None:
    one, at = opened(yard), yard.now + 4 * DAY
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: at)
    before = see(yard.people["worker"][0], one, at)
    assert "How it stands is shown here once five have voted." in before
    ballots(yard, one, "fffff", at)
    figures(one, at)
    assert "How it stands" in see(yard.people["worker"][0], one, at) and "As of" in see(yard.people["worker"][0], one, at)
    assert "How it stands" not in see(None, one, at)
    client = Client()
    address = f"/api/decisions/{one.pk}"
    assert client.get(address).json()["figures"] is None
    client.force_login(yard.people["worker"][0])
    told = client.get(address).json()
    assert told["figures"]["totals"]["for"] == 5 and "before_late" not in told


def test_the_way_says_it_and_older_ways_keep_their_bytes() -> None:
    way = Way()
    assert "running" not in way.dump(way.parse(POLICY)) and way.dump(way.parse(SHOWN))["running"] is True
    assert "as shown" not in way.describe(way.parse(POLICY)) and "while voting is open" in way.describe(way.parse(SHOWN))
    assert way.parse(way.from_form({one.name: one.text for one in way.fields(way.parse(SHOWN))})).course.running is True
    with pytest.raises(Unfit):
        way.parse({**POLICY, "running": "yes"})
