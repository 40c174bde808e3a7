"""What is put at a general meeting: those present are the electorate, hands and telephones are counted together, and the notice runs as ever."""

from __future__ import annotations

import json
from datetime import timedelta
from fractions import Fraction
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from madang.coop.decisions import actions, checking, meeting
from madang.coop.decisions.hands import Hands
from madang.coop.decisions.models import Ballot, Proposal
from madang.coop.members.models import Membership
from madang.coop.notices.due import run_due
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.errors import Missing, Refused
from madang.kit.verify.tally import recount
from tests.coop.decisions.yard import Yard

pytestmark = pytest.mark.django_db
HALF, DAY, HOUR = Fraction(1, 2), timedelta(days=1), timedelta(hours=1)
MEETING = uuid4()


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def seats(yard: Yard, workers: int = 0, clients: int = 0) -> list[meeting.Seat]:
    people = [*yard.people["worker"][:workers], *yard.people["client"][:clients]]
    return [meeting.Seat(Membership.objects.get(person=one), one) for one in people]


def waiting(yard: Yard) -> Proposal:
    one = yard.propose()
    return meeting.wait(one, one.author, meeting=MEETING, now=yard.now)


def put(yard: Yard, one: Proposal, here: list[meeting.Seat]) -> Proposal:
    return meeting.put(one, here, meeting=MEETING, more_than=HALF, now=yard.now + 3 * DAY)


def leaf(one: Proposal, kind: str) -> dict:
    return json.loads(LeafLine.objects.get(written=PendingLeaf.objects.get(kind=kind, subject=f"decision:{one.pk}").pk).body)


@given(members=st.integers(1, 500), share=st.fractions(0, 1, max_denominator=12), other=st.fractions(0, 1, max_denominator=12))
def test_needed_is_more_than_one_share_and_at_least_the_other(members, share, other):
    many = meeting.needed(members, share, other)
    assert (many > share * members or not share) and many >= other * members and many >= 1
    assert many == 1 or not ((many - 1 > share * members or not share) and many - 1 >= other * members)


def test_it_waits_for_the_meeting(yard: Yard):
    """It does not open by itself, and nobody opens it here."""
    one = waiting(yard)
    run_due(yard.now + 30 * DAY)
    one.refresh_from_db()
    assert one.state == "discussion"
    with pytest.raises(Refused) as no:
        actions.open_voting(one, now=yard.now + 30 * DAY)
    assert no.value.code == "at-meeting"
    with pytest.raises(Missing):
        meeting.wait(yard.propose(), yard.people["client"][0], now=yard.now)
    with pytest.raises(Refused) as no:
        meeting.wait(yard.propose(), None, meeting=MEETING, now=yard.now)
    assert no.value.code == "not-for-meetings", "nobody takes another's proposal away from the members here"


def test_put_counted_and_in_force_after_its_notice(yard: Yard):
    one = waiting(yard)
    with pytest.raises(Refused) as no:
        meeting.put(one, seats(yard, 7), meeting=MEETING, more_than=HALF, now=yard.now + 2 * DAY)
    assert no.value.code == "too-early"
    with pytest.raises(Refused) as no:
        put(yard, one, seats(yard, 6))
    assert no.value.code == "no-quorum" and "6 of 13" in str(no.value.message) and "7" in str(no.value.message)
    at = yard.now + 3 * DAY
    one = put(yard, one, seats(yard, 5, 3))
    assert put(yard, one, seats(yard, 7, 6)).electorate == one.electorate, "put twice is once"
    assert one.state == "voting" and one.electorate["total"] == 8 and one.sitting["members"] == 13
    for person in yard.people["worker"][:4]:
        actions.cast(one, person, "for", now=at + HOUR)
    with pytest.raises(Missing):
        actions.cast(one, yard.people["worker"][6], "for", now=at + HOUR)
    with pytest.raises(Refused):
        meeting.close(one, seats(yard, 5), more_than=HALF, now=at + HOUR)
    one = meeting.close(one, seats(yard, 5, 3), more_than=HALF, now=at + HOUR)
    assert one.state == "rejected", "four of eight who are present are no majority of them, though nobody was against"
    told = leaf(one, "decision.tally")
    assert told["reasons"] == ["majority"] and told["closed_at"] and list(checking.wrong_tallies()) == []
    two = waiting(yard)
    two = put(yard, two, seats(yard, 5, 3))
    meeting.show_of_hands(two, {"worker": (4, 1, 0), "client": (1, 0, 1)}, by=yard.people["worker"][0], now=at)
    meeting.show_of_hands(two, {"client": (2, 0, 0)}, by=yard.people["worker"][0], now=at)
    two = meeting.close(two, seats(yard, 5, 3), more_than=HALF, now=at + HOUR)
    assert two.state == "passed" and two.effect_at == at + HOUR + 2 * DAY and two.tally["totals"] == {"for": 6, "against": 1, "abstain": 0}
    with pytest.raises(Refused):
        actions.take_effect(two, now=two.effect_at - timedelta(seconds=1))
    assert actions.take_effect(two, now=two.effect_at).state == "in_force" and list(checking.wrong_tallies()) == []


