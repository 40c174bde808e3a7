"""How far a founding is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madang.coop import law
from madang.coop.charter.models import FounderInvitation
from madang.coop.members.models import Membership
from madang.coop.members.work import hashed
from madang.coop.people.models import Person
from madang.coop.record import queries as record
from madang.kit.errors import Missing


@dataclass(frozen=True)
class Founder:
    """One founder: invited, then accepted, then ready (accepted and paid)."""

    person: Person
    membership: Membership
    accepted: bool
    ready: bool


@dataclass(frozen=True)
class Progress:
    """How many founders are ready of those the law asks for."""

    needed: int
    founders: tuple[Founder, ...]

    @property
    def accepted(self) -> int:
        """How many have accepted."""
        return sum(one.accepted for one in self.founders)

    @property
    def ready(self) -> int:
        """How many have accepted and paid."""
        return sum(one.ready for one in self.founders)


def progress(at: datetime) -> Progress:
    """Who founds and how far each is. One query besides the co-op's own row. Raises ``Missing`` before a founding."""
    needed = law.profile().bound("founders.min", at).number()
    rows = FounderInvitation.objects.select_related("person", "membership__member_class", "membership__organisation", "membership__person")
    return Progress(needed, tuple(Founder(row.person, row.membership, row.accepted_at is not None, row.membership.state == "active") for row in rows))


def invitation(token: str) -> FounderInvitation:
    """The founder's link behind this secret. Raises ``Missing``."""
    found = (
        FounderInvitation.objects.select_related("person", "membership__member_class", "membership__person", "membership__organisation")
        .filter(token_hash=hashed(token))
        .first()
    )
    if found is None:
        raise Missing("founder's link")
    return found


def is_founder(person: Any) -> bool:
    """Whether the person is one of the founders. One query."""
    return bool(getattr(person, "is_authenticated", False)) and FounderInvitation.objects.filter(person=person).exists()


def founded_from(text: str) -> bool:
    """Whether the co-op was founded from exactly this text, by the hash in the record's first leaf: the kept text may be blanked since."""
    coop = law.coop()
    leaf = record.leaf_for(f"founding:{coop.founding_id}", "founding")
    said = record.first_bodies([leaf]).get(leaf.index, {}) if leaf else {}
    return text == coop.charter_text or said.get("charter_sha256") == hashlib.sha256(text.encode()).hexdigest()
