"""Confirm the minutes of a general meeting, on line or at the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.meetings import calling, minutes, states
from madang.coop.meetings.models import Meeting
from madang.coop.people.models import Organisation
from madang.kit.errors import Refused


def ready() -> list[Meeting]:
    """The meetings whose minutes are signed and not confirmed."""
    return [one for one in Meeting.objects.filter(state=states.CLOSED, confirmed_at=None) if minutes.signed(one)]


class Form(base.Form):
    """Which meeting's."""

    meeting = forms.ChoiceField(label=gettext_lazy("Which meeting"))

    def prepare(self) -> None:
        """Those whose minutes wait to be confirmed."""
        self.fields["meeting"].choices = [(str(one.pk), one.title) for one in ready()] if self.insider else []  # type: ignore[attr-defined]

    def nothing(self) -> str:
        """While none wait."""
        return "" if self.fields["meeting"].choices else _("No minutes wait to be confirmed.")  # type: ignore[attr-defined]


def _meeting(details: dict[str, Any]) -> Meeting:
    try:
        found = Meeting.objects.filter(pk=UUID(str(details.get("meeting", "")))).first()
    except ValueError:
        found = None
    if found is None or found.state != states.CLOSED:
        raise Refused("meeting", _("Choose a meeting that is over."), "meeting")
    return found


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "meeting", "unsigned", "confirmed"."""
    found = _meeting(details)
    if found.confirmed_at is not None:
        raise Refused("confirmed", _("These minutes are confirmed."), "meeting")
    if not minutes.signed(found):
        raise Refused("unsigned", _("First those sign them whom the meeting chose."), "meeting")
    return Prepared([], {"meeting": str(found.pk), "minutes": minutes.digest(found)}, ways.name_for(("minutes", "policy"), now))


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """They are confirmed. Raises ``Refused("moved")`` when they are not the ones that were voted on."""
    found = calling.locked(proposal.details["meeting"])
    if minutes.digest(found) != proposal.details["minutes"]:
        raise Refused("moved", _("These are not the minutes that were voted on."))
    if found.confirmed_at is None:
        found.confirmed_at, found.confirmed_by = now, proposal.pk
        found.save()
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """Which minutes."""
    found = Meeting.objects.filter(pk=proposal.details.get("meeting")).first()
    return [Line(_("Minutes of"), "", found.title, url=f"{calling.url(found)}minutes/")] if found else []


register(Kind("minutes", gettext_lazy("Confirm the minutes of a meeting"), prepare, effect, lines, form=Form, open_details=True,
              help=gettext_lazy("Of a general meeting, once those it chose have signed them.")))  # fmt: skip
