"""The pages and the API: who sees what, what comes back when it cannot be done, and how few taps a ballot takes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from madang.coop import rules
from madang.coop.decisions import actions
from madang.coop.decisions.models import Ballot, Proposal
from madang.coop.law import clock
from madang.coop.members.models import Membership
from madang.coop.notices.models import Task
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from tests.coop.decisions.yard import FEE, SPLIT, WAIT, Yard, office, organisation, split

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def at(monkeypatch: Any, yard: Yard):
    """``at(moment)``: the time of the following requests."""

    def move(moment) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    move(yard.now)
    return move


@pytest.fixture
def voting(yard: Yard, at) -> Proposal:
    one = actions.open_voting(yard.propose(title="Upkeep to 6 %"), now=yard.now + 3 * DAY)
    at(one.opens_at + DAY)
    return one


def url(name: str, *args: Any) -> str:
    return reverse(f"decisions:{name}", args=args)


def test_from_the_message_to_a_cast_ballot(yard: Yard, voting: Proposal, client_for):
    """Message (1 tap) → the ballot → for (1 tap): the page asks nothing else."""
    person = yard.people["client"][0]
    client = client_for(person)
    task = Task.objects.get(person=person, key=f"vote:{voting.pk}")
    page = client.get(task.url.partition("#")[0])
    text = page.content.decode()
    assert page.status_code == 200 and 'id="ballot"' in text and text.count('name="choice"') == 3 and "confidential" in text
    answer = client.post(url("vote", voting.pk), {"choice": "for"})
    assert answer.status_code == 302 and answer.url.endswith("#ballot")
    assert Ballot.objects.get(elector__person=person).choice == "for"
    assert 'aria-pressed="true"' in client.get(url("decision", voting.pk)).content.decode()


def test_the_public_reads_but_does_not_see_names_or_the_discussion(yard: Yard, voting: Proposal, client_for):
    actions.comment(voting, yard.people["worker"][1], "A secret worry", now=voting.opens_at)
    text = client_for(None).get(url("decision", voting.pk)).content.decode()
    assert "94%" in text and "A secret worry" not in text and "worker 0" not in text and "worker 1" not in text
    inside = client_for(yard.people["client"][0]).get(url("decision", voting.pk)).content.decode()
    assert "A secret worry" in inside and "worker 0" in inside


def test_outsiders_get_404(yard: Yard, voting: Proposal, client_for):
    outsider = client_for(Person.objects.create_user("o@example.org", "o", language="en"))
    assert outsider.post(url("vote", voting.pk), {"choice": "for"}).status_code == 404
    assert outsider.post(url("comment", voting.pk), {"text": "hello"}).status_code == 404
    assert outsider.post(url("withdraw", voting.pk), {"reason": "mine"}).status_code == 404
    assert outsider.post(url("discuss", voting.pk)).status_code == 404
    nobody = client_for(None)
    assert nobody.post(url("vote", voting.pk), {"choice": "for"}).status_code == 302
    assert outsider.post(f"/api/decisions/{voting.pk}/votes", {"choice": "for"}, content_type="application/json").status_code == 404
    assert outsider.get(f"/api/decisions/{voting.pk}/comments").status_code == 404
    assert nobody.post(f"/api/decisions/{voting.pk}/votes", {"choice": "for"}, content_type="application/json").status_code in (401, 403)
    draft = actions.draft(yard.people["worker"][0], "change_rules", "Mine", "", [split("90%", "10%")], now=yard.now)
    for client in (outsider, nobody, client_for(yard.people["worker"][1])):
        assert client.get(url("decision", draft.pk)).status_code == 404
        assert client.get(f"/api/decisions/{draft.pk}").status_code == 404
        assert client.get(url("edit", draft.pk)).status_code == 404
    assert not Ballot.objects.exists()


def test_writing_a_proposal(yard: Yard, at, client_for):
    client = client_for(yard.people["worker"][0])
    address = url("new") + "?" + urlencode({"rule": SPLIT, "value": json.dumps({"provider": "94%", "upkeep": "6%"})})
    text = client.get(address).content.decode()
    assert 'value="94"' in text and "₩60,000" in text and "95%" in text
    sent = {"kind": "change_rules", "rule": [SPLIT], f"v-{SPLIT}.provider": "94", f"v-{SPLIT}.upkeep": "6", "title": "", "reason": "Because"}
    broken = client.post(url("new"), {**sent, "do": "propose"})
    assert broken.status_code == 422 and "Because" in broken.content.decode() and 'value="94"' in broken.content.decode()
    wrong = client.post(url("new"), {**sent, f"v-{SPLIT}.upkeep": "7", "title": "Seven", "do": "propose"})
    assert wrong.status_code == 422 and 'value="7"' in wrong.content.decode() and "101%" in wrong.content.decode()
    added = client.post(url("new"), {**sent, "add": WAIT, "do": "add"}).content.decode()
    assert f'value="{WAIT}"' in added and f"v-{WAIT}_0" in added and "Because" in added
    both = {**sent, "rule": [SPLIT, WAIT], f"v-{WAIT}_0": "2", f"v-{WAIT}_1": "d", "title": "Both"}
    removed = client.post(url("new"), {**both, "do": f"remove:{SPLIT}"}).content.decode()
    assert f"v-{SPLIT}.upkeep" not in removed and f"v-{WAIT}_0" in removed
    preview = client.post(url("new"), {**both, "do": "preview"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in preview and "2 days" in preview and "₩940,000" in preview
    kept = client.post(url("new"), {**both, "do": "draft"})
    one = Proposal.objects.get()
    assert kept.url == url("decision", one.pk) and one.state == "draft" and len(one.changes) == 2
    assert 'value="Both"' in client.get(url("edit", one.pk)).content.decode()
    client.post(url("edit", one.pk), {**both, "title": "Both of them", "do": "propose"})
    one.refresh_from_db()
    assert (one.state, one.title) == ("discussion", "Both of them") and one.dry_run["rows"][0] == [{"en": "provider", "ko": "provider"}, 950_000, 940_000]


def test_trying_is_for_everyone_proposing_for_members(yard: Yard, at, client_for):
    sent = {"kind": "change_rules", "rule": [SPLIT], f"v-{SPLIT}.provider": "94", f"v-{SPLIT}.upkeep": "6", "title": "Six", "do": "propose"}
    nobody = Client(headers={"accept-language": "en"})
    answer = nobody.post(url("new"), sent)
    assert answer.status_code == 422 and 'value="Six"' in answer.content.decode()
    outsider = client_for(Person.objects.create_user("o@example.org", "o", language="en"))
    assert outsider.post(url("new"), sent).status_code == 422
    assert "₩60,000" in nobody.post(url("new"), {**sent, "do": "preview"}).content.decode()
    assert not Proposal.objects.exists()


def test_results_and_what_stays_hidden(yard: Yard, at, client_for):
    one = yard.run(yard.propose(), worker="fffffff", client="aaff")
    assert one.tally["totals"] == {"for": 9, "against": 2, "abstain": 0} and one.tally["classes"] == {}
    at(one.closed_at)
    for client in (Client(headers={"accept-language": "en"}), client_for(yard.people["worker"][0])):
        text = client.get(url("decision", one.pk)).content.decode()
        assert "11 of 13 members decided this" in text and "fewer than five" in text
        api = client.get(f"/api/decisions/{one.pk}").json()
        assert api["tally"] == one.tally and api["sentence"].startswith("11 of 13")


def test_the_list_puts_my_ballot_first(yard: Yard, voting: Proposal, client_for):
    text = client_for(yard.people["client"][0]).get(url("list")).content.decode()
    assert "Waiting for your ballot" in text and f"{voting.pk}/#ballot" in text
    actions.cast(voting, yard.people["client"][0], "for", now=voting.opens_at)
    assert "Waiting for your ballot" not in client_for(yard.people["client"][0]).get(url("list")).content.decode()
    assert client_for(None).get(url("list")).status_code == 200


def test_the_pages_ask_few_queries(yard: Yard, voting: Proposal, client_for, django_assert_max_num_queries):
    for n in range(5):
        yard.propose(split("90%", "10%"), title=f"More {n}")
    client = client_for(yard.people["client"][0])
    for address in (url("list"), url("decision", voting.pk), url("new") + f"?rule={SPLIT}", "/rules/", f"/rules/{SPLIT}/"):
        with django_assert_max_num_queries(20):
            assert client.get(address).status_code == 200, address


def test_withdraw_and_comment_keep_what_was_typed(yard: Yard, voting: Proposal, client_for):
    author = client_for(yard.people["worker"][0])
    assert author.post(url("withdraw", voting.pk), {"reason": ""}).status_code == 422
    long = "x" * 4001
    answer = author.post(url("comment", voting.pk), {"text": long})
    assert answer.status_code == 422 and long in answer.content.decode()
    assert author.post(url("comment", voting.pk), {"text": "Good."}).status_code == 302
    assert author.post(url("withdraw", voting.pk), {"reason": "Not now."}).status_code == 302
    assert "Not now." in client_for(None).get(url("decision", voting.pk)).content.decode()


def test_an_organisations_own_form(yard: Yard, at, client_for):
    org = organisation(yard, "Brightly", 5)
    client = client_for(yard.people["Brightly"][0])
    address = url("new") + "?" + urlencode({"org": org.pk, "rule": FEE})
    assert "Brightly" in client.get(address).content.decode()
    assert client_for(yard.people["worker"][0]).get(address).status_code == 404
    sent = {"kind": "change_rules", "org": org.pk, "rule": [FEE], f"v-{FEE}.worker": "90", f"v-{FEE}.fund": "10", "title": "Ten for us", "do": "propose"}
    client.post(url("new"), sent)
    assert Proposal.objects.get().org == org


def test_electing_and_resolving(yard: Yard, at, client_for):
    office(yard, "treasurer")
    author, candidate = yard.people["worker"][:2]
    client = client_for(author)
    assert client.get(url("new") + "?kind=elect").status_code == 200
    client.post(url("new"), {"kind": "elect", "office": "treasurer", "person": str(candidate.pk), "title": "A treasurer", "do": "propose"})
    one = yard.run(Proposal.objects.get(kind="elect"), worker="fffffff")
    assert str(candidate) not in client_for(None).get(url("decision", one.pk)).content.decode()
    one = actions.take_effect(one, now=one.effect_at)
    from madang.coop.members import queries as members

    assert one.state == "in_force" and members.holds(candidate, "treasurer", one.ended_at)
    client.post(url("new"), {"kind": "resolve", "text": "We close on Mondays.", "title": "Mondays", "do": "propose"})
    assert "We close on Mondays." in client_for(None).get(url("decision", Proposal.objects.get(kind="resolve").pk)).content.decode()
    assert client.post(url("new"), {"kind": "admit", "title": "Me", "do": "propose"}).status_code == 404


def test_every_verb_by_api(yard: Yard, at, client_for):
    client = client_for(yard.people["worker"][0])

    def send(method: str, path: str, body: Any = None):
        return getattr(client, method)(f"/api/decisions/{path}", json.dumps(body or {}), content_type="application/json")

    body = {"title": "Six", "reason": "Because", "changes": [{"rule": SPLIT, "value": {"provider": "94%", "upkeep": "6%"}}]}
    made = send("post", "", body)
    assert made.status_code == 200, made.content
    id = made.json()["id"]
    assert send("put", id, {**body, "title": "Six percent"}).json()["title"] == "Six percent"
    assert send("post", f"{id}/discussion").json()["state"] == "discussion"
    assert send("post", f"{id}/comments", {"text": "Good"}).json()["text"] == "Good"
    assert client.get(f"/api/decisions/{id}/comments").json()[0]["text"] == "Good"
    assert send("post", f"{id}/support").json() == 1
    early = send("post", f"{id}/advance")
    assert early.status_code == 409 and early.json()["code"] == "too-early"
    at(yard.now + 3 * DAY)
    assert send("post", f"{id}/advance").json()["state"] == "voting"
    assert send("post", f"{id}/votes", {"choice": "for"}).json()[0]["choice"] == "for"
    assert send("post", f"{id}/votes", {"choice": "maybe"}).status_code == 422
    one = Proposal.objects.get(pk=id)
    yard.vote(one, worker="-ffffff")
    at(one.closes_at)
    assert send("post", f"{id}/advance").json()["state"] == "passed"
    at(one.closes_at + 2 * DAY)
    assert send("post", f"{id}/advance").json()["state"] == "in_force"
    assert client.get("/api/decisions/?state=in_force").json()[0]["id"] == id
    other = send("post", "", {**body, "changes": [{"rule": SPLIT, "value": {"provider": "90%", "upkeep": "10%"}}]}).json()["id"]
    send("post", f"{other}/discussion")
    assert send("post", f"{other}/withdrawal", {"text": "No."}).json()["state"] == "withdrawn"
    unfit = send("post", "", {**body, "changes": [{"rule": SPLIT, "value": {"provider": 0.9, "upkeep": 0.1}}]})
    assert unfit.status_code == 409 and unfit.json()["code"] == "unfit" and unfit.json()["field"] == SPLIT


def test_undo_is_prepared(yard: Yard, at, client_for):
    one = yard.run(yard.propose(), worker="fffffff")
    one = actions.take_effect(one, now=one.effect_at)
    at(one.ended_at)
    from madang.coop.decisions.views import undo_url

    text = client_for(yard.people["worker"][0]).get(undo_url(one)).content.decode()
    assert 'value="95"' in text and rules.get(SPLIT).at(one.ended_at).data["provider"] == "94%"


def test_trying_out_is_rationed_and_nothing_odd_breaks_it(yard: Yard, at, client_for, monkeypatch):
    """The preview asks the database dear questions, for anyone; brackets without end are no value; a title is one clean line."""
    from madang.coop.rules import trying
    from madang.kit.ration import Ration

    monkeypatch.setattr(trying._memory, "asked", Ration(1))
    browser = client_for(None)
    first, second = (browser.get(url("new") + "?rule=test.split", headers={"accept-language": "en"}) for _ in range(2))
    assert "wait a minute" not in first.content.decode() and "wait a minute" in second.content.decode()
    trying._memory.asked.forget()
    assert browser.get(url("new"), {"rule": "test.split", "value": "[" * 15_000}).status_code == 200
    one = yard.propose(title="a\u202eb\x00 c\nd")
    assert one.title == "ab c d"


def test_a_rule_of_a_platform_that_is_not_here_is_no_rule(yard: Yard, client_for, monkeypatch):
    from madang.coop.rules import registry

    monkeypatch.setattr(registry.house, "lives", lambda name: name != "test")
    client = client_for(yard.people["worker"][0])
    assert client.get("/decisions/new/", {"rule": SPLIT}).status_code == 404
    sent = {"title": "Six", "changes": [{"rule": SPLIT, "value": {"provider": "94%", "upkeep": "6%"}}]}
    answer = client.post("/api/decisions/", json.dumps(sent), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "no-rule")
    with pytest.raises(Refused, match="no-rule"):
        yard.propose()


def test_the_page_says_why_there_is_nothing_to_read_or_to_cast(yard: Yard, client_for, monkeypatch):
    author, gone, late = yard.people["worker"][0], yard.people["worker"][1], Person.objects.create_user("late@example.org", "late", language="en")
    monkeypatch.setattr(clock, "now", lambda: yard.now)
    draft = actions.draft(author, "resolve", "Mondays", details={"text": "We close on Mondays."}, now=yard.now)
    actions.withdraw(draft, author, "", now=yard.now)
    text = client_for(author).get(f"/decisions/{draft.pk}/").content.decode()
    assert "its words are not kept" in text and "Names are shown to members" not in text
    one = actions.open_voting(yard.propose(), now=yard.now + timedelta(days=3))
    monkeypatch.setattr(clock, "now", lambda: one.opens_at)
    Membership.objects.filter(person=gone).update(state="left", left_at=one.opens_at, primary=False)
    for who, left in ((gone, True), (late, False)):
        text = client_for(who).get(f"/decisions/{one.pk}/").content.decode()
        assert ("You have left" in text, "was fixed when voting opened" in text) == (left, not left)
