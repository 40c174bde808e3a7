"""Minutes: what happened, told from the record of the meeting itself, with the keeper's words, and signed by those the meeting chose.

Nothing here is stored twice: the minutes are drawn from the rows each time, so names go when a person has their data erased. What is
signed is a digest of the facts without names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import notices, record
from madang.coop.meetings import states
from madang.coop.meetings.calling import locked
from madang.coop.meetings.models import Attendance, Item, Meeting, Moment, Signer
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Person
from madang.kit import canonical
from madang.kit.errors import Missing, Refused

WORDS_MAX = 8000


@dataclass(frozen=True)
class Stay:
    """One who was there: whose vote, who was in the room for it where that is somebody else, from when to when (several times, maybe)."""

    name: str
    acting: str
    times: list[tuple[datetime, datetime | None]]


@dataclass(frozen=True)
class Minutes:
    """Everything the minutes tell."""

    meeting: Meeting
    items: list[Item]
    moments: list[Moment]
    stays: list[Stay]
    signers: list[Signer]
    digest: str
    words: str

    @property
    def in_person(self) -> int:
        """How many came themselves."""
        return sum(1 for one in self.stays if not one.acting)

    @property
    def by_proxy(self) -> int:
        """How many were acted for."""
        return len(self.stays) - self.in_person


def read(meeting: Meeting) -> Minutes:
    """The minutes of a meeting that was opened. Six queries, and what its decisions need."""
    rows = Attendance.objects.filter(meeting=meeting).select_related("membership__person", "membership__organisation", "person")
    stays: dict[Any, Stay] = {}
    for row in rows:
        acting = "" if row.how != Attendance.PROXY else str(row.person)
        stay = stays.setdefault((row.membership_id, acting), Stay(row.membership.holder_name, acting, []))
        stay.times.append((row.came_at, row.left_at))
    items = list(meeting.items.select_related("proposal"))
    moments = list(meeting.moments.select_related("item__proposal", "person"))
    signers = list(meeting.signers.select_related("person"))
    return Minutes(meeting, items, moments, list(stays.values()), signers, digest(meeting), meeting.words)


def digest(meeting: Meeting) -> str:
    """SHA-256 over the facts of the minutes, names left out: what was signed cannot be another text afterwards. Four queries."""
    facts = {
        "meeting": str(meeting.pk), "title": meeting.title, "place": meeting.place, "words": meeting.words, "members": meeting.members,
        "opened": _moment(meeting.opened_at), "closed": _moment(meeting.closed_at), "chair": str(meeting.chair_id),
        "agenda": [[item.title, item.text, str(item.proposal_id or "")] for item in meeting.items.all()],
        "happened": [[_moment(one.at), one.what, str(one.item_id or ""), one.present] for one in meeting.moments.all()],
        "there": [[str(one.membership_id), str(one.person_id), one.how, _moment(one.came_at), _moment(one.left_at)] for one in meeting.attendance.all()],
        "decided": [[str(item.proposal_id), item.proposal.tally] for item in meeting.items.select_related("proposal") if item.proposal is not None],
    }  # fmt: skip
    return sha256(canonical.dumps(facts)).hexdigest()


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


@transaction.atomic
def write(meeting: Meeting | UUID | str, by: Person, words: str, *, now: datetime) -> Meeting:
    """Add words to the minutes: for whoever chairs, until the first has signed. Raises ``Missing``, ``Refused``: "signed", "words"."""
    one = locked(meeting)
    if one.chair_id != by.pk or one.state not in (states.OPEN, states.CLOSED):
        raise Missing("not yours to write")
    if one.signers.exclude(signed_at=None).exists():
        raise Refused("signed", _("Somebody has signed them: they stay as they are."))
    words = clean_text(words, WORDS_MAX * 2, "words")
    if len(words) > WORDS_MAX:
        raise Refused("words", _("Please keep it under {n} characters.").format(n=WORDS_MAX), "words")
    one.words = words
    one.save()
    return one


@transaction.atomic
def sign(meeting: Meeting | UUID | str, person: Person, read_digest: str, *, now: datetime) -> Signer:
    """Sign the minutes as one has read them (``read_digest``). Twice is once. When all have, the digest stands in the record.

    Raises ``Missing`` for somebody not chosen, ``Refused``: "not-closed", "changed" (they were written on since one read them).
    """
    one = locked(meeting)
    signer = one.signers.select_for_update().filter(person=person).first()
    if signer is None:
        raise Missing("not yours to sign")
    if one.state != states.CLOSED:
        raise Refused("not-closed", _("The meeting is still going on."))
    if signer.signed_at is not None:
        return signer
    now_digest = digest(one)
    if read_digest != now_digest:
        raise Refused("changed", _("The minutes have been written on since you read them. Please read them again."))
    signer.signed_at, signer.digest = now, now_digest
    signer.save()
    notices.close_task(f"minutes:{one.pk}", now, person)
    if not one.signers.filter(signed_at=None).exists():
        leaf = {"meeting": str(one.pk), "minutes": now_digest, "signed_by": one.signers.count()}
        record.write("meeting.minutes", f"meeting:{one.pk}", [leaf], public=True, now=now)
    return signer


def signed(meeting: Meeting) -> bool:
    """Whether everyone who was chosen has signed. Two queries."""
    return meeting.signers.exists() and not meeting.signers.filter(signed_at=None).exists()
