"""Two sides that say the same have no difference; each lie has its own name, and all of them add up to the whole difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.coop.payments.gaps import AMOUNT, DOUBLE, FEE, MISSING_HERE, MISSING_THERE, STATE, TRANSIT, Leg, compare

NIGHT = datetime(2026, 3, 3, tzinfo=UTC)
NOON = NIGHT - timedelta(hours=12)
PAID = Leg("payment:a", "payment", 52_000, 1_508, NOON)
SENT = Leg("payout:b", "payout", -9_000, 0, NOON)


@pytest.mark.parametrize(
    ("theirs", "ours", "kind"),
    [
        ([PAID], [], MISSING_HERE), ([], [PAID], MISSING_THERE), ([replace(PAID, amount=52_001)], [PAID], AMOUNT), ([replace(PAID, fee=1_509)], [PAID], FEE),
        ([PAID, PAID], [PAID], DOUBLE), ([SENT, replace(SENT, step="return", amount=9_000)], [SENT], STATE),
        ([PAID, replace(PAID, step="dispute", amount=-52_000, fee=0)], [PAID], STATE), ([PAID], [replace(PAID, at=NIGHT)], TRANSIT),
        ([replace(SENT, at=NIGHT + timedelta(hours=3))], [SENT], TRANSIT),
    ],
)  # fmt: skip
def test_each_lie_has_its_name(theirs, ours, kind) -> None:
    (gap,) = compare(theirs, ours, NIGHT)
    assert gap.kind == kind
    assert gap.net == sum(leg.amount - leg.fee for leg in theirs if leg.at < NIGHT) - sum(leg.amount - leg.fee for leg in ours if leg.at < NIGHT)


def test_what_waits_for_an_answer_is_no_fault_yet_and_what_agrees_is_none() -> None:
    assert [gap.kind for gap in compare([], [SENT], NIGHT, {"payout:b"})] == [TRANSIT]
    assert compare([PAID, SENT], [SENT, PAID], NIGHT) == []
    assert compare([PAID], [replace(PAID, fee=0), replace(PAID, step="fee", amount=0)], NIGHT) == [], "one fee in two bookings"
    assert compare([], [SENT, replace(SENT, step="return", amount=9_000)], NIGHT) == [], "a payout that never left"
    assert compare([replace(PAID, at=NIGHT)], [], NIGHT) == [], "tomorrow's is not looked at"


legs = st.lists(st.builds(
    Leg, st.sampled_from(["payment:a", "payment:b", "payout:c", "refund:d"]), st.sampled_from(["payment", "payout", "return", "fee"]),
    st.integers(-10**12, 10**12), st.integers(-10**6, 10**6), st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 5), timezones=st.just(UTC)),
), max_size=12)  # fmt: skip


@given(legs, legs)
def test_the_named_differences_are_the_whole_difference(theirs, ours) -> None:
    gaps = compare(theirs, ours, NIGHT)
    held, booked = (sum(leg.amount - leg.fee for leg in side if leg.at < NIGHT) for side in (theirs, ours))
    assert sum(gap.net for gap in gaps) == held - booked
    assert len({gap.thing for gap in gaps}) == len(gaps)
    assert compare(theirs, list(reversed(theirs)), NIGHT) == []
