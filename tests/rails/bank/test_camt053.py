"""camt.053: the shapes of its versions, foreign files, and files that must be refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mockbank import messages

from madang.rails.bank import MAX_BYTES, BadFile
from madang.rails.bank.camt053 import is_it, read

IBAN = "DE89370400440532013000"


def entry(amount: str, way: str, *, status: str, party: str, extra: str = "", ccy: str = "EUR", returned: str = "") -> str:
    sent = f"<RtrInf><Rsn><Cd>{returned}</Cd></Rsn></RtrInf>" if returned else ""
    return (
        f'<Ntry><Amt Ccy="{ccy}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts>{status}</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>'
        f"<AcctSvcrRef>B{amount}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs>"
        f"<RltdPties><{'Dbtr' if way == 'CRDT' else 'Cdtr'}>{party}</{'Dbtr' if way == 'CRDT' else 'Cdtr'}></RltdPties>"
        f"<RmtInf><Ustrd>Code</Ustrd><Ustrd>ABC</Ustrd></RmtInf>{sent}{extra}</TxDtls></NtryDtls></Ntry>"
    )


def document(version: str, entries: str, opening: str = "100.00", closing: str = "100.00", account: str = f"<IBAN>{IBAN}</IBAN>", ccy: str = "EUR") -> bytes:
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{ccy}">{amount.lstrip("-")}</Amt>'
        f"<CdtDbtInd>{'DBIT' if amount.startswith('-') else 'CRDT'}</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>"
        for kind, amount in (("OPBD", opening), ("CLBD", closing))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.{version}"><BkToCstmrStmt><GrpHdr/>'
        f"<Stmt><Id>1</Id><Acct><Id>{account}</Id></Acct>{balances}{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


@pytest.mark.parametrize(("version", "status", "party"), [("001.02", "BOOK", "<Nm>Kim</Nm>"), ("001.08", "<Cd>BOOK</Cd>", "<Pty><Nm>Kim</Nm></Pty>")])
def test_old_and_new_shapes(version: str, status: str, party: str) -> None:
    waiting = "PDNG" if status == "BOOK" else "<Cd>PDNG</Cd>"
    rows = [
        entry("25.50", "CRDT", status=status, party=party), entry("5.50", "DBIT", status=status, party=party),
        entry("9.00", "CRDT", status=waiting, party=party), entry("1.00", "CRDT", status=status, party=party, returned="AC04"),
    ]  # fmt: skip
    data = document(version, "".join(rows), "-10.00", "11.00")
    assert is_it(data)
    (found,) = read(data)
    assert (found.account, found.unit, found.opening, found.closing) == (IBAN, "EUR", -1000, 1100)
    assert [(one.amount, one.name, one.reference, one.text, one.returned) for one in found.lines] == [
        (2550, "Kim", "E2E-1", "Code ABC", ""), (-550, "Kim", "E2E-1", "Code ABC", ""), (100, "Kim", "E2E-1", "Code ABC", "AC04"),
    ]  # fmt: skip
    assert found.since == found.until == found.lines[0].booked == date(2026, 3, 2)


def test_payments_booked_together_are_told_apart() -> None:
    parts = "".join(
        f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy='EUR'>{amount}</Amt></TxAmt></AmtDtls></TxDtls>"
        for name, amount in (("A", "1.10"), ("B", "2.20"))
    )
    one = f"<Ntry><Amt Ccy='EUR'>3.30</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt><NtryDtls>{parts}</NtryDtls></Ntry>"
    (found,) = read(document("001.02", one, "10.00", "6.70"))
    assert [(line.reference, line.amount) for line in found.lines] == [("A", -110), ("B", -220)]


rows = st.lists(st.tuples(st.integers(1, 10**13), st.booleans(), st.text("abc가나 é&<", min_size=1, max_size=20)), max_size=8)


@settings(max_examples=40, deadline=None)
@given(rows, st.integers(-(10**13), 10**13))
def test_what_a_foreign_bank_writes_is_read_to_the_cent(moved: list[tuple[int, bool, str]], opening: int) -> None:
    day = date(2026, 3, 2)
    payments = [
        {
            "id": at, "credit": credit, "amount": amount, "currency": "EUR", "msg_id": "M", "end_to_end_id": f"E{at}", "pmt_inf_id": "P",
            "instruction_id": "", "creditor_name": name.strip() or "x", "creditor_iban": IBAN, "creditor_bic": "", "return_reason": "AC04",
        }
        for at, (amount, credit, name) in enumerate(moved)
    ]  # fmt: skip
    closing = opening + sum(amount if credit else -amount for amount, credit, _name in moved)
    account = {"currency": "EUR", "iban": IBAN, "name": "Co-op", "id": "a", "bic": "COBADEFFXXX", "account_number": "1", "routing": "2"}
    data = messages.write_camt053(account, day, 7, opening, closing, payments, "S1", datetime(2026, 3, 2, tzinfo=UTC), UTC)
    (found,) = read(data)
    assert (found.opening, found.closing, found.account) == (opening, closing, IBAN)
    assert [(line.amount, line.reference, line.name) for line in found.lines] == [
        (amount if credit else -amount, f"E{at}", " ".join((name.strip() or "x").split())) for at, (amount, credit, name) in enumerate(moved)
    ]
    assert [bool(line.returned) for line in found.lines] == [credit for _amount, credit, _name in moved]
    assert [line.id for line in read(data)[0].lines] == [line.id for line in found.lines]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1500))
def test_a_file_cut_anywhere_is_refused(at: int) -> None:
    whole = document("001.02", entry("25.50", "CRDT", status="BOOK", party="<Nm>Kim</Nm>"), "10.00", "35.50")
    with pytest.raises(BadFile):
        read(whole[: min(at, len(whole) - 2)])


BOOKED = entry("25.50", "CRDT", status="BOOK", party="<Nm>K</Nm>")
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "BkToCstmrStmt"><!ENTITY c "&b;&b;&b;">]><Document>&c;</Document>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (document("001.02", BOOKED, "10.00", "35.51"), "sum"),
        (document("001.02", BOOKED.replace('"EUR"', '"USD"'), "10.00", "35.50"), "unit"),
        (document("001.02", BOOKED, "10.00", "35.50", account=""), "account"),
        (document("001.02", BOOKED.replace("25.50", str(10**18)), "10.00", "35.50"), "amount"),
        (document("001.02", BOOKED.replace("25.50", "25.505"), "10.00", "35.50"), "amount"),
        (document("001.02", BOOKED.replace("2026-03-02", "2026-02-30"), "10.00", "35.50"), "date"),
        (document("001.02", BOOKED.replace("<CdtDbtInd>CRDT", "<CdtDbtInd>CR"), "10.00", "35.50"), "amount"),
        (document("001.02", BOOKED.replace(' Ccy="EUR"', ""), "10.00", "35.50"), "unit"),
        (document("001.02", "").replace(b"CLBD", b"XXXX"), "cut"),
        (BOMB, "format"),
        (b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><Document><BkToCstmrStmt/></Document>', "format"),
        (b"<Document><BkToCstmrStmt/></Document>", "empty"),
        (b"<Document/>", "format"),
        (b"\x00\xff" * 30, "format"),
        (b"  \n", "empty"),
        (b"<" * (MAX_BYTES + 1), "size"),
    ],
)
def test_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(BadFile) as no:
        read(data)
    assert no.value.code == code


def test_the_head_does_not_leave_out_days_of_the_lines() -> None:
    """Else days that another format has brought already would be read again."""
    row = entry("5.00", "CRDT", status="BOOK", party="<Nm>Kim</Nm>")
    head = "<FrToDt><FrDtTm>2026-05-01T00:00:00</FrDtTm><ToDtTm>2026-05-31T00:00:00</ToDtTm></FrToDt>"
    (found,) = read(document("001.02", head + row, "1.00", "6.00"))
    assert (found.since, found.until) == (date(2026, 3, 2), date(2026, 5, 31))
