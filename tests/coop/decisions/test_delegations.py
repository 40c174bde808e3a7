"""Delegation by topic: asked, accepted, carried; own vote first, most specific first, loops, the cap, who leaves; and where the law has none."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.coop.decisions import actions, checking, delegations
from madang.coop.decisions.delegations import Delegated, Delegation
from madang.coop.decisions.models import Ballot
from madang.coop.law.models import Coop
from madang.coop.members import actions as members
from madang.coop.members.models import Membership
from madang.coop.notices.models import Task
from madang.coop.people.models import Person
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes import Way
from madang.kit.verify.tally import recount
from tests.coop.decisions.yard import POLICY, WAIT, Yard, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def free(db, now, rules_of_the_yard) -> Yard:
    """A yard whose members may delegate, three to one person."""
    yard = make(now, {"worker": 9}, {"ways.policy": POLICY | {"delegation": {"most": 3, "lasts": "100d"}}})
    Coop.objects.update(law="plain")
    return yard


def trust(yard: Yard, giver: int, holder: int, topic: str = "", **more) -> Delegation:
    people = yard.people["worker"]
    one = delegations.give(people[giver], people[holder], topic, until=more.pop("until", yard.now + 60 * DAY), now=yard.now)
    return delegations.accept(one, people[holder], now=yard.now) if more.pop("accept", True) else one


def opened(yard: Yard, **more):
    return actions.open_voting(yard.propose(**more), now=yard.now + 3 * DAY)


def outcome(one, yard: Yard, person: int) -> str:
    return Delegated.objects.get(elector__proposal=one, elector__person=yard.people["worker"][person]).outcome


def ballot(one, yard: Yard, person: int) -> str | None:
    found = Ballot.objects.filter(elector__proposal=one, elector__person=yard.people["worker"][person]).first()
    return found.choice if found else None


def refused(code: str, call, *args, **more) -> str:
    with pytest.raises(Refused) as no:
        call(*args, **more)
    assert no.value.code == code
    return str(no.value.message)


def test_a_delegate_carries_the_vote(free: Yard):
    trust(free, 1, 0)
    one = opened(free)
    free.vote(one, worker="a-ff")
    one = actions.close(one, now=one.closes_at)
    assert ballot(one, free, 1) == "against" and outcome(one, free, 1) == "carried"
    assert one.tally["totals"] is None and one.tally["delegated"] is None, "four ballots, and one of them carried, are not told"
    assert checking.wrong_tallies() == []


def test_it_is_counted_again_and_told_from_five_on(db, now, rules_of_the_yard):
    yard = make(now, {"worker": 9}, {"ways.policy": POLICY | {"delegation": {"most": 8}}})
    Coop.objects.update(law="plain")
    for giver in range(1, 7):
        trust(yard, giver, 0)
    one = yard.run(yard.propose(), worker="f")
    assert one.tally["totals"] == {"for": 7, "against": 0, "abstain": 0} and one.tally["delegated"] == 6 and one.state == "passed"
    pending = [PendingLeaf.objects.get(kind=kind, subject=f"decision:{one.pk}") for kind in ("decision.opened", "decision.tally")]
    found = [json.loads(LeafLine.objects.get(written=leaf.pk).body) for leaf in pending]
    assert list(recount(*found, Way().parse(found[0]["way"]))) == []


def test_own_vote_overrides_even_after_the_delegate_cast(free: Yard):
    trust(free, 1, 0)
    one = opened(free)
    free.vote(one, worker="a")
    free.vote(one, worker="-f")
    one = actions.close(one, now=one.closes_at)
    assert (ballot(one, free, 1), outcome(one, free, 1)) == ("for", "own")


def test_the_most_specific_topic_wins(free: Yard):
    trust(free, 1, 0)
    trust(free, 1, 2, "kind:change_rules")
    trust(free, 1, 3, "rules:test")
    one = opened(free)
    free.vote(one, worker="f-fa")
    one = actions.close(one, now=one.closes_at)
    assert ballot(one, free, 1) == "against"


def test_a_specific_delegate_who_does_not_vote_is_not_replaced_by_the_general_one(free: Yard):
    trust(free, 1, 0)
    trust(free, 1, 3, "kind:change_rules")
    one = opened(free)
    free.vote(one, worker="f")
    one = actions.close(one, now=one.closes_at)
    assert (ballot(one, free, 1), outcome(one, free, 1)) == (None, "nobody")


def test_a_delegate_of_a_delegate_of_oneself(free: Yard):
    trust(free, 1, 2)
    trust(free, 2, 3)
    trust(free, 3, 1)
    one = opened(free)
    free.vote(one, worker="f")
    one = actions.close(one, now=one.closes_at)
    assert [outcome(one, free, number) for number in (1, 2, 3)] == ["loop"] * 3
    assert Ballot.objects.filter(elector__proposal=one).count() == 1


def test_a_chain_ends_at_the_first_who_votes(free: Yard):
    trust(free, 1, 2)
    trust(free, 2, 3)
    one = opened(free)
    free.vote(one, worker="---a")
    one = actions.close(one, now=one.closes_at)
    assert ballot(one, free, 1) == ballot(one, free, 2) == "against"


def test_nobody_carries_more_than_the_way_says(free: Yard):
    for giver in (1, 2, 3):
        trust(free, giver, 0)
    fourth = trust(free, 4, 0, accept=False)
    refused("too-many", delegations.accept, fourth, free.people["worker"][0], now=free.now)
    trust(free, 5, 1)
    one = opened(free)
    free.vote(one, worker="f")
    one = actions.close(one, now=one.closes_at)
    fates = [outcome(one, free, number) for number in (1, 2, 3, 5)]
    assert sorted(fates) == ["carried", "carried", "carried", "full"] and Ballot.objects.filter(elector__proposal=one).count() == 4


def test_what_was_not_accepted_has_run_out_or_was_given_later_does_not_count(free: Yard):
    trust(free, 1, 0, accept=False)
    trust(free, 2, 0, until=free.now + 2 * DAY)
    one = opened(free)
    later = delegations.give(free.people["worker"][3], free.people["worker"][0], "", until=one.opens_at + 9 * DAY, now=one.opens_at)
    delegations.accept(later, free.people["worker"][0], now=one.opens_at)
    free.vote(one, worker="f")
    one = actions.close(one, now=one.closes_at)
    assert not Delegated.objects.exists() and Ballot.objects.filter(elector__proposal=one).count() == 1


def test_it_can_be_taken_back_while_voting_is_open(free: Yard):
    given = trust(free, 1, 0)
    one = opened(free)
    free.vote(one, worker="f")
    delegations.end(given, free.people["worker"][1], now=one.opens_at + DAY)
    delegations.end(given, free.people["worker"][1], now=one.opens_at + 2 * DAY)
    one = actions.close(one, now=one.closes_at)
    assert (ballot(one, free, 1), outcome(one, free, 1)) == (None, "back")
    with pytest.raises(Missing):
        delegations.end(given, free.people["worker"][5], now=one.closes_at)


@pytest.mark.parametrize("who", [0, 1])
def test_whoever_leaves_drops_out(free: Yard, who):
    given = trust(free, 1, 0)
    one = opened(free)
    free.vote(one, worker="f")
    person = free.people["worker"][who]
    members.leave(Membership.objects.get(person=person), by=person, now=one.opens_at + DAY)
    one = actions.close(one, now=one.closes_at)
    given.refresh_from_db()
    assert ballot(one, free, 1) is None and outcome(one, free, 1) == "back" and given.ended_at
    assert ballot(one, free, 0) == "for", "a ballot cast before still counts"


def test_it_is_off_where_the_members_or_the_law_do_not_have_it(yard: Yard):
    a, b = yard.people["worker"][:2]
    until = yard.now + DAY
    assert "23" in refused("law", delegations.give, a, b, "", until=until, now=yard.now)
    Coop.objects.update(law="plain")
    refused("off", delegations.give, a, b, "", until=until, now=yard.now)


def test_the_law_of_korea_stops_what_was_given_elsewhere(free: Yard):
    trust(free, 1, 0)
    Coop.objects.update(law="kr-general")
    one = opened(free)
    assert not Delegated.objects.exists()
    free.vote(one, worker="f")
    assert Ballot.objects.filter(elector__proposal=actions.close(one, now=one.closes_at)).count() == 1


def test_whom_and_until_when(free: Yard):
    a, b = free.people["worker"][:2]
    stranger = Person.objects.create_user("o@example.org", "o")
    refused("oneself", delegations.give, a, a, "", until=free.now + DAY, now=free.now)
    refused("no-vote-there", delegations.give, a, stranger, "", until=free.now + DAY, now=free.now)
    refused("no-vote", delegations.give, stranger, a, "", until=free.now + DAY, now=free.now)
    for until in (free.now, free.now + 101 * DAY):
        refused("until", delegations.give, a, b, "", until=until, now=free.now)
    one = trust(free, 0, 1, accept=False)
    assert Task.objects.filter(person=b, message="decisions.delegation", closed_at=None).count() == 1
    with pytest.raises(Missing):
        delegations.accept(one, a, now=free.now)
    again = trust(free, 0, 2, accept=False)
    one.refresh_from_db()
    assert one.ended_at == free.now and again.ended_at is None, "one delegate a topic"
    refused("over", delegations.accept, one, b, now=free.now)
    assert not Task.objects.filter(person=b, message="decisions.delegation", closed_at=None).exists()


def test_rules_of_two_groups_are_no_group():
    class Two:
        changes = [{"rule": "test.split"}, {"rule": "services.split"}]
        kind = "change_rules"

    assert delegations.topics_of(Two) == ["kind:change_rules", ""]  # type: ignore[arg-type]
    Two.changes = [{"rule": WAIT}]
    assert delegations.topics_of(Two) == ["rules:test", "kind:change_rules", ""]  # type: ignore[arg-type]


def test_erasing_ends_it_and_exporting_tells_it(free: Yard):
    given = trust(free, 1, 0)
    assert delegations.export(free.people["worker"][1])[0]["kind"] == "delegation given"
    assert delegations.export(free.people["worker"][0])[0]["kind"] == "delegation carried"
    delegations.erase(free.people["worker"][0], now=free.now)
    given.refresh_from_db()
    assert given.ended_at == free.now


def test_opening_and_closing_ask_the_same_however_many_delegate(free: Yard):
    asked = []
    for givers in ((1,), (1, 2, 3)):
        for giver in givers:
            trust(free, giver, 0)
        one = opened(free)
        free.vote(one, worker="f")
        with CaptureQueriesContext(connection) as queries:
            delegations.carry_all(one, Way().parse(one.way))
        asked.append(len(queries))
        actions.close(one, now=one.closes_at)
    assert asked[0] == asked[1]
