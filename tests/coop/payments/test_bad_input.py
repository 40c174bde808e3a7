"""The issue's "Bad input", line by line, over public functions, files, pages and the API: refused with a reason, and not one row more in any table."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from madang.coop import ledger
from madang.coop.capital import actions as capital
from madang.coop.charter import reader
from madang.coop.law.models import Coop
from madang.coop.ledger import checks
from madang.coop.ledger.models import Account, Entry
from madang.coop.ledger.moves import Move, Part
from madang.coop.payments import accounts, actions, batches, choosing, outgoing, resolving, statements
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import Charge
from madang.coop.tax import remitting, status, wishes
from madang.coop.tax.status import Facts
from madang.kit.errors import Missing, Refused
from madang.kit.splits import largest_remainder
from tests.coop.payments.bank_hands import MINE, earn, person, refusal
from tests.coop.payments.test_read_again import page
from tests.rails.bank.test_camt053 import document
from tests.rails.bank.test_krcsv import bank_file

pytestmark = pytest.mark.django_db
HUGE = 10**18
OURS_CSV = "계좌번호,123456-04-123456\n"


def rows() -> dict[str, int]:
    """How many rows every table has."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model._meta.managed and not model._meta.proxy}


@contextmanager
def nothing_happens():
    before = rows()
    yield
    after = rows()
    assert {label: count for label, count in after.items() if count != before[label]} == {}, "something was kept"
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == []


def refused(act: Callable[[], Any]) -> str:
    """The code of the refusal, and a reason a person can read."""
    with pytest.raises((Refused, Missing, ValueError)) as no, transaction.atomic():
        act()
    assert str(no.value).strip(), "a reason"
    return str(getattr(no.value, "code", type(no.value).__name__))


@pytest.fixture
def it(ours, charge, now, world) -> SimpleNamespace:
    """A co-op with a bank account, an open transfer of 52,000, somebody who earned 30,000, and a booking that is done."""
    owner = earn(3, 30_000, now)
    accounts.set_account(owner, **MINE, by=person(3), now=now)
    upkeep, bank = ledger.account("upkeep", "", "KRW"), clearing("sandbox", "KRW")
    entry = ledger.post("gift", [Move(bank, upkeep, 1_000, "gift")], key="done", subject="", now=now)
    held = ledger.hold("job:h", 5_000, "KRW", payer="", key="held", now=now, source=bank)
    closed = ledger.account("fund", "job:closed", "KRW")
    ledger.close(closed, now=now)
    capped = ledger.account("goodwill", "job:capped", "KRW", cap=10)
    dollars = ledger.account("upkeep", "", "USD")
    return SimpleNamespace(owner=owner, upkeep=upkeep, bank=bank, entry=entry, held=held, closed=closed, capped=capped, dollars=dollars, charge=charge, now=now)


def post(it: SimpleNamespace, debit: Account, credit: Account, amount: Any, key: str = "new") -> Entry:
    return ledger.post("gift", [Move(debit, credit, amount, "gift")], key=key, subject="", now=it.now)


def stranger(it: SimpleNamespace) -> Account:
    return Account(pk=10**9, kind="fund", owner="", unit="KRW")


