"""MT940, the statement of SWIFT, in the dialects of several banks; the field structure is taken apart by the library ``mt-940``.

Of the free field 86 these are understood: the German sub-fields (``?20SVWZ+…?32name``), the slash words of Dutch and Nordic banks
(``/NAME/…/REMI/…/EREF/…``), the plus words in plain text (``EREF+…``) and words as they come.
"""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

import mt940
from mt940.options import Options

from madang.rails.bank import BadFile, Statement, StatementLine, check_size, identified, joined, unit_scale, units
from madang.rails.bank.accounts import compact

NAME = "mt940"
_TAG = re.compile(r"^:(\d\d[A-Z]?):", re.MULTILINE)
_ENVELOPE = re.compile(r"^(\{[0-9]:.*|-\}?\s*)$", re.MULTILINE)
_SLASH = re.compile(r"/(NAME|REMI|EREF|IBAN|TRTP|BIC|CSID|MARF|ORDP|BENM|USTD|RTRN|RREF|SVCL|ISDT|PREF|PURP|ADDR|ID|CNTP)/")
_PLUS = re.compile(r"(EREF|SVWZ|KREF|MREF|CRED|DEBT|ABWA|ABWE|IBAN|BIC)\+")
_RETURN_CODES = {"059", "108", "109", "159", "181", "182", "183", "184"}
"""Business transaction codes (GVC, German Banking Industry Committee) of returned transfers and direct debits."""


def is_it(data: bytes) -> bool:
    """Whether a file begins like one."""
    return re.search(rb"(^|[\r\n{}]):20:", data[:2000]) is not None


def read(data: bytes) -> list[Statement]:
    """All accounts of a file. Raises :class:`BadFile`."""
    check_size(data)
    text = _decoded(data)
    blocks = re.split(r"(?m)^(?=:20:)", text)
    if blocks and blocks[0].strip():
        raise BadFile("format", "words before :20:")
    found = [_statement(block) for block in blocks if block.strip()]
    if not found:
        raise BadFile("empty")
    return joined(found)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadFile("format", "unknown letters")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"\{4:\n?", "\n", text)
    return _ENVELOPE.sub("", text).strip() + "\n"


def _statement(block: str) -> Statement:
    tags = _TAG.findall(block)
    if not {"60F", "60M"} & set(tags) or not {"62F", "62M"} & set(tags):
        raise BadFile("cut", "no opening or no closing balance")
    try:
        # a file handle on purpose: a text that happens to name a file must never be opened
        (parsed,) = mt940.parse_statements(io.StringIO(block), options=Options.all())
    except (RuntimeError, ValueError, ArithmeticError, KeyError, AttributeError, TypeError) as no:
        raise BadFile("format", type(no).__name__) from None
    account = compact(str(parsed.data.get("account_identification") or ""))
    if not account:
        raise BadFile("account", "no account")
    opening = parsed.data.get("final_opening_balance") or parsed.data.get("intermediate_opening_balance")
    closing = parsed.data.get("final_closing_balance") or parsed.data.get("intermediate_closing_balance")
    if opening is None or closing is None:
        raise BadFile("cut", "a balance that cannot be read")
    unit = str(opening.amount.currency)
    if closing.amount.currency != unit:
        raise BadFile("unit", "balances in two currencies")
    rows = [one.data for one in parsed.transactions if one.data.get("amount") is not None]
    if len(rows) != tags.count("61"):
        raise BadFile("format", f"{tags.count('61')} bookings, {len(rows)} read")
    lines = identified(account, (_line(row, unit) for row in rows))
    page = "/".join(str(parsed.data.get(name) or "") for name in ("transaction_reference", "statement_number", "sequence_number"))
    days = [_day(opening.date), _day(closing.date), *(line.booked for line in lines)]
    return Statement(account, unit, min(days), max(days), _units(opening.amount, unit), _units(closing.amount, unit), lines, NAME, page)


def _line(row: dict[str, Any], unit: str) -> tuple[StatementLine, tuple[str, ...]]:
    amount = _units(row["amount"], unit)
    booked = _day(row.get("entry_date") or row["date"])
    details = str(row.get("transaction_details") or "")
    name, reference, text = _said(row, details)
    own = str(row.get("customer_reference") or "").strip()
    bank = str(row.get("bank_reference") or "").strip()
    if own and own not in ("NONREF", "NOTPROVIDED") and own not in reference:
        reference = f"{reference} {own}".strip()
    extra = " ".join(str(row.get("extra_details") or "").split())
    text = " ".join(word for word in (text, extra if extra not in text else "") if word)
    returned = str(row.get("status") or "").upper().startswith("R") or str(row.get("transaction_code") or "") in _RETURN_CODES or "/RTRN/" in details
    return StatementLine("", booked, amount, unit, name, reference, text, "returned" if returned else ""), (bank, reference, name, text)


def _said(row: dict[str, Any], details: str) -> tuple[str, str, str]:
    """(name, reference, text) out of field 86, however the bank writes it."""
    if row.get("purpose") is not None or row.get("applicant_name") is not None or row.get("posting_text") is not None:
        text = " ".join(" ".join(str(row.get(key) or "") for key in ("purpose", "additional_purpose")).split())
        given = " ".join(_PLUS.sub(" ", str(row.get("end_to_end_reference") or "")).split())
        return " ".join(str(row.get("applicant_name") or "").split()), "" if given == "NOTPROVIDED" else given, text
    for pattern, name_key, text_keys in ((_SLASH, "NAME", ("REMI", "USTD")), (_PLUS, "ABWA", ("SVWZ",))):
        parts = pattern.split(details.replace("\n", ""))
        if len(parts) > 1:
            fields = dict(zip(parts[1::2], (" ".join(part.split()) for part in parts[2::2]), strict=True))
            text = " ".join(fields[key].removeprefix("USTD//") for key in text_keys if fields.get(key))
            given = fields.get("EREF", "")
            return fields.get(name_key, ""), "" if given == "NOTPROVIDED" else given, text or " ".join(parts[0].split())
    return "", "", " ".join(details.split())


def _units(amount: Any, unit: str) -> int:
    value: Decimal = amount.amount
    unit_scale(unit)
    return units(format(value, "f"), unit)


def _day(found: Any) -> date:
    return date(found.year, found.month, found.day)
