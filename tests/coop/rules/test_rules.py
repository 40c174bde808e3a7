"""Declaring rules, reading what holds, and the pages everyone can open."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madang.coop import rules
from madang.coop.decisions import actions
from madang.coop.law import clock
from madang.coop.rules import registry, trying
from madang.coop.rules.actions import found
from madang.kit.errors import Missing
from madang.kit.ration import Ration
from madang.kit.ruletypes import Percent, Unfit
from tests.coop.decisions import yard as yards
from tests.coop.decisions.yard import FEE, SPLIT, WAIT, Yard, organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def yard(db: Any, now, monkeypatch) -> Yard:
    yards.declare(monkeypatch)
    made = yards.make(now, {"worker": 7, "client": 6})
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(trying, "_memory", trying._Memory())
    return made


@pytest.fixture
def public():
    """A browser of somebody who is not signed in and reads English."""
    return Client(headers={"accept-language": "en"})


def test_every_rule_has_a_first_version_from_the_founding(yard: Yard):
    for rule in rules.all_rules():
        version = rule.at(yard.now)
        assert version.founding_id == yard.coop.founding_id and not version.as_it_came, rule.key
        assert rule.canonical(rule.default, currency="KRW") == version.data or rule.key.startswith(("ways.", "deciding.meeting_only"))
    assert "ways.policy" in {rule.key for rule in rules.all_rules()}


def test_what_came_with_a_later_programme_says_so(yard: Yard, monkeypatch):
    later = registry.Rule("test.later", Percent(), "3%", "Later")
    monkeypatch.setitem(registry._registry.rules, later.key, later)
    version = later.at(yard.now)
    assert version.as_it_came and version.id is None and version.data == "3%"
    one = yard.run(yard.propose({"rule": "test.later", "value": "4%"}), worker="fffffff")
    one = actions.take_effect(one, now=one.effect_at)
    assert later.at(one.ended_at).decision_id == one.pk and later.at(yard.now).as_it_came


def test_one_query_for_many_rules(yard: Yard):
    with CaptureQueriesContext(connection) as queries:
        values = rules.several([SPLIT, WAIT, FEE, "ways.policy"], yard.now)
    assert len(queries) == 1 and values[SPLIT].data["upkeep"] == "5%"
    with CaptureQueriesContext(connection) as queries:
        rules.get(SPLIT).at(yard.now)
    assert len(queries) == 1


def test_an_organisation_falls_back_to_the_co_op(yard: Yard):
    org = organisation(yard, "Brightly", 6)
    assert rules.get(FEE).at(yard.now, org).scope == "" and rules.get(SPLIT).at(yard.now, org).scope == ""
    one = yards.Yard.propose(yard, {"rule": FEE, "value": {"worker": "90%", "fund": "10%"}}, author=yard.people["Brightly"][0], org=org)
    one = actions.take_effect(yard.run(one, Brightly="ffffff"), now=yard.now + timedelta(days=10))
    assert rules.get(FEE).at(one.ended_at, org).scope == str(org.pk)
    assert rules.get(FEE).at(one.ended_at - timedelta(seconds=1), org).scope == ""
    # Then the co-op changes its own value: the organisation keeps what it decided.
    other = yard.propose({"rule": FEE, "value": {"worker": "80%", "fund": "20%"}}, now=one.ended_at)
    other = actions.take_effect(yard.run(other, worker="fffffff"), now=one.ended_at + timedelta(days=10))
    assert rules.get(FEE).at(other.ended_at, org).data["worker"] == "90%" and rules.get(FEE).at(other.ended_at).data["worker"] == "80%"


def test_declaring():
    with pytest.raises(ValueError):
        rules.declare("Not a key", Percent(), default="1%", title="x")
    with pytest.raises(ValueError):
        rules.declare("ways.mine", Percent(), default="1%", title="x")
    with pytest.raises(ValueError):
        rules.declare("services.x", Percent(), default="1%", title="x", scope="planet")
    with pytest.raises(Missing):
        rules.get("nobody.declared")


def test_every_declared_default_fits_its_type():
    for rule in registry.static_rules():
        for currency in ("KRW", "USD"):
            data = rule.canonical(rule.default, currency=currency)
            assert rule.type.dump(rule.parse(json.loads(json.dumps(data)))) == data, rule.key
            for lang in ("ko", "en"):
                assert rule.type.describe(rule.parse(data), lang) and str(rule.title)


def test_founding_refuses_what_does_not_fit(yard: Yard):
    with pytest.raises(Unfit) as no, transaction.atomic():
        found({SPLIT: {"provider": "95%", "upkeep": "6%"}}, yard.coop.founding_id, yard.now)
    assert no.value.path == SPLIT
    with pytest.raises(Missing), transaction.atomic():
        found({"no.such": 1}, yard.coop.founding_id, yard.now)


def test_the_pages(yard: Yard, public, monkeypatch):
    client = public
    text = client.get("/rules/").content.decode()
    assert "How a job is shared" in text and f"/rules/{SPLIT}/" in text
    one = yard.run(yard.propose(), worker="fffffff", client="ffffff")
    page = client.get(f"/rules/{SPLIT}/").content.decode()
    assert f"/decisions/{one.pk}/" in page, "what is being decided about it stands there"
    actions.take_effect(one, now=one.effect_at)
    monkeypatch.setattr(clock, "now", lambda: one.effect_at)
    page = client.get(f"/rules/{SPLIT}/").content.decode()
    assert "94%" in page and "95%" in page and "13 of 13 members decided this on 10 March" in page
    assert client.get("/rules/test.reserve/").content.decode().count("50") >= 1, "the law's article"
    assert client.get("/rules/no.such/").status_code == 404
    assert client.get("/rules/ways.policy/").status_code == 200


def test_the_slider(yard: Yard, public):
    client = public
    page = client.get(f"/rules/{SPLIT}/?try=6").content.decode()
    assert "₩60,000" in page and 'name="try"' in page and 'value="6"' in page
    answer = client.get(f"/rules/{SPLIT}/try.json?value=6").json()
    assert answer["rows"][1] == {"label": "upkeep", "before": "₩50,000", "after": "₩60,000"}
    query = parse_qs(urlsplit(answer["propose"]).query)
    assert json.loads(query["value"][0]) == {"provider": "94%", "upkeep": "6%"} and query["rule"] == [SPLIT]
    assert client.get(answer["propose"]).status_code == 200
    for bad in ("31", "x", "", "1e3", "-1"):
        assert client.get(f"/rules/{SPLIT}/try.json?value={bad}").status_code == 400
        assert client.get(f"/rules/{SPLIT}/?try={bad}").status_code == 200
    assert client.get(f"/rules/{WAIT}/try.json?value=6").status_code == 404


def test_the_slider_is_rationed(yard: Yard, public, monkeypatch):
    monkeypatch.setattr(trying._memory, "asked", Ration(3))
    client = public
    codes = [client.get(f"/rules/{SPLIT}/try.json?value={n}").status_code for n in range(5)]
    assert codes.count(429) >= 1 and codes[0] == 200
    assert client.get(f"/rules/{SPLIT}/try.json?value=1", REMOTE_ADDR="10.0.0.9").status_code == 200


def test_a_tried_value_is_remembered(yard: Yard, monkeypatch):
    calls = []
    rule = rules.get(SPLIT)
    monkeypatch.setitem(
        registry._registry.rules, SPLIT, replace(rule, dry_run=lambda changes, now: calls.append(1) or rules.DryRun([("x", None, 2)]))
    )
    rule = rules.get(SPLIT)
    for _ in range(3):
        tried = trying.try_out(rule, trying.moved(rule, rule.at(yard.now).value, "6"), lang="en", now=yard.now)
    assert len(calls) == 1 and tried.rows[0].before is None


def test_the_api(yard: Yard, public):
    client = public
    everything = client.get("/api/rules/").json()
    assert {"test.split", "ways.policy"} <= {one["key"] for one in everything}
    one = client.get(f"/api/rules/{SPLIT}").json()
    assert one["now"]["value"] == {"provider": "95%", "upkeep": "5%"} and one["type"] == "split"
    assert len(client.get(f"/api/rules/{SPLIT}/history").json()) == 1
    tried = client.post(f"/api/rules/{SPLIT}/try", json.dumps({"value": {"provider": "94%", "upkeep": "6%"}}), content_type="application/json").json()
    assert tried["rows"][0] == {"label": "provider", "before": 950000, "after": 940000} and tried["unit"] == "KRW"
    bad = client.post(f"/api/rules/{SPLIT}/try", json.dumps({"value": "much"}), content_type="application/json")
    assert bad.status_code == 409 and bad.json()["code"] == "unfit"
