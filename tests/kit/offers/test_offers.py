"""Share offers, pure: nobody gets more than they wanted, together never more than there is, and what was forgotten in a document is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.offers import Limits, Match, Terms, Wish, allot, check_document, matched, most_for, problems, stand
from madang.kit.offers.statements import STATEMENTS, sections
from madang.kit.offers.terms import OVERSUBSCRIBED

OPENS = datetime(2019, 6, 12, tzinfo=UTC)
EQUAL_CARE = Terms(
    "time-bound", 100, OPENS, datetime(2019, 8, 14, 22, 59, tzinfo=UTC), Limits(10_000, 3_000_000), Limits(10_000, 10_000_000),
    10_000_000, 30_000_000, 50_000_000, 28,
)  # fmt: skip


def test_the_real_terms_of_2019_have_no_problem():
    assert problems(EQUAL_CARE) == []


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"kind": "lottery"}, "kind", "kind"), ({"price": 0}, "price", "price"), ({"minimum": 0}, "no-minimum", "minimum"),
        ({"minimum": 40_000_000}, "order", "optimum"), ({"optimum": 0, "maximum": 5_000_000}, "order", "maximum"),
        ({"minimum": 10_000_050}, "whole-shares", "minimum"), ({"people": Limits(10_000, 5_000)}, "limits", "people"),
        ({"people": Limits(0)}, "whole-shares", "people"), ({"closes_at": OPENS}, "dates", "closes_at"), ({"closes_at": None}, "dates", "closes_at"),
        ({"closes_at": OPENS + timedelta(days=400)}, "too-long", "closes_at"), ({"extension_days": 400}, "extension", "extension_days"),
        ({"oversubscribed": "scaled", "maximum": 0}, "no-maximum", "maximum"), ({"oversubscribed": "luck"}, "oversubscribed", "oversubscribed"),
        ({"match": Match("m", 40_000_000)}, "match", "match_cap"), ({"match": Match("m", 0)}, "match", "match_cap"),
        ({"kind": "open"}, "open-minimum", "minimum"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be(changed, code, field):
    assert (code, field) in {(one.code, one.field) for one in problems(replace(EQUAL_CARE, **changed))}


def test_how_it_stands():
    before = stand(EQUAL_CARE, paid=9_999_900, now=OPENS)
    assert not before.met and not before.over and before.room == 40_000_100
    assert stand(EQUAL_CARE, paid=10_000_000, now=OPENS).met
    end = EQUAL_CARE.closes_at
    assert stand(EQUAL_CARE, paid=9_999_900, now=end).missed and not stand(EQUAL_CARE, paid=10_000_000, now=end).missed
    assert not stand(EQUAL_CARE, paid=0, now=end, closes_at=end + timedelta(days=28)).over
    helped = stand(replace(EQUAL_CARE, match=Match("m", 5_000_000)), paid=5_000_000, promised=5_000_000, now=OPENS)
    assert helped.met and helped.raised == 10_000_000 and helped.room == 40_000_000
    assert stand(EQUAL_CARE, paid=50_000_000, now=OPENS).full
    assert stand(replace(EQUAL_CARE, oversubscribed="scaled"), paid=60_000_000, now=OPENS).raised == 50_000_000


WISHES = st.lists(st.tuples(st.integers(1, 5_000), st.integers(1, 60)), min_size=1, max_size=30).map(
    lambda rows: [Wish(f"w{number}", count, number, least) for number, (count, least) in enumerate(rows)]
)


@given(WISHES, st.one_of(st.none(), st.integers(0, 40_000)), st.sampled_from(OVERSUBSCRIBED))
def test_nobody_gets_too_much_and_nobody_less_than_is_of_use(wishes, room, how):
    got = allot(wishes, room, how, "salt")
    assert set(got) == {one.key for one in wishes} and got == allot(list(reversed(wishes)), room, how, "salt")
    wanted = sum(one.count for one in wishes)
    assert all(0 <= got[one.key] <= one.count for one in wishes)
    assert all(got[one.key] == 0 or got[one.key] >= min(one.least, one.count) for one in wishes)
    assert sum(got.values()) <= (wanted if room is None else min(room, wanted))
    if room is None or wanted <= room:
        assert sum(got.values()) == wanted
    left = 0 if room is None else room - sum(got.values())
    assert all(got[one.key] == one.count or left < min(one.least, one.count) or got[one.key] for one in wishes)


@given(WISHES, st.integers(0, 40_000))
def test_scaled_back_is_in_proportion(wishes, room):
    same = [replace(one, least=1) for one in wishes]
    got = allot(same, room, "scaled", "s")
    if len(same) <= room < sum(one.count for one in same):
        assert sum(got.values()) == room
        more = sum(one.count - 1 for one in same)
        assert all(abs((got[one.key] - 1) - Fraction((room - len(same)) * (one.count - 1), more)) < 1 for one in same if more)


def test_the_order_that_was_promised():
    wishes = [Wish("big", 60, 0), Wish("small", 10, 1), Wish("late", 50, 2, least=40)]
    assert allot(wishes, 100, "first-come", "") == {"big": 60, "small": 10, "late": 0}
    assert allot(wishes, 115, "first-come", "") == {"big": 60, "small": 10, "late": 45}
    assert allot(wishes, 100, "smallest-first", "") == {"small": 10, "late": 50, "big": 40}
    with pytest.raises(ValueError):
        allot([wishes[0], wishes[0]], 1, "scaled", "")


def test_one_for_one_up_to_the_promise():
    assert [matched(others, 500) for others in (0, 499, 500, 900)] == [0, 499, 500, 500] and matched(900, 500, 100) == 100


@given(st.integers(0, 10**12), st.integers(1, 99))
def test_a_fraction_of_all_capital(others, percent):
    cap = most_for(others, amount=None, fraction=Fraction(percent, 100))
    assert cap.by == "fraction" and cap.amount * 100 <= percent * (others + cap.amount)
    assert (cap.amount + 1) * 100 > percent * (others + cap.amount + 1)


def test_the_smaller_limit_holds():
    assert most_for(100, amount=50, fraction=Fraction(1)).by == "amount" and most_for(100, amount=None, fraction=Fraction(1)).amount is None
    assert most_for(70, amount=50, fraction=Fraction(3, 10)).amount == 30 and most_for(0, amount=None, fraction=Fraction(3, 10), least=5).amount == 5


@pytest.mark.parametrize("key", STATEMENTS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_example_says_what_it_is_an_example_of(key, language):
    (found,) = check_document({language: f"# About us\n\nWe clean.\n\n## Here\n\n{STATEMENTS[key].example[language]}"}, [key])
    assert found.section == "Here"


@pytest.mark.parametrize("key", STATEMENTS)
def test_a_document_that_leaves_one_out_is_found(key):
    for language in ("en", "ko"):
        others = "\n\n".join(one.example[language] for one in STATEMENTS.values() if one.key != key)
        missing = [one.statement for one in check_document({language: others}, STATEMENTS) if one.section is None]
        # Two statements may share words ("the board may suspend" of one paragraph); nothing else may ever be missing.
        assert missing in ([key], [])
    assert all(one.section is None for one in check_document({"en": "We bake bread.", "ko": "빵을 굽습니다."}, STATEMENTS))


def test_where_things_stand():
    assert sections("Hello\n\n# One\nfirst\n\nsecond\n## Two\nthird") == [("", ["Hello"]), ("One", ["first", "second"]), ("Two", ["third"])]
    with pytest.raises(KeyError):
        check_document({"en": ""}, ["horoscope"])
