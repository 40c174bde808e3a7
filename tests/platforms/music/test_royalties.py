"""Each model shares a month to the unit, and keeps what it promises."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.platforms.music import royalties, schedule
from madang.platforms.music.royalties import Month, shared

PRICES = [2400, 4800, 9600, 19200, 38400, 76800, 153600, 307200, 614400]
SEVENTY = Fraction(70, 100)
PAIRS = st.dictionaries(st.tuples(st.integers(1, 6), st.integers(1, 8)), st.integers(1, 12), max_size=30)
SHARES = st.fractions(min_value=Fraction(1, 2), max_value=1, max_denominator=50)
STEPS = ((0, Fraction(1)), (3, Fraction(1, 2)), (10, Fraction(1, 4)))


def as_you_go(plays: dict[tuple[int, int], int], before: dict[tuple[int, int], int] | None = None) -> Month:
    cost = {pair: schedule.came_to(PRICES, (before or {}).get(pair, 0), count) for pair, count in plays.items()}
    paid: dict[int, int] = {}
    for (listener, _track), amount in cost.items():
        paid[listener] = paid.get(listener, 0) + amount
    return Month(plays, cost, paid, {track: track % 3 for _listener, track in plays})


def with_fees(plays: dict[tuple[int, int], int], paid: dict[int, int]) -> Month:
    return Month(plays, {}, paid, {track: track % 3 for _listener, track in plays})


def test_the_published_schedule() -> None:
    assert sum(PRICES) == 1_226_400  # 1.022 credits of 1.20 euros
    assert [schedule.price(PRICES, paid) for paid in (0, 8, 9, 40)] == [2400, 614400, 0, 0]
    assert schedule.rest(PRICES, 2) == 1_219_200
    assert schedule.break_even(PRICES, 3300) == 2  # (2400 + 4800) / 2 = 3600
    assert schedule.break_even([1, 1], 3) is None


@given(PAIRS, PAIRS, SHARES, st.sampled_from(royalties.MODELS))
def test_the_parts_are_what_was_paid_as_you_go(plays, before, share, model) -> None:
    month = as_you_go(plays, before)
    done = shared(model, month, share, growth=STEPS)
    assert done.artists + done.unheard + done.platform == sum(month.paid.values())
    assert min([0, done.unheard, done.platform, *done.tracks.values()]) == 0
    assert done.artists + done.unheard >= share * sum(month.paid.values())
    if model == "stream2own":
        assert all(royalties.side(sum(month.cost[pair] for pair in plays if pair[1] == track), share) == part for track, part in done.tracks.items())


@given(PAIRS, st.dictionaries(st.integers(1, 9), st.integers(1, 10**7), max_size=9), SHARES, st.sampled_from(royalties.MODELS))
def test_the_parts_are_what_was_paid_with_a_subscription(plays, paid, share, model) -> None:
    done = shared(model, with_fees(plays, paid), share, growth=STEPS)
    assert done.artists + done.unheard + done.platform == sum(paid.values())
    played = {track for _listener, track in plays}
    assert set(done.tracks) <= played


@given(PAIRS, st.dictionaries(st.integers(1, 6), st.integers(1, 10**7), max_size=6), st.integers(1, 6), PAIRS)
def test_user_centric_one_listener_moves_at_most_what_that_listener_paid(plays, paid, who, others) -> None:
    """Whatever one listener plays instead, and also if they had not been there at all."""
    paid = {who: 500_000, **paid}
    before = shared("user-centric", with_fees(plays, paid), SEVENTY)
    instead = {pair: count for pair, count in plays.items() if pair[0] != who} | {pair: count for pair, count in others.items() if pair[0] == who}
    for month in (with_fees(instead, paid), with_fees(instead, {one: amount for one, amount in paid.items() if one != who})):
        after = shared("user-centric", month, SEVENTY)
        tracks = set(before.tracks) | set(after.tracks)
        gained = sum(max(0, after.tracks.get(one, 0) - before.tracks.get(one, 0)) for one in tracks)
        lost = sum(max(0, before.tracks.get(one, 0) - after.tracks.get(one, 0)) for one in tracks)
        assert max(gained, lost) <= paid[who]


def test_pro_rata_lets_one_listener_move_more_than_they_paid() -> None:
    """What user-centric is for: one who plays all day takes other listeners' money to what they play."""
    paid = {1: 1_000_000, 2: 1_000_000}
    quiet, loud = with_fees({(1, 1): 1, (2, 2): 1}, paid), with_fees({(1, 1): 1, (2, 2): 99}, paid)
    moved = shared("pro-rata", loud, SEVENTY).tracks[2] - shared("pro-rata", quiet, SEVENTY).tracks[2]
    assert moved == 686_000
    assert shared("user-centric", loud, SEVENTY).tracks == shared("user-centric", quiet, SEVENTY).tracks


REPORTS = st.lists(st.tuples(st.integers(1, 4), st.sampled_from("abcdefgh"), st.integers(1, 5)), max_size=40, unique_by=lambda one: one[:2])


@given(REPORTS, st.randoms(use_true_random=False), st.sampled_from(royalties.MODELS))
def test_order_and_repetition_of_reports_change_nothing(reports, chance, model) -> None:
    again = [*reports, *chance.sample(reports, len(reports) // 2)]
    chance.shuffle(again)
    once, twice = as_you_go(royalties.counted(reports)), as_you_go(royalties.counted(again))
    assert shared(model, once, SEVENTY, growth=STEPS) == shared(model, twice, SEVENTY, growth=STEPS)


def test_stream2own_pays_the_track_that_was_played_at_its_own_price() -> None:
    month = as_you_go({(1, 1): 9, (2, 1): 1, (2, 2): 1})
    assert shared("stream2own", month, SEVENTY).tracks == {1: 860_160, 2: 1_680}
    owned = as_you_go({(1, 1): 3}, {(1, 1): 9})
    assert shared("stream2own", owned, SEVENTY).tracks == {}


def test_equal_and_growth() -> None:
    paid = {1: 1_000_000}
    month = Month({(1, 1): 97, (1, 2): 3, (1, 3): 100}, {}, paid, {1: 1, 2: 1, 3: 2})
    assert shared("equal", month, SEVENTY).tracks == {1: 339_500, 2: 10_500, 3: 350_000}
    assert royalties.weighed(12, STEPS) == 3_000_000 + 3_500_000 + 500_000
    uneven = Month({(1, 1): 100, (1, 2): 3}, {}, paid, {1: 1, 2: 2})
    grown, plain = (shared(model, uneven, SEVENTY, growth=STEPS).tracks for model in ("artist-growth", "pro-rata"))
    assert grown[2] > plain[2]
    assert sum(grown.values()) == sum(plain.values())


GOT = st.dictionaries(st.integers(1, 9), st.integers(0, 50_000))


@given(GOT, st.dictionaries(st.integers(1, 9), st.integers(1, 20)), st.integers(0, 20_000), st.integers(0, 10**6))
def test_the_floor_comes_from_its_reserve_and_never_more(tracks, plays, floor, reserve) -> None:
    added = royalties.lifted(tracks, plays, floor, reserve)
    assert sum(added.values()) <= reserve
    wanted = sum(max(0, count * floor - tracks.get(track, 0)) for track, count in plays.items())
    assert sum(added.values()) == min(wanted, reserve)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="no model"):
        shared("lottery", Month({}, {}, {}, {}), SEVENTY)
    with pytest.raises(ValueError, match="less than their plays cost"):
        shared("pro-rata", Month({(1, 1): 1}, {(1, 1): 5}, {1: 4}, {1: 1}), SEVENTY)
