"""Counting, judged against a second, slower way of saying the same, and against what must always hold."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.counting.hiding import SMALLEST, hidden
from madang.kit.counting.majority import ABSTAIN, AGAINST, CHOICES, FOR, Needs, Requirement, count

shares = st.fractions(0, 1, max_denominator=12)
needs = st.builds(Needs, shares, shares, st.booleans())
classes = st.sampled_from(["a", "b", "c"])


@st.composite
def votes(draw):
    ballots = draw(st.lists(st.tuples(classes, st.sampled_from(CHOICES)), max_size=40))
    electorate = {key: sum(1 for k, _ in ballots if k == key) + draw(st.integers(0, 20)) for key in "abc"}
    return ballots, electorate


def met(ballots, voters, need):
    fors = sum(1 for c in ballots if c == FOR)
    decided = fors + sum(1 for c in ballots if c == AGAINST)
    if decided == 0 or len(ballots) * need.quorum.denominator < need.quorum.numerator * voters:
        return False
    left, right = fors * need.majority.denominator, need.majority.numerator * decided
    return left > right if need.strict else left >= right


@given(votes(), needs, st.dictionaries(classes, needs))
def test_it_counts(world, overall, per_class):
    ballots, electorate = world
    outcome = count(ballots, electorate, Requirement(overall, per_class))
    expected = met([c for _, c in ballots], sum(electorate.values()), overall)
    for key, need in per_class.items():
        if electorate[key]:
            expected = expected and met([c for k, c in ballots if k == key], electorate[key], need)
    assert outcome.passed == expected == (not outcome.reasons)
    assert outcome.totals.cast == len(ballots) == sum(one.totals.cast for one in outcome.per_class.values())
    assert len(outcome.log) >= 1


@given(votes(), needs, st.randoms())
def test_order_does_not_matter(world, overall, random):
    ballots, electorate = world
    first = count(ballots, electorate, Requirement(overall))
    shuffled = list(ballots)
    random.shuffle(shuffled)
    assert count(shuffled, electorate, Requirement(overall)) == first


@given(votes(), needs)
def test_one_more_vote_for_never_hurts(world, overall):
    ballots, electorate = world
    before = count(ballots, {**electorate, "a": electorate["a"] + 1}, Requirement(overall))
    after = count([*ballots, ("a", FOR)], {**electorate, "a": electorate["a"] + 1}, Requirement(overall))
    assert after.passed or not before.passed


def test_edges_are_exact():
    two_thirds = Requirement(Needs(Fraction(0), Fraction(2, 3), False))
    assert count([("a", FOR)] * 2 + [("a", AGAINST)], {"a": 3}, two_thirds).passed
    half = Requirement(Needs(Fraction(1, 5), Fraction(1, 2), True))
    assert not count([("a", FOR)] * 5 + [("a", AGAINST)] * 5, {"a": 10}, half).passed
    assert count([("a", FOR)] * 2, {"a": 10}, half).passed
    assert count([("a", FOR)], {"a": 10}, half).reasons == ("quorum",)
    assert count([("a", ABSTAIN)] * 9, {"a": 10}, half).reasons == ("majority",)
    own = Requirement(Needs(), {"worker": Needs(Fraction(1, 2), Fraction(1, 2), True), "ghost": Needs()})
    outcome = count([("client", FOR)] * 9 + [("worker", FOR)], {"client": 9, "worker": 4}, own)
    assert outcome.reasons == ("class:worker:quorum",) and any("ghost" in line for line in outcome.log)


@pytest.mark.parametrize(
    ("ballots", "electorate"), [([("a", "yes")], {"a": 1}), ([("b", FOR)], {"a": 1}), ([("a", FOR)] * 2, {"a": 1}), ([], {"a": -1})]
)
def test_nonsense_is_refused(ballots, electorate):
    with pytest.raises(ValueError):
        count(ballots, electorate, Requirement())


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 12), max_size=7))
def test_nothing_small_can_be_worked_out(cast):
    """Whoever takes all that is shown from the totals learns nothing about a group under five, nor about a single class."""
    unseen, no_totals = hidden(cast)
    total = sum(cast.values())
    for key, ballots in cast.items():
        assert ballots >= SMALLEST or key in unseen
    if not no_totals:
        assert total >= SMALLEST
        left_over = total - sum(n for key, n in cast.items() if key not in unseen)
        if unseen:
            assert len(unseen) >= 2 and left_over >= SMALLEST
    else:
        assert unseen == set(cast)


def test_hiding_hides_no_more_than_it_must():
    assert hidden({"a": 9, "b": 7}) == (set(), False)
    assert hidden({"a": 9, "b": 7, "c": 2}) == ({"b", "c"}, False)
    assert hidden({"a": 9, "b": 3, "c": 2}) == ({"b", "c"}, False)
    assert hidden({"a": 9, "b": 1, "c": 2}) == ({"a", "b", "c"}, False)
    assert hidden({"a": 9, "b": 0}) == ({"a", "b"}, False)
    assert hidden({"a": 4}) == ({"a"}, True)
    assert hidden({"a": 9}) == (set(), False)