CASES: dict[str, tuple[Callable[[SimpleNamespace], Any], set[str]]] = {
    # an unknown or a closed account
    "an account that is nowhere": (lambda it: post(it, it.bank, stranger(it), 5), {"account"}),
    "a kind of account that is none": (lambda it: ledger.account("", "", "KRW"), {"kind", "account"}),
    "a closed account": (lambda it: post(it, it.bank, it.closed, 5), {"account-closed"}),
    "a hold of a closed account": (lambda it: ledger.hold("job:x", 5, "KRW", payer="", key="x", now=it.now, source=it.closed), {"account-closed"}),
    # the wrong currency
    "won into dollars": (lambda it: post(it, it.bank, it.dollars, 5), {"unit"}),
    "a currency that is none": (lambda it: ledger.account("upkeep", "", "XXQ"), {"unit", "ValueError"}),
    "a charge in no currency": (lambda it: actions.charge("test", "x", person(4), 5, "XXQ", key="x", now=it.now), {"unit", "ValueError"}),
    "a payout in another": (lambda it: actions.pay_out(it.owner, 5, "USD", by=person(2), key="x", now=it.now), {"not-enough"}),
    # zero or less
    **{f"{amount} booked": (lambda it, amount=amount: post(it, it.bank, it.upkeep, amount), {"amount"}) for amount in (0, -1, HUGE, 1.5, True)},
    **{
        f"{amount} pending": (
            lambda it, amount=amount: ledger.pend(Move(it.bank, it.upkeep, amount, "gift"), key="p", now=it.now, expires_at=it.now + timedelta(days=1)),
            {"amount"},
        )
        for amount in (0, -1, HUGE)
    },
    **{
        f"{amount} in a batch of entries": (
            lambda it, amount=amount: ledger.post_batch("gift", [Move(it.bank, it.upkeep, 5, "a"), Move(it.bank, it.upkeep, amount, "b")], key="b", now=it.now),
            {"amount"},
        )
        for amount in (0, -1, HUGE)
    },
    **{
        f"{amount} charged": (lambda it, amount=amount: actions.charge("test", "x", person(4), amount, "KRW", key="x", now=it.now), {"amount"})
        for amount in (0, -1, HUGE)
    },
    **{
        f"{amount} paid out": (lambda it, amount=amount: actions.pay_out(it.owner, amount, "KRW", by=person(2), key="x", now=it.now), {"not-enough"})
        for amount in (0, -1, HUGE)
    },
    **{
        f"{amount} in a bank's batch": (
            lambda it, amount=amount: batches.make([(it.owner, amount)], on=it.now.date(), by=person(2), key="x", now=it.now),
            {"not-enough"},
        )
        for amount in (0, -1, HUGE)
    },
    **{
        f"{amount} refunded": (lambda it, amount=amount: outgoing.refund(it.charge, amount, key="x", now=it.now), {"not-put-aside"}) for amount in (0, -1, HUGE)
    },
    **{
        f"{amount} in cash": (lambda it, amount=amount: choosing.take_cash(it.charge, amount, by=person(2), now=it.now), {"amount"}) for amount in (0, -1, HUGE)
    },
    **{
        f"{amount} held": (lambda it, amount=amount: ledger.hold("job:x", amount, "KRW", payer="", key="x", now=it.now, source=it.bank), {"amount"})
        for amount in (0, -1, HUGE)
    },
    **{f"{amount} shares": (lambda it, amount=amount: capital.buy_shares(membership(), amount, person(3), now=it.now), {"count"}) for amount in (0, -1, HUGE)},
    **{
        f"{amount} counted in the drawer": (lambda it, amount=amount: resolving.count_drawer(amount, "KRW", by=person(2), now=it.now), {"amount"})
        for amount in (-1, HUGE)
    },
    **{
        f"{amount} to the tax office": (
            lambda it, amount=amount: remitting.remit("vat-out", it.now.date(), amount, "KRW", rail="bank", reference="1", by=person(2), key="x", now=it.now),
            {"not-enough"},
        )
        for amount in (0, -1, HUGE)
    },
    "10^18 shared": (lambda it: ledger.settle("s", it.bank, HUGE, {"a": ledger.Share(it.upkeep, 1)}, key="s", now=it.now, kind="rent"), {"amount"}),
    "10^18 exchanged": (lambda it: ledger.exchange(it.bank, it.dollars, HUGE, 1, key="e", now=it.now), {"amount", "rate", "ValueError"}),
    "a hold let go for more than it holds": (lambda it: ledger.release(it.held, [Part(it.upkeep, HUGE, "x")], key="r", now=it.now), {"ValueError", "amount"}),
    # a limit
    "over a cap": (lambda it: post(it, it.bank, it.capped, 11), {"too-much"}),
    "below zero": (lambda it: post(it, ledger.account("refunds", "job:none", "KRW"), it.upkeep, 1), {"not-enough"}),
    "more than was earned": (lambda it: actions.pay_out(it.owner, 30_001, "KRW", by=person(2), key="x", now=it.now), {"not-enough"}),
    "20,001 transfers at once": (lambda it: ledger.post_batch("gift", [Move(it.bank, it.upkeep, 1, "a")] * 20_001, key="b", now=it.now), {"too-many"}),
    # an id used again with other contents
    "an entry's key": (lambda it: post(it, it.bank, it.upkeep, 999, "done"), {"key-used"}),
    "a charge's key": (lambda it: actions.charge("test", "job:1", person(4), 51_999, "KRW", key=it.charge.key, now=it.now), {"key-used"}),
    "a hold's key": (lambda it: ledger.hold("job:h", 5_001, "KRW", payer="", key="held", now=it.now, source=it.bank), {"key-used"}),
    # a checksum
    "an IBAN": (lambda it: accounts.propose_ours(holder="Co-op", bank="", number="DE88370400440532013000", by=person(2), now=it.now), {"number", "bank"}),
    "a member's account": (lambda it: accounts.set_account(it.owner, holder="A", bank="088", number="12", by=person(3), now=it.now), {"number"}),
    "the co-op's business number": (
        lambda it: status.say("", Facts("registered", "120-81-47522", "a", "b", "c"), since=status.day_of(it.now), by=person(2), now=it.now),
        {"number"},
    ),
    "a business number for a receipt": (lambda it: wishes.wish(it.charge.pk, person(4), "business", "120-81-47522", now=it.now), {"number"}),
    "a transfer code": (lambda it: choosing.by_code("K7M-2X9Q"), {"Missing"}),
}


