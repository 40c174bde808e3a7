"""STV by Scotland's rules: made-up wards worked out by hand, and laws that hold for any ballots."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kit.counting.asking import Ask, count
from madang.kit.counting.ballots import Ballots
from madang.kit.counting.lot import Lot
from madang.kit.counting.result import exact

NAMES = ("Ari", "Bo", "Cho", "Dan", "Eun")


def ward(papers: dict[tuple[int, ...], int], seats: int, names: tuple[str, ...] = NAMES) -> Ballots:
    return Ballots(names, papers, seats=seats)


def shown(stage) -> dict[str, str]:
    return {name: exact(votes) for name, votes in stage.votes.items()}


def test_a_surplus_moves_on_all_papers_at_five_decimals_with_the_rest_ignored() -> None:
    # 20 papers, 2 seats: quota 20 // 3 + 1 = 7. Ari has 9, surplus 2: each paper is worth 2/9 = 0.22222 (rule 48).
    result = count("stv-scottish", ward({(0, 1): 5, (0, 2): 3, (0,): 1, (1,): 5, (2,): 4, (3, 2): 2}, 2))
    assert result.quota == 7
    assert shown(result.stages[1]) == {"Ari": "7", "Bo": "6.1111", "Cho": "4.66666", "Dan": "2", "Eun": "0"}
    assert exact(result.stages[1].exhausted) == "0.22224"
    assert result.stages[1].transferred == {"Bo": Fraction("1.1111"), "Cho": Fraction("0.66666")}
    assert result.stages[1].source == "Ari"


def test_papers_of_the_excluded_keep_the_value_they_came_with() -> None:
    result = count("stv-scottish", ward({(0, 2, 1): 8, (1,): 6, (2, 1): 1, (3, 1): 4}, 2, NAMES[:4]))
    # Quota 7. Ari's surplus 1 of 8: 0.125 a paper to Cho (1 + 1 = 2), who is lowest: 8 papers at 0.125 and one at 1 go to Bo.
    assert shown(result.stages[1])["Cho"] == "2"
    assert shown(result.stages[2]) == {"Ari": "7", "Bo": "8", "Cho": "0", "Dan": "4"}
    assert result.winners == ("Ari", "Bo")


def test_a_second_surplus_multiplies_the_value_a_paper_came_with() -> None:
    result = count("stv-scottish", ward({(0, 1, 2): 10, (1, 3): 4, (2,): 1, (3,): 3}, 3, NAMES[:4]))
    # Quota 18 // 4 + 1 = 5. Ari 10: 0.5 a paper to Bo, 9 of them; surplus 4: 0.5 * 4 / 9 = 0.22222, and 4 / 9 = 0.44444 on the four.
    assert shown(result.stages[2]) == {"Ari": "5", "Bo": "5", "Cho": "3.2222", "Dan": "4.77776"}
    assert exact(result.stages[2].exhausted) == "0.00004"


def test_the_larger_surplus_goes_first_and_the_last_seats_need_no_quota() -> None:
    result = count("stv-scottish", ward({(0,): 9, (1,): 12, (2,): 3, (3,): 2, (4,): 1}, 3))
    assert [stage.source for stage in result.stages] == ["", "Bo", "Ari", "Eun", "Dan"]
    assert result.winners == ("Bo", "Ari", "Cho")
    assert result.stages[-1].elected == ("Cho",) and result.stages[-1].votes["Cho"] < result.quota


def test_the_papers_of_who_was_excluded_last_are_still_transferred_and_no_surplus_is_after_that() -> None:
    # As in the official sheets: Tanya Jones' papers, Coldside 2022, went to the one who was left.
    result = count("stv-scottish", ward({(0,): 6, (1,): 5, (2, 1): 4}, 1, NAMES[:3]))
    last = result.stages[-1]
    assert last.excluded == ("Cho",) and last.elected == ("Bo",) and last.votes["Bo"] == 9
    assert len(result.stages) == 2


def test_equal_fewest_are_told_apart_by_the_most_recent_stage_where_they_differed() -> None:
    papers = {(0,): 20, (1,): 6, (2,): 5, (3, 2): 1, (4,): 8}
    result = count("stv-scottish", ward(papers, 1))
    tie = result.ties[0]
    assert (tie.stage, tie.about, tie.by) == (3, "exclusion", "look-back")
    assert tie.tied == ("Bo", "Cho") and tie.chosen == ("Cho",)


def test_equal_at_all_stages_is_the_lot_and_the_seed_decides() -> None:
    papers = {(0,): 5, (1,): 5, (2,): 9}
    drawn = {count("stv-scottish", ward(papers, 1, NAMES[:3]), Ask(lot=Lot(bytes([seed])))).ties[0].chosen for seed in range(20)}
    assert drawn == {("Ari",), ("Bo",)}
    assert all(count("stv-scottish", ward(papers, 1, NAMES[:3])).ties[0].by == "lot" for _turn in range(2))


def test_nobody_votes_and_nobody_stands() -> None:
    assert count("stv-scottish", ward({}, 2)).winners == ()
    assert count("stv-scottish", ward({(): 4}, 2)).blank == 4
    assert count("stv-scottish", Ballots((), {}, seats=2)).winners == ()
    assert count("stv-scottish", Ballots((), {(): 3}, seats=2)).winners == ()


def test_fewer_stand_than_seats() -> None:
    result = count("stv-scottish", ward({(0,): 2, (1,): 7}, 5, NAMES[:2]))
    assert result.winners == ("Bo", "Ari") and len(result.stages) == 1


def test_a_ballot_ends_where_it_is_no_longer_clear() -> None:
    papers = {(0, (1, 2)): 3, ((0, 1), 2): 2, (0, (), 2): 1, ((), 2): 1, (0, 0, 1): 1, (2,): 1}
    result = count("stv-scottish", Ballots(NAMES[:3], papers, seats=1))
    assert (result.valid, result.invalid, result.blank) == (6, 3, 0)


def test_two_hundred_candidates() -> None:
    chance = random.Random(4)
    papers = {tuple(chance.sample(range(200), chance.randint(1, 200))): chance.randint(1, 3) for _turn in range(300)}
    result = count("stv-scottish", Ballots(tuple(f"c{one}" for one in range(200)), papers, seats=9))
    assert len(set(result.winners)) == 9




def cut_orders(size: int):
    """Orders of the first ``size`` numbers that may end early."""
    return st.permutations(range(size)).flatmap(lambda full: st.integers(1, size).map(lambda cut: tuple(full[:cut])))


rankings = st.integers(2, 6).flatmap(
    lambda size: st.tuples(st.just(size), st.integers(1, 4), st.dictionaries(cut_orders(size), st.integers(1, 40), min_size=1, max_size=12))
)


@settings(max_examples=80, deadline=None)
@given(rankings)
def test_votes_and_exhausted_always_add_up_and_the_seats_are_filled(drawn) -> None:
    size, seats, papers = drawn
    ballots = Ballots(tuple(f"c{one}" for one in range(size)), papers, seats=seats)
    result = count("stv-scottish", ballots)
    total = sum(papers.values())
    assert len(result.winners) == len(set(result.winners)) == min(seats, size)
    exhausted = Fraction(0)
    for stage in result.stages:
        assert sum(stage.votes.values()) + stage.exhausted == total
        assert stage.exhausted >= exhausted
        exhausted = stage.exhausted
        assert sum(len(one.elected) for one in result.stages) == len(result.winners)
    assert [name for stage in result.stages for name in stage.elected] == list(result.winners)


@settings(max_examples=40, deadline=None)
@given(rankings, st.randoms())
def test_the_order_of_ballots_never_matters(drawn, chance) -> None:
    size, seats, papers = drawn
    names = tuple(f"c{one}" for one in range(size))
    mixed = list(papers.items())
    chance.shuffle(mixed)
    for method in ("stv-scottish", "irv", "approval", "majority"):
        assert count(method, Ballots(names, papers, seats=seats)) == count(method, Ballots(names, dict(mixed), seats=seats))
