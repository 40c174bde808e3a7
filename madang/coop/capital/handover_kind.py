"""Decide that shares pass from one member to another, where the law asks the general meeting (Korea: art. 24 (3)). Strangers are not told whose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madang.coop import law
from madang.coop.capital import handovers
from madang.coop.capital.models import Handover
from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import say_citation
from madang.coop.people.models import Organisation
from madang.kit.errors import Refused

WAYS = ("handover", "resolution", "policy")


class Form(base.Form):
    """Which of the handovers both sides agreed to."""

    handover = forms.ChoiceField(label=gettext_lazy("Whose shares pass to whom?"))

    def prepare(self) -> None:
        """Those that wait for the members."""
        self.names("handover", [(str(one.pk), _said(one)) for one in _waiting()])


def _waiting() -> list[Handover]:
    rows = Handover.objects.filter(state="accepted").order_by("answered_at", "pk")
    return list(rows.select_related("giver__person", "giver__organisation", "taker__person", "taker__organisation"))


def _said(one: Handover) -> str:
    words = ngettext("{giver} → {taker}: {n} share", "{giver} → {taker}: {n} shares", one.count)
    return words.format(giver=one.giver.holder_name, taker=one.taker.holder_name, n=one.count)


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """One handover that both agreed to. Raises ``Refused``: "other-scope", "no-handover", "not-needed" (the members' rule suffices here)."""
    if org is not None:
        raise Refused("other-scope", _("Shares are the whole co-op's: propose this to all members, not inside one organisation."), "handover")
    if handovers.needs(now) != handovers.MEETING:
        raise Refused("not-needed", _("Here no decision is needed for this: the members' rule says whether shares may pass."), "handover")
    found = _handover(details)
    if found is None or found.state != "accepted":
        raise Refused("no-handover", _("Choose a handover that both sides have agreed to."), "handover")
    return Prepared([], {"handover": str(found.pk)}, ways.name_for(WAYS, now))


def heading() -> str:
    """The title everyone reads, in the co-op's first language: it names nobody."""
    with translation.override((law.coop().languages or ["en"])[0]):
        return _("Passing on shares")


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """The shares pass. Raises ``Refused`` when one of the two called it off, or it is not possible any more."""
    found = _handover(proposal.details)
    if found is None:
        raise Refused("no-handover", _("It was called off meanwhile. Nothing was booked."))
    handovers.decided(found, proposal.pk, now=now)
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """Who gives how many to whom, and the article: for members."""
    found = _handover(proposal.details)
    if found is None:
        return []
    with translation.override(lang):
        words = ngettext("{n} share", "{n} shares", found.count).format(n=found.count)
        cited = say_citation(law.profile().bound("share.transfer_needs", proposal.created_at).citation, lang)
        return [Line(words, found.giver.holder_name, found.taker.holder_name, note=cited)]


def _handover(details: dict[str, Any]) -> Handover | None:
    try:
        wanted = UUID(str(details.get("handover", "")))
    except ValueError:
        return None
    rows = Handover.objects.select_related("giver__person", "giver__organisation", "taker__person", "taker__organisation")
    return rows.filter(pk=wanted).first()


register(Kind("pass_shares", gettext_lazy("Let shares pass to another member"), prepare, effect, lines, form=Form, heading=heading,
              help=gettext_lazy("One member gives shares to another, and both agreed. Where the law wants it, the members decide.")))  # fmt: skip
