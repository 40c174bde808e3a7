"""Dates at the two ends of every calendar, and numbers past every column: a clear answer, never a broken page."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from madang.coop.people.models import Person
from tests.platforms.services.conftest import make_world

pytestmark = pytest.mark.django_db
FAR = ["0001-01-01", "9999-12-31"]
MOMENTS = ["0001-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"]


@pytest.fixture
def browser(coop: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)

    def of(person: Any) -> Client:
        made = Client(raise_request_exception=False)
        made.force_login(person)
        return made

    return of


@pytest.mark.parametrize("day", FAR)
def test_days(browser: Any, coop: Any, now: datetime, day: str) -> None:
    world = make_world(coop, now)
    chair = browser(Person.objects.get(email="f1@example.org"))
    worker = browser(world.workers[0].person)
    gets = [f"/members/register/?at={day}", f"/api/members/register?at={day}", f"/services/book/time/?bedrooms=1&bathrooms=1&from={day}"]
    assert [chair.get(url).status_code for url in gets if chair.get(url).status_code >= 500] == []
    assert worker.get(f"/api/services/work/day/{day}").status_code < 500
    member = Person.objects.get(email="f2@example.org")
    for since, until in ((day, "2026-12-01"), ("2026-03-03", day), (day, day)):
        assert chair.post("/members/offices/coordinator/", {"person": str(member.pk), "since": since, "until": until}).status_code < 500
        off = {"do": "off", "off-since": f"{since}T00:00", "off-until": f"{until}T00:00"}
        assert worker.post("/services/availability/", off).status_code < 500


@pytest.mark.parametrize("moment", MOMENTS)
def test_moments(browser: Any, coop: Any, now: datetime, moment: str) -> None:
    world = make_world(coop, now)
    chair, worker = browser(Person.objects.get(email="f1@example.org")), browser(world.workers[0].person)
    assert worker.get(f"/api/services/jobs?before={moment}").status_code < 500
    assert worker.get(f"/api/services/slots?minutes=60&since={moment}").status_code < 500
    other = str(Person.objects.get(email="f2@example.org").pk)
    for since, until in ((moment, "2026-12-01T00:00:00Z"), ("2026-03-03T00:00:00Z", moment), (moment, moment)):
        body = json.dumps({"office": "coordinator", "person": other, "since": since, "until": until})
        assert chair.post("/api/members/terms", body, content_type="application/json").status_code < 500
        body = json.dumps({"since": since, "until": until})
        assert worker.post("/api/services/work/time-off", body, content_type="application/json").status_code < 500
    assert chair.get(f"/statement/?before={moment}.5").status_code < 500


def test_numbers(browser: Any, coop: Any, now: datetime) -> None:
    huge = 10**30
    world = make_world(coop, now)
    worker = browser(world.workers[0].person)
    for url in (f"/api/record/leaves?before={huge}", f"/api/record/leaves/{huge}", f"/api/decisions/?page={huge}", f"/record/leaf/{huge}/", f"/why/{huge}/"):
        assert worker.get(url).status_code < 500, url
    assert worker.delete(f"/api/services/work/time-off/{huge}").status_code < 500
    assert worker.post(f"/api/members/work/{huge}/end").status_code < 500
    assert worker.post(f"/members/work/{huge}/end/").status_code < 500
    assert worker.post("/services/availability/", {"do": "back", "off": str(huge)}).status_code < 500
    assert worker.post("/services/availability/", {"do": "back", "off": "²"}).status_code < 500
    week = json.dumps({"windows": [[huge, 0, 60]]})
    assert worker.put("/api/services/work/week", week, content_type="application/json").status_code < 500


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800"])
def test_texts_for_programs(browser: Any, coop: Any, now: datetime, text: str) -> None:
    world = make_world(coop, now)
    worker = browser(world.workers[0].person)
    chair = browser(Person.objects.get(email="f1@example.org"))
    sent = [
        (worker, "/api/members/apply", {"class_key": "client", "words": text}), (worker, "/api/members/apply", {"class_key": text}),
        (worker, "/api/members/organisations", {"name": text, "about": text}), (worker, "/api/people/me/erase", {"email": text}),
        (chair, "/api/decisions/", {"title": text, "changes": [{"rule": "services.confirmation", "value": text}]}),
        (chair, "/api/decisions/", {"kind": text, "title": "x"}), (chair, "/api/decisions/", {"kind": "resolve", "title": "x", "details": {"text": text}}),
        (chair, "/api/decisions/", {"kind": "elect", "title": "x", "details": {"office": text, "person": text}}),
        (chair, "/api/rules/services.split/try", {"value": {text: "5%"}}), (chair, "/api/record/receipts/check", {"text": text}),
        (worker, "/api/services/quote", {"bedrooms": 1, "bathrooms": 1, "extras": {text: 1}}), (worker, "/api/services/work", {"organisation": text}),
    ]  # fmt: skip
    broken = []
    for browser_, url, body in sent:
        answer = browser_.post(url, json.dumps(body), content_type="application/json")
        if answer.status_code >= 500:
            broken.append(f"{url} {body!r} → {answer.status_code}")
    for url in (f"/api/decisions/?state={'%00'}", "/api/rules/x%00", "/api/people/organisations/%00", "/api/services/slots?minutes=60&time_zone=%00"):
        if (status := worker.get(url).status_code) >= 500:
            broken.append(f"{url} → {status}")
    assert not broken, "\n".join(broken)
