"""What one voter marks is read in one form or refused with what is wrong; the lot can be drawn again by anybody."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.counting import lots, papers
from madang.kit.counting.asking import methods
from madang.kit.counting.ballots import Unfit
from madang.kit.counting.papers import Question, Unclear, gather, read, tally

OPTIONS = ("a", "b", "c", "d")


def asked(method: str, **more) -> Question:
    if method.startswith("budget-"):
        more = {"costs": (10, 20, 30, 40), "budget": 60, **more}
    return Question(method, OPTIONS, **more)


@pytest.mark.parametrize(
    ("method", "given", "kept"),
    [
        ("irv", [["b"], [], ["a"]], [["b"], ["a"]]),  # a rank left empty is closed up
        ("schulze", [["c", "a"], ["b"]], [["a", "c"], ["b"]]),  # equals in the order of the options
        ("approval", ["d", "a"], ["a", "d"]),
        ("score", {"d": 5, "a": 0}, {"d": 5}),
        ("dots", {"a": 7, "b": 3}, {"a": 7, "b": 3}),
        ("quadratic", {"c": 3, "a": 1}, {"a": 1, "c": 3}),
    ],
)
def test_one_form(method, given, kept) -> None:
    found = read(asked(method), given)
    assert found == kept and read(asked(method), found) == kept
    assert list(found) == list(kept)


@pytest.mark.parametrize(
    ("method", "given", "code"),
    [
        ("irv", [], "empty"), ("irv", [[], []], "empty"), ("approval", [], "empty"), ("score", {}, "empty"), ("score", {"a": 0}, "empty"),
        ("irv", [["x"]], "unknown"), ("approval", ["a", "x"], "unknown"), ("score", {"x": 1}, "unknown"), ("irv", [[1]], "unknown"),
        ("irv", [["a"], ["b"], ["a"]], "twice"), ("approval", ["a", "a"], "twice"), ("schulze", [["a", "a"]], "twice"),
        ("irv", [["a", "b"]], "together"), ("stv-scottish", [["a"], ["c", "b"]], "together"), ("stv-meek", [["a", "b"]], "together"),
        ("score", {"a": 6}, "range"), ("score", {"a": -1}, "range"), ("star", {"a": True}, "range"), ("score", {"a": 1.5}, "range"),
        ("dots", {"a": 11}, "range"), ("dots", {"a": 6, "b": 5}, "limit"), ("quadratic", {"a": 4}, "range"), ("quadratic", {"a": 3, "b": 2}, "limit"),
        ("irv", {"a": 1}, "shape"), ("irv", "a", "shape"), ("irv", ["a"], "shape"),
        ("approval", "a", "shape"), ("score", ["a"], "shape"), ("dots", None, "shape"),
    ],
)  # fmt: skip
def test_refused(method, given, code) -> None:
    with pytest.raises(Unclear) as wrong:
        read(asked(method), given)
    assert wrong.value.code == code


def test_every_method_of_the_counter_that_chooses_has_a_shape() -> None:
    assert set(papers.SHAPES) | {"majority", "consent"} >= set(methods())
    assert set(papers.SHAPES) <= set(methods())


@pytest.mark.parametrize("wrong", [{"method": "x"}, {"options": ()}, {"options": ("a", "a")}, {"method": "budget-greedy"}])
def test_a_question_that_cannot_be_asked(wrong) -> None:
    with pytest.raises(Unfit):
        Question(**{"method": "irv", "options": OPTIONS, **wrong})


def some(method: str, dice: random.Random):
    """A random paper that may be cast."""
    question = asked(method)
    chosen = dice.sample(OPTIONS, dice.randint(1, 4))
    if question.shape == papers.RANK:
        return [[one] for one in chosen]
    if question.shape == papers.APPROVE:
        return chosen
    return {one: dice.randint(1, 2) for one in chosen[:2]}


@given(st.sampled_from(sorted(papers.SHAPES)), st.integers(0, 10**9), st.integers(1, 40))
def test_every_method_counts_what_may_be_cast_in_any_order(method, salt, voters) -> None:
    dice = random.Random(salt)
    cast = [(dice.randint(1, 3), some(method, dice)) for _voter in range(voters)]
    first = tally(asked(method), cast, b"seed")
    dice.shuffle(cast)
    again = tally(asked(method), cast, b"seed")
    assert first == again and set(first.winners) <= set(OPTIONS)
    assert first.valid == sum(many for many, _paper in cast)


def test_a_paper_that_could_not_be_cast_is_not_counted() -> None:
    with pytest.raises(Unclear):
        gather(asked("irv"), [(1, [["a", "b"]])])


def test_nobody_votes_nobody_wins() -> None:
    assert all(tally(asked(method), [], b"s").winners == () for method in papers.SHAPES)


# The lot


def test_the_lot_hangs_on_the_secret_and_on_every_paper() -> None:
    one, other = [(2, [["a"]]), (1, [["b"]])], [(2, [["a"]]), (2, [["b"]])]
    secret = "00" * 32
    assert lots.seed(secret, one) == lots.seed(secret, one[::-1]) != lots.seed(secret, other)
    assert lots.seed("11" * 32, one) != lots.seed(secret, one)
    assert lots.commitment(secret) != lots.commitment("11" * 32)
    with pytest.raises(ValueError):
        lots.seed("not hexadecimal", one)


def test_a_tie_goes_by_the_lot_and_every_option_wins_it_sometimes() -> None:
    cast = [(1, [["a"]]), (1, [["b"]])]
    won = {tally(Question("irv", ("a", "b")), cast, lots.seed(f"{number:064x}", cast)).winners for number in range(30)}
    assert won == {("a",), ("b",)}
    assert tally(Question("irv", ("a", "b")), cast, b"x").ties
