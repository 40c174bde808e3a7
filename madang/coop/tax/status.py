"""How the co-op, a person or an organisation stands with the tax office: dated facts, entered by whom they are about or by who deals with taxes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import law, ledger
from madang.coop.ledger import periods
from madang.coop.members import queries as members
from madang.coop.people import queries as people
from madang.coop.people.actions import clean_line
from madang.coop.people.models import Person, Work
from madang.coop.tax import DUTY, numbers, sealing
from madang.coop.tax.data import TaxLaw, law_of
from madang.coop.tax.models import STANDINGS, TaxStatus
from madang.kit.errors import Missing, Refused

OWN = ("registered", "none")
PAYEE = ("freelancer", "registered", "foreign", "none")


@dataclass(frozen=True)
class Facts:
    """What somebody says of a standing; the words of a form. ``resident`` is a resident registration number in the clear, sealed at once."""

    standing: str
    number: str = ""
    name: str = ""
    representative: str = ""
    address: str = ""
    trade: str = ""
    item: str = ""
    added: bool = False
    cash_receipts: bool = False
    resident: str = ""


def tax_law() -> TaxLaw:
    """The tax law of the co-op's country; an empty one before it is founded."""
    coop = law.coop_or_none()
    return law_of(law.profile(coop.law).country if coop else "")


def day_of(now: datetime) -> date:
    """The day it is for the co-op."""
    return now.astimezone(periods.zone()).date()


def at(owner: str, day: date) -> TaxStatus | None:
    """How an owner stood on a day, None when nothing was said by then. One query."""
    return TaxStatus.objects.filter(owner=owner, since__lte=day).order_by("-since", "-at").first()


def several(owners: Iterable[str], day: date) -> dict[str, TaxStatus]:
    """The same for many. One query."""
    rows = TaxStatus.objects.filter(owner__in=set(owners), since__lte=day).order_by("owner", "-since", "-at").distinct("owner")
    return {row.owner: row for row in rows}


def ours(day: date) -> TaxStatus | None:
    """The co-op's own standing where it is registered on that day, None otherwise: then nothing here taxes anything. One query."""
    found = at("", day)
    return found if found is not None and found.standing == "registered" else None


def may_deal(person: Any, now: datetime) -> bool:
    """Whether this person deals with the tax office for the co-op."""
    return members.has_duty(person, DUTY, now)


def require(person: Any, now: datetime) -> None:
    """Raises ``Refused("office")`` for anyone else."""
    if not may_deal(person, now):
        raise Refused("office", _("Only whoever holds the office that pays out can do this. Nothing was changed."))


def owners_of(person: Person, now: datetime) -> list[str]:
    """Whose standing a person may say: their own, of organisations they speak for, and the co-op's with the duty. Two queries."""
    mine = [ledger.owner_of(person), *(ledger.owner_of(one) for one in people.represented_by(person, now))]
    return [*mine, ""] if may_deal(person, now) else mine


@transaction.atomic
def say(owner: str, facts: Facts, *, since: date, by: Person, now: datetime) -> TaxStatus:
    """From ``since`` on (today or later) ``owner`` stands like this. What was booked before stays as it was.

    Raises ``Missing`` for somebody else's, ``Refused`` at the field that is wrong (``standing``, ``number``, ``name``, ``resident``, ``since``).
    """
    if owner not in owners_of(by, now):
        raise Missing("not yours")
    asked = tax_law()
    if facts.standing not in STANDINGS or facts.standing not in (PAYEE if owner else OWN) or not asked.taxes(since):
        raise Refused("standing", _("Choose how you stand with the tax office. Nothing was changed."), "standing")
    if since < day_of(now):
        raise Refused("since", _("This can be said for today or a later day: what is booked already stays as it is."), "since")
    row = TaxStatus(owner=owner, standing=facts.standing, country=asked.country, since=since, by=by, at=now)
    for name, most in (("name", 70), ("representative", 70), ("address", 150), ("trade", 40), ("item", 40)):
        setattr(row, name, clean_line(getattr(facts, name), most, name))
    if facts.standing == "registered":
        _registered(row, facts, asked)
    if facts.standing == "freelancer":
        _freelancer(row, facts, at(owner, since))
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    newest = TaxStatus.objects.filter(owner=owner).order_by("-at").first()
    if newest is not None and newest.at == now:
        return newest
    row.save(force_insert=True)
    return row


def _registered(row: TaxStatus, facts: Facts, asked: TaxLaw) -> None:
    try:
        row.number = numbers.business(facts.number, asked.country)
    except ValueError:
        raise Refused("number", _("This registration number is not right: please check it digit by digit."), "number") from None
    if not row.name:
        raise Refused("name", _("Please give the name that the registration says."), "name")
    if not row.address:
        raise Refused("address", _("Please give the address that the registration says."), "address")
    if row.owner == "":
        row.added, row.cash_receipts = facts.added, facts.cash_receipts


def _freelancer(row: TaxStatus, facts: Facts, before: TaxStatus | None) -> None:
    """A resident number is kept only where the law asks for it; without a new one the one that was given stays."""
    if not facts.resident.strip():
        if before is not None and before.sealed:
            row.sealed, row.tail = before.sealed, before.tail
        return
    try:
        digits = numbers.resident(facts.resident)
    except ValueError:
        raise Refused("resident", _("A resident registration number has 13 digits and begins with a date of birth. Please check it."), "resident") from None
    row.sealed, row.tail = sealing.seal(digits), "•••"


def payee_standing(owner: str, day: date) -> str:
    """How a payee is treated: as they said; a person who works here and said nothing is in business by themselves; nobody else is withheld from.

    At most 2 queries.
    """
    said = at(owner, day)
    if said is not None:
        return said.standing
    kind, _colon, key = owner.partition(":")
    if kind == "person" and Work.objects.filter(person_id=key, role=Work.WORKER).exists():
        return "freelancer"
    return "none"


def resident_number(row: TaxStatus) -> str:
    """A resident number in the clear, for the statement of payments only; "" where none was given. Raises ``Refused("sealed")``."""
    return sealing.unseal(row.sealed) if row.sealed else ""
