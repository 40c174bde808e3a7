"""The course of a decision, from draft to the running platform."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from madang.coop import notices, rules
from madang.coop.decisions import actions, hooks, kinds, queries
from madang.coop.decisions.models import Ballot, Elector, Proposal
from madang.coop.members.models import MemberClass, Membership
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Notice, Task
from madang.coop.people.models import Person
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.coop.rules import registry
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Missing, Refused
from tests.coop.decisions.yard import FEE, SPLIT, WAIT, Yard, make, office, organisation, split

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def leaf(kind: str, subject: str) -> dict:
    pending = PendingLeaf.objects.get(kind=kind, subject=subject)
    assert pending.public
    return json.loads(LeafLine.objects.get(written=pending.pk).body)


def test_a_decision_changes_the_running_platform(yard: Yard):
    now = yard.now
    before = rules.get(SPLIT).at(now)
    one = yard.propose(split("94%", "6%"))
    assert one.state == "discussion" and one.opens_at == now + 3 * DAY
    with pytest.raises(Refused):
        actions.open_voting(one, now=now + 2 * DAY)
    one = actions.open_voting(one, now=now + 3 * DAY)
    assert one.closes_at == now + 8 * DAY and one.electorate == {"total": 13, "classes": {"client": 6, "worker": 7}}
    yard.vote(one, worker="fffffao", client="fffff-")
    with pytest.raises(Refused):
        actions.close(one, now=now + 7 * DAY)
    one = actions.close(one, now=now + 8 * DAY)
    assert (one.state, one.effect_at) == ("passed", now + 10 * DAY)
    assert one.tally["totals"] == {"for": 10, "against": 1, "abstain": 1}
    with pytest.raises(Refused):
        actions.take_effect(one, now=now + 9 * DAY)
    assert rules.get(SPLIT).at(now + 9 * DAY) == before
    one = actions.take_effect(one, now=now + 10 * DAY)
    after = rules.get(SPLIT).at(now + 10 * DAY)
    assert one.state == "in_force" and after.decision_id == one.pk and after.data == {"provider": "94%", "upkeep": "6%"}
    assert rules.get(SPLIT).at(now + 9 * DAY) == before
    assert one.inverse == [{"rule": SPLIT, "scope": "", "from": str(after.pk), "value": before.data}]
    assert queries.sentence(one.pk, "en") == "12 of 13 members decided this on 10 March."
    assert leaf("decision.effect", f"decision:{one.pk}") == {"decision": str(one.pk), "versions": [str(after.pk)], "at": "2026-03-12T00:00:00Z"}
    assert leaf("rule", f"rule:{after.pk}") == {
        "version": str(after.pk), "rule": SPLIT, "scope": "", "value": {"provider": "94%", "upkeep": "6%"}, "effective_from": "2026-03-12T00:00:00Z",
        "founding": None, "decision": str(one.pk), "from": str(before.pk),
    }  # fmt: skip
    tally = leaf("decision.tally", f"decision:{one.pk}")
    assert tally["electorate"] == 13 and tally["effect_at"] == "2026-03-12T00:00:00Z" and tally["changes"] == one.changes
    opened = leaf("decision.opened", f"decision:{one.pk}")
    assert opened["way_name"] == "policy" and opened["way"]["majority"] == "50%" and opened["closes_at"] == "2026-03-10T00:00:00Z"


def test_everything_again_changes_nothing(yard: Yard):
    one = yard.run(yard.propose(), worker="fffffff", client="ffffff")
    leaves = PendingLeaf.objects.count()
    actions.open_voting(one, now=one.effect_at)
    actions.close(one, now=one.effect_at)
    assert PendingLeaf.objects.count() == leaves
    actions.take_effect(one, now=one.effect_at)
    leaves, versions = PendingLeaf.objects.count(), RuleVersion.objects.count()
    actions.take_effect(one, now=one.effect_at + DAY)
    assert (PendingLeaf.objects.count(), RuleVersion.objects.count()) == (leaves, versions)


def test_the_clock_alone_moves_it(yard: Yard):
    one = yard.propose()
    run_due(yard.now + DAY)
    one.refresh_from_db()
    assert one.state == "discussion"
    run_due(yard.now + 3 * DAY)
    one.refresh_from_db()
    assert one.state == "voting"
    yard.vote(one, worker="fffffff")
    run_due(one.closes_at)
    one.refresh_from_db()
    assert one.state == "passed"
    run_due(one.effect_at)
    one.refresh_from_db()
    assert one.state == "in_force" and rules.get(SPLIT).at(one.effect_at).decision_id == one.pk


def test_a_late_sweep_gives_everyone_their_full_time(yard: Yard):
    one = yard.propose()
    late = yard.now + 30 * DAY
    run_due(late)
    one.refresh_from_db()
    assert one.state == "voting" and one.closes_at == late + 5 * DAY
    yard.vote(one, worker="fffffff")
    with pytest.raises(Refused) as no:
        actions.cast(one, yard.people["client"][0], "against", now=one.closes_at)
    assert no.value.code == "closed"
    later = one.closes_at + 30 * DAY
    run_due(later)
    one.refresh_from_db()
    assert one.state == "passed" and one.effect_at == later + 2 * DAY
    run_due(later + 20 * DAY)
    version = rules.get(SPLIT).at(later + 20 * DAY)
    assert version.effective_from == later + 20 * DAY, "never in force for what was booked before it was applied"


def test_the_electorate_is_frozen_when_voting_opens(yard: Yard):
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    late = Person.objects.create_user("late@example.org", "late")
    dates = {"applied_at": yard.now, "admitted_at": yard.now, "active_from": yard.now + 3 * DAY}
    Membership.objects.create(member_class=MemberClass.objects.get(key="worker"), person=late, state="active", **dates)
    with pytest.raises(Missing):
        actions.cast(one, late, "for", now=one.opens_at)
    gone = yard.people["worker"][0]
    Membership.objects.filter(person=gone).update(state="left", left_at=yard.now + 4 * DAY)
    assert Elector.objects.filter(proposal=one).count() == 13


def test_a_ballot_may_be_changed_and_the_last_one_counts(yard: Yard):
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    voter = yard.people["worker"][0]
    assert Task.objects.filter(person=voter, key=f"vote:{one.pk}", closed_at=None, url=f"/decisions/{one.pk}/#ballot").count() == 1
    actions.cast(one, voter, "for", now=one.opens_at)
    assert not Task.objects.filter(person=voter, key=f"vote:{one.pk}", closed_at=None).exists()
    actions.cast(one, voter, "against", now=one.opens_at + DAY)
    actions.cast(one, voter, "against", now=one.opens_at + 2 * DAY)
    ballot = Ballot.objects.get(elector__person=voter)
    assert (ballot.choice, ballot.cast_at) == ("against", one.opens_at + DAY)
    with pytest.raises(Refused):
        actions.cast(one, voter, "maybe", now=one.opens_at)


def test_rejected_for_want_of_votes(yard: Yard):
    one = yard.run(yard.propose(), worker="ff")
    assert one.state == "rejected" and one.tally["reasons"] == ["quorum"] and one.tally["totals"] is None
    assert queries.sentence(one.pk, "en") == "The members decided this on 10 March."
    assert rules.get(SPLIT).at(yard.now + 30 * DAY).decision_id is None


def test_a_tie_does_not_pass_more_than_half(yard: Yard):
    one = yard.run(yard.propose(), worker="fffaaa")
    assert one.state == "rejected" and one.tally["reasons"] == ["majority"]


def test_a_class_with_a_say_of_its_own_can_stop_it(db, now, rules_of_the_yard):
    way = {"per_class": {"client": {"majority": "50%"}}, "discussion": "1d", "voting": "1d", "notice": "1d"}
    yard = make(now, {"worker": 20, "client": 6}, {"ways.policy": way})
    one = yard.run(yard.propose(), worker="f" * 20, client="aaaaff")
    assert one.state == "rejected" and one.tally["reasons"] == ["class:client:majority"]
    assert one.tally["classes"]["client"] == {"passed": False, "for": 2, "against": 4, "abstain": 0}


def test_moved_live_value_fails_and_changes_nothing(yard: Yard):
    first = yard.propose(split("94%", "6%"))
    second = yard.propose(split("90%", "10%"), {"rule": WAIT, "value": "48h"}, title="Both")
    first, second = yard.run(first, worker="fffffff"), yard.run(second, worker="fffffff")
    actions.take_effect(first, now=first.effect_at)
    second = actions.take_effect(second, now=second.effect_at)
    assert (second.state, second.ended_because) == ("failed", "moved")
    assert rules.get(WAIT).at(second.effect_at).data == "24h", "together or not at all"
    assert rules.get(SPLIT).at(second.effect_at).decision_id == first.pk
    assert leaf("decision.failed", f"decision:{second.pk}") == {"decision": str(second.pk), "reason": "moved"}
    assert Notice.objects.filter(person=yard.people["worker"][1], message="decisions.failed").exists()


def test_drafted_from_an_old_value_is_told_before_discussion(yard: Yard):
    author = yard.people["client"][0]
    draft = actions.draft(author, "change_rules", "Ten", "", [split("90%", "10%")], now=yard.now)
    first = yard.run(yard.propose(), worker="fffffff")
    actions.take_effect(first, now=first.effect_at)
    with pytest.raises(Refused) as no:
        actions.open_discussion(draft, author, now=first.effect_at)
    assert no.value.code == "moved"


def test_several_rules_together(yard: Yard):
    one = yard.run(yard.propose(split("90%", "10%"), {"rule": WAIT, "value": "48h"}), worker="fffffff")
    one = actions.take_effect(one, now=one.effect_at)
    assert {v.key: v.data for v in RuleVersion.objects.filter(decision_id=one.pk)} == {SPLIT: {"provider": "90%", "upkeep": "10%"}, WAIT: "2d"}


def test_changing_how_we_decide_needs_more(db, now, rules_of_the_yard):
    yard = make(now, {"worker": 7}, {"ways.constitution": {"majority": "2/3", "quorum": "50%"}})
    one = yard.propose({"rule": "ways.policy", "value": {"quorum": "1%"}})
    assert one.way_name == "constitution"
    with pytest.raises(Refused) as no:
        yard.propose({"rule": "ways.policy", "value": {"quorum": "1%"}}, split("94%", "6%"))
    assert no.value.code == "other-way"


def test_without_a_constitution_the_ordinary_way_decides(yard: Yard):
    assert yard.propose({"rule": "ways.policy", "value": {"quorum": "30%"}}).way_name == "policy"


def test_the_way_is_the_one_of_the_discussion(yard: Yard):
    one = yard.propose()
    other = yard.run(yard.propose({"rule": "ways.policy", "value": {"quorum": "90%", "notice": "30d"}}), worker="fffffff")
    actions.take_effect(other, now=other.effect_at)
    one = yard.run(one, worker="fffff")
    assert one.state == "passed" and one.effect_at - one.closed_at == 2 * DAY


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rule": "no.such", "value": 1}, "no-rule"),
        (split("95%", "6%"), "unfit"),
        (split("60%", "40%"), "unfit"),
        (split("95%", "5%"), "no-change"),
        ({"rule": SPLIT, "value": {"provider": 0.94, "upkeep": 0.06}}, "unfit"),
        ({"rule": WAIT, "value": "30d"}, "unfit"),
        ({"rule": "test.reserve", "value": "5%"}, "law"),
    ],
)
def test_what_cannot_be_tabled(yard: Yard, change, code):
    with pytest.raises(Refused) as no:
        yard.propose(change)
    assert no.value.code == code
    assert not Proposal.objects.exists()


def test_the_law_is_cited(yard: Yard):
    with pytest.raises(Refused) as no, translation.override("en"):
        yard.propose({"rule": "test.reserve", "value": "5%"})
    assert "50" in str(no.value.message) and "10%" in str(no.value.message)


def test_an_organisation_decides_its_own(yard: Yard):
    org = organisation(yard, "Brightly", 6)
    author = yard.people["Brightly"][0]
    change = {"rule": FEE, "value": {"worker": "90%", "fund": "10%"}}
    with pytest.raises(Refused):
        yard.propose(change, org=org)
    with pytest.raises(Refused) as no:
        yard.propose(split("94%", "6%"), author=author, org=org)
    assert no.value.code == "other-scope"
    one = actions.open_voting(yard.propose(change, author=author, org=org), now=yard.now + 3 * DAY)
    assert one.electorate == {"total": 6, "classes": {"provider": 6}}
    with pytest.raises(Missing):
        actions.cast(one, yard.people["worker"][0], "for", now=one.opens_at)
    yard.vote(one, Brightly="ffffff")
    one = actions.close(one, now=one.closes_at)
    one = actions.take_effect(one, now=one.effect_at)
    assert rules.get(FEE).at(one.ended_at, org).data == {"worker": "90%", "fund": "10%"}
    assert rules.get(FEE).at(one.ended_at).data == {"worker": "97%", "fund": "3%"}


def test_an_organisations_proposal_is_tried_out_for_it_alone(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    """The figures on the ballot are those of its own work."""
    asked: list[Any] = []

    def tried(changes: Any, now: Any, *, org: Any = None) -> rules.DryRun:
        asked.append(org)
        return rules.DryRun([("fund", 1, 2)])

    monkeypatch.setitem(registry._registry.rules, FEE, replace(rules.get(FEE), dry_run=tried))
    org = organisation(yard, "Brightly", 6)
    one = yard.propose({"rule": FEE, "value": {"worker": "90%", "fund": "10%"}}, author=yard.people["Brightly"][0], org=org)
    one = actions.open_voting(one, now=one.opens_at)
    assert one.dry_run["rows"][0][1:] == [1, 2] and set(asked) == {org}
    yard.propose({"rule": FEE, "value": {"worker": "91%", "fund": "9%"}})
    assert asked[-1] is None


def test_one_organisation_cannot_fill_the_coops_offices(yard: Yard):
    """Two people of one member co-op could otherwise make themselves the board."""
    org = organisation(yard, "Brightly", 2)
    office(yard, "board")
    schemer = yard.people["Brightly"][0]
    details = {"office": "board", "person": str(schemer.pk)}
    with pytest.raises(Refused) as no:
        actions.draft(schemer, "elect", "Me!", details=details, org=org, now=yard.now)
    assert no.value.code == "other-scope"
    smuggled = actions.draft(schemer, "elect", "Me!", details=details, now=yard.now)
    smuggled.org = org
    smuggled.save()
    with pytest.raises(Refused):
        actions.open_discussion(smuggled, schemer, now=yard.now)


def test_what_is_decided_in_words_stands_in_the_record_word_for_word(yard: Yard):
    one = actions.draft(yard.people["worker"][0], "resolve", "Mondays", details={"text": "We close on Mondays."}, now=yard.now)
    one = actions.open_discussion(one, one.author, now=yard.now)
    one = actions.open_voting(one, now=one.opens_at)
    assert leaf("decision.opened", f"decision:{one.pk}")["details"] == {"text": "We close on Mondays."}
    assert not PendingLeaf.objects.filter(kind="decision.details").exists()


def test_whom_a_decision_is_about_is_sealed_but_not_open(yard: Yard):
    office(yard, "board")
    details = {"office": "board", "person": str(yard.people["worker"][1].pk)}
    one = actions.draft(yard.people["worker"][0], "elect", "Board", details=details, now=yard.now)
    one = actions.open_voting(actions.open_discussion(one, one.author, now=yard.now), now=yard.now + 30 * DAY)
    assert "details" not in leaf("decision.opened", f"decision:{one.pk}")
    closed = PendingLeaf.objects.get(kind="decision.details")
    assert (closed.public, closed.subject) == (False, f"details:{one.pk}")
    assert json.loads(LeafLine.objects.get(written=closed.pk).body) == {"decision": str(one.pk), **details}


def test_the_record_forgets_whom_an_election_was_about(yard: Yard):
    office(yard, "board")
    who = yard.people["worker"][1]
    one = actions.draft(yard.people["worker"][0], "elect", "Board", details={"office": "board", "person": str(who.pk)}, now=yard.now)
    one = actions.open_voting(actions.open_discussion(one, one.author, now=yard.now), now=yard.now + 30 * DAY)
    actions.support(actions.open_discussion(
        actions.draft(who, "resolve", "Mondays", details={"text": "We close on Mondays."}, now=yard.now), who, now=yard.now), who, now=yard.now)
    declared = hooks.personal[0]
    assert {row["kind"] for row in declared.export(who)} == {"proposal", "vote not cast", "support", "decision about you"}
    declared.erase(who, now=yard.now)
    line = LeafLine.objects.get(written=PendingLeaf.objects.get(kind="decision.details").pk)
    assert (line.body, line.salt) == (None, None) and bytes(line.line_hash)


@pytest.mark.parametrize("kind", ["resolve", "elect", "change_rules"])
def test_a_draft_taken_back_unseen_keeps_no_words(yard: Yard, kind: str):
    office(yard, "board")
    author = yard.people["worker"][0]
    details = {"text": "A secret thought", "office": "board", "person": str(author.pk)}
    changes = [split("94%", "6%")] if kind == "change_rules" else []
    one = actions.draft(author, kind, "A secret title", "A secret reason", changes, details=details, now=yard.now)
    actions.withdraw(one, author, "A secret end", now=yard.now)
    one.refresh_from_db()
    assert (one.state, one.title, one.reason, one.ended_because, one.details, one.changes) == ("withdrawn", "—", "", "", {}, [])
    assert kinds.get(kind).lines(one, "en") == []


def test_withdrawing(yard: Yard):
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    author, other = yard.people["worker"][:2]
    with pytest.raises(Missing):
        actions.withdraw(one, other, "no", now=one.opens_at)
    with pytest.raises(Refused):
        actions.withdraw(one, author, "", now=one.opens_at)
    with pytest.raises(Refused):
        actions.withdraw(one, author, "too late", now=one.closes_at)
    one = actions.withdraw(one, author, "We found a better way.", now=one.opens_at)
    assert one.state == "withdrawn"
    assert leaf("decision.withdrawn", f"decision:{one.pk}") == {"decision": str(one.pk), "reason": "We found a better way."}
    assert not notices.needs_me(other) and Notice.objects.filter(person=other, message="decisions.withdrawn").exists()
    with pytest.raises(Refused):
        actions.cast(one, other, "for", now=one.opens_at)


def test_outsiders_have_no_part(yard: Yard):
    outsider = Person.objects.create_user("o@example.org", "Outsider")
    one = yard.propose()
    with pytest.raises(Missing):
        actions.comment(one, outsider, "Hello", now=yard.now)
    with pytest.raises(Missing):
        actions.cast(one, outsider, "for", now=yard.now)
    with pytest.raises(Refused) as no:
        yard.propose(author=outsider)
    assert no.value.code == "not-yours-to-propose"
    draft = actions.draft(yard.people["worker"][0], "change_rules", "Mine", "", [split("90%", "10%")], now=yard.now)
    with pytest.raises(Missing):
        actions.comment(draft, yard.people["worker"][1], "Seen", now=yard.now)
    with pytest.raises(Missing):
        queries.visible(draft.pk, yard.people["worker"][1])


def test_supporters_where_the_way_asks_for_them(db, now, rules_of_the_yard):
    yard = make(now, {"worker": 7}, {"ways.policy": {"support": 2, "discussion": "1d"}})
    weak, strong = yard.propose(), yard.propose(split("90%", "10%"))
    for person in yard.people["worker"][:2]:
        actions.support(strong, person, now=now)
        actions.support(strong, person, now=now)
    run_due(now + DAY)
    weak.refresh_from_db()
    strong.refresh_from_db()
    assert (weak.state, weak.ended_because, strong.state) == ("failed", "support", "voting")


def test_only_long_enough_members_vote_where_the_way_says_so(db, now, rules_of_the_yard):
    yard = make(now, {"worker": 7}, {"ways.policy": {"member_for": "30d", "discussion": "1d"}})
    one = actions.open_voting(yard.propose(), now=now + DAY)
    assert (one.state, one.ended_because) == ("failed", "nobody")


def test_erasing_a_person_keeps_the_minutes(yard: Yard):
    from madang.coop.decisions.hooks import personal

    person = yard.people["worker"][0]
    mine = actions.draft(person, "change_rules", "Private thought", "secret", [split("90%", "10%")], now=yard.now)
    one = yard.run(yard.propose(author=person), worker="fffffff")
    assert {row["kind"] for row in personal[0].export(person)} == {"proposal", "ballot"}
    personal[0].erase(person, now=yard.now)
    mine.refresh_from_db()
    one.refresh_from_db()
    assert (mine.state, mine.reason, one.state) == ("withdrawn", "", "passed")
