"""Amounts as people write and read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.money import LARGEST, format_amount, parse_amount
from madang.kit.units import finer, unit


@pytest.mark.parametrize(
    ("amount", "code", "korean", "english"),
    [
        (52_000, "KRW", "52,000원", "₩52,000"),
        (0, "KRW", "0원", "₩0"),
        (-1_508, "KRW", "-1,508원", "-₩1,508"),
        (900, "USD", "US$9.00", "$9.00"),
        (-5, "USD", "-US$0.05", "-$0.05"),
        (LARGEST, "USD", "US$10,000,000,000,000.00", "$10,000,000,000,000.00"),
    ],
)
def test_amounts_are_written_as_people_do(amount, code, korean, english) -> None:
    assert format_amount(amount, code, "ko") == korean
    assert format_amount(amount, code, "en") == english


def test_units_come_from_iso_4217() -> None:
    assert (unit("KRW").scale, unit("USD").scale, unit("KWD").scale) == (0, 2, 3)
    assert (unit("KRW").one, unit("USD").one) == (1, 100)
    for wrong in ("XAU", "ZZZ", "", "krw", "원", "X" * 500):
        with pytest.raises(ValueError):
            unit(wrong)


@pytest.mark.parametrize(
    ("text", "code", "amount"),
    [("52,000", "KRW", 52_000), (" 52000원 ", "KRW", 52_000), ("₩52,000", "KRW", 52_000), ("KRW 7", "KRW", 7), ("５２０", "KRW", 520),
     ("9", "USD", 900), ("9.5", "USD", 950), ("$9.00", "USD", 900), ("US$1,234.56", "USD", 123_456), ("0", "KRW", 0)],
)  # fmt: skip
def test_what_people_type(text, code, amount) -> None:
    assert parse_amount(text, code) == amount


@pytest.mark.parametrize(
    "text",
    ["", " ", "-3", "+3", "1e5", "1,00", "1,0000", ",100", "1.000.000", "12.5", "1 000", "٣", "½", "²", "0x10", "NaN", "inf", "9원9", "원", "52,000원원",
     "$5", "5\n6", "5²", "9" * 17, "9" * 5_000, "1_000", "\u202e1"],
)  # fmt: skip
def test_what_is_no_amount_of_won(text) -> None:
    with pytest.raises(ValueError):
        parse_amount(text, "KRW")


@given(st.integers(0, LARGEST), st.sampled_from(["KRW", "USD", "EUR", "JPY", "KWD"]), st.sampled_from(["en", "ko"]))
def test_what_is_written_can_be_read(amount, code, lang) -> None:
    assert parse_amount(format_amount(amount, code, lang), code) == amount


@given(st.text(max_size=60), st.sampled_from(["KRW", "USD"]))
def test_anything_typed_is_an_amount_or_a_value_error(text, code) -> None:
    try:
        amount = parse_amount(text, code)
    except ValueError:
        return
    assert 0 <= amount <= LARGEST and any(letter.isdecimal() for letter in text)


@pytest.mark.parametrize(
    ("amount", "code", "said"),
    [(2400, "EUR.6", "€0.0024"), (9_000_000, "EUR.6", "€9.00"), (9_999_999, "EUR.6", "€9.999999"), (-5, "USD.6", "-$0.000005"), (1_500_000, "KRW.6", "₩1.5")],
)
def test_amounts_below_a_coin_are_written_with_the_decimals_they_have(amount: int, code: str, said: str) -> None:
    assert format_amount(amount, code, "en") == said
    assert amount < 0 or parse_amount(said, code) == amount


def test_in_korean_won_below_one_are_written_too() -> None:
    assert [format_amount(one, "KRW.6", "ko") for one in (1_500_000, 3, 52_000_000_000)] == ["1.5원", "0.000003원", "52,000원"]


def test_a_finer_unit_is_its_currency_with_more_decimals() -> None:
    fine = unit("EUR.6")
    assert (fine.currency, fine.scale, fine.one, fine.coin) == ("EUR", 6, 1_000_000, 10_000)
    assert (unit("EUR").currency, unit("EUR").coin, finer("EUR"), finer("EUR.6", 4)) == ("EUR", 1, "EUR.6", "EUR.4")
    for wrong in ("EUR.2", "EUR.1", "EUR.", "EUR.10", "EUR.x", "XXX.6", "eur.6", "EUR .6"):
        with pytest.raises(ValueError, match=r"."):
            unit(wrong)
