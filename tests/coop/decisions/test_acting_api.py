"""Who votes for me, for programs: delegations and proxies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from madang.coop.people.models import Person
from tests.coop.decisions import yard as yards
from tests.coop.decisions.yard import POLICY

pytestmark = pytest.mark.django_db


@pytest.fixture
def yard(db: Any, now: Any, rules_of_the_yard: None, monkeypatch: pytest.MonkeyPatch) -> yards.Yard:
    made = yards.make(now, {"worker": 4}, {"ways.policy": {**POLICY, "delegation": {"most": 2, "lasts": "365d"}}})
    made.coop.law = "plain"
    made.coop.save()
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    return made


def asked(person: Person, method: str, path: str, **body: Any) -> Any:
    client = Client()
    client.force_login(person)
    return getattr(client, method)(f"/api/decisions/{path}", body, content_type="application/json")


def test_a_delegation_is_asked_accepted_and_ended(yard) -> None:
    mine, theirs, third, _rest = yard.people["worker"]
    until = (yard.now + timedelta(days=30)).isoformat()
    made = asked(mine, "post", "delegations", holder=str(theirs.pk), topic="", until=until)
    assert made.status_code == 200, made.content
    one = made.json()
    assert one["mine"] and not one["accepted"]
    assert [row["mine"] for row in asked(theirs, "get", "delegations").json()] == [False] and asked(third, "get", "delegations").json() == []
    assert asked(third, "post", f"delegations/{one['id']}/acceptance").status_code == 404
    assert asked(theirs, "post", f"delegations/{one['id']}/acceptance").json()["accepted"]
    assert asked(third, "delete", f"delegations/{one['id']}").status_code == 404
    assert asked(mine, "delete", f"delegations/{one['id']}").status_code == 200
    assert asked(mine, "get", "delegations").json() == []
    for wrong in ({"topic": "kind:nothing"}, {"until": (yard.now + timedelta(days=9999)).isoformat()}):
        assert asked(mine, "post", "delegations", **{"holder": str(theirs.pk), "topic": "", "until": until, **wrong}).status_code == 409
    assert asked(mine, "post", "delegations", holder=str(mine.pk), topic="", until=until).status_code == 404


def test_a_proxy_is_given_and_taken_back(yard) -> None:
    mine, theirs, third, _rest = yard.people["worker"]
    until = (yard.now + timedelta(days=30)).isoformat()
    one = asked(mine, "post", "proxies", holder=str(theirs.pk), until=until, words="For.").json()
    assert [row["id"] for row in asked(theirs, "get", "proxies").json()] == [one["id"]]
    assert asked(third, "delete", f"proxies/{one['id']}").status_code == 404
    assert asked(theirs, "delete", f"proxies/{one['id']}").status_code == 200 and asked(mine, "get", "proxies").json() == []


def test_strangers_learn_nothing(yard) -> None:
    stranger = Person.objects.create_user("o@example.org", "o", language="en")
    for path in ("delegations", "proxies"):
        assert asked(stranger, "get", path).status_code == 404
        assert Client().get(f"/api/decisions/{path}").status_code == 401
