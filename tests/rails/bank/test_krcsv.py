"""The CSV of Korean banks, and how we find out what a file is."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.rails.bank import BadFile
from madang.rails.bank.krcsv import read
from madang.rails.bank.sniff import read_ours
from tests.rails.bank.test_camt053 import BOOKED, IBAN, document
from tests.rails.bank.test_mt940 import GERMAN
from tests.rails.bank.test_ofx import SGML

KB = """계좌번호,123456-04-123456
조회기간,2026.03.01 ~ 2026.03.31
거래일시,적요,보낸분/받는분,송금메모,출금액,입금액,잔액,거래점,구분
2026.03.03 09:10:11,전자금융,월세,,"300,000",0,"752,000",강남,
2026.03.02 18:00:00,전자금융,김하나,K7M2X9P,0,"52,000","1,052,000",강남,
"""
SHINHAN = """거래일자,거래시간,적요,출금(원),입금(원),내용,잔액(원),거래점
2026-03-02,18:00:00,타행IB,0,"52,000",김하나K7M2X9P,"1,052,000",강남
2026-03-03,09:10:11,이체,"300,000",0,월세,"752,000",강남
"""
WOORI = """계좌번호 : 1002-123-456789
거래일시\t적요\t기재내용\t찾으신금액\t맡기신금액\t거래후 잔액\t취급점\t메모
2026.03.02 18:00\t인터넷\t김하나\t0\t52,000\t1,052,000\t강남\tK7M-2X9P
2026.03.03 09:10\t인터넷\t월세\t300,000\t0\t752,000\t강남\t
"""
KAKAO = """거래일시,구분,거래금액,거래 후 잔액,거래구분,내용,메모
2026.03.02 18:00:00,입금,"52,000","1,052,000",일반입금,김하나,K7M2X9P
2026.03.03 09:10:11,출금,"-300,000","752,000",일반이체,월세,
"""
NONGHYUP = """거래일자,출금금액(원),입금금액(원),거래 후 잔액(원),거래내용,거래기록사항,거래점,거래시간,이체메모
20260302,,52000,1052000,타행이체,김하나,001,180000,K7M2X9P
20260303,300000,,752000,인터넷,월세,001,091011,
합계,300000,52000,,,,,,
"""
TOSS = """거래 일시,적요,거래 유형,거래 기관,거래 금액,거래 후 잔액,메모
2026. 3. 3. 09:10,월세,출금,국민은행,"-300,000","752,000",
2026. 3. 2. 18:00,김하나K7M2X9P,입금,신한은행,"52,000","1,052,000",
"""
IBK = """거래일시,출금,입금,거래후 잔액,거래내용,상대계좌예금주명,상대은행,메모
2026-03-03 09:10,"300,000",-,"752,000",이체,월세,국민,
2026-03-02 18:00,-,"52,000","1,052,000",이체,김하나,신한,K7M2X9P
2026-03-01 00:00,-,-,"1,000,000",,,,
"""
SC = """거래일자,거래시간,적요,나간금액,들어온금액,남은금액,의뢰인명
2026/03/02,18:00:00,K7M2X9P,,"52,000","1,052,000",김하나
2026/03/03,09:10:11,,"300,000",,"752,000",월세
"""


@pytest.mark.parametrize(
    ("text", "account"),
    [(TOSS, ""), (IBK, ""), (SC, ""), (KB, "12345604123456"), (SHINHAN, ""), (WOORI, "1002123456789"), (KAKAO, ""), (NONGHYUP, "")],
    ids=["toss", "ibk", "sc", "kb", "shinhan", "woori", "kakao", "nonghyup"],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949", "utf-8"])
def test_columns_of_several_banks(text: str, account: str, encoding: str) -> None:
    (found,) = read(text.encode(encoding))
    assert (found.account, found.opening, found.closing, found.unit) == (account, 1_000_000, 752_000, "KRW")
    assert [(one.amount, one.booked.day) for one in found.lines] == [(52_000, 2), (-300_000, 3)]
    first = found.lines[0]
    assert "김하나" in first.name and "K7M2X9P" in f"{first.name}{first.text}".replace("-", "")


def bank_file(moved: list[tuple[int, str]], opening: int, newest_first: bool) -> str:
    rows, balance = [], opening
    for at, (amount, name) in enumerate(moved):
        balance += amount
        rows.append([f"{date(2026, 1, 1) + timedelta(days=at // 2):%Y.%m.%d} 10:{at:02}:00", "이체", name, max(-amount, 0), max(amount, 0), f"{balance:,}"])
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["거래일시", "적요", "내용", "출금액", "입금액", "잔액"], *(rows[::-1] if newest_first else rows)])
    return out.getvalue()


moves = st.lists(st.tuples(st.integers(-(10**12), 10**12).filter(bool), st.text('가나다 ",\n;=', max_size=10)), min_size=1, max_size=10)


@settings(max_examples=40, deadline=None)
@given(moves, st.integers(0, 10**13), st.booleans())
def test_every_row_is_read_to_the_won(moved: list[tuple[int, str]], opening: int, newest_first: bool) -> None:
    (found,) = read(bank_file(moved, opening, newest_first).encode("cp949"))
    assert (found.opening, [one.amount for one in found.lines]) == (opening, [amount for amount, _name in moved])
    assert found.closing == opening + sum(amount for amount, _name in moved)


def test_the_same_row_in_two_overlapping_files_is_one_line() -> None:
    moved = [(1_000, "김"), (1_000, "김"), (-500, "이"), (2_000, "박")]
    early, late = read(bank_file(moved[:3], 0, False).encode())[0], read(bank_file(moved, 0, True).encode())[0]
    assert [one.id for one in early.lines] == [one.id for one in late.lines[:3]] and len({one.id for one in late.lines}) == 4


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_row_taken_out_of_the_middle_is_seen(data) -> None:
    lines = bank_file([(1_000, "a"), (2_000, "b"), (3_000, "c"), (-500, "d")], 7, data.draw(st.booleans())).splitlines(keepends=True)
    at = data.draw(st.sampled_from([2, 3]))
    for wrong in (lines[:at] + lines[at + 1 :], [*lines[: at + 1], *lines[at:]]):
        with pytest.raises(BadFile) as no:
            read("".join(wrong).encode())
        assert no.value.code == "sum"


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60))
def test_cut_in_the_last_row_is_refused(off: int) -> None:
    data = KB.encode("utf-8").rstrip()
    last_row = len(data) - data.rindex(b"\n") - 1
    with pytest.raises(BadFile):
        read(data[: -min(off + 8, last_row - 1)])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"752,000"', '"752,001"', "sum"), ("2026.03.03", "2026.13.03", "date"), ('"300,000"', '"삼십만"', "amount"), ('"300,000"', str(10**18), "amount"),
        ("거래일시,적요", "언제,적요", "format"), ("계좌번호,123456-04-123456", "계좌번호,123456-04-123456\n계좌번호,999456-04-123456", "account"),
        ('"752,000"', "", "cut"), ('"752,000"', '"752,000', "cut"),
    ],
)  # fmt: skip
def test_refused_with_a_reason(old: str, new: str, code: str) -> None:
    assert old in KB
    with pytest.raises(BadFile) as no:
        read(KB.replace(old, new, 1).encode())
    assert no.value.code == code


def test_a_wrong_total_at_the_end_is_seen() -> None:
    with pytest.raises(BadFile) as no:
        read(NONGHYUP.replace("합계,300000,52000", "합계,300000,62000").encode())
    assert no.value.code == "sum"


def test_which_format_and_whose() -> None:
    camt = document("001.02", BOOKED, "10.00", "35.50")
    for data, account, unit, name in [
        (camt, IBAN, "EUR", "camt053"), (GERMAN.encode(), IBAN, "EUR", "mt940"), (SGML.encode(), "1234567890", "USD", "ofx"),
        (KB.encode("cp949"), "123456-04-123456", "KRW", "krcsv"), (KAKAO.encode(), "3333011234567", "KRW", "krcsv"),
    ]:  # fmt: skip
        assert read_ours(data, account, unit).format == name
    for data, account, unit, code in [
        (camt, "DE02120300000000202051", "EUR", "account"), (camt, IBAN, "USD", "unit"), (KB.encode(), "110123456789", "KRW", "account"),
        (b"PK\x03\x04 a spreadsheet", IBAN, "EUR", "format"), (b"%PDF-1.7", IBAN, "EUR", "format"), (b"hello,world\n1,2\n", IBAN, "EUR", "format"),
        (b"", IBAN, "EUR", "empty"), (KB.encode().replace(b"\xea", b"\0\xea", 1), "123456-04-123456", "KRW", "format"),
        (SGML.encode().replace(b"Rent", b"Re\0nt"), "1234567890", "USD", "format"), (GERMAN.encode() + b"\0", IBAN, "EUR", "format"),
    ]:  # fmt: skip
        with pytest.raises(BadFile) as no:
            read_ours(data, account, unit)
        assert no.value.code == code


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"<Document><BkToCstmrStmt>", b":20:", b"<OFX>", KB.encode()[:200]]))
def test_nothing_but_a_reasoned_refusal_ever_comes_out(noise: bytes, start: bytes) -> None:
    try:
        read_ours(start + noise, IBAN, "EUR")
    except BadFile:
        pass
