"""A split adds up, always, and nobody gains by being first."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.splits import largest_remainder

names = st.lists(st.text("abcdefghij", min_size=1, max_size=4), min_size=1, max_size=12, unique=True)
weights = st.fractions(min_value=0, max_value=1000, max_denominator=10_000)


@st.composite
def parts(draw):
    chosen = draw(names)
    made = [(name, draw(weights)) for name in chosen]
    return made if any(weight for _name, weight in made) else [(chosen[0], F(1)), *made[1:]]


def test_fifteen_at_80_8_12() -> None:
    wanted = [("a", F(80, 100)), ("b", F(8, 100)), ("c", F(12, 100))]
    assert largest_remainder(15, wanted, "x") == {"a": 12, "b": 1, "c": 2}
    assert largest_remainder(15, wanted[::-1], "y") == {"a": 12, "b": 1, "c": 2}


def test_95_5_of_52000() -> None:
    assert largest_remainder(52_000, [("provider", F(95, 100)), ("upkeep", F(5, 100))], "x") == {"provider": 49_400, "upkeep": 2_600}


@given(st.integers(0, 10**15), parts(), st.text(max_size=20))
def test_the_sum_is_the_whole_and_each_is_within_one_of_the_quota(total, wanted, salt) -> None:
    shares = largest_remainder(total, wanted, salt)
    assert sum(shares.values()) == total
    whole = sum(weight for _name, weight in wanted)
    for name, weight in wanted:
        quota = total * weight / whole
        assert quota - 1 < shares[name] < quota + 1
        assert weight or shares[name] == 0


@given(st.integers(0, 10**9), parts(), st.text(max_size=20), st.randoms())
def test_the_order_of_listing_changes_nothing(total, wanted, salt, random) -> None:
    shuffled = wanted[:]
    random.shuffle(shuffled)
    assert largest_remainder(total, wanted, salt) == largest_remainder(total, shuffled, salt)


def test_ties_go_round_over_many_entries() -> None:
    wanted = [("a", F(1)), ("b", F(1)), ("c", F(1))]
    got = {"a": 0, "b": 0, "c": 0}
    for entry in range(3_000):
        for name, amount in largest_remainder(1, wanted, f"entry:{entry}").items():
            got[name] += amount
    assert sum(got.values()) == 3_000 and all(850 < amount < 1_150 for amount in got.values())


def test_what_cannot_be_shared() -> None:
    for total, wanted in [(-1, [("a", F(1))]), (5, []), (5, [("a", F(0))]), (5, [("a", F(-1)), ("b", F(2))]), (5, [("a", F(1)), ("a", F(1))])]:
        with pytest.raises(ValueError):
            largest_remainder(total, wanted, "x")
