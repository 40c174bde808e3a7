"""Who is free, asked of the database: the candidates for one visit, and the free start times of a month.

``candidates`` and ``starts`` answer the same question in two ways (sets in SQL, bits in Python); a test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from madang.platforms.services import slots, states
from madang.platforms.services.matching import Candidate

MONTH = timedelta(days=30)
LONGEST = timedelta(hours=16)  # a visit of at most 12 hours and the longest way: how far back a busy time can begin
COUNTED = [*states.OCCUPIES, states.PROBLEM, states.RELEASED]
FIRST_BATCH = 150
MIDNIGHT = 24 * 60

IN = """EXISTS (SELECT 1 FROM people_work k WHERE k.organisation_id = w.organisation_id AND k.person_id = w.person_id AND k.until IS NULL)
  AND CASE WHEN EXISTS (SELECT 1 FROM members_memberclass c WHERE c.holder = 'organisation')
      THEN w.organisation_id IN (SELECT m.organisation_id FROM members_membership m WHERE m.state = 'active' AND m.organisation_id IS NOT NULL)
      ELSE w.person_id IN (SELECT m.person_id FROM members_membership m WHERE m.state = 'active' AND m.person_id IS NOT NULL) END"""
"""Who still works where they take jobs for, and whose organisation (or who, where only people join) is a member: see ``actions.people.belongs``."""

_ZONES = """
SELECT z.time_zone, a.weekday, a.start, a."end"
FROM (SELECT DISTINCT weekday, start, "end" FROM services_availability WHERE weekday = ANY(%(weekdays)s)) a,
     (SELECT DISTINCT time_zone FROM services_worker WHERE active) z
"""
"""Every window anyone has, in every zone anyone lives in: a few too many, in a third of the time of asking who has which."""

_CANDIDATES = """
SELECT w.id, w.organisation_id, count(j.id), max(j.ends_at) FILTER (WHERE j.ends_at <= %(now)s)
FROM services_worker w LEFT JOIN services_job j ON j.worker_id = w.id AND j.starts_at >= %(month)s AND j.state = ANY(%(counted)s)
WHERE w.active AND w.person_id <> %(client)s AND (%(only)s::uuid IS NULL OR w.id = %(only)s::uuid) AND {member}
  AND NOT EXISTS (SELECT 1 FROM services_offer o WHERE o.job_id = %(job)s::uuid AND o.worker_id = w.id)
  AND NOT EXISTS (SELECT 1 FROM services_timeoff f WHERE f.worker_id = w.id AND f.span && tstzrange(%(start)s, %(end)s))
  AND w.id NOT IN (
    SELECT b.worker_id FROM services_job b WHERE b.state IN ('held', 'offered', 'accepted', 'in_progress', 'done') AND b.worker_id IS NOT NULL
    AND b.starts_at < %(free)s AND b.starts_at > %(back)s AND b.free_at > %(start)s)
  {windows}
GROUP BY w.id
"""

_WINDOW = """AND EXISTS (SELECT 1 FROM services_availability a JOIN unnest(%(zones{n})s::text[], %(days{n})s::int[], %(starts{n})s::int[], %(ends{n})s::int[])
  AS fits(zone, weekday, start, "end") ON fits.weekday = a.weekday AND fits.start = a.start AND fits."end" = a."end"
  WHERE a.worker_id = w.id AND fits.zone = w.time_zone)"""

_WEEKS = """
SELECT w.id, w.time_zone, w.person_id, string_agg(a.weekday || ' ' || a.start || ' ' || a."end", ' ' ORDER BY a.weekday, a.start)
FROM services_worker w JOIN services_availability a ON a.worker_id = w.id
WHERE w.active AND w.person_id IS DISTINCT FROM %(client)s::uuid AND {which} AND {member}
GROUP BY w.id
"""

_BUSY = """
SELECT worker_id, string_agg(since || ' ' || until, ' ') FROM (
  SELECT worker_id, floor((extract(epoch FROM starts_at) - %(zero)s) / 900)::int AS since, ceil((extract(epoch FROM free_at) - %(zero)s) / 900)::int AS until
  FROM services_job WHERE state IN ('held', 'offered', 'accepted', 'in_progress', 'done') AND starts_at < %(end)s AND starts_at > %(back)s AND {which}
) AS jobs GROUP BY worker_id
"""

_AWAY = """
SELECT worker_id, floor((extract(epoch FROM lower(span)) - %(zero)s) / 900)::int, ceil((extract(epoch FROM upper(span)) - %(zero)s) / 900)::int
FROM services_timeoff WHERE span && tstzrange(%(since)s, %(end)s) AND {which}
"""


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The time zone of this name."""
    return ZoneInfo(name)


@dataclass(frozen=True)
class Free:
    """A worker who is free for a visit, with what the matching counts."""

    worker_id: UUID
    organisation_id: UUID
    candidate: Candidate


