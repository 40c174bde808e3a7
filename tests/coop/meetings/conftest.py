"""A co-op of twelve: seven workers and five clients, whose chair is a director, and a meeting called eight days ahead."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from madang.coop.decisions.models import Proposal
from madang.coop.meetings import actions, code
from madang.coop.meetings.models import Meeting
from madang.coop.members.models import Membership, Office
from madang.coop.people.models import Person
from tests.coop.decisions import yard as yards

RESOLUTION = {"title": {"ko": "결의", "en": "Resolution"}, "quorum": "20%", "majority": "50%", "discussion": "3d", "voting": "5d", "notice": "2d"}
DAY = timedelta(days=1)


@dataclass
class Hall:
    """The yard with a chair and a meeting."""

    yard: yards.Yard
    chair: Person
    meeting: Meeting
    at: datetime
    motions: list[Any] = field(default_factory=list)

    @property
    def everyone(self) -> list[Person]:
        return [*self.yard.people["worker"], *self.yard.people["client"]]

    def fresh(self) -> Meeting:
        return Meeting.objects.get(pk=self.meeting.pk)

    def code(self, at: datetime | None = None) -> str:
        return code.shown(self.fresh().secret, at or self.at)

    def come(self, *people: Person, at: datetime | None = None) -> None:
        for person in people:
            actions.come(self.meeting, person, self.code(at), now=at or self.at)

    def membership(self, person: Person) -> Membership:
        return Membership.objects.get(person=person)

    def motion(self, title: str, text: str = "We do it.") -> Any:
        return actions.move(self.meeting, self.chair, title=title, text=text, now=self.yard.now)

    def call(self) -> None:
        actions.call(self.meeting, self.chair, now=self.yard.now)

    def open(self) -> None:
        actions.open_meeting(self.meeting, self.chair, now=self.at)


def hall_of(yard: yards.Yard) -> Hall:
    chair = yard.people["worker"][0]
    office = yards.office(yard, "chair", chair)
    Office.objects.filter(pk=office.pk).update(role="director")
    start = yard.now + 9 * DAY
    made = actions.draft(chair, "General meeting", starts_at=start, place="The yard", now=yard.now)
    return Hall(yard, chair, made, start)


@pytest.fixture
def hall(db: Any, now: datetime, monkeypatch: Any) -> Hall:
    yards.declare(monkeypatch)
    return hall_of(yards.make(now, {"worker": 7, "client": 5}))


@pytest.fixture
def held(hall: Hall) -> Hall:
    """Called with two motions, the doors open, the chair there."""
    hall.motions = [hall.motion("A bigger shed"), hall.motion("A summer feast")]
    actions.add(hall.meeting, hall.chair, "How the year went", now=hall.yard.now)
    hall.call()
    hall.open()
    return hall


def proposal_of(item: Any) -> Proposal:
    return Proposal.objects.get(pk=item.proposal_id)
