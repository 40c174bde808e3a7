"""Panels by lot: quotas are kept, the smallest chance is as large as it can be, and the list of panels says so by itself."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from madang.kit.counting import sortition
from madang.kit.counting.sortition import Impossible, chances, draw, lottery, repairs, root, wrong

PEOPLE = [{"class": "worker"}] * 7 + [{"class": "client"}] * 20
QUOTAS = {("class", "worker"): (3, 4), ("class", "client"): (2, 3)}


def test_a_small_class_does_not_crowd_out_the_large_one():
    made = lottery(PEOPLE, QUOTAS, 6)
    got = made.chances(27)
    assert len(made.panels) == 1000 and wrong(made.panels, PEOPLE, QUOTAS, 6) == []
    assert made.bound == Fraction(3, 20) == min(got) and sum(got) == 6
    assert max(got[7:]) == Fraction(3, 20), "nobody of one class is better off than another of it"
    assert {abs(one - Fraction(3, 7)) < Fraction(1, 1000) for one in got[:7]} == {True}


def test_without_quotas_everyone_has_the_same_chance():
    made = lottery([{}] * 12, {}, 5, panels=120)
    assert set(made.chances(12)) == {Fraction(5, 12)} and made.bound == Fraction(5, 12)


def test_who_stood_one_after_the_other_does_not_sit_together_more_than_others():
    """Twelve alike, four seats: any two meet on one panel in eleven (91 of 1,000), whatever their numbers."""
    made = lottery([{"class": "worker"}] * 12, {("class", "worker"): (4, 4)}, 4)
    met = Counter(pair for panel in made.panels for pair in combinations(panel, 2))
    assert len(met) == 66 and 60 < min(met.values()) and max(met.values()) < 125
    assert max(made.chances(12)) - min(made.chances(12)) <= Fraction(1, 1000)


def test_classes_of_the_same_size_are_mixed_with_each_other():
    people = [{"class": "worker"}] * 6 + [{"class": "client"}] * 6
    made = lottery(people, {("class", "worker"): (2, 2), ("class", "client"): (2, 2)}, 4)
    met = Counter((a, b) for panel in made.panels for a in panel for b in panel if a <= 6 < b)
    assert len(met) == 36 and 70 < min(met.values()) and max(met.values()) < 155  # 111 each


def test_everyone_who_stands_sits_where_there_are_just_enough():
    made = lottery([{}] * 4, {}, 4, panels=3)
    assert set(made.panels) == {(1, 2, 3, 4)}


def test_too_few_people_and_quotas_in_each_others_way():
    with pytest.raises(Impossible) as no:
        lottery([{}] * 3, {}, 4)
    assert no.value.changes == ()
    people = [{"class": "worker"}] * 3 + [{"class": "client"}] * 9
    with pytest.raises(Impossible) as no:
        lottery(people, {("class", "worker"): (4, 6), ("class", "client"): (2, 3)}, 6)
    assert [(one.quota, one.least, one.most) for one in no.value.changes] == [(("class", "worker"), 3, 6)]
    with pytest.raises(Impossible) as no:  # a group nobody of which stands
        lottery(people, {("class", "maker"): (1, 2)}, 6)
    assert no.value.changes[0].least == 0


def test_someone_no_panel_has_a_place_for_has_no_chance_and_harms_nobody():
    people = [{"class": "worker"}] * 5 + [{"class": "guest"}] * 5
    made = lottery(people, {("class", "guest"): (0, 0)}, 3, panels=100)
    assert made.chances(10) == [Fraction(3, 5)] * 5 + [0] * 5 and made.bound == Fraction(3, 5)


def test_the_draw_is_even_and_anyone_can_draw_again():
    picks = [draw(str(n).encode(), 10) for n in range(2000)]
    assert set(picks) == set(range(10)) and all(140 < picks.count(n) < 260 for n in range(10))
    assert draw(b"seed", 1000) == draw(b"seed", 1000) and draw(b"seed", 1) == 0


def test_the_list_is_fixed_by_its_hash():
    made = lottery(PEOPLE, QUOTAS, 6, panels=20)
    assert root(made.panels) == root([list(one) for one in made.panels]) != root(made.panels[1:])
    assert root([[1, 12]]) != root([[11, 2]]) and root([[1], [2]]) != root([[1, 2]])


def test_a_list_that_was_tampered_with_is_seen():
    made = [list(one) for one in lottery(PEOPLE, QUOTAS, 6, panels=20).panels]
    made[3] = [1, 2, 3, 4, 5, 6]  # six workers
    made[5] = [1, 1, 2, 8, 9, 10]  # one of them twice
    made[7] = [1, 2, 3, 8, 9, 99]  # a number nobody has
    assert wrong(made, PEOPLE, QUOTAS, 6) == [3, 5, 7]


@pytest.mark.parametrize(("people", "size", "panels"), [(5, 0, 10), (5, 101, 10), (5001, 5, 10), (5, 2, 0)])
def test_what_is_beyond_measure_is_refused(people: int, size: int, panels: int):
    with pytest.raises(ValueError):
        lottery([{}] * people, {}, size, panels=panels)


FEATURES = {"class": ["w", "c"], "tongue": ["ko", "en"], "since": ["new", "old"]}


@st.composite
def small(draw_: Any) -> tuple[list[dict[str, str]], dict[tuple[str, str], tuple[int, int]], int]:
    """At most eight people, up to three features, quotas that may be in each other's way."""
    names = draw_(st.lists(st.sampled_from(sorted(FEATURES)), unique=True, max_size=3))
    people = draw_(st.lists(st.fixed_dictionaries({name: st.sampled_from(FEATURES[name]) for name in names}), min_size=1, max_size=8))
    size = draw_(st.integers(1, len(people)))
    quotas = {}
    for name in names:
        for value in FEATURES[name]:
            if draw_(st.booleans()):
                least = draw_(st.integers(0, size))
                quotas[name, value] = (least, draw_(st.integers(least, size)))
    return people, quotas, size


