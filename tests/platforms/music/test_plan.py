"""The plan over tables gives what the pure models give, to the unit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ibis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from madang.platforms.music import plan, royalties, schedule
from madang.platforms.music.royalties import Month, shared

PRICES = [2400, 4800, 9600, 19200, 38400, 76800, 153600, 307200, 614400]
PAIRS = st.dictionaries(st.tuples(st.integers(1, 9), st.integers(1, 12)), st.integers(1, 12), min_size=1, max_size=30)
SHARES = st.sampled_from([Fraction(7, 10), Fraction(1, 2), Fraction(2, 3), Fraction(1), Fraction(123, 200)])
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # each example is three queries of a second: it is not made smaller
WHOLE = {"listener": "int64", "track": "int64"}


@pytest.fixture(scope="module")
def duck() -> Any:
    return ibis.duckdb.connect()


def tables(duck: Any, plays: dict[tuple[int, int], int], before: dict[tuple[int, int], int], paid: dict[int, int]) -> tuple[Any, Any, Any]:
    rows = [pair for pair, count in plays.items() for _play in range(count)]
    one = ibis.memtable({"listener": [row[0] for row in rows], "track": [row[1] for row in rows]}, schema=WHOLE)
    keys = list(before)
    two = ibis.memtable(
        {"listener": [key[0] for key in keys], "track": [key[1] for key in keys], "before": [before[key] for key in keys]}, schema=WHOLE | {"before": "int64"}
    )  # fmt: skip
    three = ibis.memtable({"listener": list(paid), "amount": list(paid.values())}, schema={"listener": "int64", "amount": "int64"})
    return one, two, three


def got(duck: Any, asked: Any) -> dict[int, int]:
    return {int(row["track"]): int(row["amount"]) for row in duck.to_pyarrow(asked).to_pylist() if row["amount"]}


@settings(max_examples=5, phases=QUICK, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(PAIRS, PAIRS, SHARES)
def test_stream_to_own(duck, plays, before, share) -> None:
    cost = {pair: schedule.came_to(PRICES, before.get(pair, 0), count) for pair, count in plays.items()}
    paid: dict[int, int] = {}
    for (listener, _track), amount in cost.items():
        paid[listener] = paid.get(listener, 0) + amount
    one, two, _three = tables(duck, plays, before, paid)
    assert got(duck, plan.stream2own(one, two, PRICES, share)) == shared("stream2own", Month(plays, cost, paid, {}), share).tracks
    after = {(row["listener"], row["track"]): row["before"] for row in duck.to_pyarrow(plan.counted(one, two)).to_pylist()}
    assert after == {pair: before.get(pair, 0) + count for pair, count in plays.items()}


@settings(max_examples=5, phases=QUICK, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(PAIRS, st.dictionaries(st.integers(1, 11), st.integers(1, 10**9), min_size=1, max_size=11), SHARES)
def test_user_centric_and_pro_rata(duck, plays, paid, share) -> None:
    one, _two, three = tables(duck, plays, {(1, 1): 1}, paid)
    month = Month(plays, {}, paid, {track: track for _listener, track in plays})
    pure = shared("user-centric", month, share)
    assert got(duck, plan.user_centric(one, three, share)) == {track: amount for track, amount in pure.tracks.items() if amount}
    assert duck.to_pyarrow(plan.unheard(one, three, share)).to_pylist() == [{"unheard": pure.unheard}]
    assert got(duck, plan.pro_rata(one, three, share)) == shared("pro-rata", month, share).tracks


def test_who_comes_first_is_the_same_everywhere(duck) -> None:
    rows = ibis.memtable({"listener": [1, 2**31 - 1, 7], "track": [5, 2**31 - 1, 0]}, schema=WHOLE)
    found = duck.to_pyarrow(rows.select("listener", "track", lot=plan.lot(rows.listener, rows.track))).to_pylist()
    assert all(row["lot"] == royalties.lot(row["listener"], row["track"]) for row in found)
