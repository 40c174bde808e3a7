"""The picture of a transfer of votes: nothing is lost between two stages, and blocks never stand outside."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from madang.coop.decisions import flow
from madang.kit.counting.asking import Ask, count
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.lot import Lot
from madang.kit.counting.result import dump

KEYS = ("a", "b", "c", "d", "e")
rankings = st.dictionaries(
    st.permutations(range(5)).flatmap(lambda row: st.integers(1, 5).map(lambda many: tuple(row[:many]))), st.integers(1, 50), min_size=1, max_size=15
)


@given(rankings, st.sampled_from(sorted(flow.METHODS)), st.integers(1, 3))
def test_every_vote_goes_somewhere(found, method, seats) -> None:
    result = count(method, Ballots(KEYS, found), Ask(1 if method == "irv" else seats, Lot(b"")))
    stages = dump(result)["stages"]
    made = flow.drawn(method, stages, dict(zip(KEYS, "ABCDE", strict=True)), result.winners)
    if len(stages) < 2:
        assert made is None
        return
    assert made is not None
    assert all(-0.01 <= block.x and block.x + block.width <= flow.WIDTH + 0.5 for block in made.blocks)
    assert {number for number, _colour, _title, chosen in made.names if chosen} == {KEYS.index(key) + 1 for key in result.winners}
    rows = [{**{key: Fraction(text) for key, text in stage["votes"].items()}, "": Fraction(stage["exhausted"])} for stage in stages]
    for before, after in pairwise(rows):
        went = flow.moves(before, after, (*KEYS, ""))
        for key in (*KEYS, ""):
            assert sum(much for one, _other, much in went if one == key) == before[key], "what leaves a block is what stood in it"
            assert sum(much for _one, other, much in went if other == key) == after[key], "what comes is what stands there then"


def test_no_picture_where_nothing_moves() -> None:
    assert flow.drawn("schulze", [{}, {}], {}, ()) is None
    stage = {"votes": {"a": "0"}, "exhausted": "0", "elected": [], "excluded": [], "transferred": {}}
    assert flow.drawn("irv", [stage, stage], {"a": "A"}, ()) is None, "nobody voted"
    assert flow.drawn("irv", [stage] * 50, {"a": "A"}, ()) is None, "too long to look at"
