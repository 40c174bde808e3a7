"""What the charter does not list is not there: no page, no rule, no route, no work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from madang.coop.charter import actions as charter
from madang.coop.charter import reader
from madang.coop.charter.problems import BadCharter
from madang.coop.members.actions import activate
from madang.coop.people.models import Person
from madang.coop.rules import registry
from madang.coop.rules.models import RuleVersion
from madang.kit import house
from tests.coop.founded import TINY

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}
TEXT = TINY.read_text().replace('platforms = ["services"]', "platforms = []")


@pytest.fixture
def plain(now: datetime) -> Client:
    """An open co-op that runs no platform, and a browser signed in as its first founder."""
    _coop, links = charter.found(reader.read(TEXT, "plain.toml", now=now), now=now)
    for link in links:
        activate(charter.accept(link.path.split("/")[2], now=now), now=now)
    browser = Client()
    browser.force_login(Person.objects.get(email="f1@example.org"))
    return browser


def test_nothing_of_it_is_there(plain: Client) -> None:
    assert not RuleVersion.objects.filter(key__startswith="services.").exists() and RuleVersion.objects.filter(key="ways.policy").exists()
    assert not [rule for rule in registry.all_rules() if rule.key.startswith("services.")]
    for room in ("navigation", "due", "tiles", "panels", "personas", "demo", "checks"):
        modules = {getattr(getattr(one, "find", one), "__module__", "") for one in house.collect(room)}
        assert not [name for name in modules if name and name.startswith("madang.platforms.")], room
    for browser in (plain, Client()):
        for path in ("/services/", "/services/book/", "/rules/services.split/", "/wheel/"):
            assert browser.get(path).status_code == 404, path
        page = browser.get("/", **EN)
        assert page.status_code == 200 and "/services/" not in page.content.decode() and "/wheel/" not in page.content.decode()
        assert "/rules/services." not in browser.get("/rules/").content.decode()
        told = browser.get("/api/services/catalogue")
        assert told.status_code == 404 and told.json()["code"] == "missing"
        assert browser.get("/api/rules/services.split").status_code == 404
    paths = plain.get("/api/openapi.json").json()["paths"]
    assert paths and not [path for path in paths if path.startswith("/api/services/")]


def test_what_is_listed_is(coop: Any) -> None:
    for path in ("/services/", "/rules/services.split/", "/api/services/catalogue"):
        assert Client().get(path).status_code == 200
    assert any(path.startswith("/api/services/") for path in Client().get("/api/openapi.json").json()["paths"])


def test_a_charter_that_says_nothing_runs_them_all(now: datetime) -> None:
    assert reader.read(TEXT.replace("platforms = []\n", ""), "x.toml", now=now).platforms == tuple(settings.PLATFORMS)


def test_its_rules_cannot_be_set_where_it_does_not_run(now: datetime) -> None:
    with pytest.raises(BadCharter) as no:
        reader.read(TEXT + '\n[rules.services]\ntravel = "30m"\n', "plain.toml", now=now)
    (problem,) = no.value.problems
    assert problem.key == "rules.services" and problem.line == TEXT.count("\n") + 2
