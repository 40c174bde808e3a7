from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.ruletypes import Ladder
from madang.platforms.services import ladder

RUNGS = Ladder().parse([{"at_least": "24h", "percent": "50%"}, {"at_least": "48h", "percent": "100%"}, {"at_least": "2h", "percent": "25%"}])


@pytest.mark.parametrize("hours, back", [(72, 52_000), (48, 52_000), (47, 26_000), (24, 26_000), (2, 13_000), (1, 0), (-5, 0)])
def test_on_the_step_counts_as_reached(hours, back):
    assert ladder.back(52_000, RUNGS, timedelta(hours=hours), "x") == (back, 52_000 - back)


@given(st.integers(0, 10**12), st.fractions(0, 1, max_denominator=10_000), st.text(max_size=5))
def test_what_goes_back_and_what_stays_are_the_price(price, share, salt):
    back, stays = ladder.cut(price, share, salt)
    assert back + stays == price and back >= 0 and stays >= 0
    assert abs(back - price * Fraction(share)) < 1