def candidates(
    start: datetime, end: datetime, free_at: datetime, *, client_id: UUID, now: datetime, only: UUID | None = None, job_id: UUID | None = None
) -> list[Free]:
    """Workers at work from ``start`` to ``end``, and not busy until ``free_at``, who were not asked for ``job_id`` before. Two queries."""
    around = [(start + timedelta(days=shift)).weekday() for shift in (-1, 0, 1)]
    if (end - start) > timedelta(hours=23):
        around = list(range(7))
    with connection.cursor() as cursor:
        cursor.execute(_ZONES, {"weekdays": around})
        fitting = _fitting(cursor.fetchall(), start, end)
        if not fitting or not all(fitting):
            return []
        params: dict[str, Any] = {
            "now": now, "month": now - MONTH, "counted": COUNTED, "client": client_id, "only": only, "job": job_id,
            "start": start, "end": end, "free": free_at, "back": start - LONGEST,
        }
        windows = ""
        for n, rows in enumerate(fitting):
            windows += _WINDOW.format(n=n)
            params |= dict(zip((f"zones{n}", f"days{n}", f"starts{n}", f"ends{n}"), map(list, zip(*rows, strict=True)), strict=True))
        cursor.execute(_CANDIDATES.format(windows=windows, member=IN), params)
        return [Free(row[0], row[1], Candidate(str(row[0]), row[2], row[3])) for row in cursor.fetchall()]


def _fitting(rows: Iterable[tuple[str, int, int, int]], start: datetime, end: datetime) -> list[list[tuple[str, int, int, int]]]:
    """For each piece of the visit (cut at midnight), the windows that hold it. Zones with fewer pieces hold the missing ones by any window."""
    by_zone: dict[str, list[tuple[int, int, int]]] = {}
    for name, weekday, since, until in rows:
        by_zone.setdefault(name, []).append((weekday, since, until))
    cut = {name: slots.pieces(zone(name), start, end) for name in by_zone}
    fitting: list[list[tuple[str, int, int, int]]] = [[] for _piece in range(max(map(len, cut.values()), default=0))]
    for name, windows in by_zone.items():
        for n, fits in enumerate(fitting):
            part = cut[name][min(n, len(cut[name]) - 1)]
            fits += [(name, *window) for window in windows if slots.covers(zone(name), window, part)]
    return fitting


@lru_cache(maxsize=4_000)
def _week(zone_name: str, text: str, origin: datetime, count: int) -> int:
    numbers = [int(one) for one in text.split()]
    windows = list(zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True))
    return slots.week_bits(zone(zone_name), windows, origin, count)


