"""The calendar of deadlines: read back by a library of the field, in another time zone, with what was taken back cancelled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar

from madang.coop.decisions import actions, feed

pytestmark = pytest.mark.django_db


def events(lang: str, now) -> dict[str, object]:
    read = Calendar.from_ical(feed.calendar(feed.rows(now), lang))
    return {str(one["summary"]): one for one in read.walk("VEVENT")}


def test_deadlines_are_moments_everywhere(yard) -> None:
    one = yard.propose(title="Upkeep, 6 %; really")
    before = events("en", yard.now)
    opens = before["Voting opens: Upkeep, 6 %; really"]
    assert opens["dtstart"].dt == one.opens_at and opens["dtstart"].to_ical().endswith(b"Z") and str(opens["status"]) == "CONFIRMED"
    assert yard.coop.time_zone in str(opens["description"]) and f"/decisions/{one.pk}/" in str(opens["url"])
    one = actions.open_voting(one, now=one.opens_at)
    after = events("ko", one.opens_at)
    assert after["마지막 투표 시각: Upkeep, 6 %; really"]["dtstart"].dt == one.closes_at
    assert after["투표 시작: Upkeep, 6 %; really"]["uid"] == opens["uid"], "the same event, in another language"


def test_what_was_taken_back_goes_away(yard) -> None:
    one = yard.propose()
    one = actions.open_voting(one, now=one.opens_at)
    actions.withdraw(one, yard.people["worker"][0], "It was a mistake.", now=one.opens_at)
    now = events("en", one.opens_at)
    assert str(now["Last moment to vote: Upkeep to 6 %"]["status"]) == "CANCELLED"
    assert str(now["Voting opens: Upkeep to 6 %"]["status"]) == "CONFIRMED", "that has been"
    assert events("en", one.opens_at + feed.BACK + timedelta(days=1)) == {}


def test_drafts_are_nobodys_deadline(yard) -> None:
    actions.draft(yard.people["worker"][0], "resolve", "Mine alone", "", details={"text": "x"}, now=yard.now)
    assert events("en", yard.now) == {}


def test_who_has_it_is_told_so(yard, client) -> None:
    one = yard.propose()
    first = client.get("/decisions/deadlines.ko.ics")
    assert first["Content-Type"].startswith("text/calendar") and "투표".encode() in first.content
    assert client.get("/decisions/deadlines.ko.ics", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get("/decisions/deadlines.en.ics", headers={"If-None-Match": first["ETag"]}).status_code == 200
    actions.withdraw(one, yard.people["worker"][0], "It was a mistake.", now=yard.now)
    assert client.get("/decisions/deadlines.ko.ics", headers={"If-None-Match": first["ETag"]}).status_code == 200