def test_hands_and_telephones_together(yard: Yard):
    """Never more than are present, whichever comes first; the database holds it too."""
    at = yard.now + 3 * DAY
    one, chair = put(yard, waiting(yard), seats(yard, 7)), yard.people["worker"][0]
    actions.cast(one, chair, "for", now=at)
    with pytest.raises(Refused) as no:
        meeting.show_of_hands(one, {"worker": (5, 2, 0)}, by=chair, now=at)
    assert no.value.code == "hands" and "8" in str(no.value.message)
    with pytest.raises(Refused):
        meeting.show_of_hands(one, {"client": (1, 0, 0)}, by=chair, now=at)
    with pytest.raises(Refused):
        meeting.show_of_hands(one, {"worker": (-1, 0, 0)}, by=chair, now=at)
    meeting.show_of_hands(one, {"worker": (5, 1, 0)}, by=chair, now=at)
    actions.cast(one, chair, "against", now=at)
    with pytest.raises(Refused) as no:
        actions.cast(one, yard.people["worker"][1], "for", now=at)
    assert no.value.code == "hands"
    with pytest.raises(IntegrityError), transaction.atomic():
        Hands.objects.filter(proposal=one).update(in_favour=6)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hands.objects.filter(proposal=one).delete()
    one = meeting.close(one, seats(yard, 7), more_than=HALF, now=at)
    assert one.tally["totals"] == {"for": 5, "against": 2, "abstain": 0}
    with pytest.raises(IntegrityError), transaction.atomic():
        Hands.objects.filter(proposal=one).update(in_favour=4)


def test_a_proxy_casts_for_the_other(yard: Yard):
    at = yard.now + 3 * DAY
    away, holder = yard.people["worker"][6], yard.people["client"][0]
    here = [*seats(yard, 6, 1), meeting.Seat(Membership.objects.get(person=away), holder)]
    one = put(yard, waiting(yard), here)
    assert one.sitting["by_proxy"] == 1 and one.sitting["present"] == 8
    with pytest.raises(Refused):
        actions.cast(one, away, "against", now=at)
    theirs = one.electors.get(membership__person=away)
    with pytest.raises(Refused) as no:
        actions.cast(one, holder, "for", now=at)
    assert no.value.code == "which-vote"
    actions.cast(one, holder, "for", elector=theirs.pk, now=at)
    actions.cast(one, holder, "against", elector=one.electors.get(membership__person=holder).pk, now=at)
    assert sorted(Ballot.objects.values_list("elector__membership__person", "choice")) == sorted([(away.pk, "for"), (holder.pk, "against")])


def test_a_vote_broken_off_and_one_forgotten(yard: Yard):
    """A vote that cannot be counted ends without a count; one that nobody closes is counted by itself."""
    at = yard.now + 3 * DAY
    one, two = put(yard, waiting(yard), seats(yard, 7)), put(yard, waiting(yard), seats(yard, 7))
    one = meeting.break_off(one, "The quorum was lost.", now=at)
    assert meeting.break_off(one, "Again.", now=at).state == "withdrawn" and one.tally is None
    for person in yard.people["worker"]:
        actions.cast(two, person, "for", now=at)
    run_due(at + meeting.LONGEST)
    two.refresh_from_db()
    assert two.state == "passed"


def test_one_forgotten_whose_quorum_has_gone_is_not_counted(yard: Yard):
    at = yard.now + 3 * DAY
    one = put(yard, waiting(yard), seats(yard, 7))
    for person in yard.people["worker"]:
        actions.cast(one, person, "for", now=at)
    meeting.room(one.pk, seats(yard, 3), now=at)
    run_due(at + meeting.LONGEST)
    one.refresh_from_db()
    assert one.state == "withdrawn" and one.tally is None and "정족수" in one.ended_because


def test_who_has_left_casts_no_more_and_who_is_back_does(yard: Yard):
    at = yard.now + 3 * DAY
    one = put(yard, waiting(yard), seats(yard, 7))
    early, late = yard.people["worker"][5:7]
    actions.cast(one, early, "for", now=at)
    meeting.room(one.pk, seats(yard, 5), now=at)
    for person in (early, late):
        with pytest.raises(Refused) as no:
            actions.cast(one, person, "against", now=at)
        assert no.value.code == "not-any-more"
    assert Ballot.objects.get(elector__person=early).choice == "for", "what they cast stays"
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(elector=one.electors.get(person=late), by=late, choice="for", cast_at=at)
    meeting.room(one.pk, seats(yard, 7), now=at)
    assert actions.cast(one, late, "for", now=at).choice == "for"


def test_only_a_meeting_opens_what_waits_for_one(yard: Yard):
    """The database: no vote without who was there, no who-was-there on a vote here."""
    one, two = waiting(yard), yard.propose()
    for row, sitting in ((one, None), (two, {"meeting": str(MEETING)})):
        row.state, row.sitting, row.electorate = "voting", sitting, {"total": 1, "classes": {"worker": 1}}
        row.opens_at, row.closes_at = yard.now, yard.now + DAY
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_who_verifies_counts_of_those_present(yard: Yard):
    from madang.kit.ruletypes.way import Way, at_meeting

    at = yard.now + 3 * DAY
    one = put(yard, waiting(yard), seats(yard, 6, 6))
    meeting.show_of_hands(one, {"worker": (6, 0, 0), "client": (1, 0, 0)}, by=yard.people["worker"][0], now=at)
    one = meeting.close(one, seats(yard, 6, 6), more_than=HALF, now=at)
    opened, told = leaf(one, "decision.opened"), leaf(one, "decision.tally")
    assert one.state == "passed" and opened["meeting"]["present"] == 12
    way = at_meeting(Way().parse(opened["way"]), of_present=True)
    assert list(recount(opened, told, way)) == []
    told["totals"]["for"] = 6
    told["classes"] = {}
    assert list(recount(opened, told, way)), "six of twelve are not more than half of those present"