def starts(
    minutes: int, travel: timedelta, *, since: datetime, until: datetime, worker_id: UUID | None = None, client_id: UUID | None = None, every: int = 30,
    time_zone: str = "UTC", at_once: bool = False,
) -> list[datetime]:
    """The moments from ``since`` until before ``until`` at which somebody (or this worker) is free for ``minutes`` and the way after it.

    On the half hour of ``time_zone``. SQL queries: 3 for each batch of workers, and further batches only as long as some time is still
    found free by nobody, of those who are at work then: 1 + 3 for up to 300 workers, at most 2 + 9. ``at_once``: everyone in one batch, for measuring.
    """
    origin = slots.floor(since)
    work, way = slots.bits_of(minutes), slots.bits_of(int(travel.total_seconds()) // 60)
    count = max(0, -((origin - until) // slots.QUARTER))
    wanted = slots.on_the_half_hour(count, origin + (zone(time_zone).utcoffset(origin.replace(tzinfo=None)) or timedelta()), every)
    if since > origin:
        wanted &= ~1
    first, *more = [("true", {})] if at_once else list(_batches(worker_id))
    found = _batch(*first, origin, count, work, way, client_id) & wanted
    weeks = _weeks_of_all() if more else []
    missing = _ceiling(weeks, origin, count, work, way) & wanted & ~found
    for which, params in more:
        if not missing:
            break
        fitting = [window for window in weeks if _window(window, origin, count) & missing]  # only who is at work when a missing visit begins
        columns = dict(zip(("zones0", "days0", "starts0", "ends0"), map(list, zip(*fitting, strict=True)), strict=True))
        new = _batch(which, params | columns, origin, count, work, way, client_id, missing) & missing
        found, missing = found | new, missing & ~new
    return slots.moments(found, origin)


def _batches(worker_id: UUID | None) -> Iterable[tuple[str, dict[str, Any]]]:
    """Conditions on a worker's id that walk through all workers: the ids are random, so their first digits draw a fair sample."""
    if worker_id:
        yield "{id} = %(only)s", {"only": worker_id}
        return
    total = _active()
    if total <= FIRST_BATCH * 2:
        yield "true", {}
        return
    edges = [0, min(255, max(1, 256 * FIRST_BATCH // total)), min(255, max(2, 256 * FIRST_BATCH * 6 // total)), 256]
    for low, high in pairwise(edges):
        if low >= high:
            continue
        first = UUID(int=low << 120)
        if high == 256:
            yield "{id} >= %(low)s", {"low": first}
        else:
            yield "{id} >= %(low)s AND {id} < %(high)s", {"low": first, "high": UUID(int=high << 120)}


def _active() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM services_worker WHERE active")
        return int(cursor.fetchone()[0])


def _weeks_of_all() -> list[tuple[str, int, int, int]]:
    """The different windows (zone, weekday, from, to) of everybody's weeks."""
    with connection.cursor() as cursor:
        cursor.execute(_ZONES, {"weekdays": list(range(7))})
        return cursor.fetchall()


def _window(window: tuple[str, int, int, int], origin: datetime, count: int) -> int:
    """The quarters of one window."""
    name, *numbers = window
    return _week(name, " ".join(map(str, numbers)), origin, count)


def _ceiling(weeks: Iterable[tuple[str, int, int, int]], origin: datetime, count: int, work: int, way: int) -> int:
    """Every start that these windows allow, were nobody busy: what the search can find at most."""
    found, nights = 0, {}
    for window in weeks:
        bits = _window(window, origin, count + work)
        found |= slots.starts(bits, 0, work=work, travel=way, count=count)
        if window[2] == 0 or window[3] == MIDNIGHT:
            nights[window[0]] = nights.get(window[0], 0) | bits
    for bits in nights.values():  # a visit across midnight needs two windows
        found |= slots.starts(bits, 0, work=work, travel=way, count=count)
    return found


def _batch(
    which: str, params: dict[str, Any], origin: datetime, count: int, work: int, way: int, client_id: UUID | None, only: int | None = None
) -> int:
    """The starts at which at least one of these workers is free; with ``only``, right for those starts and nothing else. Three queries."""
    wide = count + work + way
    first, last = (0, count) if only is None else ((only & -only).bit_length() - 1, only.bit_length())
    since, end = origin + first * slots.QUARTER, origin + (last + work + way) * slots.QUARTER
    asked = {**params, "client": client_id, "zero": int(origin.timestamp()), "since": since, "end": end, "back": since - LONGEST}
    at_work = "" if only is None else _WINDOW.format(n=0)
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS.format(which=which.format(id="w.id"), member=f"{IN} {at_work}"), asked)
        weeks = cursor.fetchall()
        if only is not None:
            which, asked["ids"] = "{id} = ANY(%(ids)s)", [row[0] for row in weeks]
        cursor.execute(_BUSY.format(which=which.format(id="worker_id")), asked)
        busy = {row[0]: _marks(row[1], wide) for row in cursor.fetchall()}
        cursor.execute(_AWAY.format(which=which.format(id="worker_id")), asked)
        away: dict[UUID, int] = {}
        for one, first, last in cursor.fetchall():
            away[one] = away.get(one, 0) | slots.mask(first, min(last, wide))
    free = 0
    for one, zone_name, _person, text in weeks:
        week = _week(zone_name, text, origin, wide) & ~away.get(one, 0)
        free |= slots.starts(week, busy.get(one, 0), work=work, travel=way, count=count)
    return free


def _marks(text: str, wide: int) -> int:
    numbers = [int(one) for one in text.split()]
    bits = 0
    for first, last in zip(numbers[0::2], numbers[1::2], strict=True):
        bits |= slots.mask(first, min(last, wide))
    return bits


def peer(minutes: int, travel: timedelta, *, since: datetime, until: datetime, days: Sequence[date]) -> list[datetime]:
    """The same question as one PostgreSQL multirange query: for the bench, and for the test that holds the two together (no time off)."""
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"minutes": minutes, "travel": travel, "since": since, "until": until, "days": list(days)}
        cursor.execute(_PEER, asked)
        return [row[0] for row in cursor.fetchall()]


_PEER = """
WITH open AS (
  SELECT w.id, range_agg(tstzrange((d + make_interval(mins => a.start)) AT TIME ZONE w.time_zone,
                                   (d + make_interval(mins => a."end")) AT TIME ZONE w.time_zone)) AS at_work
  FROM services_worker w JOIN services_availability a ON a.worker_id = w.id
  JOIN unnest(%(days)s::date[]) AS day(d) ON extract(isodow FROM d) - 1 = a.weekday
  WHERE w.active GROUP BY w.id
), taken AS (
  SELECT worker_id, range_agg(tstzrange(starts_at - %(travel)s, free_at)) AS busy FROM services_job
  WHERE state IN ('held', 'offered', 'accepted', 'in_progress', 'done') AND starts_at < %(until)s + interval '1 day'
    AND starts_at > %(since)s - interval '1 day'
  GROUP BY worker_id
), free AS (
  SELECT unnest(open.at_work - coalesce(taken.busy, '{}'::tstzmultirange)) AS gap FROM open LEFT JOIN taken ON taken.worker_id = open.id
)
SELECT DISTINCT at FROM free, LATERAL generate_series(
  date_bin('30 minutes', greatest(lower(gap), %(since)s) + interval '30 minutes' - interval '1 microsecond', timestamptz '2000-01-01 00:00+00'),
  least(upper(gap) - make_interval(mins => %(minutes)s), %(until)s - interval '1 microsecond'), interval '30 minutes') AS at
ORDER BY at
"""
