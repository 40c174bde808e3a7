"""VAT and withholding, to the unit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.tax import Priced, Rates, correction, from_gross, from_net, spread, withhold

KR, GB = Fraction(1, 10), Fraction(1, 5)
BUSINESS = Rates(Fraction(3, 100), Fraction(1, 10), 0, 10)
amounts = st.integers(0, 10**15)
rates = st.fractions(0, Fraction(99, 100), max_denominator=1000)


@pytest.mark.parametrize(
    ("gross", "net", "tax"), [(110_000, 100_000, 10_000), (52_000, 47_273, 4_727), (1, 1, 0), (10, 10, 0), (11, 10, 1), (0, 0, 0), (99, 90, 9), (21, 20, 1)]
)
def test_korea_by_hand(gross: int, net: int, tax: int) -> None:
    """52,000 × 10/110 = 4,727.27: the won is cut, as 국고금 관리법 art. 47 (2) has it."""
    assert from_gross(gross, KR) == Priced(net, tax, KR) and from_gross(gross, KR).gross == gross


@pytest.mark.parametrize(("gross", "tax"), [(12_000, 2_000), (999, 166), (1_799, 299), (6, 1), (5, 0)])
def test_uk_by_hand(gross: int, tax: int) -> None:
    assert from_gross(gross, GB).tax == tax


@given(amounts, rates)
def test_nothing_is_lost_and_the_cut_is_less_than_a_unit(gross: int, rate: Fraction) -> None:
    found = from_gross(gross, rate)
    assert found.gross == gross and 0 <= found.tax <= gross
    assert 0 <= gross * rate / (1 + rate) - found.tax < 1


@given(amounts, st.sampled_from([KR, GB, Fraction(0), Fraction(1, 20)]))
def test_a_price_without_tax_and_with_it_say_the_same(net: int, rate: Fraction) -> None:
    """What was put on top is what is later taken out again, at the rates of Korea and the United Kingdom."""
    assert from_gross(from_net(net, rate).gross, rate) == from_net(net, rate)


@given(st.integers(1, 10**12), rates, st.lists(st.integers(1, 10**11), max_size=6))
def test_corrections_never_drift(gross: int, rate: Fraction, backs: list[int]) -> None:
    first = standing = from_gross(gross, rate)
    for back in backs:
        if back > standing.gross:
            with pytest.raises(ValueError):
                correction(standing, back)
            continue
        less = correction(standing, back)
        assert less.gross == -back and less.tax <= 0 and less.net <= 0
        standing = Priced(standing.net + less.net, standing.tax + less.tax, rate)
        assert standing == from_gross(standing.gross, rate)
    if standing.gross:
        all_back = correction(standing, standing.gross)
        assert (standing.net + all_back.net, standing.tax + all_back.tax) == (0, 0)
    assert first == from_gross(gross, rate)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_the_lines_bear_the_whole_tax(tax: int, amounts: list[int]) -> None:
    lines = [(str(n), amount) for n, amount in enumerate(amounts)]
    if not any(amounts) and tax:
        with pytest.raises(ValueError):
            spread(tax, lines, "s")
        return
    found = spread(tax, lines, "s")
    assert sum(found.values()) == tax and all(found[name] == 0 for name, amount in lines if not amount)


@pytest.mark.parametrize(
    ("gross", "income", "local"), [(1_000_000, 30_000, 3_000), (49_400, 1_480, 140), (33_333, 990, 90), (333, 0, 0), (334, 10, 0), (3_334, 100, 10), (0, 0, 0)]
)
def test_business_income_by_hand(gross: int, income: int, local: int) -> None:
    """49,400 × 3 % = 1,482, cut to 1,480; a tenth of it is 148, cut to 140."""
    found = withhold(gross, BUSINESS)
    assert (found.income, found.local, found.net) == (income, local, gross - income - local)


def test_a_small_tax_is_not_collected_where_the_law_says_so() -> None:
    """소득세법 art. 86: below 1,000 won; 33,333 × 3 % = 999.99."""
    small = Rates(Fraction(3, 100), Fraction(1, 10), 1_000, 10)
    assert withhold(33_333, small).total == 0 and withhold(33_334, small).income == 1_000


@given(amounts, st.integers(0, 2_000), st.sampled_from([1, 10]))
def test_withheld_adds_up(gross: int, small: int, step: int) -> None:
    found = withhold(gross, Rates(Fraction(3, 100), Fraction(1, 10), small, step))
    assert found.net + found.total == gross and found.income % step == found.local % step == 0
    assert 0 <= found.total <= gross * Fraction(33, 1000)


@pytest.mark.parametrize("bad", [-1, 1.0, "1", None, True])
def test_what_is_no_amount_is_refused(bad: object) -> None:
    for call in (lambda: from_gross(bad, KR), lambda: from_net(bad, KR), lambda: withhold(bad, None)):  # type: ignore[arg-type]
        with pytest.raises(ValueError):
            call()


def test_what_is_no_rate_is_refused() -> None:
    for rate in (Fraction(1), Fraction(-1, 10)):
        with pytest.raises(ValueError):
            from_gross(1, rate)
        with pytest.raises(ValueError):
            withhold(1, Rates(rate, Fraction(0)))
