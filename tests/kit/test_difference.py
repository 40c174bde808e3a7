"""Differences between texts: nothing is lost, what stayed is not marked, and no text is so bad that it takes long."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kit import difference
from madang.kit.difference import ADDED, CHANGED, REMOVED, SAME, Part, compare, joined, parts

KOREAN = """제1장 총칙
제1조(목적) 이 조합은 조합원의 복리를 늘린다.
제2조(명칭) 이 조합은 작은마당 협동조합이라 한다.
제3조(회의)
① 총회는 해마다 한 번 연다.
② 의장은 이사장이 된다."""


def test_korean_articles_are_cut_where_a_lawyer_would():
    assert [part.heading for part in parts(KOREAN)] == ["제1장 총칙", "제1조(목적)", "제2조(명칭)", "제3조(회의)"]
    assert parts(KOREAN)[3].paragraphs == ("① 총회는 해마다 한 번 연다.", "② 의장은 이사장이 된다.")


def test_a_sentence_that_names_an_article_is_no_heading():
    assert parts("제5조에 따라 이사회는 회의를 연다.") == [Part("", ("제5조에 따라 이사회는 회의를 연다.",))]
    assert parts("제5조, 제6조에 따라 한다.") == [Part("", ("제5조, 제6조에 따라 한다.",))]
    assert parts("Article 5 applies to members who left.") == [Part("", ("Article 5 applies to members who left.",))]


def test_english_and_marked_headings():
    text = "# Our articles\nArticle 1 (Seat)\nIn Seoul.\n\nArticle 2: Shares\nOne each."
    assert [(part.heading, part.paragraphs) for part in parts(text)] == [
        ("Our articles", ()), ("Article 1 (Seat)", ("In Seoul.",)), ("Article 2: Shares", ("One each.",)),
    ]  # fmt: skip


def test_an_article_put_in_between_marks_only_itself_and_the_new_numbers():
    after = KOREAN.replace("제3조(회의)", "제3조(사무소) 사무소는 서울에 둔다.\n제4조(회의)")
    pieces = compare(KOREAN, after)
    assert [(one.kind, one.title) for one in pieces] == [
        (SAME, "제1장 총칙"), (SAME, "제1조(목적)"), (SAME, "제2조(명칭)"), (ADDED, "제3조(사무소)"), (CHANGED, "제4조(회의)"),
    ]  # fmt: skip
    assert all(one.kind == SAME for one in pieces[4].paragraphs)
    assert [(run.kind, run.text) for run in pieces[4].heading] == [(REMOVED, "제3조"), (ADDED, "제4조"), (SAME, "(회의)")]


def test_one_word_is_one_word():
    (piece,) = compare("The board meets once a year, in spring.", "The board meets twice a year, in spring.")
    assert [(run.kind, run.text) for run in piece.paragraphs[0].runs] == [
        (SAME, "The board meets "), (REMOVED, "once "), (ADDED, "twice "), (SAME, "a year, in spring."),
    ]  # fmt: skip


def test_each_article_is_told_when_it_got_its_words():
    second = KOREAN.replace("한 번", "두 번")
    third = second.replace("제3조(회의)", "제3조(사무소) 사무소는 서울에 둔다.\n제4조(회의)").replace("제1장 총칙", "제1장 처음")
    assert difference.origins([]) == [] and difference.origins([KOREAN]) == [0, 0, 0, 0]
    assert difference.origins([KOREAN, second]) == [0, 0, 0, 1]
    assert difference.origins([KOREAN, second, third]) == [2, 0, 0, 2, 1], "an article that only moved keeps the day of its words"
    assert difference.origins([KOREAN, "", KOREAN]) == [2, 2, 2, 2]


WORDS = st.sampled_from(["제1조(목적)", "제2조(명칭)", "Article 3", "# Title", "a", "b", "조합원은", "the", "once", "12", "(1)", ".", "·"])
TEXTS = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=12).map("\n".join)


def flat(text: str) -> list[str]:
    return [line for part in parts(text) for line in ([part.heading] if part.heading else []) + list(part.paragraphs)]


def side(before: str, after: str, kind: str) -> list[str]:
    other = ADDED if kind == REMOVED else REMOVED
    found = []
    for piece in compare(before, after):
        if piece.kind == other:
            continue
        head = joined(piece.heading, kind)
        found += [head] if head else []
        found += [joined(one.runs, kind) for one in piece.paragraphs if one.kind != other]
    return found


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_the_difference(before: str, after: str):
    assert side(before, after, REMOVED) == flat(before)
    assert side(before, after, ADDED) == flat(after)


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_every_part_has_an_origin_that_is_there(texts: list[str]):
    found = difference.origins(texts)
    assert len(found) == len(parts(texts[-1])) and all(0 <= at < len(texts) for at in found)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str):
    assert all(piece.kind == SAME for piece in compare(text, text))


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_what_is_called_the_same_is_the_same_and_what_is_called_changed_is_not(before: str, after: str):
    for piece in compare(before, after):
        runs = [*piece.heading, *(run for one in piece.paragraphs for run in one.runs)]
        assert (piece.kind == SAME) == all(run.kind == SAME for run in runs) or not runs


def test_hostile_texts_are_told_in_bounded_time():
    begun = time.perf_counter()
    for one, other in (("a b " * 15_000, "b a " * 14_999), ("a\nb\n" * 15_000, "b\na\n" * 14_000), ("x\n\n" * 20_000, "")):
        difference.compare(one, other)
    assert time.perf_counter() - begun < 10
