"""OFX: both generations as a foreign program writes them, and files that must be refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ofxtools import models
from ofxtools.header import make_header
from ofxtools.Parser import OFXTree
from ofxtools.utils import tostring_unclosed_elements

from madang.rails.bank import BadFile
from madang.rails.bank.ofx import is_it, read

SGML = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260302<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>121000248<ACCTID>1234567890<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260301<DTEND>20260331120000[-5:EST]
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302<TRNAMT>+12.50<FITID>F1<NAME>Smith &amp; Co<MEMO>K7M-2X9P dues</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260303120000<TRNAMT>-2,50<FITID>F2<NAME>Rent<MEMO></STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>110.00<DTASOF>20260331</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def test_sgml_with_leaves_left_open() -> None:
    (found,) = read(SGML.encode())
    assert (found.account, found.unit, found.opening, found.closing) == ("1234567890", "USD", 10_000, 11_000)
    assert [(one.amount, one.name, one.text) for one in found.lines] == [(1250, "Smith & Co", "K7M-2X9P dues"), (-250, "Rent", "")]
    assert (found.since, found.until) == (date(2026, 3, 1), date(2026, 3, 31))


def foreign(moved: list[tuple[int, str]], closing: int, version: int, closed: bool) -> bytes:
    """As ``ofxtools`` writes it; version 102 is SGML, its leaves closed or not; 200 is XML."""
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def money(cents: int) -> Decimal:
        return Decimal(cents).scaleb(-2)

    rows = [
        models.STMTTRN(trntype="CREDIT" if amount > 0 else "DEBIT", dtposted=at, trnamt=money(amount), fitid=f"F{no}", name=name, memo="m")
        for no, (amount, name) in enumerate(moved)
    ]
    fine = models.STATUS(code=0, severity="INFO")
    statement = models.STMTRS(
        curdef="USD", bankacctfrom=models.BANKACCTFROM(bankid="111", acctid="222333444", accttype="CHECKING"),
        banktranlist=models.BANKTRANLIST(*rows, dtstart=at, dtend=at), ledgerbal=models.LEDGERBAL(balamt=money(closing), dtasof=at),
    )  # fmt: skip
    sign_on = models.SIGNONMSGSRSV1(sonrs=models.SONRS(status=fine, dtserver=at, language="ENG"))
    whole = models.OFX(
        signonmsgsrsv1=sign_on, bankmsgsrsv1=models.BANKMSGSRSV1(models.STMTTRNRS(trnuid="5678", status=fine, stmtrs=statement)),
    )  # fmt: skip
    tree = whole.to_etree()
    body = ET.tostring(tree) if closed else tostring_unclosed_elements(tree)
    return str(make_header(version=version)).encode() + body


names = st.text("abcXYZ &<>é'", min_size=1, max_size=30).map(str.strip).filter(bool).map(lambda name: " ".join(name.split()))


kinds = st.sampled_from([(102, True), (102, False), (200, True)])  # (version, are leaves closed)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**12), 10**12).filter(bool), names), max_size=6), st.integers(-(10**12), 10**12), kinds)
def test_what_a_foreign_program_writes_is_read_to_the_cent(moved: list[tuple[int, str]], closing: int, kind: tuple[int, bool]) -> None:
    if not kind[1]:  # it leaves the signs of SGML as they are in leaves that are not closed
        moved = [(amount, "".join(sign for sign in name if sign not in "&<>").strip() or "x") for amount, name in moved]
        moved = [(amount, " ".join(name.split())) for amount, name in moved]
    data = foreign(moved, closing, *kind)
    assert is_it(data)
    (found,) = read(data)
    assert (found.closing, found.opening) == (closing, closing - sum(amount for amount, _name in moved))
    assert [(one.amount, one.name, one.booked) for one in found.lines] == [(amount, name, date(2026, 3, 2)) for amount, name in moved]


def test_the_foreign_reader_agrees_with_us() -> None:
    tree = OFXTree()
    data = SGML.replace("<MEMO></STMTTRN>", "</STMTTRN>").encode()  # it takes an empty leaf for an aggregate and loses what follows
    tree.parse(BytesIO(data))
    theirs = tree.convert().statements[0]
    (ours,) = read(data)
    assert [(int(one.trnamt * 100), one.name, one.fitid) for one in theirs.transactions] == [(o.amount, o.name, f) for o, f in zip(ours.lines, ("F1", "F2"))]
    assert int(theirs.ledgerbal.balamt * 100) == ours.closing


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(SGML) - 8), st.booleans())
def test_a_file_cut_anywhere_is_refused(at: int, ended: bool) -> None:
    """Even when somebody closed the outermost tag again."""
    with pytest.raises(BadFile):
        read(SGML[:at].encode() + (b"</OFX>" if ended and at < SGML.index("</BANKTRANLIST>") else b""))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("USD", "XXX", "unit"), ("+12.50", "+12.505", "amount"), ("+12.50", str(10**18), "amount"), ("<ACCTID>1234567890", "", "account"),
        ("20260302<TRN", "20260230<TRN", "date"), ("</BANKTRANLIST>", "", "cut"), ("<LEDGERBAL><BALAMT>110.00<DTASOF>20260331</LEDGERBAL>", "", "cut"),
        ("<OFX>", '<!DOCTYPE OFX [<!ENTITY a "b">]><OFX>', "format"), ("+12.50", "1,2,3", "amount"), ("<FITID>F1", "<FIT ID>F1", "format"),
        ("<FITID>F2", "<FITID>F1", "twice"),
        ("<FITID>F1", "<FITID>F1<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY>", "unit"),
    ],
)  # fmt: skip
def test_refused_with_a_reason(old: str, new: str, code: str) -> None:
    assert old in SGML
    with pytest.raises(BadFile) as no:
        read(SGML.replace(old, new, 1).encode())
    assert no.value.code == code
