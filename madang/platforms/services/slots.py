"""Free start times, by bits: one bit is a quarter of an hour, one integer is a worker's month.

Everything is counted on a grid of UTC quarters from ``origin`` on. A worker's week is written on the worker's own clock; on the
two days of the year when that clock jumps, an instant is in a window exactly when the clock on the wall shows a time in it.
Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
Window = tuple[int, int, int]  # weekday (0 = Monday), start, end in minutes after midnight
Span = tuple[datetime, datetime]


def floor(moment: datetime) -> datetime:
    """The quarter of an hour ``moment`` lies in, in UTC."""
    seconds = int(moment.timestamp()) // 900 * 900
    return datetime.fromtimestamp(seconds, UTC)


def ceil(moment: datetime) -> datetime:
    """The first quarter of an hour not before ``moment``, in UTC."""
    down = floor(moment)
    return down if down == moment else down + QUARTER


def bits_of(minutes: int) -> int:
    """How many quarters ``minutes`` take, rounded up."""
    return -(-minutes // 15)


def mask(first: int, last: int) -> int:
    """Ones from bit ``first`` up to but not with ``last``; parts below zero are cut off."""
    first = max(first, 0)
    return ((1 << (last - first)) - 1) << first if last > first else 0


def runs(bits: int, length: int) -> int:
    """Bit i of the answer is one when bits i … i+length−1 are all ones. Doubles its reach each step: log2(length) shifts."""
    reach = 1
    while reach < length:
        step = min(reach, length - reach)
        bits &= bits >> step
        reach += step
    return bits


def merge(windows: Iterable[Window]) -> list[Window]:
    """The same week with windows that touch or overlap put together, in order."""
    out: list[Window] = []
    for weekday, start, end in sorted(windows):
        if out and out[-1][0] == weekday and start <= out[-1][2]:
            out[-1] = (weekday, out[-1][1], max(end, out[-1][2]))
        else:
            out.append((weekday, start, end))
    return out


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When ``day`` begins in ``zone``, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=20_000)
def window_spans(zone: ZoneInfo, day: date, start: int, end: int) -> tuple[Span, ...]:
    """The instants of ``day`` at which a clock in ``zone`` shows a time in [start, end) minutes after midnight, as UTC spans.

    One span on an ordinary day; none, one or two on the days when the clock jumps.
    """
    begins, ends = midnight(day, zone), midnight(day + DAY, zone)
    if ends - begins == DAY:
        return ((begins + timedelta(minutes=start), begins + timedelta(minutes=end)),)
    found: list[Span] = []
    at = begins
    while at < ends:
        wall = at.astimezone(zone)
        if start <= wall.hour * 60 + wall.minute < end:
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], at + QUARTER)
            else:
                found.append((at, at + QUARTER))
        at += QUARTER
    return tuple(found)


def week_bits(zone: ZoneInfo, windows: Sequence[Window], origin: datetime, count: int) -> int:
    """The quarters from ``origin`` on (``count`` of them) in which this week has the worker at work."""
    until = origin + count * QUARTER
    day, bits = origin.astimezone(zone).date(), 0
    by_day: dict[int, list[Window]] = {}
    for window in windows:
        by_day.setdefault(window[0], []).append(window)
    while midnight(day, zone) < until:
        for _, start, end in by_day.get(day.weekday(), ()):
            for since, to in window_spans(zone, day, start, end):
                bits |= mask((since - origin) // QUARTER, min((to - origin) // QUARTER, count))
        day += DAY
    return bits


def starts(available: int, busy: int, *, work: int, travel: int, count: int) -> int:
    """At which of the first ``count`` quarters a job of ``work`` quarters (and ``travel`` quarters of way after it) can begin."""
    wide = mask(0, count + work + travel)
    return runs(available, work) & runs(wide & ~busy, work + travel) & mask(0, count)


def on_the_half_hour(count: int, origin: datetime, every: int = 30) -> int:
    """The quarters at which a client may start: every ``every`` minutes by the clock (of zones whole quarters from UTC)."""
    first = -(int(origin.timestamp()) // 60) % every // 15
    return sum(1 << at for at in range(first, count, every // 15))


def moments(bits: int, origin: datetime) -> list[datetime]:
    """The set bits as UTC moments, in order."""
    text = bin(bits)[:1:-1]
    at = text.find("1")
    found = []
    while at >= 0:
        found.append(origin + at * QUARTER)
        at = text.find("1", at + 1)
    return found


def pieces(zone: ZoneInfo, since: datetime, until: datetime) -> list[tuple[date, datetime, datetime]]:
    """A span cut at the midnights of ``zone``: (local day, from, to), so that each piece must lie in one window of its day."""
    out = []
    day, at = since.astimezone(zone).date(), since
    while at < until:
        end = min(midnight(day + DAY, zone), until)
        if end > at:
            out.append((day, at, end))
        at, day = end, day + DAY
    return out


def covers(zone: ZoneInfo, window: Window, piece: tuple[date, datetime, datetime]) -> bool:
    """Whether the worker of this window is at work during the whole piece."""
    day, since, until = piece
    return window[0] == day.weekday() and any(a <= since and until <= b for a, b in window_spans(zone, day, window[1], window[2]))