def possible(people: Any, quotas: Any, size: int) -> list[tuple[int, ...]]:
    every = list(combinations(range(1, len(people) + 1), size))
    bad = set(wrong(every, people, quotas, size))
    return [panel for at, panel in enumerate(every) if at not in bad]


def best_of_all(panels: list[tuple[int, ...]], people: int) -> float:
    """The largest smallest chance over every distribution on every panel: person by person, each panel its own weight."""
    model = sortition._model()
    weights = [model.addVariable(lb=0) for _panel in panels]
    least = model.addVariable(lb=0)
    model.addConstr(sortition._sum(weights) == 1)
    for number in range(1, people + 1):
        inside = [weight for weight, panel in zip(weights, panels, strict=True) if number in panel]
        if inside:
            model.addConstr(sortition._sum([*inside, -1 * least]) >= 0)
    model.maximize(least + 0)
    return float(model.getSolution().col_value[len(panels)])


@settings(max_examples=120, deadline=None)
@given(small())
def test_no_distribution_over_all_panels_does_better(case: Any):
    people, quotas, size = case
    every = possible(people, quotas, size)
    if not every:
        with pytest.raises(Impossible):
            lottery(people, quotas, size, panels=50)
        return
    made = lottery(people, quotas, size, panels=400)
    assert wrong(made.panels, people, quotas, size) == [] and len(made.panels) == 400
    best = best_of_all(every, len(people))
    assert abs(float(made.bound) - best) < 1e-5
    can = {number for panel in every for number in panel}
    got = made.chances(len(people))
    assert all((got[number - 1] > 0) == (number in can) for number in range(1, len(people) + 1))
    assert float(min(got[number - 1] for number in can)) > best - 0.02
    assert sum(got) == size


@settings(max_examples=60, deadline=None)
@given(small())
def test_a_repair_repairs_and_no_smaller_one_would(case: Any):
    people, quotas, size = case
    assume(quotas)
    every = possible(people, quotas, size)
    changes = repairs(people, quotas, size)
    assert bool(changes) == (not every)
    mended = {**quotas, **{one.quota: (one.least, one.most) for one in changes}}
    assert possible(people, mended, size)
    loosened = sum(quotas[one.quota][0] - one.least + one.most - quotas[one.quota][1] for one in changes)

    def lacks(panel: tuple[int, ...]) -> int:
        counts = {key: sum(people[number - 1].get(key[0]) == key[1] for number in panel) for key in quotas}
        return sum(max(0, least - counts[key]) + max(0, counts[key] - most) for key, (least, most) in quotas.items())

    assert loosened == min(lacks(panel) for panel in combinations(range(1, len(people) + 1), size))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=4), st.integers(1, 8))
def test_with_one_feature_the_best_is_known_by_arithmetic(classes: list[tuple[int, int, int]], size: int):
    """Every class gets at least what all could get alike, t of each: the largest t with Σ max(least, t·n) ≤ size, no class beyond its most."""
    people = [{"class": str(at)} for at, (many, _least, _more) in enumerate(classes) for _one in range(many)]
    limits = [(least, min(least + more, many)) for many, least, more in classes]
    assume(all(least <= most and most > 0 for least, most in limits))
    needed = sum(least for least, _most in limits)
    assume(size <= sum(most for _least, most in limits) and all(needed + (not least) <= size for least, _most in limits))  # a seat for any class
    quotas = {("class", str(at)): limits[at] for at in range(len(classes))}
    tried = {Fraction(most, many) for (many, _l, _m), (_least, most) in zip(classes, limits, strict=True)}
    tried |= {Fraction(least, many) for (many, _l, _m), (least, _most) in zip(classes, limits, strict=True)}
    for mask in range(1, 2 ** len(classes)):
        rest = size - sum(limits[at][0] for at in range(len(classes)) if not mask >> at & 1)
        tried.add(Fraction(rest, sum(classes[at][0] for at in range(len(classes)) if mask >> at & 1)))
    fits = [
        t for t in tried if all(t * many <= most for (many, _l, _m), (_least, most) in zip(classes, limits, strict=True))
        and sum(max(Fraction(least), t * many) for (many, _l, _m), (least, _most) in zip(classes, limits, strict=True)) <= size
    ]  # fmt: skip
    made = lottery(people, quotas, size, panels=360)
    assert abs(made.bound - max(fits)) < Fraction(1, 10**6)
    assert wrong(made.panels, people, quotas, size) == []
    assert min(chances(made.panels, len(people))) > max(fits) - Fraction(2, 100)
