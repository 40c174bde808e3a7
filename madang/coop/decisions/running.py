"""How it stands while voting is open, where a way says that it is shown; and the late swing that lengthens such a vote.

What is shown is a figure taken now and then, never the count of this moment: each differs from the one before by at least five ballots,
so that watching the page does not tell how the next voter voted. Classes and verdicts stay out of it: only the whole is shown.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from madang.coop.decisions import options, states, tally, ways
from madang.coop.decisions.drafting import locked
from madang.coop.decisions.models import Ballot, Proposal
from madang.kit.counting import lots, papers
from madang.kit.counting.hiding import SMALLEST
from madang.kit.counting.result import dump
from madang.kit.ruletypes import WayOfDeciding

EVERY = timedelta(hours=1)


def _shown(now: datetime) -> QuerySet[Proposal]:
    """Open votes whose way shows how they stand, but for their last hour: held against the result, later figures could tell of few ballots. Not
    at a meeting: there everybody sees the hands."""
    return Proposal.objects.filter(state=states.VOTING, way__running=True, sitting__isnull=True, closes_at__gt=now + EVERY)


def due(now: datetime, limit: int) -> list[str]:
    """Votes whose figures are an hour old, and where five ballots or more were cast or changed since. One query."""
    after = Q(elector__proposal__figures_at=None) | Q(cast_at__gt=OuterRef("figures_at"))
    news = Ballot.objects.filter(after, elector__proposal=OuterRef("pk")).order_by().values("elector__proposal").annotate(many=Count("pk")).values("many")
    rows = _shown(now).filter(Q(figures_at=None) | Q(figures_at__lte=now - EVERY)).annotate(news=Subquery(news)).filter(news__gte=SMALLEST)
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]]


@transaction.atomic
def take(proposal: UUID | str, *, now: datetime) -> None:
    """Due work: take the figures of one vote, if enough has come in since. Twice is once; in the last hour nothing is taken."""
    one = locked(proposal)
    if one.state != states.VOTING or one.closes_at is None or now >= one.closes_at - EVERY or not one.way.get("running"):
        return
    found = Ballot.objects.filter(elector__proposal=one)
    news = found.filter(cast_at__gt=one.figures_at) if one.figures_at else found
    if news.count() < SMALLEST:
        return
    one.figures, one.figures_at = _figures(one), now
    one.save(update_fields=["figures", "figures_at"])


def _figures(one: Proposal) -> dict[str, Any] | None:
    """Of yes and no ``{"totals"}``; among options ``{"marked", "abstain", "winners", "count"}``; None where too few took part to be shown."""
    if (asked := options.of(one)) is None:
        totals = tally.public(tally.count(one, ways.parse(one.way)))["totals"]
        return {"totals": totals} if totals else None
    found, part, abstained = options.cast(one)
    marked = sum(many for many, _marks in found)
    if marked < SMALLEST:
        return None
    count = papers.tally(asked.question, found, lots.seed("", found))  # the lot is drawn at the close only
    return {"marked": sum(part.values()) - abstained, "abstain": abstained, "winners": list(count.winners), "count": dump(count)}


def outcome(one: Proposal, way: WayOfDeciding) -> dict[str, Any]:
    """What would be decided if voting closed now."""
    said = tally.told(one, way)
    return {"passed": said["passed"], "winners": sorted(said.get("winners", []))}


def to_note(one: Proposal, now: datetime) -> bool:
    """Whether the last part of a vote has begun in which a swing lengthens it, and how it stood before has yet to be noted."""
    if not one.way.get("running") or one.before_late is not None or one.state != states.VOTING or one.closes_at is None:
        return False
    course = ways.parse(one.way).course
    return bool(course.late and now >= one.closes_at - course.late)


def note(one: Proposal) -> None:
    """Keep how a locked vote stands before the first ballot of its last part is in. Told to nobody."""
    one.before_late = outcome(one, ways.parse(one.way))
    one.save(update_fields=["before_late"])


def turned(one: Proposal, way: WayOfDeciding) -> bool:
    """Whether the last part turned the outcome; then, where the vote is lengthened, what stands now is what the next part is held against."""
    if one.before_late is None:  # nobody voted in it
        return False
    after = outcome(one, way)
    if after == one.before_late:
        return False
    one.before_late = after
    return True


def leaf(one: Proposal) -> dict[str, Any]:
    """For the leaf of a lengthening: why, where it was no rush."""
    return {"because": "swing"} if one.way.get("running") else {}
