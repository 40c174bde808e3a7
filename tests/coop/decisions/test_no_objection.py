"""No objection: it passes unless a reasoned objection stands; who objects is named to those who decide, and may let it go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from madang.coop.decisions import actions, checking, kinds, objecting
from madang.coop.decisions.rules import CONSENT
from madang.coop.notices.models import Notice
from madang.coop.rules import registry
from madang.kit.errors import Refused
from madang.kit.ruletypes import Way
from madang.kit.ruletypes.base import Unfit
from tests.coop.decisions import yard as yards
from tests.coop.decisions.test_failures_of_others import verified

pytestmark = pytest.mark.django_db
WHY = "The tool shed has no lock."


@pytest.fixture
def yard(db: Any, now: Any, rules_of_the_yard: None) -> yards.Yard:
    return yards.make(now, {"worker": 7, "client": 6}, {"ways.consent": CONSENT})


def propose(yard: yards.Yard) -> Any:
    author = yard.people["worker"][0]
    one = actions.draft(author, "no_objection", "Tools", "", details={"text": "We buy tools together."}, now=yard.now)
    return actions.open_voting(actions.open_discussion(one, author, now=yard.now), now=yard.now + (Way().parse(CONSENT).discussion))


def test_it_passes_where_nobody_objects(yard, settings, tmp_path: Path) -> None:
    one = propose(yard)
    yard.vote(one, worker="fffoo", client="f")
    done = actions.close(one, now=one.closes_at)
    assert done.state == "passed" and checking.wrong_tallies() == []
    done = actions.take_effect(done, now=done.effect_at)
    assert done.state == "in_force" and verified(settings, tmp_path, done.ended_at) == []


def test_one_objection_with_a_reason_is_enough(yard, client_for, settings, tmp_path: Path) -> None:
    one = propose(yard)
    objector = yard.people["client"][0]
    yard.vote(one, worker="fffffff")
    with pytest.raises(Refused) as no:
        actions.cast(one, objector, "against", now=one.opens_at)
    assert no.value.code == "objection" and not objecting.of(one)
    for _twice in range(2):
        actions.cast(one, objector, "against", reason=WHY, now=one.opens_at)
    assert [(row.by, row.text) for row in objecting.of(one)] == [(objector, WHY)]
    told = Notice.objects.filter(person=yard.people["worker"][0], message="decisions.objected")
    assert told.count() == 1, "who proposed it learns it at once, and once"
    page = client_for(yard.people["worker"][3]).get(f"/decisions/{one.pk}/").content.decode()
    assert WHY in page and objector.name in page
    assert WHY not in client_for(None).get(f"/decisions/{one.pk}/").content.decode(), "for those who decide"
    done = actions.close(one, now=one.closes_at)
    assert done.state == "rejected" and done.ended_because == "majority" and verified(settings, tmp_path, done.closed_at) == []


def test_an_objection_that_was_answered_is_let_go(yard) -> None:
    one = propose(yard)
    objector = yard.people["client"][0]
    actions.cast(one, objector, "against", reason=WHY, now=one.opens_at)
    actions.comment(one, yard.people["worker"][0], "We buy a lock too.", now=one.opens_at)
    actions.cast(one, objector, "for", now=one.opens_at)
    (row,) = objecting.of(one)
    assert row.let_go_at == one.opens_at
    actions.cast(one, objector, "against", now=one.opens_at), "the reason is there already"
    assert objecting.of(one)[0].let_go_at is None
    actions.cast(one, objector, "abstain", now=one.opens_at)
    yard.vote(one, worker="ff")
    assert actions.close(one, now=one.closes_at).state == "passed"


def test_nobody_takes_part_or_all_abstain(yard) -> None:
    one = propose(yard)
    assert actions.close(one, now=one.closes_at).state == "rejected", "silence is no decision: nobody said that they read it"
    two = propose_again(yard)
    yard.vote(two, worker="ooo")
    assert actions.close(two, now=two.closes_at).state == "rejected"


def propose_again(yard: yards.Yard) -> Any:
    author = yard.people["worker"][1]
    one = actions.draft(author, "no_objection", "More tools", "", details={"text": "And a ladder."}, now=yard.now)
    return actions.open_voting(actions.open_discussion(one, author, now=yard.now), now=yard.now + Way().parse(CONSENT).discussion)


def test_by_the_page(yard, client_for, monkeypatch) -> None:
    one = propose(yard)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: one.opens_at)
    client = client_for(yard.people["client"][0])
    url = f"/decisions/{one.pk}/"
    assert 'name="objection"' in client.get(url).content.decode()
    wrong = client.post(f"{url}vote/", {"choice": "against", "objection": ""})
    assert wrong.status_code == 422 and 'role="alert"' in wrong.content.decode()
    long = client.post(f"{url}vote/", {"choice": "against", "objection": "x" * 2001})
    assert long.status_code == 422 and "x" * 2001 in long.content.decode(), "what was typed is kept"
    assert client.post(f"{url}vote/", {"choice": "against", "objection": WHY}).status_code == 302
    assert WHY in client.get(url).content.decode()


@pytest.mark.parametrize("became", ["another way", "older than it"])
def test_a_co_op_without_this_way_is_told_so(db, now, rules_of_the_yard, became, monkeypatch) -> None:
    if became == "older than it":
        family = registry._registry.families["ways."]
        monkeypatch.setitem(registry._registry.families, "ways.", replace(family, needed=lambda: ["ways.policy"]))
    yard = yards.make(now, {"worker": 3}, {"ways.consent": yards.POLICY} if became == "another way" else {})
    with pytest.raises(Refused) as no:
        actions.draft(yard.people["worker"][0], "no_objection", "Tools", "", details={"text": "x"}, now=now)
    assert no.value.code == "no-way"
    assert kinds.get("no_objection").form(None, viewer=yard.people["worker"][0], now=now).nothing()


def test_an_ordinary_vote_asks_for_no_reason(yard) -> None:
    one = yard.propose()
    one = actions.open_voting(one, now=one.opens_at)
    actions.cast(one, yard.people["client"][0], "against", now=one.opens_at)
    assert not objecting.of(one)


@pytest.mark.parametrize("raw", [{"objections": True, "majority": "50%"}, {"objections": True, "strict": True}, {"objections": "perhaps"}])
def test_it_is_all_or_nothing(raw) -> None:
    with pytest.raises(Unfit):
        Way().parse(raw)


def test_it_is_said_and_kept() -> None:
    value = Way().parse(CONSENT)
    assert value.objections and Way().parse(Way().dump(value)) == value and Way().dump(value)["objections"] is True
    assert "objection" in Way().describe(value, "en") and "이의" in Way().describe(value, "ko")
    assert "objections" not in Way().dump(Way().parse({"objections": False}))
    data = {field.name: field.text for field in Way().fields(value) if field.text}
    assert Way().parse(Way().from_form(data)) == value
