"""Which body decides: what the law leaves to a general meeting says so before one drafts it, on its page and in the record."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from madang.coop.decisions import actions, bodies
from madang.coop.decisions.rules import meeting_only
from madang.coop.law import clock
from madang.coop.law.models import Coop
from madang.coop.members.models import Office
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.errors import Refused
from tests.coop.decisions.yard import Yard, make, office

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EN = {"headers": {"accept-language": "en"}}


def elect(yard: Yard, key: str, role: str):
    made = office(yard, key)
    Office.objects.filter(pk=made.pk).update(role=role)
    people = yard.people["worker"]
    return actions.draft(people[0], "elect", "Our auditor", details={"office": key, "person": str(people[1].pk)}, now=yard.now)


@pytest.mark.parametrize(
    ("law", "kind", "key"),
    [
        ("kr-general", "expel", "meeting"), ("kr-general", "use_of_surplus", "meeting"), ("kr-general", "refund_to_leavers", "meeting"),
        ("kr-social", "expel", "meeting"), ("kr-general", "change_rules", "members"), ("kr-general", "resolve", "members"),
        ("kr-general", "admit", "members"), ("plain", "expel", "members"), ("uk-coop", "use_of_surplus", "members"),
    ],
)  # fmt: skip
def test_which_body_the_law_names(yard: Yard, law, kind, key):
    Coop.objects.update(law=law)
    body = bodies.of(kind, yard.now)
    assert body.key == key and ("29" in body.citation) == (key == "meeting")
    assert bool(bodies.notice(kind, yard.now)) == (key == "meeting")


def test_only_officers_of_the_law_are_the_meetings_to_elect(yard: Yard):
    assert bodies.of("elect", yard.now, elect(yard, "auditor", "auditor").details).key == "meeting"
    assert bodies.of("elect", yard.now, elect(yard, "gardener", "").details).key == "members"


def test_delegates_stand_in_above_two_hundred(yard: Yard, monkeypatch):
    assert not bodies.of("expel", yard.now).delegates
    monkeypatch.setattr(bodies.members, "members_count", lambda at: 200)
    assert not bodies.of("expel", yard.now).delegates
    monkeypatch.setattr(bodies.members, "members_count", lambda at: 201)
    assert bodies.of("expel", yard.now).delegates


def test_it_says_so_before_one_drafts_it_on_its_page_and_in_the_record(yard: Yard, client_for, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: yard.now)
    author = yard.people["worker"][0]
    page = client_for(author).get("/decisions/new/?kind=expel", **EN).content.decode()
    assert "A general meeting" in page and "art. 29 (1)" in page
    assert "A general meeting" not in client_for(author).get("/decisions/new/", **EN).content.decode()
    one = actions.open_discussion(elect(yard, "auditor", "auditor"), author, now=yard.now)
    assert "A general meeting" in client_for(author).get(f"/decisions/{one.pk}/", **EN).content.decode()
    one = actions.open_voting(one, now=one.opens_at)
    leaf = json.loads(LeafLine.objects.get(written=PendingLeaf.objects.get(kind="decision.opened").pk).body)
    assert leaf["body"]["key"] == "meeting" and "29" in leaf["body"]["citation"]


def test_where_the_members_want_meetings_only_it_waits_for_one(db, now, rules_of_the_yard):
    assert meeting_only.default is True, "unless a charter says otherwise"
    yard = make(now, {"worker": 7}, {"deciding.meeting_only": True})
    author = yard.people["worker"][0]
    draft = elect(yard, "auditor", "auditor")
    draft = actions.open_discussion(draft, author, now=now)
    assert draft.at_meeting and not actions.open_discussion(elect(yard, "gardener", ""), author, now=now).at_meeting
    with pytest.raises(Refused) as no:
        actions.open_voting(draft, now=draft.opens_at)
    assert no.value.code == "at-meeting"
    Coop.objects.update(law="plain")
    other = actions.draft(author, "elect", "Another auditor", "", details=draft.details, now=now)
    assert not actions.open_discussion(other, author, now=now).at_meeting


def test_spending_is_carried_out_by_the_board(db, now, rules_of_the_yard, client_for, monkeypatch):
    yard = make(now, {"worker": 7})
    monkeypatch.setattr(clock, "now", lambda: now)
    assert bodies.of("spend", now).key == bodies.BOARD and "33" in bodies.of("spend", now).citation
    page = client_for(yard.people["worker"][0]).get("/decisions/new/?kind=spend", **EN).content.decode()
    assert "for the board to carry out" in page and not bodies.meeting_decides("spend", now)
    Coop.objects.update(law="plain")
    assert bodies.of("spend", now).key == bodies.MEMBERS and bodies.notice("spend", now) == ""
