"""What certificates add to the house (capital's hooks take it up)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from madang.coop import record
from madang.coop.capital.certificates import actions
from madang.coop.capital.certificates.models import Certificate
from madang.coop.people.models import Person
from madang.kit.house import Check, DueWork


def export(person: Person) -> list[dict[str, Any]]:
    """The certificates of a person."""
    return [
        {"kind": "share certificate", "number": one.number, "count": one.count, "issued_at": one.issued_at, "cancelled_at": one.cancelled_at}
        for one in Certificate.objects.filter(membership__person=person)
    ]


def erase(person: Person, *, now: datetime) -> None:
    """Numbers and counts stay, the name goes: from the certificate, and from the private words of the record."""
    mine = Certificate.objects.filter(membership__person=person)
    record.forget([f"certificate:{one.pk}" for one in mine])
    mine.exclude(name="").update(name="")


def _numbered() -> list[str]:
    """Numbers that are missing between the first and the last."""
    numbers = list(Certificate.objects.order_by("number").values_list("number", flat=True))
    return [f"certificate {expected} is missing" for expected, number in enumerate(numbers, 1) if expected != number][:1]


left = [actions.left]
due = [DueWork("certificates: more than is held", actions.find_too_many, actions.put_right)]
checks = [Check("certificates are numbered without a gap", _numbered)]
