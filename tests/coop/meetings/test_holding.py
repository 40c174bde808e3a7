"""A general meeting from the notice to the minutes, with its bad moments."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from madang.coop.decisions import actions as decisions
from madang.coop.decisions import checking, proxies
from madang.coop.decisions.models import Proposal
from madang.coop.meetings import actions, code, minutes, presence, queries
from madang.coop.meetings.models import Attendance, Moment
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Notice, Task
from madang.coop.record.models import PendingLeaf
from madang.kit.errors import Missing, Refused
from tests.coop.decisions import yard as yards
from tests.coop.meetings.conftest import DAY, Hall, proposal_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class refused:
    """``with refused("code") as no``: it is refused with exactly this code; ``no.said`` are the words."""

    def __init__(self, code_: str) -> None:
        self.code, self.said = code_, ""

    def __enter__(self) -> refused:
        return self

    def __exit__(self, kind: object, no: object, _where: object) -> bool:
        assert isinstance(no, Refused), f"not refused: {no!r}"
        assert no.code == self.code, no.code
        self.said = str(no.message)
        return True


def test_calling_it(hall: Hall):
    """Notice as the law has it, an agenda, and only who calls meetings."""
    with pytest.raises(Missing):
        actions.draft(hall.everyone[3], "Mine", starts_at=hall.at, place="Here", now=hall.yard.now)
    with refused("agenda"):
        hall.call()
    item = hall.motion("A bigger shed")
    assert proposal_of(item).at_meeting and proposal_of(item).meeting == hall.meeting.pk
    soon = actions.draft(hall.chair, "Soon", starts_at=hall.yard.now + 6 * DAY, place="The yard", now=hall.yard.now)
    actions.add(soon, hall.chair, "Talk", now=hall.yard.now)
    with translation.override("en"), refused("notice") as no:
        actions.call(soon, hall.chair, now=hall.yard.now)
    assert "7 days" in no.said and "art. 28" in no.said
    hall.call()
    hall.call()
    assert Notice.objects.filter(message="meetings.called").count() == 12
    assert PendingLeaf.objects.filter(kind="meeting.called").count() == 1
    for late in (lambda: hall.motion("Too late"), lambda: actions.take_off(item, hall.chair, now=hall.yard.now)):
        with refused("called"):
            late()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(hall.meeting).objects.filter(pk=hall.meeting.pk).update(title="Another one")


def test_a_motion_that_cannot_be_put_by_then(hall: Hall):
    """What has not been discussed long enough is found when the notice is sent, not in the room."""
    hall.motion("A bigger shed")
    Proposal.objects.update(opens_at=hall.at + DAY)
    with refused("discussion"):
        hall.call()


def test_another_members_proposal_is_not_taken_from_the_members(hall: Hall):
    author = hall.everyone[4]
    one = hall.yard.propose(author=author)
    assert one not in queries.for_agenda(hall.meeting, hall.chair, hall.yard.now)
    with refused("not-for-meetings"):
        actions.add(hall.meeting, hall.chair, "", proposal=one, now=hall.yard.now)
    from madang.coop.decisions import meeting

    meeting.wait(one, author, now=hall.yard.now)
    assert one in queries.for_agenda(hall.meeting, hall.chair, hall.yard.now)
    item = actions.add(hall.meeting, hall.chair, "", proposal=one, now=hall.yard.now)
    actions.take_off(item, hall.chair, now=hall.yard.now)
    one.refresh_from_db()
    assert one.at_meeting and one.meeting is None


def test_called_off(hall: Hall):
    item = hall.motion("A bigger shed")
    hall.call()
    with refused("why"):
        actions.cancel(hall.meeting, hall.chair, "", now=hall.yard.now)
    for _again in range(2):
        actions.cancel(hall.meeting, hall.chair, "The hall burnt down.", now=hall.yard.now)
    assert proposal_of(item).meeting is None and Notice.objects.filter(message="meetings.cancelled").count() == 12


def test_the_code_on_the_wall(held: Hall):
    one, other = held.everyone[1:3]
    with refused("code"):
        actions.come(held.meeting, one, "000000" if held.code() != "000000" else "111111", now=held.at)
    shown = held.code()
    actions.come(held.meeting, one, f"{shown[:3]} {shown[3:]}", now=held.at + 2 * MINUTE)
    with refused("code"):
        actions.come(held.meeting, other, shown, now=held.at + 3 * MINUTE)
    assert len({code.shown("ab" * 32, held.at + n * MINUTE) for n in range(50)}) > 45 and len(shown) == 6


def test_motions_are_put_and_counted_with_a_quorum_only(held: Hall):
    """Six of twelve are not more than half. With the seventh it is put; when they go, nothing is counted; when they are back, it is."""
    first, second = held.motions
    held.come(*held.everyone[1:6])
    with translation.override("en"), refused("no-quorum") as no:
        actions.put(first, held.chair, now=held.at)
    assert "6 of 12" in no.said and "7 are needed" in no.said
    held.come(held.everyone[6])
    with pytest.raises(Missing):
        actions.put(first, held.everyone[1], now=held.at)
    for _again in range(2):
        actions.put(first, held.chair, now=held.at)
    with refused("open"):
        actions.begin(second, held.chair, now=held.at)
    with refused("open"):
        actions.close(held.meeting, held.chair, now=held.at)
    one = proposal_of(first)
    for person in held.everyone[:5]:
        decisions.cast(one, person, "for", now=held.at)
    actions.leave(held.meeting, held.everyone[6], now=held.at + MINUTE)
    with refused("no-quorum"):
        actions.count(first, held.chair, now=held.at + MINUTE)
    held.come(held.everyone[7], at=held.at + 2 * MINUTE)
    for _again in range(2):
        actions.count(first, held.chair, now=held.at + 2 * MINUTE)
    one = proposal_of(first)
    assert one.state == "passed" and one.sitting["present"] == 7 and one.effect_at == held.at + 2 * MINUTE + 2 * DAY
    assert list(Moment.objects.values_list("what", flat=True)) == ["opened", "quorum", "put", "quorum.lost", "quorum", "counted"]
    assert checking.wrong_tallies() == []


def test_a_vote_broken_off_when_the_quorum_does_not_come_back(held: Hall):
    first, _second = held.motions
    held.come(*held.everyone[1:7])
    actions.put(first, held.chair, now=held.at)
    with refused("quorum"):
        actions.break_off(first, held.chair, "", now=held.at)
    actions.leave(held.meeting, held.everyone[1], by=held.chair, now=held.at)
    for _again in range(2):
        actions.break_off(first, held.chair, "", now=held.at)
    assert proposal_of(first).state == "withdrawn"
    assert [point.state for point in queries.points(held.fresh())] == ["broken", "ahead", "ahead"]


def test_a_proxy_counts_as_present_until_the_member_comes(held: Hall):
    away, holder = held.everyone[10], held.everyone[1]
    proxies.given(held.membership(away), holder, by=away, until=held.at + DAY, meeting=held.meeting.pk, now=held.yard.now)
    held.come(holder)
    assert presence.quorum(held.fresh(), held.at).present == 3
    assert queries.mine(queries.picture(held.fresh(), held.at), holder, held.at).acting_for == [str(away)]
    held.come(away)
    assert presence.quorum(held.fresh(), held.at).present == 3
    assert Attendance.objects.get(membership__person=away, left_at=None).person == away
    actions.leave(held.meeting, holder, now=held.at)
    assert presence.quorum(held.fresh(), held.at).present == 2, "the member stays when who acted for them goes"


def test_a_proxy_on_paper_within_the_law(held: Hall):
    """Korea: for one member only. Its holder leaves: with them goes the vote they carried."""
    holder, one, two = held.everyone[1], held.everyone[10], held.everyone[11]
    actions.tick(held.meeting, held.chair, [held.membership(holder)], now=held.at)
    for _again in range(2):
        actions.tick_proxy(held.meeting, held.chair, held.membership(one), holder, now=held.at)
    with refused("too-many"):
        actions.tick_proxy(held.meeting, held.chair, held.membership(two), holder, now=held.at)
    with refused("there"):
        actions.tick_proxy(held.meeting, held.chair, held.membership(holder), held.everyone[2], now=held.at)
    assert presence.quorum(held.fresh(), held.at).present == 3
    actions.leave(held.meeting, holder, by=held.chair, now=held.at)
    assert presence.quorum(held.fresh(), held.at).present == 1


def test_hands_by_class(held: Hall):
    first, _second = held.motions
    actions.tick(held.meeting, held.chair, [held.membership(person) for person in held.everyone], now=held.at)
    actions.put(first, held.chair, now=held.at)
    with refused("hands"):
        actions.hands(first, held.chair, {"worker": (7, 1, 0)}, now=held.at)
    actions.hands(first, held.chair, {"worker": (6, 1, 0), "client": (2, 1, 2)}, now=held.at)
    actions.count(first, held.chair, now=held.at)
    one = proposal_of(first)
    assert one.state == "passed" and one.tally["totals"] == {"for": 8, "against": 2, "abstain": 2} and checking.wrong_tallies() == []


def test_who_comes_late_votes_on_the_next_motion(held: Hall):
    first, second = held.motions
    held.come(*held.everyone[1:7])
    actions.put(first, held.chair, now=held.at)
    late = held.everyone[8]
    held.come(late)
    with pytest.raises(Missing):
        decisions.cast(proposal_of(first), late, "for", now=held.at)
    actions.count(first, held.chair, now=held.at)
    assert proposal_of(first).state == "rejected", "nobody voted"
    actions.put(second, held.chair, now=held.at)
    decisions.cast(proposal_of(second), late, "for", now=held.at)


def test_closing_and_the_minutes(held: Hall):
    """Signers by law, minutes from the record, signed as read, confirmed by vote; what was not reached waits for another meeting."""
    first, second = held.motions
    held.come(*held.everyone[1:8])
    actions.put(first, held.chair, now=held.at)
    for person in held.everyone[:6]:
        decisions.cast(proposal_of(first), person, "for", now=held.at)
    actions.count(first, held.chair, now=held.at + MINUTE)
    with translation.override("en"), refused("signers") as no:
        actions.close(held.meeting, held.chair, now=held.at + 2 * MINUTE)
    assert "3 members" in no.said
    with refused("not-here"):
        actions.choose_signers(held.meeting, held.chair, [held.everyone[11]], now=held.at)
    actions.choose_signers(held.meeting, held.chair, held.everyone[1:4], now=held.at)
    for _again in range(2):
        actions.close(held.meeting, held.chair, now=held.at + 2 * MINUTE)
    assert proposal_of(second).meeting is None and proposal_of(second).state == "discussion"
    assert Task.objects.filter(message="meetings.sign", closed_at=None).count() == 4
    read = minutes.read(held.fresh())
    assert read.in_person == 8 and read.by_proxy == 0 and len(read.stays) == 8 and all(times[-1][1] for times in (stay.times for stay in read.stays))
    actions.write(held.meeting, held.chair, "The sun shone.", now=held.at + DAY)
    with refused("changed"):
        actions.sign(held.meeting, held.everyone[1], read.digest, now=held.at + DAY)
    with pytest.raises(Missing):
        actions.sign(held.meeting, held.everyone[5], read.digest, now=held.at + DAY)
    digest = minutes.read(held.fresh()).digest
    run_due(held.at + 3 * DAY)  # what passed takes effect meanwhile: the minutes are still the same
    assert proposal_of(first).state == "in_force" and minutes.digest(held.fresh()) == digest
    with refused("unsigned"):
        decisions.draft(held.chair, "minutes", "Minutes", details={"meeting": str(held.meeting.pk)}, now=held.at + 3 * DAY)
    for person in (held.chair, *held.everyone[1:4]):
        for _again in range(2):
            actions.sign(held.meeting, person, digest, now=held.at + 3 * DAY)
    with refused("signed"):
        actions.write(held.meeting, held.chair, "The moon shone.", now=held.at + 3 * DAY)
    assert PendingLeaf.objects.filter(kind="meeting.minutes").count() == 1 and not Task.objects.filter(message="meetings.sign", closed_at=None).exists()
    held.yard.now = held.at + 3 * DAY
    one = decisions.draft(held.chair, "minutes", "Minutes", details={"meeting": str(held.meeting.pk)}, now=held.yard.now)
    one = held.yard.run(decisions.open_discussion(one, held.chair, now=held.yard.now), worker="fffffff")
    decisions.take_effect(one, now=one.effect_at)
    assert held.fresh().confirmed_by == one.pk


def test_attendance_is_never_rewritten(held: Hall):
    row = Attendance.objects.get()
    for change in ({"how": "typed"}, {"came_at": held.at + DAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attendance.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()
    actions.leave(held.meeting, held.chair, now=held.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.filter(pk=row.pk).update(left_at=None)


def test_the_chair_is_handed_over(held: Hall):
    other = held.everyone[1]
    with refused("not-here"):
        actions.hand_over(held.meeting, held.chair, other, now=held.at)
    held.come(other)
    actions.hand_over(held.meeting, held.chair, other, now=held.at)
    with pytest.raises(Missing):
        actions.put(held.motions[0], held.chair, now=held.at)
    actions.begin(held.motions[0], other, now=held.at)


def test_who_leaves_during_a_vote_casts_no_more_in_it(held: Hall):
    everyone, item = held.everyone, held.motions[0]
    held.come(*everyone[1:9])
    motion = actions.put(item, held.chair, now=held.at).proposal
    actions.leave(held.meeting, everyone[8], now=held.at + MINUTE)
    with pytest.raises(Refused) as no:
        decisions.cast(motion, everyone[8], "for", now=held.at + MINUTE)
    assert no.value.code == "not-any-more"
    held.come(everyone[8], at=held.at + 2 * MINUTE)
    assert decisions.cast(motion, everyone[8], "for", now=held.at + 2 * MINUTE)


def test_the_doors_are_not_opened_on_another_day(held: Hall, hall: Hall):
    later = actions.draft(hall.chair, "Later", starts_at=hall.at, place="The yard", now=hall.yard.now)
    actions.add(later, hall.chair, "Talk", now=hall.yard.now)
    actions.call(later, hall.chair, now=hall.yard.now)
    with refused("too-late"):
        actions.open_meeting(later, hall.chair, now=hall.at + 13 * 60 * MINUTE)


def test_one_that_its_chair_left_open_is_closed_by_who_calls_meetings(held: Hall):
    everyone, item = held.everyone, held.motions[0]
    held.come(*everyone[1:9])
    actions.put(item, held.chair, now=held.at)
    for person in everyone[:9]:
        decisions.cast(proposal_of(item), person, "for", now=held.at)
    late = held.at + DAY
    run_due(late)
    office = yards.office(held.yard, "second", everyone[3])
    type(office).objects.filter(pk=office.pk).update(role="director")
    with pytest.raises(Missing):
        actions.close(held.meeting, everyone[3], now=held.at + 23 * 60 * MINUTE)
    with pytest.raises(Missing):
        actions.close(held.meeting, everyone[4], now=late)
    actions.choose_signers(held.meeting, everyone[3], everyone[1:5], now=late)
    closed = actions.close(held.meeting, everyone[3], now=late)
    assert closed.state == "closed" and proposal_of(item).tally["passed"]
    assert Moment.objects.filter(meeting=held.meeting, what="counted", item=item).exists(), "the vote that was counted by itself is in the minutes"
    assert proposal_of(held.motions[1]).meeting is None
