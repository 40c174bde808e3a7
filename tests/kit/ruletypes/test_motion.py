"""How far a change goes: the same way and at least as much, in every kind of value."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.ruletypes import Split
from madang.kit.ruletypes.motion import as_far

SPLIT = Split(parts=("provider", "upkeep"))


def split(percent: str, rest: str):
    return SPLIT.parse({"provider": percent, "upkeep": rest})


@pytest.mark.parametrize(
    ("before", "old", "new", "far"),
    [
        (split("95%", "5%"), split("94%", "6%"), split("94%", "6%"), True),
        (split("95%", "5%"), split("94%", "6%"), split("93%", "7%"), True),
        (split("95%", "5%"), split("94%", "6%"), split("93.99%", "6.01%"), True),
        (split("95%", "5%"), split("94%", "6%"), split("94.5%", "5.5%"), False),
        (split("95%", "5%"), split("94%", "6%"), split("96%", "4%"), False),
        (timedelta(hours=24), timedelta(hours=12), timedelta(hours=6), True),
        (timedelta(hours=24), timedelta(hours=12), timedelta(hours=18), False),
        ({"a": 1, "b": 5}, {"a": 2, "b": 5}, {"a": 3, "b": 0}, True),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
        ("old words", "new words", "new words", True),
        ("old words", "new words", "other words", False),
        (True, False, False, True),
        (3, 3, 9, False),
    ],
)  # fmt: skip
def test_as_far(before, old, new, far) -> None:
    assert as_far(before, old, new) is far


@given(st.fractions(), st.fractions(), st.fractions(min_value=0))
def test_the_same_and_more_of_it_but_never_the_other_way(before: Fraction, old: Fraction, more: Fraction) -> None:
    if before == old:
        assert not as_far(before, old, old)
        return
    step = old - before
    assert as_far(before, old, old) and as_far(before, old, old + step * more)
    assert not as_far(before, old, before - step * more) and not as_far(before, old, before + step / 2)
