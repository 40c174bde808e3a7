"""Scores, STAR and its tie rules, dots, quadratic votes, no objection, approval, majority."""

from __future__ import annotations

from fractions import Fraction

import pytest

from madang.kit.counting.asking import Ask, count
from madang.kit.counting.ballots import Ballots, Unfit
from madang.kit.counting.lot import Lot


def scores(*rows: tuple[int, tuple], names: str = "ABCD") -> Ballots:
    """(how many, scores of A, B, …; None is no score)."""
    papers: dict = {}
    for many, given in rows:
        key = tuple((one, score) for one, score in enumerate(given) if score is not None)
        papers[key] = papers.get(key, 0) + many
    return Ballots(tuple(names[: len(rows[0][1])]), {}, papers)


def test_score_adds_up_exactly() -> None:
    result = count("score", scores((3, (Fraction(1, 3), 0)), (1, (None, 1))))
    assert result.stages[0].votes == {"A": 1, "B": 1} and result.ties[0].by == "lot" and result.valid == 4


def test_star_elects_whom_more_prefer_of_the_two_best() -> None:
    result = count("star", scores((6, (5, 4, 0)), (5, (0, 5, 4)), (2, (1, 0, 5))))
    assert result.stages[0].votes == {"A": 32, "B": 49, "C": 30}
    assert result.winners == ("A",) and result.stages[1].votes == {"A": 8, "B": 5, "C": 0}


def test_star_tie_for_finalist_goes_by_matches_then_top_scores() -> None:
    # B and C both 11 behind A; more ballots put C above B.
    result = count("star", scores((1, (5, 5, 0)), (3, (5, 2, 3)), (1, (5, 0, 2))))
    tie = result.ties[0]
    assert (tie.about, tie.tied, tie.chosen, tie.by) == ("finalist", ("B", "C"), ("C",), "head-to-head")
    result = count("star", scores((1, (5, 5, 2)), (1, (5, 1, 4)), (0, (0, 0, 0))))
    assert [(one.about, one.chosen, one.by) for one in result.ties if one.about == "finalist"] == [("finalist", ("B",), "top-scores")]


def test_star_tie_in_the_run_off_goes_by_score() -> None:
    result = count("star", scores((1, (5, 1)), (1, (2, 3))))
    assert result.winners == ("A",) and [(tie.about, tie.by) for tie in result.ties] == [("runoff", "score")]


def test_star_with_one_candidate_and_with_two_seats() -> None:
    assert count("star", scores((2, (3,)))).winners == ("A",)
    assert count("star", scores((3, (5, 4, 0)), (1, (0, 1, 5))), Ask(seats=2)).winners == ("A", "B")


def test_dots_beyond_the_limit_or_in_parts_are_invalid_and_more_people_break_a_tie() -> None:
    result = count("dots", scores((1, (4, 0)), (2, (0, 2)), (1, (6, 0)), (1, (Fraction(1, 2), 0)), (1, (0, 0))), Ask(limit=5))
    assert (result.valid, result.invalid, result.blank) == (3, 2, 1)
    assert result.winners == ("B",) and result.ties[0].by == "voters"


def test_quadratic_votes_cost_their_square() -> None:
    result = count("quadratic", scores((1, (3, 0)), (2, (0, 2)), (1, (-2, 2))), Ask(limit=8))
    assert (result.valid, result.invalid) == (3, 1) and result.stages[0].votes == {"A": -2, "B": 6} and result.winners == ("B",)


def test_no_objection() -> None:
    result = count("consent", scores((3, (1, 1, 0)), (1, (0, -1, None))))
    assert result.winners == ("A",) and result.tables["votes"]["B"] == {"agree": 3, "object": 1} and result.stages[0].excluded == ("B",)


def test_approval_of_scores_and_of_rankings() -> None:
    assert count("approval", scores((2, (1, 0)), (1, (3, 1)), (1, (None, None)))).stages[0].votes == {"A": 3, "B": 1}
    assert count("approval", Ballots(("A", "B", "C"), {(0, 1): 2, (1,): 1})).stages[0].votes == {"A": 2, "B": 3, "C": 0}
    assert count("approval", Ballots(("A", "B", "C"), {(0, (1, 2)): 2}, complete=True)).stages[0].votes == {"A": 2, "B": 0, "C": 0}


@pytest.mark.parametrize(
    ("share", "yes", "no", "won"), [("1/2", 5, 5, False), ("1/2", 6, 5, True), ("2/3", 6, 3, True), ("2/3", 5, 3, False), ("3/4", 3, 1, True)]
)
def test_majority_and_shares(share: str, yes: int, no: int, won: bool) -> None:
    ballots = Ballots(("yes", "no", "abstain"), {(0,): yes, (1,): no, (2,): 7})
    assert count("majority", ballots, Ask(share=Fraction(share))).winners == (("yes",) if won else ("no",) if share == "1/2" and no > yes else ())


def test_ties_are_told_as_seat_or_as_order() -> None:
    ballots = scores((1, (2, 2, 2, 0)))
    seat = count("score", ballots, Ask(seats=2))
    order = count("score", ballots, Ask(seats=3))
    assert [(tie.about, len(tie.tied), len(tie.chosen)) for tie in (*seat.ties, *order.ties)] == [("seat", 3, 2), ("order", 3, 3)]


def test_the_lot_is_the_same_for_all_methods_and_from_the_seed_alone() -> None:
    names = ["Anna", "Bo", "Cho"]
    assert Lot(b"x").order(names) == Lot(b"x").order(reversed(names))
    assert [names[at] for at in sorted(range(3), key=Lot(b"x").places(names).__getitem__)] == Lot(b"x").order(names)
    assert len({tuple(Lot(bytes([seed])).order(names)) for seed in range(60)}) == 6


def test_scores_are_not_made_of_rankings() -> None:
    for method in ("score", "star", "dots", "quadratic", "consent"):
        with pytest.raises(Unfit, match="needs scores"):
            count(method, Ballots(("A", "B"), {(0, 1): 1}))
    with pytest.raises(Unfit, match="no method"):
        count("magic", Ballots(("A",), {(0,): 1}))


def test_rankings_are_made_of_scores() -> None:
    ballots = scores((3, (5, 4, None)), (2, (0, 1, 3)))
    assert count("irv", ballots).winners == ("A",) and count("schulze", ballots).winners == ("A",)
