"""Payment orders: valid by the XSD, read back by a foreign bank, refused when anything is wrong."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mockbank import messages, validate
from schwifty import IBAN

from madang.rails.bank import BadFile, krbulk, pain001
from madang.rails.bank.codes import code_for
from madang.rails.bank.orders import LONGEST, BadOrder, Batch, Payment, clean

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
OURS = "DE89370400440532013000"


def batch(*payments: Payment, unit: str = "EUR", account: str = OURS, bank: str = "COBADEFFXXX", name: str = "작은마당 협동조합") -> Batch:
    return Batch(code_for("batch"), name, account, bank, unit, AT, date(2026, 3, 3), payments)


def person(no: int, amount: int, name: str = "Kim Hana", account: str = "NL91ABNA0417164300", bank: str = "") -> Payment:
    return Payment(code_for(str(no)), name, account, bank, amount, "Earnings March")


accounts = st.sampled_from([IBAN.random(country).compact for country in ("DE", "NL", "FR", "ES", "IT")])
names = st.text("abcABC 강하나é'&<>", min_size=1, max_size=40).filter(lambda name: clean(name))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 99_999_999_999), accounts, names), min_size=1, max_size=6), st.sampled_from(pain001.VERSIONS))
def test_valid_by_the_xsd_and_read_back_by_a_foreign_bank(paid: list[tuple[int, str, str]], version: str) -> None:
    made = batch(*(person(no, amount, name, account) for no, (amount, account, name) in enumerate(paid)))
    data = pain001.write(made, version)  # raises unless the XSD says yes
    theirs = messages.read_pain001(data)
    assert [(one.amount, one.end_to_end_id, one.creditor_account) for group in theirs.batches for one in group.payments] == [
        (one.amount, one.code, one.account) for one in made.payments
    ]
    assert validate.errors(validate.validate(data, "application/xml", date(2026, 3, 2))) == []
    ours = pain001.read(data)
    assert (ours.code, ours.account, ours.total, ours.on, ours.made_at) == (made.code, OURS, made.total, made.on, AT)
    assert data == pain001.write(made, version), "the same batch is the same bytes"


@pytest.mark.parametrize("version", pain001.VERSIONS)
def test_the_judge_is_awake(version: str) -> None:
    """The XSD refuses what is wrong, so that its yes means something; and so does our last look."""
    from sepaxml.validation import ValidationError, try_valid_xml

    data = pain001.write(batch(person(1, 12_345)), version)
    assert b"<BtchBookg>false" in data and b"123.45" in data
    for wrong in (data.replace(b"<PmtMtd>TRF", b"<PmtMtd>XXX"), data.replace(b"NL91ABNA", b"91NLABNA"), data.replace(b"123.45", b"12,3")):
        with pytest.raises(ValidationError):
            try_valid_xml(wrong, version)
    with pytest.raises(BadFile) as no:
        pain001.read(data.replace(b">123.45</InstdAmt>", b">123.46</InstdAmt>"))
    assert no.value.code == "sum"
    for cut in (data[:-30], b"<a/>", b"", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        with pytest.raises(BadFile):
            pain001.read(cut)


def test_a_domestic_transfer_outside_the_euro() -> None:
    data = pain001.write(batch(person(1, 100, account="GB33BUKB20201555555555"), unit="GBP", account="GB82WEST12345698765432", bank=""))
    assert b"SEPA" not in data and b'Ccy="GBP"' in data


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (batch(), "empty"), (batch(person(1, 0)), "amount"), (batch(person(1, -5)), "amount"), (batch(person(1, 10**18)), "amount"),
        (batch(person(1, 5), person(1, 5)), "twice"), (batch(person(1, 5, account="NL92ABNA0417164300")), "account"),
        (batch(person(1, 5), account="DE88370400440532013000"), "account"), (batch(person(1, 5, bank="XX")), "bank"), (batch(person(1, 5), unit="KRW"), "unit"),
        (batch(person(1, 5, name="  ")), "name"), (batch(*(person(no, 5) for no in range(LONGEST + 1))), "many"), (batch(person(1, 5), unit="ZZZ"), "unit"),
    ],
)  # fmt: skip
def test_refused_before_anything_is_written(wrong: Batch, code: str) -> None:
    with pytest.raises(BadOrder) as no:
        pain001.write(wrong)
    assert no.value.code == code


def won(no: int, amount: int, name: str = "김하나", account: str = "110-123-456789", bank: str = "088") -> Payment:
    return Payment(code_for(str(no)), name, account, bank, amount)


spoilt = st.text("가나다라 ,\"'=+-@\n", min_size=1, max_size=20).filter(lambda name: clean(name))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 10**15), spoilt), min_size=1, max_size=8))
def test_the_bulk_transfer_is_read_back(paid: list[tuple[int, str]]) -> None:
    made = batch(*(won(no, amount, name) for no, (amount, name) in enumerate(paid)), unit="KRW", account="12345604123456", bank="004")
    for encoding in ("cp949", "utf-8-sig"):
        data = krbulk.write(made, encoding)
        rows = list(csv.reader(io.StringIO(data.decode(encoding), newline="")))
        assert all(len(row) == 7 and not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
        back = krbulk.read(data)
        assert [(one.code, one.amount, one.account, one.bank, one.name) for one in back] == [
            (one.code, one.amount, "110123456789", "088", clean(one.name)) for one in made.payments
        ]


@pytest.mark.parametrize(
    ("payment", "code"),
    [
        (won(1, 5, account="123"), "account"), (won(1, 5, bank="999"), "bank"), (won(1, 10**18), "amount"), (won(1, 5, name="𝒦im"), "name"),
        (won(1, 5, name="==="), "name"),
    ],
)  # fmt: skip
def test_a_bulk_transfer_that_cannot_be(payment: Payment, code: str) -> None:
    with pytest.raises(BadOrder) as no:
        krbulk.write(batch(payment, unit="KRW", account="12345604123456", bank="004"))
    assert no.value.code == code
    with pytest.raises(BadOrder):
        krbulk.write(replace(batch(won(1, 5)), unit="EUR"))
    with pytest.raises(BadFile):
        krbulk.read(b"a,b\n1,2\n")
