"""Whether an emergency measure goes on. Opened by the measure itself; the members keep it or end it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from madang.coop.decisions import emergency, ways
from madang.coop.decisions.emergency import Measure
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.people.models import Organisation
from madang.kit.errors import Refused


def _measure(details: dict[str, Any]) -> Measure | None:
    try:
        return Measure.objects.filter(pk=UUID(str(details.get("measure", "")))).first()
    except ValueError:
        return None


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused("measure")`` for anything but a measure nobody has put to the members yet."""
    found = _measure(details)
    if found is None or (found.proposal_id is not None and found.proposal.state != "draft"):  # type: ignore[union-attr]
        raise Refused("measure", _("This is asked when a measure is taken."))
    return Prepared([], {"measure": str(found.pk)}, ways.name_for(("policy",), now))


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """It goes on."""
    emergency.keep(proposal.details["measure"], now)
    return []


def ended(proposal: Proposal, now: datetime) -> None:
    """The members did not want it: it ends at once."""
    if (found := _measure(proposal.details)) is not None:
        emergency.end(found, None, now=now)


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """What is stopped, or which limit is lower."""
    found = _measure(proposal.details)
    if found is None:
        return []
    stop = emergency.stops().get(found.key)
    if stop is None:
        return [Line(found.key, "", "")]
    if found.at_most is None or stop.type is None:
        return [Line(stop.title, "", pgettext("measure", "stopped"), emergency.URL)]
    before = stop.type.describe(stop.now(proposal.created_at), lang) if stop.now else ""
    return [Line(stop.title, before, stop.type.describe(stop.type.parse(found.at_most), lang), emergency.URL)]


register(Kind("keep_measure", gettext_lazy("Keep an emergency measure"), prepare, effect, lines, ended=ended, open_details=True, by_event=True,
              help=gettext_lazy("Asked by the measure itself.")))  # fmt: skip
