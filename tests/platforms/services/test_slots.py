"""The bits say what a clock on the wall would say, on every day of the year."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.platforms.services import slots

NEW_YORK, SEOUL, ADELAIDE = ZoneInfo("America/New_York"), ZoneInfo("Asia/Seoul"), ZoneInfo("Australia/Adelaide")
ZONES = st.sampled_from([NEW_YORK, SEOUL, ADELAIDE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/St_Johns")])
QUARTERS = st.integers(0, 96).map(lambda n: n * 15)
WINDOW = st.tuples(st.integers(0, 6), QUARTERS, QUARTERS).filter(lambda w: w[1] < w[2])
WEEK = st.lists(WINDOW, max_size=5).map(slots.merge)


def on_the_wall(zone, windows, moment):
    wall = moment.astimezone(zone)
    minute = wall.hour * 60 + wall.minute
    return any(day == wall.weekday() and start <= minute < end for day, start, end in windows)


@settings(max_examples=60, deadline=None)
@given(ZONES, WEEK, st.integers(0, 365 * 96), st.integers(1, 400))
def test_a_bit_is_set_exactly_when_the_wall_clock_is_in_a_window(zone, week, quarter, count):
    origin = datetime(2026, 1, 1, tzinfo=UTC) + quarter * slots.QUARTER
    bits = slots.week_bits(zone, week, origin, count)
    assert bits >> count == 0
    for at in range(count):
        assert bits >> at & 1 == on_the_wall(zone, week, origin + at * slots.QUARTER)


@given(st.integers(0, 2**200), st.integers(1, 40))
def test_runs_are_runs(bits, length):
    found = slots.runs(bits, length)
    for at in range(210):
        assert found >> at & 1 == all(bits >> at + more & 1 for more in range(length))


@given(st.integers(0, 2**120), st.integers(0, 2**120), st.integers(1, 16), st.integers(0, 6))
def test_a_start_needs_the_work_in_the_window_and_the_way_free(available, busy, work, travel):
    found = slots.starts(available, busy, work=work, travel=travel, count=96)
    for at in range(100):
        fits = at < 96 and all(available >> at + n & 1 for n in range(work)) and not any(busy >> at + n & 1 for n in range(work + travel))
        assert found >> at & 1 == fits


def test_the_spring_day_in_new_york_has_an_hour_less():
    day = datetime(2026, 3, 8).date()
    (span,) = slots.window_spans(NEW_YORK, day, 60, 300)  # 01:00 to 05:00 on the wall
    assert span == (datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 3, 8, 9, tzinfo=UTC))
    assert slots.window_spans(NEW_YORK, day, 120, 180) == ()  # 02:00 to 03:00 did not happen


def test_the_autumn_day_in_new_york_has_an_hour_twice():
    day = datetime(2026, 11, 1).date()
    (whole,) = slots.window_spans(NEW_YORK, day, 60, 120)  # 01:00 to 02:00, twice in a row
    assert whole[1] - whole[0] == timedelta(hours=2)
    assert len(slots.window_spans(NEW_YORK, day, 60, 90)) == 2


@given(ZONES, st.integers(0, 365 * 96), st.integers(1, 48), WINDOW)
@settings(max_examples=150, deadline=None)
def test_pieces_cover_like_bits(zone, quarter, length, window):
    """The way the database asks (a window holds a piece) and the way the bits ask agree."""
    since = datetime(2026, 1, 1, tzinfo=UTC) + quarter * slots.QUARTER
    until = since + length * slots.QUARTER
    parts = slots.pieces(zone, since, until)
    assert parts[0][1] == since and parts[-1][2] == until and all(a[2] == b[1] for a, b in pairwise(parts))
    bits = slots.week_bits(zone, [window], since, length)
    assert all(slots.covers(zone, window, part) for part in parts) == (bits == slots.mask(0, length))


@given(st.lists(WINDOW, max_size=12))
def test_merged_windows_never_touch_and_mean_the_same(windows):
    merged = slots.merge(windows)
    assert all(a[0] != b[0] or a[2] < b[1] for a, b in pairwise(merged))
    origin = datetime(2026, 6, 1, tzinfo=UTC)
    assert slots.week_bits(SEOUL, windows, origin, 800) == slots.week_bits(SEOUL, merged, origin, 800)


def test_moments_and_half_hours():
    origin = datetime(2026, 6, 1, 0, 15, tzinfo=UTC)
    half = slots.on_the_half_hour(6, origin)
    assert [m.minute for m in slots.moments(half, origin)] == [30, 0, 30]
    assert slots.floor(origin + timedelta(minutes=7)) == origin
    assert slots.ceil(origin + timedelta(minutes=7)) == origin + slots.QUARTER
    assert slots.ceil(origin) == origin
