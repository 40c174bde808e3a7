"""For any year, any wish and any law: it adds up, the bounds hold, losses come first, and nobody is below zero."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.errors import Refused
from madang.kit.surplus import Forbidden, Group, Use, Wish, Year, check, least, on_capital, share, spread, use, withdrawal
from madang.kit.surplus.withdrawal import Asked
from madang.kit.surplus.words import FORBIDDEN, STEPS, percent
from tests.kit.surplus.test_law_cases import law_of

KEYS = ("kr-general", "kr-social", "uk-coop", "uk-cbs", "plain", "us-ny")
amounts = st.integers(0, 10**12)
years = st.builds(Year, st.integers(-(10**12), 10**12), st.integers(-(10**11), 10**11), amounts, amounts, amounts)
parts = st.fractions(0, 1, max_denominator=1000)
wishes = st.builds(Wish, parts, parts, parts, parts)


@given(years, wishes, st.sampled_from(KEYS))
def test_it_adds_up_and_the_law_holds(year, wish, key):
    law = law_of(key)
    try:
        made = use(year, law, wish)
    except Refused:
        return
    check(year, law, made)
    into = year.result + year.brought_forward + made.from_voluntary + made.from_legal
    assert into == made.legal + made.voluntary + made.patronage + made.capital + made.forward
    assert min(made.legal, made.voluntary, made.patronage, made.capital, made.from_legal, made.from_voluntary) >= 0
    assert made.from_voluntary <= year.voluntary and made.from_legal <= year.legal
    if into < 0 or made.from_voluntary or made.from_legal:
        assert not made.dividends and not made.legal
    if key == "kr-general":
        assert 2 * made.patronage >= made.dividends and 10 * made.capital <= year.paid_in
        assert 10 * made.legal >= year.surplus or made.legal + year.legal >= 3 * year.paid_in
    if key == "kr-social":
        assert not made.dividends and made.forward <= 0
        assert 10 * made.legal >= 3 * year.surplus or made.legal + year.legal >= 3 * year.paid_in
    if made.from_legal:
        assert made.from_voluntary == year.voluntary  # the voluntary reserve is used up first


@given(years, st.sampled_from(KEYS))
def test_the_least_is_always_lawful(year, key):
    law = law_of(key)
    made = use(year, law, least(law))
    assert not made.dividends
    assert made.steps[0].amount == year.result
    for step in made.steps:
        for lang in ("ko", "en"):
            assert "{" not in step.said(lang) and (step.article in step.said(lang))


@given(years, parts, parts, st.integers(0, 10**10))
def test_more_surplus_never_means_less_for_anyone(year, voluntary, patronage, more):
    law, wish = law_of("kr-general"), Wish(voluntary=voluntary, patronage=patronage)
    before = use(year, law, wish)
    after = use(Year(year.result + more, year.brought_forward, year.legal, year.voluntary, year.paid_in), law, wish)
    assert after.legal >= before.legal and after.voluntary >= before.voluntary and after.patronage >= before.patronage and after.forward >= before.forward
    assert after.from_legal <= before.from_legal


made_up = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 10**9)), min_size=1, max_size=40)


@given(st.integers(0, 10**12), made_up, st.integers(1, 9), st.text(max_size=8))
def test_patronage_adds_up_and_follows_use(total, uses, weight, salt):
    first = Group("workers", Fraction(weight, 10), "hours", {f"{who}{number}": count for number, (who, count) in enumerate(uses)})
    second = Group("users", Fraction(10 - weight, 10), "spend", {"x": 3, "y": 0})
    shared = share(total, [first, second], salt)
    assert sum(shared.values()) == total and min(shared.values()) >= 0 and shared[("users", "y")] == 0
    inside = sum(first.by_member.values())
    whole = sum(amount for (key, _member), amount in shared.items() if key == "workers")
    for member, count in first.by_member.items():
        assert abs(shared[("workers", member)] - Fraction(whole * count, inside or 1)) < 1
    ordered = sorted(first.by_member, key=lambda one: first.by_member[one])
    got = [shared[("workers", member)] for member in ordered]
    assert all(a <= b + 1 for a, b in pairwise(got))
    backwards = Group("workers", first.weight, "hours", dict(reversed(first.by_member.items())))
    assert share(total, [backwards, second], salt) == shared  # the order of a list is nothing


def test_a_class_nobody_used_leaves_its_part_to_the_others():
    shared = share(100, [Group("a", Fraction(1, 2), "hours", {"m": 0}), Group("b", Fraction(1, 2), "sales", {"n": 7})], "2026")
    assert shared == {("a", "m"): 0, ("b", "n"): 100}
    with pytest.raises(ValueError):
        share(100, [Group("a", Fraction(1), "hours", {"m": 0})], "2026")
    assert share(0, [Group("a", Fraction(1), "hours", {"m": 0})], "2026") == {("a", "m"): 0}
    for wrong in ([Group("a", Fraction(1), "hours", {"m": -1})], [Group("a", Fraction(1), "h", {"m": 1})] * 2):
        with pytest.raises(ValueError):
            share(1, wrong, "2026")


def test_resonates_classes():
    """Surplus 45 / 35 / 20 among musicians, listeners and workers (facts/resonate.md), inside a class by involvement."""
    groups = [
        Group("musicians", Fraction(45, 100), "plays", {"m1": 900, "m2": 100}),
        Group("listeners", Fraction(35, 100), "spend", {"l1": 1, "l2": 1}),
        Group("workers", Fraction(20, 100), "hours", {"w1": 1}),
    ]
    shared = share(10_001, groups, "2026")
    by_class = {key: sum(amount for (one, _m), amount in shared.items() if one == key) for key in ("musicians", "listeners", "workers")}
    assert by_class == {"musicians": 4500, "listeners": 3501, "workers": 2000} or by_class == {"musicians": 4501, "listeners": 3500, "workers": 2000}
    assert sum(shared.values()) == 10_001


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 10**9), max_size=30), st.integers(0, 10**9))
def test_on_capital_adds_up(paid_in, total):
    if total and not sum(paid_in.values()):
        with pytest.raises(ValueError):
            on_capital(total, paid_in, "2026")
        return
    shared = on_capital(total, paid_in, "2026")
    assert sum(shared.values()) == (total if paid_in else 0) and all(not shared[one] for one in paid_in if not paid_in[one])


@given(st.lists(st.integers(0, 10**9), max_size=200))
def test_the_spread_hides_nobody_and_shows_nobody(amounts):
    tenths = spread(amounts)
    assert all(tenth.members >= 5 for tenth in tenths) and (len(tenths) == 10 if len(amounts) >= 50 else len(tenths) == len(amounts) // 5)
    if tenths:
        assert sum(tenth.members for tenth in tenths) == len(amounts) and sum(tenth.total for tenth in tenths) == sum(amounts)
        assert [tenth.average for tenth in tenths] == sorted(tenth.average for tenth in tenths)
        assert sum(tenth.share for tenth in tenths) in (0, 1)


queues = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 10**6), st.integers(0, 1)), max_size=20)


@given(queues, st.integers(0, 10**7), st.fractions(0, 1, max_denominator=20), st.integers(0, 10**6), st.booleans())
def test_the_queue(rows, capital, most, paid, suspended):
    first = date(2026, 1, 1)
    queue = [Asked(f"{number:02}", first + timedelta(days=day), amount, owes=owes) for number, (day, amount, owes) in enumerate(rows)]
    today, notice = first + timedelta(days=300), timedelta(days=90)
    out = withdrawal.payments(queue, today, notice=notice, capital=capital, most=most, paid_this_year=paid, suspended=suspended, hold_debtors=True)
    if suspended:
        assert out == {}
    assert sum(out.values()) <= max(0, most * capital - paid)
    by_key = {one.key: one for one in queue}
    assert all(0 < amount <= by_key[key].amount and not by_key[key].owes and by_key[key].asked_on + notice <= today for key, amount in out.items())
    ready = sorted((one for one in queue if one.asked_on + notice <= today and not one.owes), key=lambda one: (one.asked_on, one.key))
    paid_whole = [out.get(one.key, 0) == one.amount for one in ready]
    assert suspended or paid_whole == sorted(paid_whole, reverse=True)  # nobody is passed over
    assert sum(out.get(one.key, 0) not in (0, one.amount) for one in ready) <= 1  # one is paid in part at most


def test_the_last_in_line_is_paid_in_part():
    queue = [Asked("b", date(2026, 1, 1), 60), Asked("a", date(2026, 1, 2), 60, paid=10)]
    terms = {"notice": timedelta(0), "capital": 1000, "most": Fraction(1, 10), "paid_this_year": 0}
    assert withdrawal.payments(queue, date(2026, 2, 1), **terms) == {"b": 60, "a": 40}
    assert withdrawal.payments(queue, date(2026, 2, 1), **{**terms, "paid_this_year": 100}) == {}


def test_a_leap_day_lapses_the_day_after():
    assert withdrawal.lapses_on(date(2028, 2, 29), 2) == date(2030, 3, 1)
    assert withdrawal.fiscal_year(date(2026, 3, 31), 4) == 2025 and withdrawal.fiscal_year(date(2026, 4, 1), 4) == 2026
    assert withdrawal.worth(10, withdrawal.Sheet(200, 0, 0, 100), "year-end-balance-sheet", at_most_par=False) == 20
    with pytest.raises(ValueError):
        withdrawal.worth(11, withdrawal.Sheet(1, 0, 0, 10), "par")


def test_what_does_not_add_up_is_a_mistake_of_the_program():
    year, law = Year(100, paid_in=10), law_of("plain")
    for made in (Use(legal=99), Use(legal=110, forward=-10, patronage=-1), Use(legal=101, voluntary=-1)):
        with pytest.raises(ValueError):
            check(year, law, made)
    for wrong in ({"legal": Fraction(-1, 2)}, {"capital": Fraction(3, 2)}):
        with pytest.raises(ValueError):
            Wish(**wrong)
    with pytest.raises(ValueError):
        Year(1, legal=-1)


def test_a_dividend_on_capital_beyond_what_is_left():
    with pytest.raises(Refused) as no:
        use(Year(100, paid_in=10_000), law_of("kr-general"), Wish(patronage=Fraction(1), capital=Fraction(1, 1000)))
    assert no.value.code == "not-enough" and no.value.field == "capital"


def test_the_refusal_cites_the_article_in_both_languages():
    with pytest.raises(Forbidden) as no:
        use(Year(10_000_000, paid_in=1_000_000), law_of("kr-general"), Wish(patronage=Fraction(1, 2), capital=Fraction(11, 100)))
    assert no.value.said("ko", lambda n: f"{n:,}원", "협동조합 기본법 제51조 제3항") == (
        "출자배당은 납입출자금 1,000,000원의 10 %인 100,000원을 넘을 수 없는데, 이 안의 배당액은 110,000원입니다(협동조합 기본법 제51조 제3항)."
    )
    assert "at most 10 % of the 1,000,000 paid in" in no.value.said("en", lambda n: f"{n:,}")
    assert set(FORBIDDEN) >= {"legal-reserve", "losses-first", "no-dividend", "rest", "patronage-least", "capital-most"}
    assert all(set(texts) == {"ko", "en"} for texts in [*FORBIDDEN.values(), *STEPS.values()])


@pytest.mark.parametrize(
    ("fraction", "said"),
    [(Fraction(1, 10), "10 %"), (Fraction(1, 3), "33 1/3 %"), (Fraction(1, 40), "2.5 %"), (Fraction(1, 800), "1/8 %"), (Fraction(0), "0 %")],
)
def test_percentages_are_said_exactly(fraction, said):
    assert percent(fraction) == said
