"""The pages of a meeting, in both languages: what each person sees and may press."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from madang.coop.law import clock
from madang.coop.meetings import actions, views
from madang.coop.meetings.models import Attendance, Meeting
from madang.coop.people.models import Person
from tests.coop.meetings.conftest import DAY, Hall, proposal_of

pytestmark = pytest.mark.django_db
EN, KO = {"HTTP_ACCEPT_LANGUAGE": "en"}, {"HTTP_ACCEPT_LANGUAGE": "ko"}


@pytest.fixture
def at(monkeypatch: Any, held: Hall) -> Any:
    def move(moment: Any) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    views.GUESSES.forget()
    move(held.at)
    return move


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_calling_one_by_its_pages(hall: Hall, client_for, monkeypatch):
    """A newcomer's way: new, agenda, notice."""
    monkeypatch.setattr(clock, "now", lambda: hall.yard.now)
    chair = client_for(hall.chair)
    assert "8 days" not in text(chair.get("/meetings/new/", **EN)) and "7 days" in text(chair.get("/meetings/new/", **EN))
    day = (hall.yard.now + 10 * DAY).date().isoformat()
    form = {"title": "Autumn meeting", "day": day, "time": "19:00", "place": "", "online": "", "key": "6f0c9e0e-2f5f-4b52-8f3b-3d2b6b1a4a11"}
    assert chair.post("/meetings/new/", form, **EN).status_code == 422
    for _twice in range(2):
        made = chair.post("/meetings/new/", form | {"place": "The yard"}, **EN)
    page = made.headers["Location"]
    one = Meeting.objects.get(title="Autumn meeting")
    assert page == f"/meetings/{one.pk}/" and "Nothing stands on it yet" in text(chair.get(page, **EN))
    assert client_for(hall.everyone[3]).get(page).status_code == 404, "a draft is of those who call meetings"
    assert chair.post(f"{page}agenda/", {"do": "motion", "title": "A bigger shed", "text": ""}, **EN).status_code == 422
    chair.post(f"{page}agenda/", {"do": "motion", "title": "A bigger shed", "text": "We build it."})
    chair.post(f"{page}agenda/", {"do": "talk", "title": "How the year went", "text": ""})
    _first, second = one.items.all()
    chair.post(f"{page}agenda/", {"do": "up", "item": str(second.pk)})
    assert [item.title for item in one.items.all()] == ["How the year went", "A bigger shed"]
    chair.post(f"{page}agenda/", {"do": "call"})
    seen = text(client_for(hall.everyone[3]).get(page, **EN))
    assert "A bigger shed" in seen and "Into my calendar" in seen and "Send the notice" not in seen
    there = Calendar.from_ical(client_for(hall.everyone[3]).get(f"{page}meeting.ics").content).walk("VEVENT")[0]
    assert str(there["SUMMARY"]) == "Autumn meeting" and str(there["LOCATION"]) == "The yard"
    assert there["DTSTART"].dt == Meeting.objects.get(pk=one.pk).starts_at
    assert client_for(hall.everyone[3]).post(f"{page}agenda/", {"do": "cancel", "why": "No."}).status_code == 404


def test_strangers_are_sent_to_the_door(held: Hall, client, client_for, at):
    page = f"/meetings/{held.meeting.pk}/"
    stranger = Person.objects.create_user("no@example.org", "No One", language="en")
    for path in ("", "live/", "screen/", "minutes/", "minutes.md", "meeting.ics", "chair/", "pulse/"):
        for who in (client, client_for(stranger)):
            answer = who.get(page + path)
            assert answer.status_code == 302 and "meetings" not in answer.headers["Location"].split("?")[0], path
    assert client_for(stranger).post(page + "vote/", {"choice": "for"}).status_code == 302
    assert client_for(held.everyone[2]).get(page + "chair/").status_code == 404


def test_checking_in_and_voting_on_the_telephone(held: Hall, client_for, at):
    page, me = f"/meetings/{held.meeting.pk}/", held.everyone[1]
    mine = client_for(me)
    assert "Are you there?" in text(mine.get(page, **EN))
    wrong = "111111" if held.code() != "111111" else "222222"
    for typed in (wrong, "１２３４５６", "코드"):
        assert mine.post(page + "come/", {"do": "come", "code": typed}, **EN).status_code == 422
    assert mine.post(page + "come/", {"do": "come", "code": held.code()}).status_code == 302
    held.come(*held.everyone[2:8])
    actions.put(held.motions[0], held.chair, now=held.at)
    seen = text(mine.get(page, **EN))
    assert "A bigger shed" in seen and 'value="for"' in seen and "0 of 8 have voted" in seen
    tag = seen.split("live/?tag=")[1].split('"')[0]
    assert mine.get(f"{page}live/?tag={tag}").status_code == 204
    elector = proposal_of(held.motions[0]).electors.get(person=me)
    part = text(mine.post(page + "vote/", {"choice": "for", "elector": str(elector.pk)}, HTTP_HX_REQUEST="true", **EN))
    assert "1 of 8 have voted" in part and 'value="for" aria-pressed="true"' in part and "<html" not in part
    assert mine.get(f"{page}live/?tag={tag}", **EN).status_code == 200
    assert mine.post(page + "vote/", {"choice": "for", "elector": "not-an-id"}).status_code in (302, 404)
    assert mine.post(page + "come/", {"do": "leave"}).status_code == 302 and not Attendance.objects.filter(person=me, left_at=None).exists()


