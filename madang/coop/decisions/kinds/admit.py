"""Admit someone who applied to a class that admits by vote. Opened by the house when they apply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.members import actions as members
from madang.coop.members.models import Membership
from madang.coop.people.models import Organisation
from madang.kit.errors import Refused
from madang.kit.ruletypes.text import in_language


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused("no-application")`` unless ``details["membership"]`` waits for a vote."""
    membership = _membership(details)
    if membership is None or membership.state != "applied" or not membership.member_class.admission.startswith("vote:"):
        raise Refused("no-application", _("There is no application that waits for a vote."))
    return Prepared([], {"membership": str(membership.pk)}, membership.member_class.admission.removeprefix("vote:"))


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """Admitted, by this decision."""
    membership = _membership(proposal.details)
    if membership is None or membership.state not in ("applied", "admitted", "active"):
        raise Refused("no-application", _("The application was withdrawn."))
    members.admit(membership, decision_id=proposal.pk, now=now)
    return []


def ended(proposal: Proposal, now: datetime) -> None:
    """Not admitted: the applicant is told, with the reason."""
    membership = _membership(proposal.details)
    if membership is not None and membership.state == "applied":
        members.refuse(membership, _("The members voted on the application and it did not pass."), decision_id=proposal.pk, now=now)


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """The class, and who wants to join it."""
    membership = _membership(proposal.details)
    if membership is None:
        return []
    return [Line(in_language(membership.member_class.title, lang), "", membership.holder_name, note=membership.words)]


def _membership(details: dict[str, Any]) -> Membership | None:
    return Membership.objects.filter(pk=str(details["membership"])).select_related("member_class", "person", "organisation").first()


register(Kind("admit", gettext_lazy("Admit a member"), prepare, effect, lines, ended=ended, by_house=True))
