"""Amounts through nested agreements: the parts are the whole, advances come back once, disputes hold only what is disputed."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from madang.platforms.music.parts import Agreed, Part, portions, summed


def band() -> Agreed:
    return Agreed("band", "artist:1", [Part("singer", 30, "person:s"), Part("guitar", 25, "person:g"), Part("rest", 45, inside=four())])


def four() -> Agreed:
    return Agreed("four", "artist:2", [Part(f"p{number}", 1, f"person:{number}") for number in range(4)])


def test_thirty_to_the_singer_twenty_five_to_the_guitarist_the_rest_among_four() -> None:
    got = summed(portions(1_000_003, band(), "x"))
    assert sum(got.values()) == 1_000_003
    assert abs(got["person:s", ""] - 300_001) <= 1
    assert {got[f"person:{number}", ""] for number in range(4)} <= {112_500, 112_501}


WEIGHTS = st.lists(st.integers(1, 10**6), min_size=1, max_size=6)


@given(st.integers(0, 10**9), WEIGHTS, st.integers(0, 10**6), st.integers(1, 100), st.booleans(), st.text(max_size=5))
def test_the_parts_are_the_whole(amount, weights, advance, percent, disputed, salt) -> None:
    parts = [Part(str(number), weight, f"person:{number}") for number, weight in enumerate(weights)]
    parts[0].back, parts[0].back_share, parts[-1].disputed = advance, Fraction(percent, 100), disputed
    agreed = Agreed("outer", "track:1", [*parts, Part("band", 7, inside=band())])
    got = portions(amount, agreed, salt)
    assert sum(one.amount for one in got) == amount
    assert all(one.amount > 0 for one in got)
    assert {one.held for one in got} <= ({"", "disputed"} if disputed else {""})
    first = sum(one.amount for one in got if one.back)
    assert first == min(advance, int(amount * Fraction(percent, 100)))
    assert agreed.parts[0].back == advance - first


def test_a_dispute_holds_the_disputed_part_only() -> None:
    agreed = band()
    agreed.parts[1].disputed = True
    got = summed(portions(100, agreed, ""))
    assert got["party:guitar", "disputed"] == 25
    assert sum(amount for (_owner, held), amount in got.items() if not held) == 75


def test_without_an_agreement_all_of_it_waits() -> None:
    assert summed(portions(100, Agreed("", "artist:9"), "")) == {("artist:9", "unconfirmed"): 100}
    loop = Agreed("loop", "artist:1")
    loop.parts = [Part("self", 1, inside=loop)]
    assert summed(portions(100, loop, "")) == {("artist:1", "unconfirmed"): 100}


def test_an_advance_comes_back_over_several_months_and_then_no_more() -> None:
    agreed = Agreed("deal", "track:1", [Part("label", 20, "person:l", back=100, back_share=Fraction(1, 2)), Part("artist", 80, "person:a")])
    months = [summed(portions(120, agreed, str(number))) for number in range(3)]
    assert [month["person:l", ""] for month in months] == [60 + 12, 40 + 16, 24]
    assert [month["person:a", ""] for month in months] == [48, 64, 96]
