"""What is published without names can be counted again from the file by `madang count`, with the same winners and stages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.counting import files, papers
from madang.kit.counting.asking import Ask, count
from madang.kit.counting.lot import Lot
from madang.kit.counting.papers import Question
from madang.kit.counting.writing import written

TITLES = ["Red, or so", 'The "old" road', "=1+1", "초록", "5"]
METHODS = [name for name in papers.SHAPES if not name.startswith("budget-")]


def sheets(question: Question) -> st.SearchStrategy:
    keys = list(question.options)
    if question.shape == papers.RANK:
        return st.permutations(keys).flatmap(lambda row: st.integers(1, len(row)).map(lambda many: [[key] for key in row[:many]]))
    if question.shape == papers.APPROVE:
        return st.lists(st.sampled_from(keys), min_size=1, unique=True)
    return st.dictionaries(st.sampled_from(keys), st.integers(1, 1 if question.method == "quadratic" else 2), min_size=1, max_size=4)


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data())
def test_a_file_of_papers_is_counted_as_the_papers_were(method, data) -> None:
    question = Question(method, ("o1", "o2", "o3", "o4", "o5"), seats=1, limit=10)
    drawn = data.draw(st.lists(sheets(question), min_size=1, max_size=12))
    found: dict[str, list] = {}
    for one in drawn:
        read = papers.read(question, one)
        found.setdefault(repr(read), [0, read])[0] += 1
    ballots = [(many, marks) for many, marks in found.values()]
    ending, text = written(question, TITLES, ballots)
    again = files.parse(text, ending)
    names = dict(zip(question.options, TITLES, strict=True))
    ours = papers.gather(question, ballots)
    ask = Ask(1, Lot(b""), limit=question.limit if question.shape == papers.DOTS else None)
    here, there = count(method, ours, ask), count(method, again, ask)
    if not here.ties:  # a lot goes by the names, and the file has people's names for the options
        assert [names[key] for key in here.winners] == list(there.winners)
        assert [{names[key]: votes for key, votes in stage.votes.items()} for stage in here.stages] == [dict(stage.votes) for stage in there.stages]
    assert here.valid == there.valid


def test_equal_ranks_stay_equal() -> None:
    question = Question("schulze", ("a", "b", "c"))
    ending, text = written(question, ["A", "B", "C"], [(2, [["c"], ["a", "b"]])])
    assert ending == "toi" and "2: 3,{1,2}" in text
    assert files.parse(text, ending).rankings == {(2, (0, 1)): 2}


def test_options_that_look_like_ranks_are_not_taken_for_ranks() -> None:
    question = Question("approval", ("o1", "o2"))
    ending, text = written(question, ["2025", "2026"], [(3, ["o2"])])
    assert count("approval", files.parse(text, ending), Ask(1, Lot(b""))).winners == ("o2 2026",)


def test_projects_with_costs() -> None:
    question = Question("budget-equal-shares", ("p1", "p2"), costs=(5, 9), budget=10)
    ending, text = written(question, ["A; bench", "B"], [(2, ["p1"]), (1, ["p1", "p2"])])
    again = files.parse(text, ending)
    assert ending == "pb" and (again.costs, again.budget) == ((5, 9), 10)
    assert count("budget-equal-shares", again, Ask(1, Lot(b""))).winners == ("p1",)
