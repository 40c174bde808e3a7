"""Those who have not voted hear of it once more before the close: by due work, in portions, and only who may still vote."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from madang.coop import notices
from madang.coop.decisions import electors, states, telling, ways
from madang.coop.decisions.models import Elector, Proposal


def due(now: datetime, limit: int) -> list[str]:
    """Voters of open votes whose way asks for a reminder by now, who have no ballot and were not reminded. One query, and one for each such vote."""
    found: list[str] = []
    for one in Proposal.objects.filter(state=states.VOTING, closes_at__gt=now).order_by("closes_at"):
        before = ways.parse(one.way).course.remind
        if not before or one.closes_at is None or now < one.closes_at - before:
            continue
        rows = Elector.objects.filter(proposal=one, ballot=None, reminded_at=None).order_by("pk").values_list("pk", flat=True)
        found += [str(pk) for pk in rows[: limit - len(found)]]
        if len(found) >= limit:
            break
    return found


@transaction.atomic
def remind(elector_id: UUID | str, *, now: datetime) -> None:
    """Remind one voter, once. Who voted meanwhile, left, or has nothing to cast any more is not told. An organisation's vote reminds who speaks for it."""
    elector = telling.locked_elector(elector_id)
    one = elector.proposal
    if elector.reminded_at is not None or one.state != states.VOTING or one.closes_at is None or now >= one.closes_at:
        return
    Elector.objects.filter(pk=elector.pk).update(reminded_at=now)
    if hasattr(elector, "ballot"):
        return
    for person in telling.who_casts(elector, now):
        if electors.standing(person, now).may_cast(elector):
            notices.tell(
                person, "decisions.remind", url=f"{telling.url(one)}#ballot", params={"title": one.title, "closes": one.closes_at}, now=now,
            )  # fmt: skip
