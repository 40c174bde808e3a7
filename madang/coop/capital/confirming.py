"""Confirm that a member organisation is a registered society: the limit in money of one holder (Great Britain: s. 24) does not bind it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import record
from madang.coop.capital.models import Society
from madang.coop.members import queries as members
from madang.coop.members.models import Office, OfficeTerm
from madang.coop.people.actions import clean_line
from madang.coop.people.models import Organisation, Person
from madang.kit.errors import Refused

NUMBER_MAX = 40


def may_confirm(person: Person, now: datetime) -> bool:
    """Whether this person sits on the board. One SQL query."""
    return OfficeTerm.objects.filter(members.holding_at(now), person=person, office__role=Office.DIRECTOR).exists()


def _require(organisation: Organisation, by: Person, now: datetime) -> None:
    if not may_confirm(by, now):
        raise Refused("office", _("Only a director can do this, for the board. Nothing was changed."))
    if members.represents(by, organisation, now):
        raise Refused("self", _("You speak for this organisation: somebody else on the board has to look it up."))


@transaction.atomic
def confirm(organisation: Organisation, number: str, *, by: Person, now: datetime) -> Society:
    """A director has found the organisation in the register of societies under ``number``. Twice is once; another number takes the place of the first.

    Raises ``Refused``: "office", "self" (they speak for it), "number".
    """
    Organisation.objects.select_for_update(no_key=True).only("pk").get(pk=organisation.pk)
    _require(organisation, by, now)
    said = clean_line(number, NUMBER_MAX, "number")
    if not said:
        raise Refused("number", _("Give the number under which the register has it."), "number")
    there = Society.objects.filter(organisation=organisation, ended_at=None).first()
    if there is not None and there.number == said:
        return there
    if there is not None:
        _end(there, by, now)
    made = Society.objects.create(organisation=organisation, number=said, confirmed_by=by, confirmed_at=now)
    record.write("society", f"society:{made.pk}", [{"organisation": str(organisation.pk), "registered": said}], public=False, now=now)
    return made


@transaction.atomic
def no_more(organisation: Organisation, *, by: Person, now: datetime) -> None:
    """It is no registered society (any more): from here on it is bound as a person is; what it holds already stays. Twice is once."""
    _require(organisation, by, now)
    there = Society.objects.select_for_update().filter(organisation=organisation, ended_at=None).first()
    if there is not None:
        _end(there, by, now)


def _end(there: Society, by: Person, now: datetime) -> None:
    there.ended_at, there.ended_by = now, by
    there.save(update_fields=["ended_at", "ended_by"])
    record.write("society.ended", f"society-ended:{there.pk}", [{"organisation": str(there.organisation_id)}], public=False, now=now)