def test_codes_are_not_guessed(held: Hall, client_for, at):
    """Ten tries a minute."""
    page, mine = f"/meetings/{held.meeting.pk}/come/", client_for(held.everyone[1])
    wrong = "111111" if held.code() != "111111" else "222222"
    assert [mine.post(page, {"do": "come", "code": wrong}).status_code for _try in range(12)][-2:] == [429, 429]


def test_the_wall(held: Hall, client_for, at):
    page, anybody = f"/meetings/{held.meeting.pk}/screen/", client_for(held.everyone[4])
    held.come(*held.everyone[1:8])
    seen = text(anybody.get(page, **EN))
    assert f"{held.code()[:3]} {held.code()[3:]}" in seen and "8 of 12 are there" in seen and "data:image/svg+xml" in seen
    tag = seen.split("?tag=")[1].split('"')[0]
    assert anybody.get(f"{page}?tag={tag}").status_code == 204
    at(held.at + timedelta(minutes=1))
    assert anybody.get(f"{page}?tag={tag}").status_code == 200, "the code has changed"
    actions.put(held.motions[0], held.chair, now=held.at)
    actions.hands(held.motions[0], held.chair, {"worker": (6, 1, 0)}, now=held.at)
    assert "7</strong> / 8" in text(anybody.get(page, **EN))
    actions.count(held.motions[0], held.chair, now=held.at)
    assert "passed: 6 for, 1 against, 0 abstained" in text(anybody.get(page, **EN))


def test_the_chairs_page(held: Hall, client_for, at):
    """Everything by its buttons: tick, come to it, put, hands, count, signers, close; then the minutes."""
    page, chair = f"/meetings/{held.meeting.pk}/chair/", client_for(held.chair)
    people = held.everyone
    chair.post(page, {"do": "tick", "membership": [str(held.membership(person).pk) for person in people[1:9]]})
    assert "9 of 12 are there" in text(chair.get(page, **EN))
    chair.post(page, {"do": "paper", "giver": str(held.membership(people[10]).pk), "holder": str(people[1].pk)})
    assert "10 of 12 are there" in text(chair.get(page, **EN)) and "by proxy: worker 1" in text(chair.get(page, **EN))
    first = str(held.motions[0].pk)
    chair.post(page, {"do": "begin", "item": first})
    assert "Put it to the vote" in text(chair.get(page, **EN))
    chair.post(page, {"do": "put", "item": first})
    assert "Close the vote and count" in text(chair.get(page, **EN))
    said = text(chair.post(page, {"do": "count", "item": first, "for.worker": "many"}, follow=True, **EN))
    assert "in figures" in said
    said = text(chair.post(page, {"do": "count", "item": first, "for.worker": "9"}, follow=True, **EN))
    assert "only 7 are present" in said
    figures = {"for.worker": "6", "against.worker": "1", "abstain.worker": "", "for.client": "3", "against.client": "", "abstain.client": ""}
    chair.post(page, {"do": "count", "item": first, **figures})
    assert "passed: 9 for, 1 against, 0 abstained" in text(chair.get(page, **EN))
    assert "Choose first who signs" in text(chair.post(page, {"do": "close"}, follow=True, **EN))
    chair.post(page, {"do": "signers", "person": [str(person.pk) for person in people[1:4]]})
    chair.post(page, {"do": "gone", "person": str(people[5].pk)})
    closed = chair.post(page, {"do": "close"})
    assert closed.headers["Location"] == f"/meetings/{held.meeting.pk}/minutes/"
    assert chair.get(page).status_code == 302
    for language, words in ((EN, ("9 in person, 1 by proxy", "passed: 9 for", "It was not reached.")), (KO, ())):
        seen = text(chair.get(closed.headers["Location"], **language))
        assert all(word in seen for word in words)
    chair.post(closed.headers["Location"], {"do": "write", "words": "The sun shone."})
    plain = text(chair.get(f"/meetings/{held.meeting.pk}/minutes.md", **EN))
    assert plain.startswith("# Minutes: General meeting") and "The sun shone." in plain and "The quorum is lost" not in plain
    seen = text(client_for(people[1]).get(closed.headers["Location"], **EN))
    digest = seen.split('name="digest" value="')[1].split('"')[0]
    client_for(people[1]).post(closed.headers["Location"], {"do": "sign", "digest": digest})
    assert held.meeting.signers.get(person=people[1]).signed_at and "Sign the minutes" not in text(client_for(people[1]).get(closed.headers["Location"], **EN))
    assert "General meeting" in text(client_for(people[2]).get("/meetings/", **EN))
