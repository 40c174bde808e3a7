"""Ballot files as they really are: every format, its odd sides, and what is refused with line and reason."""

from __future__ import annotations

from fractions import Fraction

import pytest

from madang.kit.counting import files
from madang.kit.counting.files import Malformed, parse

BLT = """4 2 # four stand, two win
-2
3 1 3 4 0
(paper 7) 4 3=1 0

2 1 - 4 0
1 0
2.5 4 0
0
"Anna Berg" "The Green Party"
"Bo ""B"" Lee"
Chris Oh, Ph.D. (Ind)
# ALTERNATIVE NAME 4: Dan (SNP)
"Board 2026"
"""


def test_blt_as_it_is_written_in_many_places() -> None:
    ballots = parse(BLT, "blt")
    assert ballots.names == ("Anna Berg", 'Bo "B" Lee', "Chris Oh, Ph.D. (Ind)", "Dan (SNP)")
    assert ballots.seats == 2 and ballots.withdrawn == {1}
    assert ballots.rankings == {(0, 2, 3): 3, (3, (2, 0)): 1, (0, (), 3): 2, (): 1, (3,): Fraction(5, 2)}


def test_marks_line_ends_and_spaces_change_nothing() -> None:
    for text in ("\ufeff" + BLT, BLT.replace("\n", "\r\n"), BLT.replace("0\n", "0  \n"), BLT.rstrip()):
        assert parse(files.decode(text.encode()), "blt") == parse(BLT, "blt")


def test_blt_with_all_names_in_one_line_or_none_and_nicknames() -> None:
    assert parse('2 1\n1 1 0\n0\n"A" "B" "T"\n', "blt").names == ("A", "B")
    assert parse("2 1\n1 1 0\n0\n", "blt").names == ("1", "2")
    assert parse("2 1,\n1 1 2 0,\n0,\nAnna A,\nBo,\nTown,", "blt") == parse("2 1\n1 1 2 0\n0\nAnna A\nBo\n", "blt")
    assert parse('2 1\n[nick a b]\n1 b a 0\n0\n"A"\n"B"\n', "blt").rankings == {(1, 0): 1}
    assert parse('3 1\n1 1 0\n0\n"Kim"\n"Kim"\n"Lee"\n', "blt").names == ("Kim", "Kim (2)", "Lee")


def test_old_western_letters_are_read() -> None:
    assert parse(files.decode('1 1\n1 1 0\n0\n"Zo\u00eb"\n'.encode("cp1252")), "blt").names == ("Zo\u00eb",)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("3 1\n1 4 0\n0\n", 2, "no candidate 4"),
        ("3 1\n1 x 0\n0\n", 2, "not a candidate's number"),
        ("3 1\n1 1 2\n0\n", 2, "does not end with 0"),
        (f"3 1\n1 {'9' * 5000} 0\n0\n", 2, "no candidate 9999"),
        (f"3 1\n{'9' * 5000} 1 0\n0\n", 2, "how many"),
        (f"3 {'9' * 5000}\n1 1 0\n0\n", 1, "10,000"),
        ("3 1\n-1 1 0\n0\n", 2, "candidate"),
        ("3 1\nx 1 0\n0\n", 2, "how many"),
        ("3 1\n0 1 0\n0\n", 2, "cannot be 0"),
        ("3 1\n1 1 0\n", 2, "line 0"),
        ("3\n1 1 0\n0\n", 1, "two numbers"),
        ("3 0\n1 1 0\n0\n", 1, "one seat"),
        ('3 1\n1 1 0\n0\n"A"\n"B"\n', 5, "2 names for 3"),
        ('1 1\n1 1 0\n0\n"A"\n"B"\n"C"\n"D"\n"E"\n', 8, "more names"),
    ],
)
def test_a_malformed_blt_is_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as refused:
        parse(text, "blt")
    assert refused.value.line == line


SOI = """# FILE NAME: 1.soi
# DATA TYPE: soi
# NUMBER ALTERNATIVES: 3
# NUMBER VOTERS: 6
# NUMBER UNIQUE ORDERS: 2
# ALTERNATIVE NAME 1: Anna, A.
# ALTERNATIVE NAME 2: Bo: the second
# ALTERNATIVE NAME 3: Cho
4: 2,1
2: 3
"""


