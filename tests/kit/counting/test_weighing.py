"""What classes carry: judged against a second, slower way of saying the same, and against what must always hold."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.counting.majority import ABSTAIN, AGAINST, FOR, Needs, Requirement, Upgrade, count
from madang.kit.counting.weighing import Weights, shares, weigh

classes = st.sampled_from(["a", "b", "c", "d"])
parts = st.fractions(F(1, 20), 1, max_denominator=20)
decided = st.dictionaries(classes, st.integers(0, 30))


@st.composite
def weights(draw):
    given = draw(st.dictionaries(classes, parts))
    total = sum(given.values(), F(0))
    if total > 1:
        given = {key: part / total for key, part in given.items()}
    return Weights(given, draw(st.dictionaries(classes, parts)))


@given(decided, weights())
def test_nothing_is_carried_twice_and_nobody_is_above_their_cap(many, given):
    carried = shares(many, given)
    assert sum(carried.values(), F(0)) <= 1
    assert set(carried) <= {key for key, number in many.items() if number}
    for key, part in carried.items():
        assert 0 <= part <= given.caps.get(key, F(1))
    free = [key for key in carried if key not in given.caps and carried[key]]
    if free:
        assert sum(carried.values(), F(0)) == 1, "whoever is not capped takes what the capped leave"


@given(st.dictionaries(classes, st.integers(1, 30), min_size=1), st.dictionaries(classes, parts, min_size=1))
def test_caps_leave_the_others_in_the_proportion_they_had(many, caps):
    carried = shares(many, Weights({}, caps))
    free = [key for key in carried if key not in caps]
    for one in free:
        for other in free:
            assert carried[one] * many[other] == carried[other] * many[one]
    heads = sum(many.values())
    for key in carried:
        if key in caps and carried[key] < caps[key] and free:  # below its cap: then as the free ones, head for head
            assert carried[key] * many[free[0]] == carried[free[0]] * many[key]
        if key in caps and F(many[key], heads) > caps[key]:
            assert carried[key] == caps[key]


@given(st.dictionaries(classes, st.tuples(st.integers(0, 20), st.integers(0, 20))))
def test_without_weights_it_is_heads(votes):
    found = weigh(votes, Weights())
    for_, all_ = sum(one for one, _ in votes.values()), sum(sum(one) for one in votes.values())
    assert found.for_ == (F(for_, all_) if all_ else 0) and found.for_ + found.against == (1 if all_ else 0)


def test_labour_40_users_40_supporters_20():
    """Ten workers, a thousand users, five supporters: each class carries its part, whatever its heads."""
    given = Weights({"labour": F(2, 5), "users": F(2, 5), "supporters": F(1, 5)})
    found = weigh({"labour": (10, 0), "users": (300, 700), "supporters": (0, 5)}, given)
    assert found.for_ == F(2, 5) + F(2, 5) * F(3, 10) == F(13, 25)
    assert found.meets(F(1, 2), True) and not found.meets(F(2, 3), False)


def test_a_class_that_stays_away_gives_its_part_to_the_others():
    given = Weights({"labour": F(2, 5), "users": F(2, 5), "supporters": F(1, 5)})
    assert shares({"labour": 3, "users": 0, "supporters": 2}, given) == {"labour": F(2, 3), "supporters": F(1, 3)}


def test_supporters_at_most_a_tenth():
    found = weigh({"users": (10, 8), "supporters": (0, 100)}, Weights({}, {"supporters": F(1, 10)}))
    assert found.of == {"users": F(9, 10), "supporters": F(1, 10)} and found.for_ == F(9, 10) * F(10, 18) == F(1, 2)
    assert not found.meets(F(1, 2), True) and found.meets(F(1, 2), False)


def test_those_who_are_capped_decide_nothing_alone():
    found = weigh({"supporters": (100, 0)}, Weights({}, {"supporters": F(1, 4)}))
    assert found.for_ == F(1, 4) and not found.meets(F(1, 2), True)


def test_all_parts_given_away_leave_nothing_to_the_rest():
    assert shares({"guests": 5}, Weights({"labour": F(1)})) == {}
    assert not weigh({"guests": (5, 0)}, Weights({"labour": F(1)})).meets(F(0), True)
    assert shares({"guests": 5, "labour": 1}, Weights({"labour": F(1)}, {"labour": F(1, 2)})) == {"labour": F(1, 2), "guests": 0}


SPECIAL = Requirement(Needs(F(0), F(1, 2)), {}, upgrade=Upgrade(("labour",), F(3, 4)))


def ballots(**rows):
    return [(key, {"f": FOR, "a": AGAINST, "o": ABSTAIN}[letter]) for key, letters in rows.items() for letter in letters]


@pytest.mark.parametrize(
    ("rows", "every_class", "passed", "by"),
    [
        ({"labour": "fffaa", "users": "aaaffffff"}, True, True, ()),
        ({"labour": "aaaff", "users": "fffffffff"}, True, False, ("labour",)),  # FairShares: every class must agree then
        ({"labour": "aaaff", "users": "fffffffff"}, False, True, ("labour",)),  # 11 of 14 is three quarters and more
        ({"labour": "aaaff", "users": "ffffffffa"}, False, False, ("labour",)),  # 10 of 14 is not
        ({"labour": "aaff", "users": "aaaaf"}, True, False, ()),  # as many for as against is no objection of the class
        ({"users": "fffaa"}, True, True, ()),  # nobody of the class voted
    ],
)
def test_a_class_turns_an_ordinary_into_a_special_resolution(rows, every_class, passed, by):
    needs = Requirement(SPECIAL.overall, {}, upgrade=Upgrade(("labour",), F(3, 4), every_class=every_class))
    outcome = count(ballots(**rows), {"labour": 5, "users": 9}, needs)
    assert (outcome.passed, outcome.upgraded_by) == (passed, by)


@given(st.lists(st.tuples(classes, st.sampled_from([FOR, AGAINST, ABSTAIN])), max_size=40), weights(), st.sets(classes))
def test_a_veto_never_lets_more_through(cast, given, classes_):
    electorate = {key: sum(1 for one, _ in cast if one == key) for key in "abcd"}
    plain = count(cast, electorate, Requirement(Needs(), {}, given))
    asked = count(cast, electorate, Requirement(Needs(), {}, given, Upgrade(tuple(sorted(classes_)))))
    assert plain.passed or not asked.passed
    assert asked.passed == plain.passed or asked.upgraded_by
