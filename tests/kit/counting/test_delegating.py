"""Delegated votes: who carries them, and what becomes of those nobody carries."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.counting.delegating import CARRIED, FULL, LEFT, LOOP, NOBODY, OWN, Fate, carry

voters = st.integers(0, 12)


@pytest.mark.parametrize(
    ("edges", "cast", "gone", "most", "fates"),
    [
        ({1: 2}, {2}, (), 5, {1: Fate(CARRIED, 2)}),
        ({1: 2}, {1, 2}, (), 5, {1: Fate(OWN)}),
        ({1: 2, 2: 3}, {3}, (), 5, {1: Fate(CARRIED, 3), 2: Fate(CARRIED, 3)}),
        ({1: 2, 2: 3}, {2, 3}, (), 5, {1: Fate(CARRIED, 2), 2: Fate(OWN)}),
        ({1: 2}, set(), (), 5, {1: Fate(NOBODY)}),
        ({1: None}, set(), (), 5, {1: Fate(NOBODY)}),
        ({1: 2, 2: 1}, set(), (), 5, {1: Fate(LOOP), 2: Fate(LOOP)}),
        ({1: 2, 2: 3, 3: 1}, {3}, (), 5, {1: Fate(CARRIED, 3), 2: Fate(CARRIED, 3), 3: Fate(OWN)}),
        ({1: 1}, set(), (), 5, {1: Fate(LOOP)}),
        ({1: 9, 2: 9, 3: 9}, {9}, (), 2, {1: Fate(CARRIED, 9), 2: Fate(CARRIED, 9), 3: Fate(FULL)}),
        ({1: 2, 2: 3}, {3}, {2}, 5, {1: Fate(NOBODY), 2: Fate(LEFT)}),
        ({1: 2}, {2}, {2}, 5, {1: Fate(NOBODY)}),
    ],
    ids=[
        "carried", "own", "chain", "nearest", "not cast", "no vote here", "a delegate of a delegate of oneself", "loop broken by a vote", "self", "cap",
        "link left", "delegate left",
    ],
)  # fmt: skip
def test_what_becomes_of_a_vote(edges, cast, gone, most, fates):
    assert carry(edges, cast, gone, sorted(edges), most) == fates


@given(st.dictionaries(voters, st.none() | voters), st.sets(voters), st.sets(voters), st.integers(0, 4), st.randoms())
def test_nobody_is_carried_twice_and_nobody_carries_too_many(edges, cast, gone, most, random):
    order = sorted(edges)
    random.shuffle(order)
    fates = carry(edges, cast, gone, order, most)
    assert list(fates) == order
    carriers = Counter(one.carrier for one in fates.values() if one.outcome == CARRIED)
    assert all(many <= most and carrier in cast and carrier not in gone for carrier, many in carriers.items())
    for voter, one in fates.items():
        assert (one.outcome == OWN) == (voter in cast)
        assert (one.carrier is not None) == (one.outcome == CARRIED)
        if one.outcome == LOOP:
            assert edges[voter] is not None
        if one.outcome == NOBODY and edges[voter] in cast:
            assert edges[voter] in gone


@given(st.dictionaries(voters, voters), st.sets(voters))
def test_without_a_cap_whoever_reaches_a_ballot_is_carried(edges, cast):
    fates = carry(edges, cast, (), list(edges), 100)
    for voter, one in fates.items():
        reached, at = set(), edges[voter]
        while at is not None and at not in reached and at not in cast:
            reached.add(at)
            at = edges.get(at)
        if voter not in cast and at in cast:
            assert one == Fate(CARRIED, at)
