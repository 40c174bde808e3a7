"""Whether an amendment is taken in against its proposer's word. Opened from the proposal's page; the vote on the proposal waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop.decisions import states, ways
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.people.models import Organisation
from madang.kit.errors import Refused


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Decided as the proposal is, or in the way "amendments" where the co-op has it. Raises ``Refused("amendment")`` for what is none."""
    from madang.coop.decisions import amending

    found = amending.named(details)
    if found is None or found.proposal.org != org:
        raise Refused("amendment", _("This is asked from the page of a proposal."))
    kept = {"amendment": str(found.pk), "decision": str(found.proposal_id), "changes": _plain(found.changes), "details": found.details}
    return Prepared([], kept, ways.name_for(("amendments", found.proposal.way_name), now))


def _plain(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in change.items() if name != "from"} for change in changes]


def opening(proposal: Proposal, now: datetime) -> str:
    """It can be put to the vote while its proposal is discussed and says what the amendment was offered on."""
    from madang.coop.decisions import amending

    found = amending.question(proposal)
    if found is None or found.proposal.state != states.DISCUSSION or amending.outdated(found, found.proposal):
        return "amended-nothing"
    return ""


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """It is taken in. Raises ``Refused`` where there is nothing to take it into any more."""
    from madang.coop.decisions import amending

    amending.carried(proposal, now)
    return []


def ended(proposal: Proposal, now: datetime) -> None:
    """It is not."""
    from madang.coop.decisions import amending

    amending.lost(proposal, now)


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """What would differ in which proposal."""
    from madang.coop.decisions import amending

    found = amending.question(proposal)
    if found is None:
        return []
    said = amending.differing(found.proposal, found.before, {"changes": found.changes, "details": found.details}, lang)
    return [Line(_("Proposal"), "", found.proposal.title, f"/decisions/{found.proposal_id}/"), *said]


register(Kind("amendment", gettext_lazy("Take in an amendment"), prepare, effect, lines, by_house=True, open_details=True, opening=opening, ended=ended,
              help=gettext_lazy("Whether a proposal is voted on with another wording or another value.")))  # fmt: skip
