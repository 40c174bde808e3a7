"""Methods that compare pairs: what each must hold for any ballots, and known elections."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kit.counting import pairs
from madang.kit.counting.asking import Ask, count
from madang.kit.counting.ballots import Ballots, weak
from madang.kit.counting.lot import Lot

CONDORCET = ("schulze", "ranked-pairs", "minimax")


def drawn(chance: random.Random, size: int, many: int, *, ties: bool = True) -> dict:
    """Random rankings: cut off, with ties, weighted."""
    out: dict = {}
    for _turn in range(many):
        order = chance.sample(range(size), chance.randint(1, size))
        ranking = []
        while order:
            step = chance.choice((1, 1, 1, 2)) if ties else 1
            here, order = tuple(order[:step]), order[step:]
            ranking.append(here[0] if len(here) == 1 else here)
        out[tuple(ranking)] = out.get(tuple(ranking), 0) + chance.randint(1, 9)
    return out


def slow(ballots: Ballots) -> list[list]:
    """The pairwise table, one ballot and pair at a time."""
    size = len(ballots.names)
    table = [[0] * size for _ in range(size)]
    for ranks, number in weak(ballots)[0].items():
        at = {one: place for place, rank in enumerate(ranks) for one in ((rank,) if isinstance(rank, int) else rank)}
        for a in ballots.standing:
            for b in ballots.standing:
                if at.get(a, size) < at.get(b, size):
                    table[a][b] += number
    return table


def named(size: int) -> tuple[str, ...]:
    return tuple(f"c{one}" for one in range(size))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([2, 3, 7, 130]), st.booleans())
def test_lanes_and_plain_reading_make_the_same_table(seed: int, size: int, gone: bool) -> None:
    chance = random.Random(seed)
    ballots = Ballots(named(size), drawn(chance, size, 12), withdrawn=frozenset({1} if gone else ()))
    listed = list(weak(ballots)[0].items())
    wanted = slow(ballots)
    assert pairs._lanes(listed, size, ballots.standing) == wanted
    assert pairs._plain(listed, size, ballots.standing) == wanted


def test_many_different_ballots_go_through_the_lanes_in_chunks(monkeypatch) -> None:
    monkeypatch.setattr(pairs, "CHUNK", 100)
    ballots = Ballots(named(6), drawn(random.Random(1), 6, 4_000))
    assert len(ballots.rankings) > 400
    assert pairs.compare(ballots)[0] == slow(ballots)


def test_parts_of_a_ballot_are_counted_exactly() -> None:
    assert pairs.compare(Ballots(named(2), {(0,): Fraction(1, 3), (1,): Fraction(5, 2)}))[0] == [[0, Fraction(1, 3)], [Fraction(5, 2), 0]]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9), st.integers(2, 6), st.integers(1, 9))
def test_who_beats_everybody_is_elected(seed: int, size: int, many: int) -> None:
    ballots = Ballots(named(size), drawn(random.Random(seed), size, many))
    table = slow(ballots)
    for one in range(size):
        if all(table[one][other] > table[other][one] for other in range(size) if other != one):
            for method in CONDORCET:
                result = count(method, ballots)
                assert result.winners == (f"c{one}",) and not [tie for tie in result.ties if tie.about == "seat"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.integers(2, 5), st.integers(1, 7), st.randoms())
def test_neither_order_of_ballots_nor_numbers_of_candidates_matter(seed: int, size: int, many: int, chance) -> None:
    papers = drawn(random.Random(seed), size, many)
    perm = list(range(size))
    chance.shuffle(perm)
    turned = list({tuple(perm[r] if isinstance(r, int) else tuple(perm[o] for o in r) for r in ranking): n for ranking, n in papers.items()}.items())
    chance.shuffle(turned)
    names = named(size)
    back = tuple(names[perm.index(at)] for at in range(size))
    for method in (*CONDORCET, "irv", "stv-meek", "stv-scottish", "approval", "majority"):
        assert count(method, Ballots(names, papers)).winners == count(method, Ballots(back, dict(turned))).winners, method


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(2, 5), st.integers(1, 6))
def test_raising_the_winner_never_harms_it(seed: int, size: int, many: int) -> None:
    """Schulze, ranked pairs and minimax are monotone (STV and instant run-off are not)."""
    chance = random.Random(seed)
    papers = drawn(chance, size, many, ties=False)
    for method in CONDORCET:
        result = count(method, Ballots(named(size), papers))
        if result.ties:
            continue
        won = int(result.winners[0][1:])
        ranking, number = chance.choice(list(papers.items()))
        lifted = (won, *(one for one in ranking if one != won))
        changed = {key: many for key, many in papers.items() if key != ranking}
        changed[lifted] = changed.get(lifted, 0) + number
        assert count(method, Ballots(named(size), changed)).winners == (f"c{won}",)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(2, 4), st.integers(1, 6))
def test_a_clone_of_a_loser_changes_nothing(seed: int, size: int, many: int) -> None:
    """A twin right behind candidate 0 on every ballot: another winner stays the winner (Schulze, ranked pairs, instant run-off)."""
    papers = drawn(random.Random(seed), size, many, ties=False)
    cloned = {tuple(x for one in ranking for x in ((0, size) if one == 0 else (one,))): number for ranking, number in papers.items()}
    for method in ("schulze", "ranked-pairs", "irv"):
        before, after = count(method, Ballots(named(size), papers)), count(method, Ballots((*named(size), "twin"), cloned))
        if not before.ties and not after.ties:
            assert after.winners == before.winners or (before.winners == ("c0",) and after.winners == ("twin",))


def test_the_election_in_schulzes_paper() -> None:
    """Schulze 2011, example 1 (45 ballots, five candidates): E A C B D."""
    orders = {"ACBED": 5, "ADECB": 5, "BEDAC": 8, "CABED": 3, "CAEBD": 7, "CBADE": 2, "DCEBA": 7, "EBADC": 8}
    ballots = Ballots(tuple("ABCDE"), {tuple("ABCDE".index(one) for one in order): number for order, number in orders.items()})
    result = count("schulze", ballots, Ask(seats=5))
    assert "".join(result.winners) == "EACBD" and not result.ties
    assert result.tables["paths"]["E"]["A"] == 25 and result.tables["paths"]["A"]["E"] == 24


def test_burlingtons_lesson_on_made_up_ballots_of_the_same_shape() -> None:
    """Three camps, the middle one is everybody's second choice: most first votes, instant run-off and comparing pairs elect three people.

    As in Burlington, Vermont, 2009 (docs/counting.md). And the second part of the lesson: raising the run-off's winner makes it lose.
    """
    left, middle, right = 0, 1, 2
    papers = {(right, middle): 25, (right, left): 9, (right,): 5, (left, middle): 29, (left,): 5, (middle, left): 15, (middle, right): 8, (middle,): 4}
    ballots = Ballots(("Left", "Middle", "Right"), papers)
    first = count("majority", ballots)
    assert first.winners == () and max(first.stages[0].votes, key=first.stages[0].votes.get) == "Right"
    assert count("irv", ballots).winners == ("Left",)
    for method in CONDORCET:
        assert count(method, ballots).winners == ("Middle",)
    raised = {key: number for key, number in papers.items() if key != (right, left)} | {(right,): 1, (left, right): 13}
    assert count("irv", Ballots(ballots.names, raised)).winners == ("Middle",), "thirteen more put Left first, and Left loses by it"


def test_all_tie_and_the_tie_is_told() -> None:
    circle = {(0, 1, 2): 1, (1, 2, 0): 1, (2, 0, 1): 1}
    for method in (*CONDORCET, "irv", "stv-meek", "stv-scottish", "approval"):
        seen = set()
        for seed in range(12):
            result = count(method, Ballots(named(3), circle), Ask(lot=Lot(bytes([seed]))))
            assert result.ties, method
            seen.update(result.winners)
        assert len(seen) > 1, method


def test_two_hundred_candidates_and_nobody_at_all() -> None:
    ballots = Ballots(named(200), drawn(random.Random(2), 200, 30))
    for method in (*CONDORCET, "irv", "stv-meek"):
        assert len(count(method, ballots, Ask(seats=5)).winners) == 5
        assert count(method, Ballots((), {(): 2})).winners == ()
        assert count(method, Ballots(named(3), {})).winners == ()
