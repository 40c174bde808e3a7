"""What a bank is asked to pay: one batch, its payments, and what each must be before anything is written."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from madang.kit.money import LARGEST

LONGEST = 500
"""Payments in one batch: what a person can still look through, and all banks take."""


class BadOrder(ValueError):
    """This batch cannot be written: ``code`` is ``empty``, ``many``, ``amount``, ``unit``, ``account``, ``bank``, ``name`` or ``twice``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True)
class Payment:
    """One transfer to be made: ``code`` comes back with the answer (:mod:`codes`), ``account`` an IBAN or a Korean number, ``bank`` a BIC
    ("" where none is needed) or the three digits of a Korean bank, ``amount`` in the smallest unit."""

    code: str
    name: str
    account: str
    bank: str
    amount: int
    text: str = ""


@dataclass(frozen=True)
class Batch:
    """One file for the bank: ``code`` names it, ``name``, ``account`` and ``bank`` are who pays; ``on`` the day it is to be paid."""

    code: str
    name: str
    account: str
    bank: str
    unit: str
    made_at: datetime
    on: date
    payments: tuple[Payment, ...]

    @property
    def total(self) -> int:
        """What leaves the account, in the smallest unit."""
        return sum(one.amount for one in self.payments)


def check(batch: Batch) -> None:
    """What holds for every format. Raises :class:`BadOrder`."""
    if not batch.payments:
        raise BadOrder("empty")
    if len(batch.payments) > LONGEST:
        raise BadOrder("many", str(len(batch.payments)))
    if len({one.code for one in batch.payments}) != len(batch.payments):
        raise BadOrder("twice")
    for one in batch.payments:
        if isinstance(one.amount, bool) or not isinstance(one.amount, int) or not 0 < one.amount <= LARGEST:
            raise BadOrder("amount", one.code)
        if not one.name.strip():
            raise BadOrder("name", one.code)


def clean(text: str) -> str:
    """Words as a bank's file takes them: one line, nothing that steers a printer, a spreadsheet or XML."""
    plain = "".join(sign if unicodedata.category(sign)[0] not in "CZ" else " " for sign in unicodedata.normalize("NFC", text))
    return " ".join(plain.split()).lstrip("=+-@'\t ")
