"""What happens to the co-op as a legal person: it opens; and in a demo its clock is moved."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from madang.coop.law.models import Coop
from madang.kit.errors import Missing, Refused

FARTHEST = timedelta(days=3660)


@transaction.atomic
def open_coop(*, now: datetime) -> Coop:
    """The co-op may trade from now on (``charter`` calls it when the founders the law asks for have accepted and paid). Safe to repeat."""
    row = _locked()
    if row.state != Coop.OPEN:
        row.state, row.opened_at = Coop.OPEN, now
        row.save(update_fields=["state", "opened_at"])
    return row


@transaction.atomic
def move_clock(step: timedelta, *, now: datetime) -> Coop:
    """Move a demo's clock on by ``step``. Raises ``Refused`` for a real co-op ("clock_is_real"), and for a step back or beyond ten years ("clock_step")."""
    row = _locked()
    if not row.demo:
        raise Refused("clock_is_real", _("Only a demo can move its clock. This co-op is a real one."))
    moved = (row.clock_offset or timedelta()) + step
    if step < timedelta() or moved > FARTHEST:
        raise Refused("clock_step", _("The clock only goes forward, ten years at most."))
    row.clock_offset = moved
    row.save(update_fields=["clock_offset"])
    return row


def _locked() -> Coop:
    row = Coop.objects.select_for_update().first()
    if row is None:
        raise Missing("no co-op is founded here")
    return row
