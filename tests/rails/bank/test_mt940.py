"""MT940: dialects of several banks, a foreign writer, and files that must be refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import mt940_writer as foreign
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.rails.bank import BadFile
from madang.rails.bank.mt940 import is_it, read

GERMAN = """:20:STARTUMSE
:25:37040044/0532013000
:28C:00001/001
:60F:C260301EUR1000,00
:61:2603020302CR125,50N051NONREF//B1
:86:166?00GUTSCHRIFT?10931?20EREF+K7M2X9P?21SVWZ+Beitrag Maerz ABC?30COBADEFFXXX?31DE02120300000000202051?32Kim Hana
:61:2603020302DR25,00N051NONREF//B2
:86:116?00UEBERWEISUNG?20SVWZ+Miete?32Haus GmbH
:61:2603020302RC10,00N051NONREF//B3
:86:159?00RETOURE?20SVWZ+Ruecklastschrift?32Lee
:62F:C260302EUR1090,50
-
"""
DUTCH = """{1:F01INGBNL2ABXXX0000000000}
{2:I940INGBNL2AXXXN}
{4:
:20:P260302000000001
:25:NL69INGB0123456789EUR
:28C:00000
:60F:D260301EUR1,00
:61:2603020302C1,56NTRFEREF//00000000001005
/TRCD/00100/
:86:/EREF/EV12341REP1231456T1234//CNTP/NL32INGB0000012345/INGBNL2A/J.Janssen///REMI/USTD//Factuur K7M2X9P/
:62F:C260302EUR0,56
-}
"""
POLISH = """:20:1
:25:PL61109010140000071219812874
:28C:1
:60F:C260301PLN10,00
:61:260302C0,01NTRFNONREF
:86:Przelew od Jan Kowalski, tytul K7M2X9P
:62F:C260302PLN10,01
"""


def test_german() -> None:
    (found,) = read(GERMAN.replace("\n", "\r\n").encode("cp1252"))
    assert (found.account, found.opening, found.closing, found.unit) == ("370400440532013000", 100_000, 109_050, "EUR")
    assert [(one.amount, one.name) for one in found.lines] == [(12_550, "Kim Hana"), (-2_500, "Haus GmbH"), (-1_000, "Lee")]
    assert "K7M2X9P" in found.lines[0].reference and "Beitrag" in found.lines[0].text
    assert [bool(one.returned) for one in found.lines] == [False, False, True]


def test_dutch_and_polish() -> None:
    (dutch,) = read(DUTCH.encode())
    assert (dutch.opening, dutch.closing, dutch.lines[0].amount) == (-100, 56, 156)
    assert "K7M2X9P" in dutch.lines[0].text and "EV12341REP1231456T1234" in dutch.lines[0].reference
    (polish,) = read(POLISH.encode())
    assert polish.lines[0].amount == 1 and "K7M2X9P" in polish.lines[0].text and polish.since == date(2026, 3, 1)


moves = st.tuples(st.integers(-(10**11), 10**11).filter(bool), st.text("abcXYZ 012-", min_size=1, max_size=16))


@settings(max_examples=40, deadline=None)
@given(st.lists(moves, max_size=8), st.integers(-(10**11), 10**11))
def test_what_a_foreign_program_writes_is_read_to_the_cent(moved: list[tuple[int, str]], opening: int) -> None:
    def money(cents: int) -> Decimal:
        return Decimal(cents).scaleb(-2)

    day, closing = date(2026, 3, 2), opening + sum(amount for amount, _text in moved)
    rows = [
        foreign.Transaction(day, money(amount), foreign.TransactionType.transfer, "NONREF", foreign.TransactionAdditionalInfo(text.strip() or "x"))
        for amount, text in moved
    ]
    first, last = foreign.Balance(money(opening), day, "EUR"), foreign.Balance(money(closing), day, "EUR")
    data = str(foreign.Statement("59716", foreign.Account("654321", "12-34-56"), "1/1", first, last, rows)).encode()
    assert is_it(data)
    (found,) = read(data)
    assert (found.opening, found.closing, found.account) == (opening, closing, "654321123456")
    assert [(one.amount, one.booked) for one in found.lines] == [(amount, day) for amount, _text in moved]
    assert len({one.id for one in found.lines}) == len(moved) and read(data)[0] == found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(GERMAN) - 25))
def test_a_file_cut_anywhere_is_refused(at: int) -> None:
    with pytest.raises(BadFile):
        read(GERMAN[:at].encode())


def test_pages_follow_each_other() -> None:
    page = ":20:A\n:25:654321\n:28C:1/{no}\n:60{a}:C260302EUR{one}\n:61:260302C5,NTRFNONREF\n:62{b}:C260302EUR{two}\n-\n"
    first, second = page.format(no=1, a="F", one="1,00", b="M", two="6,00"), page.format(no=2, a="M", one="6,00", b="F", two="11,00")
    (found,) = read((first + second).encode())
    assert (found.opening, found.closing, len({one.id for one in found.lines})) == (100, 1100, 2)
    for wrong in (first + first, second + first):
        with pytest.raises(BadFile) as no:
            read(wrong.encode())
        assert no.value.code == "sum"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("125,50N", "125,51N", "sum"), (":25:37040044/0532013000\n", "", "account"), ("260302EUR1090", "260302USD1090", "unit"),
        (":62F:C260302EUR1090,50", "", "cut"), ("CR125,50N051", "XX125,50N051", "format"), ("2603020302CR", "2613450302CR", "format"),
        ("125,50N", "1" + "0" * 14 + "N", "amount"), (":20:STARTUMSE", "hello\n:20:STARTUMSE", "format"), ("1090,50", "1090,505", "amount"),
    ],
)  # fmt: skip
def test_refused_with_a_reason(old: str, new: str, code: str) -> None:
    assert old in GERMAN
    with pytest.raises(BadFile) as no:
        read(GERMAN.replace(old, new).encode())
    assert no.value.code == code


def test_a_text_that_names_a_file_never_opens_it(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ":20:x").write_text(GERMAN)
    with pytest.raises(BadFile):
        read(b":20:x")
