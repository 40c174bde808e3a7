"""The pretend tax service behaves: once for a key, slow, down, refusing, and never cancels more than it issued."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rails.fiscal import CashReceipt, FiscalError, Invoice
from madang.rails.fiscal.sandbox import Sandbox

AT = datetime(2026, 3, 2, tzinfo=UTC)
RECEIPT = CashReceipt("k", "120-81-47521", "01012345678", "income", 47_273, 4_727, "KRW", AT)
INVOICE = Invoice("i", "2026-I-000001", "120-81-47521", "124-81-00998", "큰회사", 100, 10, "KRW", date(2026, 3, 2), "", AT)


class Memory:
    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    @contextmanager
    def locked(self, key: str) -> Iterator[dict[str, Any]]:
        row = self.rows.setdefault(key, {})
        yield row
        if not row:
            del self.rows[key]

    def approved(self, approval: str) -> Iterator[dict[str, Any]]:
        yield from [row for row in self.rows.values() if approval in (row.get("approval"), row.get("cancels"))]


@pytest.fixture
def service() -> Sandbox:
    return Sandbox(Memory())


def test_issued_once(service) -> None:
    first = service.issue(RECEIPT)
    assert first.state == "issued" and len(first.approval) == 9
    assert service.issue(replace(RECEIPT, at=AT + timedelta(hours=1))) == first == service.fetch("k", at=AT)
    assert service.issue(replace(RECEIPT, net=1)).reason == "key-used"
    assert service.issue(replace(RECEIPT, key="k2")).approval != first.approval


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": "123"}, "number"), ({"to": "가나다"}, "number"), ({"to": "01012340003"}, "number"), ({"supplier": "120-81-47522"}, "supplier"),
        ({"net": -1}, "amount"),
    ],
)  # fmt: skip
def test_refused(service, change, reason) -> None:
    assert service.issue(replace(RECEIPT, **change)).reason == reason
    assert service.issue(replace(RECEIPT, **change)).state == "refused"


def test_slow_and_down(service) -> None:
    slow = replace(RECEIPT, to="01012340002")
    assert service.issue(slow).state == "waiting" and service.fetch("k", at=AT + timedelta(seconds=119)).state == "waiting"
    assert service.fetch("k", at=AT + timedelta(minutes=2)).state == "issued"
    with pytest.raises(FiscalError):
        service.issue(replace(RECEIPT, key="d", to="01012340001"))
    assert service.fetch("d", at=AT).state == "unknown"


def test_an_invoice_is_answered_later(service) -> None:
    assert service.send(INVOICE).state == "waiting"
    told = service.fetch("i", at=AT + timedelta(minutes=10))
    assert told.state == "issued" and len(told.approval) == 24 and told.approval.startswith("20260302")
    assert service.send(replace(INVOICE, key="j", customer="1")).reason == "number"


@given(st.lists(st.integers(0, 60_000), max_size=8))
def test_never_cancels_more_than_it_issued(amounts: list[int]) -> None:
    service = Sandbox(Memory())
    approval, left = service.issue(RECEIPT).approval, 52_000
    for number, amount in enumerate(amounts):
        told = service.cancel(f"c{number}", approval, amount, at=AT)
        assert told == service.cancel(f"c{number}", approval, amount, at=AT)
        if 0 < amount <= left:
            assert told.state == "cancelled"
            left -= amount
        else:
            assert (told.state, told.reason) == ("refused", "too-much")
    assert service.cancel("x", "999", 1, at=AT).reason == "unknown"