def test_preflib_with_and_without_ties() -> None:
    ballots = parse(SOI, "soi")
    assert ballots.names == ("Anna, A.", "Bo: the second", "Cho") and not ballots.complete
    assert ballots.rankings == {(1, 0): 4, (2,): 2}
    tied = parse(SOI.replace("soi", "toc").replace("4: 2,1", "4: 2,{1, 3}").replace("2: 3", "2: {3,1,2}"), "toc")
    assert tied.rankings == {(1, (0, 2)): 4, ((2, 0, 1),): 2} and tied.complete


def test_preflib_as_it_was_before_2022() -> None:
    assert parse('3\n1,"Anna"\n2,Bo\n3,Cho\n6,6,2\n4,2,{1,3}\n2,3\n', "toi").rankings == {(1, (0, 2)): 4, (2,): 2}


@pytest.mark.parametrize(
    ("ending", "change", "line", "reason"),
    [
        ("soi", ("4: 2,1", "4: 2,9"), 9, "no candidate '9'"),
        ("soi", ("4: 2,1", "x: 2,1"), 9, "not a number"),
        ("soi", ("4: 2,1", "4: {2,1}"), 9, "no equal ranks"),
        ("toi", ("4: 2,1", "4: {2,1"), 9, "brace"),
        ("toi", ("4: 2,1", "4: }2,1{"), 9, "brace"),
        ("toi", ("4: 2,1", "4: {2,{1}},3"), 9, "brace"),
        ("soi", ("4: 2,1", "4"), 9, "an order must stand"),
        ("soi", ("NAME 3: Cho", f"NAME {'3' * 5000}: Cho"), 8, "no number"),
        ("soi", ("4: 2,1", "4: 2,2"), 9, "twice"),
        ("soc", ("4: 2,1", "4: 2,1,3"), 10, "2 of 3 are missing"),
        ("soi", ("2: 3\n", ""), 9, "cut off"),
        ("soi", ("NAME 3: Cho", "NAME 2: Cho"), 8, "named twice"),
    ],
)
def test_a_malformed_preflib_file_is_refused(ending: str, change: tuple[str, str], line: int, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as refused:
        parse(SOI.replace(*change), ending)
    assert refused.value.line == line


PB = """META
key;value
description;"A town; with a semicolon"
budget;10000,50
vote_type;approval
num_projects;2
num_votes;3
PROJECTS
project_id;cost;name
7;8000.50;"A bench; two"
B2;300;Trees
VOTES
voter_id;age;vote
1;30;7,B2
2;;B2
3;41;
"""


def test_pabulib_approval() -> None:
    ballots = parse(PB, "pb")
    assert ballots.names == ("7", "B2") and ballots.costs == (Fraction(16001, 2), 300) and ballots.budget == Fraction(20001, 2)
    assert ballots.scores == {((0, 1), (1, 1)): 1, ((1, 1),): 1} and ballots.blank == 1


def test_pabulib_points_and_orders() -> None:
    points = PB.replace("approval", "cumulative").replace("voter_id;age;vote", "voter_id;vote;points")
    for old, new in (("1;30;7,B2", "1;7,B2;2,3"), ("2;;B2", "2;B2;5"), ("3;41;", "3;;")):
        points = points.replace(old, new)
    assert parse(points, "pb").scores == {((0, 2), (1, 3)): 1, ((1, 5),): 1}
    orders = PB.replace("approval", "ordinal").replace("num_votes;3", "num_votes;3\nmax_length;4").replace("1;30;7,B2", "1;30;B2,7")
    ballots = parse(orders, "pb")
    assert ballots.scores == {((0, 3), (1, 4)): 1, ((1, 4),): 1} and ballots.rankings == {(1, 0): 1, (1,): 1}


def test_a_vote_against_the_citys_length_is_counted_and_told() -> None:
    assert parse(PB.replace("num_votes;3", "num_votes;3\nmax_length;1"), "pb").notes == {"length": 1}


def test_a_number_of_votes_that_is_not_there_is_told_for_real_files_have_it() -> None:
    assert parse(PB.replace("num_votes;3", "num_votes;7"), "pb").notes == {"num_votes": 7}


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (("2;;B2", "2;;B9"), 15, "no project 'B9'"),
        (("B2;300", "B2;free"), 11, "cost is no number"),
        (("B2;300", "7;300"), 11, "stands twice"),
        (("budget;10000,50\n", ""), 1, "no budget"),
        (("approval", "yelling"), 5, "vote_type"),
        (("VOTES", "VOICES"), 0, "VOTES is missing"),
        (("project_id;cost", "project_id;price"), 9, "no column cost"),
        (("META\n", ""), 1, "begin with META"),
    ],
)
def test_a_malformed_pb_file_is_refused(change: tuple[str, str], line: int, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as refused:
        parse(PB.replace(*change), "pb")
    assert refused.value.line == line


def test_csv_of_rankings_names_with_commas_gaps_and_overvotes() -> None:
    text = 'count,pref1,pref2,pref3\n3,"Lee, Anna",Bo,\n2,Bo,,Cho\n1,overvote,Bo,\n1,Bo,overvote,Cho\n2,,,\n'
    ballots = parse(text, "csv")
    assert ballots.names == ("Lee, Anna", "Bo", "Cho")
    assert ballots.rankings == {(0, 1): 3, (1, (), 2): 2, (1,): 1, (): 2} and ballots.invalid == 1


def test_names_with_quotes_inside_and_odd_line_ends_in_them() -> None:
    text = '3 1\n1 1 0\n0\n"Al "Bo" Cox"\n"Di \\"Ed\\" Fry" "Greens"\n"Gus\u0085Hay\u2028Ivy"\n"T"\n'
    assert parse(text, "blt").names == ('Al "Bo" Cox', 'Di "Ed" Fry', "Gus\u0085Hay\u2028Ivy")
    assert parse('2 1\n1 1 0\n0\n"Al" "Green"\n"Bo","Red"\n', "blt").names == ("Al", "Bo")
    assert parse('2 1\n1 1 0\n0\n"Al" "Bo" "T"\n', "blt").names == ("Al", "Bo")


def test_a_thousand_is_a_thousand_and_a_decimal_comma_a_decimal_comma() -> None:
    assert parse('count,pref1\n"1,000",Anna\n"12,345,678",Bo\n"0,750",Cho\n"2,5",Dan\n', "csv").rankings == {
        (0,): 1000, (1,): 12_345_678, (2,): Fraction(3, 4), (3,): Fraction(5, 2),
    }  # fmt: skip
    assert parse(PB.replace("10000,50", "1,500"), "pb").budget == Fraction(3, 2)  # Pabulib's comma is always a decimal one


def test_csv_without_a_header_with_semicolons_and_with_scores() -> None:
    assert parse("3;A;B\n2;B\n", "csv").rankings == {(0, 1): 3, (1,): 2}
    ballots = parse("count,A,B\n3,5,\n2,-1,4.5\n1,,\n", "csv")
    assert ballots.scores == {((0, 5),): 3, ((0, -1), (1, Fraction(9, 2))): 2} and ballots.blank == 1


def test_csv_of_a_scottish_ward_as_researchers_pass_it_on() -> None:
    names = '"Candidate 1","Alvin, the First","Party A (A)",\n"Candidate 2","Becca","B",\n"Candidate 3","Carrie","C",\n""A, Town"",'
    ballots = parse(f"3,2,\n12,1,\n88,1,3,2,\n{names}", "csv")
    assert ballots.names == ("Alvin, the First", "Becca", "Carrie") and ballots.seats == 2
    assert ballots.rankings == {(0,): 12, (0, 2, 1): 88}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("count,A,B\n3,5,x\n", 2, "score must be a number"),
        ("count,A,B\n3,5,1,7\n", 2, "3 cells under 2"),
        ("count,A,A\n3,5,1\n", 1, "name of its own"),
        ("count,pref1\n-3,A\n", 2, "cannot be -3"),
        ("count,pref1\nmany,A\n", 2, "how many ballots"),
        ("what,is,this\n1,2,3\n", 1, "'count'"),
        ('count,pref1\n3,"A\n2,B\n', 2, "quotation mark"),
    ],
)
def test_a_malformed_csv_is_refused(text: str, line: int, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as refused:
        parse(text, "csv")
    assert refused.value.line == line


def test_a_file_without_a_known_ending_is_known_by_its_beginning() -> None:
    assert parse(BLT).seats == 2 and len(parse(SOI).names) == 3 and parse(PB).budget and parse("count,A\n1,1\n").scores
    for text in ("hello", "\x00\x01"):
        with pytest.raises(Malformed):
            parse(text)
