"""The terms of a share offer, as plain data; all amounts in the smallest unit of one currency.

Kinds as the Community Shares Handbook (Co-operatives UK) tells them apart: *pioneer* (pays for preparing, before anything trades), *time-bound*
(minimum, optimum, maximum; below the minimum all money goes back), *open* (no end, no minimum; shares are issued as they are paid).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

PIONEER, TIME_BOUND, OPEN = KINDS = ("pioneer", "time-bound", "open")
FIRST_COME, SCALED, SMALLEST_FIRST = OVERSUBSCRIBED = ("first-come", "scaled", "smallest-first")
EXTENSION_DAYS_MOST, EXTENSIONS_MOST, RUNS_MOST = 366, 3, timedelta(days=366)


@dataclass(frozen=True)
class Limits:
    """The least and the most one holder may apply for in this offer, all their applications together; ``most`` 0: no limit by the terms."""

    least: int
    most: int = 0


@dataclass(frozen=True)
class Match:
    """Who puts in as much as all others together, up to ``cap``: ``holder`` is the key of their membership."""

    holder: str
    cap: int


@dataclass(frozen=True)
class Terms:
    """What an offer promises. ``maximum`` and ``optimum`` 0: none. ``extension_days`` is how much later one extension ends it."""

    kind: str
    price: int
    opens_at: datetime
    closes_at: datetime | None
    people: Limits
    organisations: Limits
    minimum: int = 0
    optimum: int = 0
    maximum: int = 0
    extension_days: int = 0
    extensions: int = 1
    oversubscribed: str = FIRST_COME
    match: Match | None = None

    def limits(self, organisation: bool) -> Limits:
        """What one holder may apply for."""
        return self.organisations if organisation else self.people

    @property
    def at_once(self) -> bool:
        """Whether shares can be issued while the offer runs: when who applies first is served first."""
        return self.oversubscribed == FIRST_COME


@dataclass(frozen=True)
class Problem:
    """Terms no offer can have. ``code`` says which, ``field`` where."""

    code: str
    field: str


def problems(terms: Terms) -> list[Problem]:
    """What is wrong with these terms; none is wrong when the list is empty.

    Codes: kind, price, whole-shares, order (minimum ≤ optimum ≤ maximum), limits, dates, too-long, extension, oversubscribed, match,
    no-minimum (a pioneer or a time-bound offer without one), no-maximum (one that may be scaled back needs one).
    """
    return [*_amounts(terms), *_dates(terms), *_match(terms)]


def _amounts(terms: Terms) -> Iterator[Problem]:
    if terms.kind not in KINDS:
        yield Problem("kind", "kind")
    if terms.price <= 0:
        yield Problem("price", "price")
        return
    if terms.oversubscribed not in OVERSUBSCRIBED:
        yield Problem("oversubscribed", "oversubscribed")
    for name in ("minimum", "optimum", "maximum"):
        if getattr(terms, name) % terms.price or getattr(terms, name) < 0:
            yield Problem("whole-shares", name)
    for field, limits in (("people", terms.people), ("organisations", terms.organisations)):
        if limits.least % terms.price or limits.most % terms.price or limits.least < terms.price:
            yield Problem("whole-shares", field)
        if limits.most and limits.most < limits.least:
            yield Problem("limits", field)
        if terms.maximum and limits.least > terms.maximum:
            yield Problem("limits", field)
    heights = [one for one in (terms.minimum, terms.optimum, terms.maximum) if one]
    if heights != sorted(heights):
        yield Problem("order", "optimum" if terms.optimum else "maximum")
    if terms.kind == OPEN and (terms.minimum or terms.optimum):
        yield Problem("open-minimum", "minimum")
    if terms.kind != OPEN and not terms.minimum:
        yield Problem("no-minimum", "minimum")
    if terms.oversubscribed != FIRST_COME and (not terms.maximum or terms.kind == OPEN):
        yield Problem("no-maximum", "maximum")


def _dates(terms: Terms) -> Iterator[Problem]:
    if not 0 <= terms.extension_days <= EXTENSION_DAYS_MOST or not 0 <= terms.extensions <= EXTENSIONS_MOST:
        yield Problem("extension", "extension_days")
    if terms.kind == OPEN:
        return
    if terms.closes_at is None or terms.closes_at <= terms.opens_at:
        yield Problem("dates", "closes_at")
    elif terms.closes_at - terms.opens_at > RUNS_MOST:
        yield Problem("too-long", "closes_at")


def _match(terms: Terms) -> Iterator[Problem]:
    if terms.match is None:
        return
    if terms.kind == OPEN or terms.match.cap <= 0 or terms.match.cap % max(1, terms.price) or (terms.maximum and terms.match.cap > terms.maximum // 2):
        yield Problem("match", "match_cap")