def membership(number: int = 3) -> Any:
    from madang.coop.members.models import Membership

    return Membership.objects.get(person=person(number))


@pytest.mark.parametrize("name", CASES)
def test_refused_with_a_reason_and_nothing_posted(it, name) -> None:
    act, codes = CASES[name]
    with nothing_happens():
        assert refused(lambda: act(it)) in codes


def test_a_split_of_too_much_is_no_error_of_the_machine() -> None:
    """Pure arithmetic has no largest amount: it stays exact; the books above refuse it."""
    from fractions import Fraction

    parts = largest_remainder(HUGE, [("a", Fraction(1, 3)), ("b", Fraction(2, 3))], "s")
    assert sum(parts.values()) == HUGE


# Files


def camt() -> bytes:
    entry = (
        '<Ntry><Amt Ccy="EUR">25.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt><NtryDtls><TxDtls><RmtInf><Ustrd>Kim'
        "</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )
    return (
        document("001.02", entry * 6, "10.00", "163.00", account="<Othr><Id>12345604123456</Id></Othr>", ccy="KRW")
        .replace(b".50", b"")
        .replace(b".00", b"")
        .replace(b"EUR", b"KRW")
        .replace(b">163<", b">160<")
    )


def ofx(amount: str = "500") -> bytes:
    lines = "".join(f"<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>2026030{day}<TRNAMT>{amount}<FITID>f{day}<NAME>Kim</STMTTRN>" for day in range(1, 6))
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UTF-8\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>KRW<BANKACCTFROM><BANKID>004"
        "<ACCTID>12345604123456<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260301<DTEND>20260305"
        + lines
        + "</BANKTRANLIST><LEDGERBAL><BALAMT>3500<DTASOF>20260305</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    ).encode()


LINES = [(500, "김하나"), (-200, "수수료"), (700, "이두리"), (500, "김하나"), (900, "박세나")]
FILES = {
    "camt.053": camt,
    "MT940": lambda: page(LINES, 1_000),
    "OFX": ofx,
    "Korean CSV": lambda: (OURS_CSV + bank_file(LINES, 1_000, False)).encode(),
}


def read(data: bytes, now, **more: Any) -> statements.Report:
    return statements.read(data, by=person(2), now=now, **more)


@pytest.mark.parametrize("name", FILES)
def test_the_whole_file_is_read_once(ours, now, name) -> None:
    data = FILES[name]()
    report = read(data, now)
    assert report.statement.lines_new >= 5 and report.known == 0
    with nothing_happens():
        refusal("read-before", lambda: read(data, now))


@pytest.mark.parametrize("tenth", range(1, 10))
@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere(ours, now, name, tenth) -> None:
    """A Korean CSV has no end of its own: one that is cut between two rows is a shorter file that adds up, and the next one says that days are missing."""
    data = FILES[name]()
    cut = data[: len(data) * tenth // 10]
    if name == "Korean CSV" and cut.endswith(b"\n"):
        cut = cut[:-3]
    with nothing_happens():
        code = refused(lambda: read(cut, now, is_ours=True))
    assert code.startswith("file-"), code


@pytest.mark.parametrize("name", FILES)
def test_ten_to_the_eighteenth_in_a_file(ours, now, name) -> None:
    data = FILES[name]()
    for small in (b"500", b"25"):
        if small in data:
            with nothing_happens():
                assert refused(lambda data=data, small=small: read(data.replace(small, str(HUGE).encode()), now)).startswith("file-")
            return
    raise AssertionError("nothing to blow up")


# Pages and the API


def test_pages_and_the_api(it, client_for, monkeypatch) -> None:
    """What a browser or a program sends: 302 back with words, 4xx, never a 500 and never a row."""
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: it.now)
    office, payer = client_for(person(2)), client_for(person(4))
    key = str(uuid4())
    office.get("/tax/"), payer.get(f"/pay/{it.charge.pk}/")  # sessions and the like
    for amount in ("0", "-1", str(HUGE), "1e18", "nan", "-１２", "1,0,0,0x", "9" * 400):
        with nothing_happens():
            for url, form in [
                ("/pay/out/", {"owner": it.owner, "amount": amount, "key": key}),
                ("/pay/cash/", {"code": it.charge.ref, "amount": amount}),
                ("/pay/cash/count/", {"amount": amount if amount != "0" else "-1"}),
                ("/tax/", {"tax": "vat-out", "period": "2026-01-01", "amount": amount, "rail": "sandbox", "reference": "1", "key": key}),
                (f"/shares/buy/{membership(2).pk}/", {"count": amount}),
                ("/pay/batches/", {"owner": [f"person:{uuid4()}"], "key": key, "on": "2026-03-02"}),
            ]:
                answer = office.post(url, form)
                assert answer.status_code < 500, (url, amount, answer.status_code)
            for url, body in [
                ("/api/payments/payouts", {"owner": it.owner, "amount": _number(amount), "key": key}),
                (f"/api/capital/shares/{membership(2).pk}", {"count": _number(amount)}),
            ]:
                answer = office.post(url, json.dumps(body), content_type="application/json")
                assert 400 <= answer.status_code < 500, (url, amount, answer.status_code, answer.content[:200])


def _number(text: str) -> Any:
    try:
        return int(text) if text.isascii() else text
    except ValueError:
        return text


def test_an_uploaded_file_that_cannot_be(it, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: it.now)
    office = client_for(person(2))
    office.get("/pay/bank/")
    for name, make in FILES.items():
        data = make()
        with nothing_happens():
            answer = office.post("/pay/bank/", {"file": SimpleUploadedFile("x", data[: len(data) // 2]), "is_ours": "on"})
            assert answer.status_code in (200, 422), name


@pytest.mark.parametrize("price", [HUGE, -1, 10**15 + 1])
def test_a_charter_with_a_price_that_cannot_be(price, now) -> None:
    from pathlib import Path

    text = (Path(__file__).parents[1] / "tiny.toml").read_text(encoding="utf-8")
    assert "share_price = 10000" in text
    with pytest.raises(reader.BadCharter) as no:
        reader.read(text.replace("share_price = 10000", f"share_price = {price}"), "tiny.toml", now=now)
    assert any("share_price" in str(one) for one in no.value.problems)


def test_the_refund_that_was_not_put_aside_leaves_no_refund(it) -> None:
    with nothing_happens():
        refusal("not-put-aside", lambda: outgoing.refund(it.charge, 1, key="x", now=it.now))
    assert refund_account(it.charge) and Charge.objects.get(pk=it.charge.pk).state != "settled" and Coop.objects.exists()
