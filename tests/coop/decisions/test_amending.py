"""Amendments: offered, taken in, declined, put to the vote; the text that is voted on is the one that was taken in, and nobody is ambushed by it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from madang.coop import rules
from madang.coop.decisions import actions, amending, hooks, meeting
from madang.coop.decisions.models import Amendment, Proposal
from madang.coop.notices.models import Notice, Task
from madang.coop.record.models import LeafLine
from madang.kit.errors import Missing, Refused
from tests.coop.decisions import yard as yards
from tests.coop.decisions.test_failures_of_others import verified
from tests.coop.decisions.yard import POLICY, SPLIT, WAIT, split

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def yard(db: Any, now: Any, rules_of_the_yard: None) -> yards.Yard:
    return yards.make(now, {"worker": 7, "client": 6}, {"ways.policy": POLICY})


def offered(yard: yards.Yard, one: Proposal, *changes: dict[str, Any], who: int = 1, **more: Any) -> Amendment:
    return actions.offer(one, yard.people["worker"][who], changes or [split("92%", "8%")], now=more.pop("now", yard.now), **more)


def refused(code: str, verb: Any, *args: Any, **more: Any) -> None:
    with pytest.raises(Refused) as no:
        verb(*args, **more)
    assert no.value.code == code


def fresh(one: Proposal) -> Proposal:
    return Proposal.objects.get(pk=one.pk)


def test_taken_in_it_is_what_is_proposed_and_decided(yard, settings, tmp_path) -> None:
    author = yard.people["worker"][0]
    one = yard.propose(split("94%", "6%"))
    found = offered(yard, one, reason="It costs more.")
    assert Task.objects.filter(person=author, key=f"amendment:{found.pk}", closed_at=None).exists()
    at = yard.now + DAY
    found = actions.take_in(found, author, now=at)
    assert actions.take_in(found, author, now=at).state == amending.TAKEN
    one = fresh(one)
    assert one.changes[0]["value"]["upkeep"] == "8%" and not Task.objects.filter(key=f"amendment:{found.pk}", closed_at=None).exists()
    assert any(row[2] == 920_000 for row in one.dry_run["rows"]), "last month under the new value"
    done = yard.run(one, worker="fffffff")
    done = actions.take_effect(done, now=done.effect_at)
    assert rules.get(SPLIT).at(done.ended_at).value["upkeep"] * 100 == 8
    assert verified(settings, tmp_path, done.ended_at) == []


def test_a_change_at_the_last_moment_gives_time_to_read_it(yard) -> None:
    one = yard.propose()
    found = offered(yard, one)
    late = one.opens_at - timedelta(minutes=1)
    actions.take_in(found, yard.people["worker"][0], now=late)
    assert fresh(one).opens_at == late + 2 * DAY
    early = yard.propose(title="Other", now=yard.now)
    second = offered(yard, early)
    actions.take_in(second, yard.people["worker"][0], now=yard.now)
    assert fresh(early).opens_at == early.opens_at, "there was time enough"


def test_those_who_followed_it_are_told(yard) -> None:
    one = yard.propose()
    supporter, speaker, third = yard.people["client"][:3]
    actions.support(one, supporter, now=yard.now)
    actions.comment(one, speaker, "I see.", now=yard.now)
    actions.take_in(offered(yard, one), yard.people["worker"][0], now=yard.now)
    told = set(Notice.objects.filter(message="decisions.amended").values_list("person", flat=True))
    assert {supporter.pk, speaker.pk, yard.people["worker"][1].pk} <= told and third.pk not in told


def test_what_was_offered_on_another_text_is_out_of_date(yard) -> None:
    author = yard.people["worker"][0]
    one = yard.propose()
    first, second = offered(yard, one), offered(yard, one, split("90%", "10%"), who=2)
    actions.take_in(first, author, now=yard.now)
    refused("outdated", actions.take_in, second, author, now=yard.now)
    refused("outdated", actions.put, second, yard.people["worker"][2], now=yard.now)
    assert {row.state for row in amending.listed(fresh(one), author, "en")} == {"taken", "outdated"}
    again = offered(yard, fresh(one), split("90%", "10%"), who=2)
    assert actions.take_in(again, author, now=yard.now).state == "taken" and fresh(one).changes[0]["value"]["upkeep"] == "10%"


def test_a_value_that_moved_meanwhile_is_drafted_from_the_live_one(yard) -> None:
    one = yard.propose(split("94%", "6%"), {"rule": WAIT, "value": "48h"})
    other = yard.run(yard.propose(split("93%", "7%"), title="Other", now=yard.now), worker="fffffff")
    other = actions.take_effect(other, now=other.effect_at)
    late = yard.propose(split("91%", "9%"), title="Late", now=other.ended_at)
    found = offered(yard, late, split("90%", "10%"), now=other.ended_at)
    actions.take_in(found, late.author, now=other.ended_at)
    live = fresh(late).changes[0]["from"]
    assert live == str(rules.get(SPLIT).at(other.ended_at).pk) and one.changes[0]["from"] != live


def test_declined_with_words_and_then_decided_by_a_vote(yard, settings, tmp_path) -> None:
    author, other = yard.people["worker"][:2]
    one = yard.propose()
    found = offered(yard, one)
    refused("answer", actions.decline, found, author, " ", now=yard.now)
    with pytest.raises(Missing):
        actions.decline(found, other, "no", now=yard.now)
    actions.decline(found, author, "Too much.", now=yard.now)
    assert Notice.objects.filter(person=other, message="decisions.amendment.declined").exists()
    child = actions.put(found, yard.people["client"][0], now=yard.now)
    assert actions.put(found, other, now=yard.now) == child and (child.kind, child.state) == ("amendment", "discussion")
    assert hooks._to_open(one.opens_at, 9) == [str(child.pk)], "its proposal waits"
    refused("amendment", actions.open_voting, one, now=one.opens_at)
    refused("being-voted", actions.take_in, offered(yard, one, split("90%", "10%"), who=2), author, now=yard.now)
    child = yard.run(child, worker="fffffff")
    assert child.state == "passed" and hooks._to_open(child.closed_at, 9) == []
    child = actions.take_effect(child, now=child.effect_at)
    assert child.state == "in_force" and fresh(one).changes[0]["value"]["upkeep"] == "8%"
    assert fresh(one).opens_at >= child.ended_at + 2 * DAY and hooks._to_open(fresh(one).opens_at, 9) == [str(one.pk)]
    done = yard.run(fresh(one), worker="fffffff")
    done = actions.take_effect(done, now=done.effect_at)
    assert verified(settings, tmp_path, done.ended_at) == []


def test_lost_in_the_vote_the_text_stays(yard) -> None:
    one = yard.propose()
    found = offered(yard, one)
    child = yard.run(actions.put(found, yard.people["worker"][1], now=yard.now), worker="aaaaaaa")
    found.refresh_from_db()
    assert (child.state, found.state) == ("rejected", "lost") and fresh(one).changes[0]["value"]["upkeep"] == "6%"
    refused("answered", actions.take_in, found, yard.people["worker"][0], now=child.closed_at)
    assert hooks._to_open(child.closed_at, 9) == [str(one.pk)]


def test_only_so_many_votes_and_one_at_a_time(yard) -> None:
    one = yard.propose()
    rows = [offered(yard, one, split(f"{90 - number}%", f"{10 + number}%"), who=number) for number in range(1, 4)]
    first = actions.put(rows[0], yard.people["worker"][1], now=yard.now)
    refused("being-voted", actions.put, rows[1], yard.people["worker"][2], now=yard.now)
    first = yard.run(first, worker="aaaaaaa")
    second = yard.run(actions.put(rows[1], yard.people["worker"][2], now=first.closed_at), worker="aaaaaaa")
    refused("too-many", actions.put, rows[2], yard.people["worker"][3], now=second.closed_at)


def test_its_proposal_is_taken_back_while_it_is_voted_on(yard) -> None:
    one = yard.propose()
    child = actions.put(offered(yard, one), yard.people["worker"][1], now=yard.now)
    actions.withdraw(one, one.author, "Enough.", now=yard.now)
    child = actions.open_voting(child, now=child.opens_at)
    assert child.state == "failed" and Amendment.objects.get().state == "lost"


def test_taken_back_by_its_proposer_between_count_and_effect(yard) -> None:
    one = yard.propose()
    child = yard.run(actions.put(offered(yard, one), yard.people["worker"][1], now=yard.now), worker="fffffff")
    actions.withdraw(one, one.author, "Enough.", now=child.closed_at)
    child = actions.take_effect(child, now=child.effect_at)
    assert child.state == "failed" and Amendment.objects.get().state == "lost"


def test_whoever_offered_it_takes_it_back_and_others_do_not(yard) -> None:
    one = yard.propose()
    found = offered(yard, one)
    with pytest.raises(Missing):
        actions.retract(found, yard.people["worker"][2], now=yard.now)
    assert actions.retract(found, yard.people["worker"][1], now=yard.now).state == "withdrawn"
    refused("answered", actions.take_in, found, yard.people["worker"][0], now=yard.now)
    voted = offered(yard, one, split("90%", "10%"))
    actions.put(voted, yard.people["worker"][1], now=yard.now)
    refused("being-voted", actions.retract, voted, yard.people["worker"][1], now=yard.now)


def test_what_cannot_be_offered(yard) -> None:
    one = yard.propose()
    member = yard.people["worker"][1]
    refused("same", actions.offer, one, member, [split("94%", "6%")], now=yard.now)
    refused("reason", actions.offer, one, member, [split("90%", "10%")], reason="x" * 2001, now=yard.now)
    with pytest.raises(Refused):
        actions.offer(one, member, [split("40%", "60%")], now=yard.now)  # beyond what the rule allows
    stranger = yards.Person.objects.create_user("o@example.org", "o", language="en")
    with pytest.raises(Missing):
        actions.offer(one, stranger, [split("90%", "10%")], now=yard.now)
    for number in range(5):
        actions.offer(one, member, [split(f"{85 - number}%", f"{15 + number}%")], now=yard.now)
    refused("too-many", actions.offer, one, member, [split("90%", "10%")], now=yard.now)
    opened = actions.open_voting(one, now=one.opens_at)
    refused("over", actions.offer, opened, yard.people["worker"][2], [split("90%", "10%")], now=opened.opens_at)
    refused("over", actions.take_in, one.amendments.first(), one.author, now=opened.opens_at)
    assert not Task.objects.filter(key__startswith="amendment:", closed_at=None).exists()
    elect = actions.draft(member, "expel", "", details={"membership": str(_membership(yard)), "grounds": "x"}, now=yard.now)
    elect = actions.open_discussion(elect, member, now=yard.now)
    refused("not-amendable", actions.offer, elect, yard.people["worker"][2], [], details={}, now=yard.now)


def _membership(yard: yards.Yard) -> Any:
    from madang.coop.members.models import Membership

    return Membership.objects.get(person=yard.people["client"][0]).pk


def test_another_way_of_deciding_is_another_proposal(db, now, rules_of_the_yard) -> None:
    yard = yards.make(now, {"worker": 7}, {"ways.policy": POLICY, "ways.constitution": {**POLICY, "majority": "2/3", "strict": False}})
    one = yard.propose({"rule": WAIT, "value": "48h"}, title="Wait")
    refused("other-way", actions.offer, one, yard.people["worker"][1], [{"rule": "ways.policy", "value": {**POLICY, "quorum": "30%"}}], now=yard.now)


def test_what_members_are_called_to_stays_as_it_is(yard) -> None:
    one = yard.propose()
    found, other = offered(yard, one), offered(yard, one, split("90%", "10%"), who=2)
    actions.put(other, yard.people["worker"][2], now=yard.now)
    refused("amendment", meeting.wait, one, one.author, meeting=uuid4(), now=yard.now)
    second = yard.propose(title="Another", now=yard.now)
    late = offered(yard, second)
    meeting.wait(second, second.author, meeting=uuid4(), now=yard.now)
    for verb in (actions.take_in, actions.put):
        refused("agenda", verb, late, second.author, now=yard.now)
    refused("agenda", actions.offer, second, yard.people["worker"][3], [split("91%", "9%")], now=yard.now)
    assert found.state == "offered"


def test_words_and_options_are_amended_too(yard) -> None:
    author, member = yard.people["worker"][:2]
    words = actions.open_discussion(actions.draft(author, "resolve", "A bus", "", details={"text": "We buy a bus."}, now=yard.now), author, now=yard.now)
    found = actions.offer(words, member, details={"text": "We buy two buses."}, now=yard.now)
    (row,) = amending.listed(words, member, "en")
    assert [(line.before, line.after) for line in row.lines] == [("We buy a bus.", "We buy two buses.")] and not row.may_answer and row.may_put
    actions.take_in(found, author, now=yard.now)
    assert fresh(words).details == {"text": "We buy two buses."}
    draft = actions.draft(author, "choose", "Colour", "", details={"options": "Red\nBlue", "method": "schulze", "seats": 1}, now=yard.now)
    asked = actions.open_discussion(draft, author, now=yard.now)
    found = actions.offer(asked, member, details={"options": "Red\nBlue\nGreen", "method": "schulze", "seats": 1}, now=yard.now)
    actions.take_in(found, author, now=yard.now)
    opened = actions.open_voting(fresh(asked), now=fresh(asked).opens_at)
    leaf = next(row.body for row in LeafLine.objects.all() if '"asked"' in row.body)
    assert opened.state == "voting" and '"options":["o1","o2","o3"]' in leaf.replace(" ", "")


def test_the_articles_are_compared_word_for_word(db, now, rules_of_the_yard, monkeypatch) -> None:
    yard = yards.make(now, {"worker": 7}, {"ways.constitution": {**POLICY, "quorum": "50%", "majority": "2/3", "strict": False}})
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    author, member = yard.people["worker"][:2]
    first = "Article 1 (Name)\nWe are a yard.\n\nArticle 2 (Aim)\nWe clean."
    draft = actions.draft(author, "articles", "Articles", "", details={"text": first}, now=yard.now)
    one = actions.open_discussion(draft, author, now=yard.now)
    found = actions.offer(one, member, details={"text": first.replace("We clean.", "We clean and sing.")}, now=yard.now)
    with translation.override("en"):
        assert amending.listed(one, member, "en")[0].difference.sentence == "1 article changed"
    page = browser(member).get(reverse("decisions:decision", args=[one.pk])).content.decode()
    assert "and sing" in page and "Offer an amendment" in page
    actions.take_in(found, author, now=yard.now)
    assert fresh(one).changes[0]["value"].endswith("sing.")


def test_the_database_takes_no_other_text(yard) -> None:
    one = yard.propose()
    found = offered(yard, one)
    with pytest.raises(DatabaseError, match="What is discussed"), transaction.atomic():
        Proposal.objects.filter(pk=one.pk).update(changes=found.changes, details=found.details)
    actions.take_in(found, one.author, now=yard.now)
    with pytest.raises(DatabaseError, match="What is discussed"), transaction.atomic():
        Proposal.objects.filter(pk=one.pk).update(changes=one.changes)


@pytest.mark.django_db(transaction=True)
def test_taken_in_while_voting_opens_one_of_them_waits(yard) -> None:
    one = yard.propose()
    found, told = offered(yard, one), []

    def do(name: str, verb: Any) -> None:
        try:
            verb()
            told.append(name)
        except Refused as no:
            told.append(no.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=do, args=("taken", lambda: actions.take_in(found.pk, one.author, now=one.opens_at))),
        threading.Thread(target=do, args=("opened", lambda: actions.open_voting(one.pk, now=one.opens_at))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    after = fresh(one)
    assert sorted(told) in (["opened", "over"], ["taken", "too-early"])
    assert (after.state == "voting") == ("over" in told) and (after.changes[0]["value"]["upkeep"] == "8%") == ("taken" in told)


def test_erased_it_is_nobodys(yard) -> None:
    one, member = yard.propose(), yard.people["worker"][1]
    offered(yard, one, reason="Because of my back.")
    assert [row["reason"] for row in amending.export(member)] == ["Because of my back."]
    amending.erase(member, now=yard.now)
    found = Amendment.objects.get()
    assert (found.reason, found.state) == ("", "withdrawn")


# -- pages and programs ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def at(monkeypatch, yard) -> Any:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: yard.now)


def browser(person: Any) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def test_offered_and_answered_on_the_page(yard, at) -> None:
    author, member = yard.people["worker"][:2]
    one = actions.open_discussion(actions.draft(author, "resolve", "A bus", "", details={"text": "We buy a bus."}, now=yard.now), author, now=yard.now)
    page = browser(member).get(reverse("decisions:decision", args=[one.pk])).content.decode()
    url = reverse("decisions:amend", args=[one.pk])
    assert url in page
    form = browser(member).get(url).content.decode()
    assert "We buy a bus." in form
    sent = {"do": "offer", "key": str(uuid4()), "why": "Cheaper.", "text": "We buy a van."}
    assert browser(member).post(url, {**sent, "text": "We buy a bus."}).status_code == 422
    assert browser(member).post(url, {**sent, "text": ""}).status_code == 422
    assert browser(member).post(url, sent).status_code == 302 and browser(member).post(url, sent).status_code == 302
    found = Amendment.objects.get()
    page = browser(author).get(reverse("decisions:decision", args=[one.pk])).content.decode()
    assert "We buy a van." in page and "Take it in" in page and "Cheaper." in page
    answer = reverse("decisions:amendment", args=[one.pk, found.pk])
    assert browser(member).post(answer, {"do": "take"}).status_code == 404
    browser(author).post(answer, {"do": "decline", "answer": "A van is too small."})
    assert "A van is too small." in browser(member).get(reverse("decisions:decision", args=[one.pk])).content.decode()
    assert browser(member).post(answer, {"do": "vote"}).status_code == 302
    child = Proposal.objects.get(kind="amendment")
    told = browser(member).get(reverse("decisions:decision", args=[child.pk])).content.decode()
    assert "We buy a van." in told and "A bus" in told
    assert "An amendment is being decided" in browser(member).get(reverse("decisions:decision", args=[one.pk])).content.decode()


def test_a_rules_value_is_amended_in_its_own_form(yard, at) -> None:
    author, member = yard.people["worker"][:2]
    one = yard.propose()
    url = reverse("decisions:amend", args=[one.pk])
    form = browser(member).get(url).content.decode()
    assert f'name="v-{SPLIT}' in form and "6" in form
    sent = {"do": "offer", "key": str(uuid4()), "rule": SPLIT, f"v-{SPLIT}.provider": "92%", f"v-{SPLIT}.upkeep": "8%"}
    answer = browser(member).post(url, sent)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert Amendment.objects.get().changes[0]["value"] == {"provider": "92%", "upkeep": "8%"} and author != member


def test_programs_do_the_same(yard, at) -> None:
    author, member = yard.people["worker"][:2]
    one = yard.propose()
    url = f"/api/decisions/{one.pk}/amendments"
    body = {"id": str(uuid4()), "changes": [split("92%", "8%")], "reason": "x"}
    (row,) = browser(member).post(url, body, content_type="application/json").json()
    assert row["state"] == "offered"
    assert browser(member).post(f"{url}/{row['id']}/taking", content_type="application/json").status_code == 404
    told = browser(author).post(f"{url}/{row['id']}/declining", {"answer": "No."}, content_type="application/json").json()
    assert told[0]["state"] == "declined"
    assert browser(member).post(f"{url}/{row['id']}/vote", content_type="application/json").json()[0]["state"] == "voting"
    assert browser(member).delete(f"{url}/{row['id']}").status_code == 409
    stranger = yards.Person.objects.create_user("o@example.org", "o", language="en")
    assert browser(stranger).get(url).status_code == 404
    page = reverse("decisions:amend", args=[one.pk])
    for method in ("get", "post"):
        assert getattr(browser(stranger), method)(page).status_code == 404 and getattr(Client(), method)(page).status_code == 302
