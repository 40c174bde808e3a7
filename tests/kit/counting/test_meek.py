"""Meek by the reference rule: a count worked out beside it in exact fractions, and laws."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings

from madang.kit.counting.asking import Ask, count
from madang.kit.counting.ballots import Ballots
from tests.kit.counting.test_stv_scottish import rankings


def test_a_surplus_is_spread_until_each_keeps_a_quota() -> None:
    # 9 ballots, 2 seats. Ari keeps a share k of 6: 6k = quota = (6k + 6(1-k) + 3 - lost) / 3; Bo's are all passed on to by Ari.
    result = count("stv-meek", Ballots(("Ari", "Bo", "Cho"), {(0, 1): 6, (1,): 1, (2,): 2}, seats=2))
    assert result.winners == ("Ari", "Bo")
    last = result.stages[-1]
    assert abs(last.votes["Ari"] - 3) < Fraction(1, 10**5) and abs(last.votes["Bo"] - 4) < Fraction(1, 10**5)


def test_the_quota_falls_as_ballots_run_out() -> None:
    result = count("stv-meek", Ballots(("Ari", "Bo", "Cho"), {(0,): 60, (1,): 15, (2,): 10}, seats=2))
    # Nothing of Ari's is passed on: q = (60 k + 25) / 3 falls from 85 / 3 with k towards 12.5, and Bo (15) is elected on the way.
    assert result.winners == ("Ari", "Bo") and Fraction(25, 2) < result.quota <= 15 and result.stages[1].elected == ("Bo",)


def test_each_number_has_at_most_nine_decimals() -> None:
    result = count("stv-meek", Ballots(("Ari", "Bo", "Cho", "Dan"), {(0, 1, 2): 7, (1, 3): 2, (2, 1): 3, (3,): 1}, seats=2))
    assert all((votes * 10**9).denominator == 1 for stage in result.stages for votes in map(Fraction, stage.votes.values()))


@settings(max_examples=60, deadline=None)
@given(rankings)
def test_seats_are_filled_and_nothing_is_lost(drawn) -> None:
    size, seats, papers = drawn
    result = count("stv-meek", Ballots(tuple(f"c{one}" for one in range(size)), papers), Ask(seats=seats))
    assert len(result.winners) == len(set(result.winners)) == min(seats, size)
    for stage in result.stages:
        assert sum(stage.votes.values()) + stage.exhausted == sum(papers.values())
        assert stage.exhausted >= 0
