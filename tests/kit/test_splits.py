"""A split adds up, always, and nobody gains by being first."""

from __future__ import annotations

from fractions import Fraction
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.splits import CARRY, Branch, largest_remainder, nested, settle

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


BAND = [
    Branch("artist", Fraction(70), (Branch("singer", Fraction(1, 2)), Branch("drummer", Fraction(1, 4)), Branch("bass", Fraction(1, 4)))),
    Branch("platform", Fraction(30)),
]


@given(st.integers(0, 10**15), st.text(max_size=5))
def test_a_band_shares_exactly_what_the_artist_gets(total: int, salt: str) -> None:
    leaves = {leaf.path: leaf for leaf in nested(total, BAND, salt)}
    outer = largest_remainder(total, [("artist", Fraction(70)), ("platform", Fraction(30))], salt)
    assert sum(leaf.amount for leaf in leaves.values()) == total
    assert leaves["platform",].amount == outer["platform"]
    assert sum(leaf.amount for path, leaf in leaves.items() if path[0] == "artist") == outer["artist"]
    assert sum(leaf.share for leaf in leaves.values()) == 1 and leaves["artist", "drummer"].share == Fraction(70, 400)
    assert all(abs(leaf.amount - total * leaf.share) < 2 for leaf in leaves.values())


shared = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10**6), min_size=1).filter(lambda parts: any(parts.values()))
settlements = st.lists(st.tuples(st.integers(1, 50), shared), max_size=60)


@given(settlements)
def test_nobody_drifts_over_any_number_of_settlements(runs: list[tuple[int, dict[str, int]]]) -> None:
    carried: dict[str, int] = {}
    exact, got, pot = dict.fromkeys("abcdef", Fraction(0)), dict.fromkeys("abcdef", 0), 0
    for number, (total, parts) in enumerate(runs, 1):
        done = settle(total, [(name, Fraction(weight)) for name, weight in parts.items()], carried, str(number))
        assert sum(done.amounts.values()) + done.kept == total + done.brought and done.brought == pot
        assert all(amount >= 0 for amount in done.amounts.values())
        carried, pot = dict(done.after), done.kept
        for name, weight in parts.items():
            exact[name] += Fraction(total * weight, sum(parts.values()))
        for name, amount in done.amounts.items():
            got[name] += amount
        slip = Fraction(number, CARRY)
        assert all(-slip <= exact[name] - got[name] < 1 + slip for name in exact)


def test_ten_years_of_monthly_thirds_do_not_drift() -> None:
    """100 won a month in three equal parts: alone, each settlement would favour somebody by chance; carried, nobody is a won away from 4,000."""
    carried, got = {}, dict.fromkeys("abc", 0)
    for month in range(120):
        done = settle(100, [(name, Fraction(1)) for name in "abc"], carried, str(month))
        carried = dict(done.after)
        got = {name: got[name] + done.amounts[name] for name in got}
    assert all(3_999 <= amount <= 4_000 for amount in got.values()) and sum(got.values()) + done.kept == 12_000


@pytest.mark.parametrize("carried", [{"a": 1}, {"a": CARRY, "b": 0}, {"a": -1, "b": 1}])
def test_what_is_carried_is_less_than_a_unit_each_and_whole_in_all(carried: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        settle(5, [("a", Fraction(1))], carried, "")
