"""When a passed decision takes effect: everything it does in one transaction, or nothing. Exposed through ``actions``."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import record
from madang.coop.decisions import back, kinds, review, states, telling
from madang.coop.decisions.drafting import locked
from madang.coop.decisions.models import Proposal
from madang.coop.decisions.voting import fail
from madang.coop.rules.actions import moment_text
from madang.kit.errors import Refused


@transaction.atomic
def take_effect(proposal: Proposal | UUID | str, *, now: datetime) -> Proposal:
    """Do what was decided, once the notice is over: new versions, their leaves and the state together. Done twice is once.

    What it was drafted from has moved, or the law no longer allows it: nothing is changed, the decision *failed*, everyone is told.
    Raises ``Refused("too-early")`` during the notice.
    """
    one = locked(proposal)
    if one.state != states.PASSED:
        if one.state in (states.DRAFT, states.DISCUSSION, states.VOTING):
            raise Refused("too-early", _("It has not passed yet."))
        return one
    if one.effect_at is None or now < one.effect_at:
        raise Refused("too-early", _("Everyone has been promised notice; it takes effect by itself when that is over."))
    kind = kinds.get(one.kind)
    try:
        with transaction.atomic():
            versions = kind.effect(one, now)
    except Refused as no:
        return fail(one, no.code if no.code in ("moved", "law") else str(no.message), now)
    one.inverse = kind.inverse(one) if kind.inverse else None
    one.to(states.IN_FORCE)
    one.ended_at = now
    review.plan(one, now)
    back.done(one, now)
    one.save()
    leaf = {"decision": str(one.pk), "versions": versions, "at": moment_text(now)}
    record.write("decision.effect", f"decision:{one.pk}", [leaf], public=True, now=now)
    telling.took_effect(one, now)
    return one
