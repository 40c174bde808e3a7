"""Numbers and words that files of banks share: exact amounts, checksums, reference codes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from madang.rails.bank import BadFile, Statement, StatementLine, identified, joined, text_of, units
from madang.rails.bank.accounts import bic, business_number, iban, kr_account, masked
from madang.rails.bank.codes import ALPHABET, LENGTH, code_for, codes_in, is_code, shown
from madang.rails.bank.sniff import same_account

DAY = date(2026, 3, 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(-(10**15), 10**15), st.sampled_from(["KRW", "EUR", "USD", "JPY", "KWD"]))
def test_amounts_are_exact_both_ways(amount: int, unit: str) -> None:
    assert units(text_of(amount, unit), unit) == amount


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        ("1.5", "KRW", "amount"), ("1.005", "EUR", "amount"), ("1e3", "EUR", "amount"), ("NaN", "EUR", "amount"), ("", "EUR", "amount"),
        ("1_000", "KRW", "amount"), ("１２", "KRW", "amount"), ("--1", "KRW", "amount"), (str(10**18), "KRW", "amount"), ("9" * 41, "KRW", "amount"),
        ("1", "XXX", "unit"), ("1", "ZZZ", "unit"), ("1", "", "unit"),
    ],
)  # fmt: skip
def test_no_amount(text: str, unit: str, code: str) -> None:
    with pytest.raises(BadFile) as no:
        units(text, unit)
    assert no.value.code == code


def test_checksums() -> None:
    assert iban("de89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    assert business_number("120-81-47521") == "1208147521", "Kakao"
    assert business_number("124-81-00998") == "1248100998", "Samsung Electronics"
    assert bic("COBADEFF") == "COBADEFF" and kr_account("110-123-456789") == "110123456789" and masked("110123456789") == "••••6789"
    for wrong in ("DE88370400440532013000", "DE8937040044053201300", "KR00123", "", "XX" + "1" * 50, "DE89370400440532013000" * 9):
        with pytest.raises(ValueError):
            iban(wrong)
    for wrong in ("120-81-47522", "1208147", "12081475211", "0008147521", "abc", "１２０8147521"):
        with pytest.raises(ValueError):
            business_number(wrong)
    for wrong in ("123456789", "1" * 12, "12345678901234567", "110-123-45678a", ""):
        with pytest.raises(ValueError):
            kr_account(wrong)
    for wrong in ("COBA", "C0BADEFFXXXX", ""):
        with pytest.raises(ValueError):
            bic(wrong)


@settings(max_examples=40, deadline=None)
@given(st.text("0123456789", min_size=9, max_size=9).filter(lambda nine: nine[:3] >= "101"), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_of_a_business_number_is_seen(nine: str, at: int, step: int) -> None:
    (right,) = [nine + last for last in "0123456789" if _fine(nine + last)]
    wrong = right[:at] + str((int(right[at]) + step) % 10) + right[at + 1 :]
    assume(wrong[:3] >= "101" and at != 8)  # of the ninth digit two products may share their sum: known of this checksum
    assert not _fine(wrong)


def _fine(number: str) -> bool:
    try:
        return bool(business_number(number))
    except ValueError:
        return False


@settings(max_examples=40, deadline=None)
@given(st.text(), st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET), st.integers(0, LENGTH - 1))
def test_a_mistyped_code_is_no_code(key: str, at: int, sign: str, other: int) -> None:
    code = code_for(key)
    assert is_code(code) and code == code_for(key)
    if sign != code[at]:
        assert not is_code(code[:at] + sign + code[at + 1 :])
    if code[at] != code[other]:
        swapped = list(code)
        swapped[at], swapped[other] = swapped[other], swapped[at]
        assert not is_code("".join(swapped))


@settings(max_examples=40, deadline=None)
@given(st.text(), st.text(" -abcXYZ가나다.,/", max_size=12), st.text(" -0qQ나:", max_size=12))
def test_a_code_is_found_however_it_is_written(key: str, before: str, after: str) -> None:
    code = code_for(key)
    for written in (code, code.lower(), shown(code), " ".join(code)):
        assert code in codes_in(f"{before} {written} {after}")
    assert codes_in("김하나 3월 회비") == []


def test_the_same_again_is_the_same_line_and_two_alike_are_two() -> None:
    line = StatementLine("", DAY, 500, "KRW", "김")
    once, twice = identified("1", [(line, ("a",))]), identified("1", [(line, ("a",)), (line, ("a",))])
    assert once[0].id == twice[0].id != twice[1].id
    assert identified("2", [(line, ("a",))])[0].id != once[0].id


def test_a_statement_adds_up_or_is_none() -> None:
    (line,) = identified("1", [(StatementLine("", DAY, 500, "KRW"), ())])
    fine = Statement("1", "KRW", DAY, DAY, 100, 600, (line,), "t")
    with pytest.raises(BadFile) as no:
        Statement("1", "KRW", DAY, DAY, 100, 601, (line,), "t")
    assert no.value.code == "sum"
    next_page = Statement("1", "KRW", DAY, DAY, 600, 1100, (line,), "t")
    (both,) = joined([fine, next_page])
    assert (both.opening, both.closing, len({one.id for one in both.lines})) == (100, 1100, 2)
    with pytest.raises(BadFile):
        joined([fine, fine])


def test_one_account_written_in_several_ways() -> None:
    ours = "DE89370400440532013000"
    assert all(same_account(text, ours) for text in (ours, "DE89 3704 0044 0532 0130 00", "37040044/0532013000", "37040044/532013000", "0532013000"))
    assert same_account("DE89370400440532013000EUR", ours, "EUR")
    assert not any(same_account(text, ours) for text in ("DE02120300000000202051", "013000", "", "3704004", "110123456789"))
    assert same_account("110-123-456789", "110123456789") and not same_account("10123456789", "110123456789")
