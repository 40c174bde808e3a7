"""Decisions as open data: for everyone, without names, with figures hidden exactly as the pages hide them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from madang.coop.decisions import kept, options, showing, states, tally, telling
from madang.coop.decisions.kinds.base import Options
from madang.coop.decisions.models import Proposal
from madang.kit.counting.writing import written
from madang.kit.errors import Missing

COLUMNS = (
    "id", "kind", "title", "state", "organisation", "way", "discussion_at", "opens_at", "closes_at", "closed_at", "effect_at", "ended_at",
    "voters", "cast", "for", "against", "abstain", "marked", "method", "chosen", "passed", "reasons", "url",
)  # fmt: skip
"""Of the table of decisions. Times are ISO 8601 in UTC; an empty cell is not known yet, or hidden because it would tell of fewer than five."""
CLASS_COLUMNS = ("id", "class", "voters", "for", "against", "abstain", "passed")
AT_ONCE = 500


def decisions() -> Iterator[Proposal]:
    """Every decision that was ever opened for discussion, oldest first, read in portions."""
    rows = Proposal.objects.filter(discussion_at__isnull=False).defer("reason", "dry_run").order_by("discussion_at", "pk")
    return rows.iterator(chunk_size=AT_ONCE)


def row(one: Proposal) -> dict[str, Any]:
    """One decision under :data:`COLUMNS`, as plain values."""
    counted = one.tally or {}
    totals: dict[str, int] = counted.get("totals") or {}
    asked = _asked(one) if counted.get("winners") else None
    return {
        "id": str(one.pk), "kind": one.kind, "title": one.title, "state": one.state, "organisation": one.scope or None, "way": one.way_name,
        **{name: _moment(getattr(one, name)) for name in ("discussion_at", "opens_at", "closes_at", "closed_at", "effect_at", "ended_at")},
        "voters": (tally.electorate(one.electorate) or {}).get("total"), "cast": sum(totals.values()) if totals else None,
        **{name: totals.get(name) for name in (*states.CHOICES, "marked")},
        "method": counted.get("method"), "chosen": [asked.titles[key] for key in counted["winners"]] if asked else [],
        "passed": counted.get("passed"), "reasons": counted.get("reasons", []), "url": settings.SITE_URL.rstrip("/") + telling.url(one),
    }  # fmt: skip


def classes(one: Proposal) -> Iterator[dict[str, Any]]:
    """What each class said, as far as it is shown, under :data:`CLASS_COLUMNS`."""
    voters = (tally.electorate(one.electorate) or {}).get("classes", {})
    counted = (one.tally or {}).get("classes", {})
    for key in voters:
        told = counted.get(key, {})
        yield {"id": str(one.pk), "class": key, "voters": voters[key], **{name: told.get(name) for name in (*states.CHOICES, "passed")}}


def as_csv(columns: Iterable[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A table, piece by piece, with a mark so that a spreadsheet reads Korean as Korean; nothing in it can be taken for a formula."""
    columns = list(columns)
    kept = io.StringIO()
    writer = csv.writer(kept)
    kept.write("\ufeff")
    writer.writerow(columns)
    for one in rows:
        writer.writerow([_cell(one[name]) for name in columns])
        if kept.tell() > 16_000:
            yield kept.getvalue()
            kept.seek(0)
            kept.truncate()
    yield kept.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def as_json(found: Iterable[Proposal]) -> Iterator[str]:
    """A list of decisions, one on a line, each with its classes, its changes of rules and what was counted."""
    yield "["
    for number, one in enumerate(found):
        said = {**row(one), "classes": list(classes(one)), "changes": one.changes, "tally": one.tally}
        yield (",\n" if number else "\n") + json.dumps(said, ensure_ascii=False)
    yield "\n]\n"


def ballots(one: Proposal) -> tuple[str, str]:
    """The papers of a counted vote among options, without names, as (ending, text) of a file that ``madang count`` reads.

    Rankings are PrefLib's orders with ties (``toi``), the others a table (``csv``), projects with costs Pabulib's (``pb``).
    Raises ``Missing`` where there are none, or so few that they are not shown.
    """
    asked, there = _asked(one), kept.of(one)
    if asked is None or there is None:
        raise Missing("no papers to show")
    found = [(many, marks) for many, marks in there.papers]
    return written(asked.question, [asked.titles[key] for key in asked.question.options], found)


def _asked(one: Proposal) -> Options | None:
    """What was voted on; who stood for election has a number instead of a name, for members and strangers alike."""
    asked = options.of(one)
    return showing.unnamed(asked) if asked is not None and one.kind in showing.PRIVATE_KINDS else asked


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
