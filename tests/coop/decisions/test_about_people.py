"""Decisions about people: who may see the names, who can be chosen, how a membership ends against someone's will; and one form is one proposal."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from madang.coop.decisions import actions
from madang.coop.decisions.models import Proposal
from madang.coop.law import clock
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.notices.models import Notice
from madang.coop.people.models import Person, Work
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.errors import Missing, Refused
from tests.coop.decisions.yard import SPLIT, Yard, make, office, organisation, split

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NEW = "/decisions/new/"


@pytest.fixture
def at(monkeypatch, yard: Yard):
    def move(moment) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    move(yard.now)
    return move


@pytest.fixture
def stranger(yard: Yard) -> Person:
    return Person.objects.create_user("o@example.org", "o", language="en")


@pytest.mark.parametrize("kind", ["elect", "expel"])
def test_names_are_for_members(yard: Yard, at, client_for, stranger, kind):
    office(yard, "treasurer")
    person = yard.people["client"][0]
    secrets = [person.name, str(person.pk), str(Membership.objects.get(person=person).pk)]
    for who in (None, stranger):
        client = client_for(who)
        for answer in (client.get(NEW, {"kind": kind}), client.post(NEW, {"kind": kind, "title": "x", "do": "propose"})):
            text = answer.content.decode()
            assert answer.status_code in (200, 422) and not any(secret in text for secret in secrets)
    text = client_for(yard.people["worker"][0]).get(NEW, {"kind": kind}).content.decode()
    assert person.name in text


def test_who_hides_their_name_is_proposed_by_nobody_but_themselves_and_not_out_of_reach(yard: Yard, at, client_for):
    office(yard, "treasurer")
    shy, other = yard.people["client"][:2]
    Membership.objects.filter(person=shy).update(names_open=False)
    assert str(shy.pk) not in client_for(other).get(NEW, {"kind": "elect"}).content.decode()
    assert str(shy.pk) in client_for(shy).get(NEW, {"kind": "elect"}).content.decode()
    assert str(Membership.objects.get(person=shy).pk) in client_for(other).get(NEW, {"kind": "expel"}).content.decode()


def test_where_only_organisations_are_members_their_people_are_elected(db, now, rules_of_the_yard, monkeypatch, client_for):
    yard = make(now, {}, voters="organisations")
    monkeypatch.setattr(clock, "now", lambda: now)
    for org in [organisation(yard, name, 3) for name in ("Brightly", "Ecomundo")]:
        Work.objects.create(organisation=org, person=yard.people[org.name][0], role="representative", since=now - DAY)
    office(yard, "board")
    author, candidate = yard.people["Brightly"][0], yard.people["Ecomundo"][2]
    client = client_for(author)
    assert str(candidate.pk) in client.get(NEW, {"kind": "elect"}).content.decode()
    client.post(NEW, {"kind": "elect", "office": "board", "person": str(candidate.pk), "title": "A board", "do": "propose"})
    one = actions.open_voting(Proposal.objects.get(), now=now + 3 * DAY)
    actions.cast(one, author, "for", now=one.opens_at)
    one = actions.close(one, now=one.closes_at)
    actions.take_effect(one, now=one.effect_at)
    assert members.holds(candidate, "board", one.effect_at)


GROUNDS = "Took the money of the flower fund."


@pytest.fixture
def expulsion(yard: Yard, at, client_for) -> Proposal:
    """Proposed on the page: client 0 is to leave."""
    membership = Membership.objects.get(person=yard.people["client"][0])
    sent = {"kind": "expel", "membership": str(membership.pk), "grounds": GROUNDS, "title": "client 0 must go", "reason": "client 0 is a thief"}
    client = client_for(yard.people["worker"][0])
    empty = client.post(NEW, {**sent, "grounds": "", "do": "propose"})
    assert empty.status_code == 422 and not Proposal.objects.exists()
    assert client.post(NEW, {**sent, "do": "propose"}).status_code == 302
    return Proposal.objects.get()


def test_ending_a_membership_tells_strangers_nothing_of_whom(yard: Yard, at, client_for, stranger, expulsion: Proposal):
    gone = yard.people["client"][0]
    url = reverse("decisions:decision", args=[expulsion.pk])
    assert "client 0" not in expulsion.title and expulsion.reason == ""
    for who in (None, stranger):
        browser = client_for(who)
        told = browser.get(url).content.decode() + browser.get("/decisions/").content.decode()
        told += browser.get(f"/api/decisions/{expulsion.pk}").content.decode() + browser.get("/api/decisions/").content.decode()
        assert not any(secret in told for secret in ("client 0", GROUNDS, "thief", str(gone.pk), str(expulsion.details["membership"])))
    for who in (gone, yard.people["worker"][3]):
        text = client_for(who).get(url).content.decode()
        assert "client 0" in text and GROUNDS in text
    assert Notice.objects.get(person=gone, message="decisions.about_you").urgent
    assert expulsion.opens_at == yard.now + 10 * DAY, "the law: told ten days before"
    assert actions.comment(expulsion, gone, "I can explain.", now=yard.now).author == gone


def test_a_membership_ends_by_the_vote(yard: Yard, at, expulsion: Proposal):
    gone = yard.people["client"][0]
    office(yard, "treasurer", gone)
    one = yard.run(expulsion, worker="fffffff", client="-fffff")
    public = "".join(LeafLine.objects.filter(written__in=PendingLeaf.objects.filter(public=True).values("pk")).values_list("body", flat=True))
    assert str(one.details["membership"]) not in public and GROUNDS not in public
    one = actions.take_effect(one, now=one.effect_at)
    membership = Membership.objects.get(person=gone)
    assert (one.state, membership.state, membership.decision_id, membership.reason) == ("in_force", "left", one.pk, GROUNDS)
    assert not members.holds(gone, "treasurer", one.ended_at)
    assert Notice.objects.filter(person=gone, message="members.expelled").exists()


def test_who_is_to_leave_is_heard_and_has_no_vote_on_it(yard: Yard, at, client_for, expulsion: Proposal):
    gone, everyone = yard.people["client"][0], sum(len(people) for people in yard.people.values())
    one = actions.open_voting(expulsion, now=expulsion.opens_at)
    assert one.electorate["total"] == everyone - 1 and not one.electors.filter(person=gone).exists()
    with pytest.raises(Missing):
        actions.cast(one, gone, "against", now=one.opens_at)
    at(one.opens_at)
    assert "you are heard in the discussion, and have no vote on it" in client_for(gone).get(f"/decisions/{one.pk}/").content.decode()
    assert actions.comment(one, gone, "I can explain.", now=one.opens_at)


def test_when_it_does_not_come_to_that(yard: Yard, at, expulsion: Proposal):
    gone = yard.people["client"][0]
    one = yard.run(expulsion, worker="aaaaaaa")
    assert one.state == "rejected" and members.is_member(gone, one.closed_at)
    assert Notice.objects.filter(person=gone, message="decisions.about_you.over").exists()
    late = actions.draft(yard.people["worker"][0], "expel", "", details=dict(expulsion.details), now=one.closed_at)
    late = yard.run(actions.open_discussion(late, late.author, now=one.closed_at), worker="fffffff")
    from madang.coop.members import actions as leaving

    leaving.leave(Membership.objects.get(person=gone), by=gone, now=late.closed_at)
    assert actions.take_effect(late, now=late.effect_at).state == "failed"
    with pytest.raises(Refused, match="not-a-member"):
        actions.draft(yard.people["worker"][0], "expel", "", details=dict(expulsion.details), now=late.effect_at)


def test_a_member_organisation_can_be_asked_to_leave_but_not_by_one_of_its_own(yard: Yard):
    org = organisation(yard, "Brightly", 2)
    speaker = yard.people["Brightly"][0]
    Work.objects.create(organisation=org, person=speaker, role="representative", since=yard.now - DAY)
    details = {"membership": str(Membership.objects.get(organisation=org).pk), "grounds": GROUNDS}
    one = actions.draft(yard.people["worker"][0], "expel", "", details=details, now=yard.now)
    actions.open_discussion(one, one.author, now=yard.now)
    assert Notice.objects.filter(person=speaker, message="decisions.about_you").exists()
    with pytest.raises(Refused, match="other-scope"):
        actions.draft(speaker, "expel", "", details=details, org=org, now=yard.now)


# ---- one form, one proposal

def test_sending_a_form_twice_is_one_proposal(yard: Yard, at, client_for):
    author, other = yard.people["worker"][:2]
    client = client_for(author)
    key = client.get(NEW, {"rule": SPLIT}).context["sheet"].key
    sent = {"kind": "change_rules", "key": str(key), "rule": [SPLIT], f"v-{SPLIT}.provider": "94", f"v-{SPLIT}.upkeep": "6", "title": "Six", "do": "draft"}
    first, again = client.post(NEW, sent), client.post(NEW, {**sent, "title": "Six percent"})
    assert first.url == again.url and Proposal.objects.get().title == "Six percent", "back, rewritten, sent again"
    assert [client.post(NEW, {**sent, "do": "propose"}).status_code for _ in range(2)] == [302, 302]
    one = Proposal.objects.get(pk=key)
    assert (one.state, one.title) == ("discussion", "Six") and Notice.objects.filter(message="decisions.discussion").count() == 1
    changed = client.post(NEW, {**sent, "title": "Something else", "do": "propose"})
    assert changed.status_code == 422 and "Something else" in changed.content.decode()
    assert client_for(other).post(NEW, {**sent, "do": "propose"}).status_code == 422, "somebody else's"
    assert client_for(other).post(NEW, {**sent, "key": "nonsense", "do": "propose"}).status_code == 302
    assert Proposal.objects.count() == 2


def test_a_program_may_bring_its_own_id(yard: Yard, at, client_for):
    client, id = client_for(yard.people["worker"][0]), str(uuid4())
    body = {"id": id, "title": "Six", "changes": [{"rule": SPLIT, "value": {"provider": "94%", "upkeep": "6%"}}]}
    answers = [client.post("/api/decisions/", json.dumps(body), content_type="application/json").json()["id"] for _ in range(2)]
    assert answers == [id, id] and Proposal.objects.count() == 1
    taken = client_for(yard.people["worker"][1]).post("/api/decisions/", json.dumps(body), content_type="application/json")
    assert taken.status_code == 409 and taken.json()["code"] == "key-used"


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_proposal(now, rules_of_the_yard):
    yard = make(now, {"worker": 2})
    author, id, found, start = yard.people["worker"][0], uuid4(), [], threading.Barrier(2)

    def click() -> None:
        try:
            start.wait()
            one = actions.draft(author, "change_rules", "Six", changes=[split("94%", "6%")], id=id, now=now)
            found.append(actions.open_discussion(one, author, now=now).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [id, id] and Proposal.objects.count() == 1


# ---- what was said against somebody

TAKEN_BACK = "Client 0 gave the money back."


@pytest.mark.parametrize("voting", [False, True])
def test_why_an_expulsion_was_taken_back_is_for_members(yard: Yard, at, client_for, stranger, expulsion: Proposal, voting: bool):
    if voting:
        actions.open_voting(expulsion, now=expulsion.opens_at)
        at(expulsion.opens_at)
    moment = clock.now()
    assert client_for(expulsion.author).post(f"/decisions/{expulsion.pk}/withdraw/", {"reason": TAKEN_BACK}).status_code == 302
    public = LeafLine.objects.filter(written__in=PendingLeaf.objects.filter(public=True).values("pk")).values_list("body", flat=True)
    assert TAKEN_BACK not in "".join(public)
    (leaf,) = [json.loads(body) for body in public if str(expulsion.pk) in body and "reason" in json.loads(body)]
    assert leaf == {"decision": str(expulsion.pk), "reason": ""}
    for who, told in ((None, False), (stranger, False), (yard.people["worker"][3], True), (yard.people["client"][0], True)):
        browser = client_for(who)
        assert (TAKEN_BACK in browser.get(f"/decisions/{expulsion.pk}/").content.decode()) == told
        assert (TAKEN_BACK in browser.get(f"/api/decisions/{expulsion.pk}").content.decode()) == told
    from madang.coop.decisions import hooks

    hooks.personal[0].erase(yard.people["client"][0], now=moment)
    expulsion.refresh_from_db()
    assert (expulsion.ended_because, expulsion.details) == ("", {"membership": expulsion.details["membership"]})


def test_what_was_said_against_someone_is_theirs_to_take_along_and_goes_with_them(yard: Yard, at, expulsion: Proposal):
    from madang.coop.decisions import hooks

    declared = hooks.personal[0]
    gone, other = yard.people["client"][0], yard.people["worker"][5]
    unseen = actions.draft(other, "expel", "", details={**expulsion.details, "grounds": "An unseen thought."}, now=yard.now)
    taken = [row for row in declared.export(gone) if row["kind"] == "decision about you"]
    assert [row["grounds"] for row in taken] == [GROUNDS], "and nothing of a draft only its author sees"
    assert [row["grounds"] for row in declared.export(other) if row["kind"] == "proposal"] == ["An unseen thought."]
    with pytest.raises(Refused, match="being_decided"):
        declared.erase(gone, now=yard.now)
    one = yard.run(expulsion, worker="fffffff", client="-fffff")
    with pytest.raises(IntegrityError, match="What is voted on"), transaction.atomic():
        Proposal.objects.filter(pk=one.pk).update(details={"membership": one.details["membership"]})
    one = actions.take_effect(one, now=one.effect_at)
    with pytest.raises(IntegrityError, match="What is voted on"), transaction.atomic():
        Proposal.objects.filter(pk=one.pk).update(details={**one.details, "grounds": "Something else."})
    declared.erase(gone, now=one.ended_at)
    declared.erase(gone, now=one.ended_at)
    one.refresh_from_db(), unseen.refresh_from_db()
    assert one.details == {"membership": one.details["membership"]} and (unseen.state, unseen.details) == ("withdrawn", {})
    assert not LeafLine.objects.filter(body__contains=GROUNDS).exists()
