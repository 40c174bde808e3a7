"""camt.053, the statement of ISO 20022 (versions 001.02 to 001.13): the elements by their own names, whatever the namespace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from madang.rails.bank import BadFile, Statement, StatementLine, check_size, identified, joined, units
from madang.rails.bank.accounts import compact

NAME = "camt053"
NOT_GIVEN = {"NOTPROVIDED", "NONREF"}


def is_it(data: bytes) -> bool:
    """Whether a file begins like one."""
    return b"BkToCstmrStmt" in data[:4000]


def read(data: bytes) -> list[Statement]:
    """All accounts of a file. Only what is booked counts. Raises :class:`BadFile`; no DTD and no entity is ever expanded."""
    check_size(data)
    try:
        root = fromstring(data, forbid_dtd=True)
    except ParseError as no:
        raise BadFile("cut" if "no element found" in str(no) or "unclosed" in str(no) else "format", str(no)[:60]) from None
    except (DefusedXmlException, ValueError, LookupError) as no:
        raise BadFile("format", type(no).__name__) from None
    body = _child(root, "BkToCstmrStmt")
    if body is None:
        raise BadFile("format", "no BkToCstmrStmt")
    found = [_statement(one) for one in body if _name(one) == "Stmt"]
    if not found:
        raise BadFile("empty")
    return joined(found)


def _statement(root: Element) -> Statement:
    account = compact(_text(root, "Acct/Id/IBAN") or _text(root, "Acct/Id/Othr/Id"))
    if not account:
        raise BadFile("account", "no account")
    first, last = _balance(root, ("OPBD", "PRCD"), 0), _balance(root, ("CLBD",), -1)
    unit = _text(root, "Acct/Ccy") or first[1]
    if {first[1], last[1]} != {unit}:
        raise BadFile("unit", "balances in two currencies")
    lines = identified(account, (pair for entry in root if _name(entry) == "Ntry" for pair in _lines(entry, unit)))
    days = [first[2], last[2], *(line.booked for line in lines)]
    since, until = (_text(root, f"FrToDt/{name}") for name in ("FrDtTm", "ToDtTm"))
    page = "/".join(_text(root, name) for name in ("Id", "ElctrncSeqNb", "LglSeqNb", "StmtPgntn/PgNb"))
    booked = [line.booked for line in lines]  # what the head says of its days is believed no further than the lines go
    begins, ends = min([_day(since), *booked] if since else days), max([_day(until), *booked] if until else days)
    return Statement(account, unit, begins, ends, first[0], last[0], lines, NAME, page)


def _balance(root: Element, kinds: tuple[str, ...], which: int) -> tuple[int, str, date]:
    """(amount, currency, day) of the opening (the first) or closing balance (the last); a page of several may call them interim."""
    by_kind: dict[str, list[Element]] = {}
    for one in root:
        if _name(one) == "Bal":
            by_kind.setdefault(_text(one, "Tp/CdOrPrtry/Cd"), []).append(one)
    rows = next((by_kind[kind] for kind in kinds if kind in by_kind), None) or by_kind.get("ITBD", [])
    if not rows:
        raise BadFile("cut", f"no balance {kinds[0]}")
    found = rows[which]
    amount, unit = _amount(found)
    return amount, unit, _day(_text(found, "Dt/Dt") or _text(found, "Dt/DtTm"))


def _lines(entry: Element, unit: str) -> Iterator[tuple[StatementLine, tuple[str, ...]]]:
    """A booking, or each payment of one that was booked together when their amounts add up to it."""
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if status not in ("BOOK", ""):
        return
    amount, currency = _amount(entry)
    booked = _day(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt") or _text(entry, "ValDt/DtTm"))
    if currency != unit:
        raise BadFile("unit", "a booking in another currency")
    details = [one for part in entry if _name(part) == "NtryDtls" for one in part if _name(one) == "TxDtls"]
    amounts = [_of_payment(one, unit, amount) for one in details]
    if len(details) > 1 and None not in amounts and sum(one for one in amounts if one is not None) == amount:
        for one, part in zip(details, amounts, strict=True):
            yield _line(entry, one, booked, part or 0, unit)
    else:
        yield _line(entry, details[0] if len(details) == 1 else None, booked, amount, unit)


def _line(entry: Element, one: Element | None, booked: date, amount: int, unit: str) -> tuple[StatementLine, tuple[str, ...]]:
    more, bank = _text(entry, "AddtlNtryInf"), _text(entry, "AcctSvcrRef")
    if one is None:
        return StatementLine("", booked, amount, unit, text=more, returned=_returned(entry, None)), (bank, more)
    side = "Dbtr" if amount > 0 else "Cdtr"
    sides = (side, "Dbtr", "Cdtr")  # of a payment that came back only the one we had paid is named
    name = next((found for who in sides if (found := _text(one, f"RltdPties/{who}/Nm") or _text(one, f"RltdPties/{who}/Pty/Nm"))), "")
    given = [_text(one, "Refs/EndToEndId"), _text(one, "RmtInf/Strd/CdtrRefInf/Ref")]
    reference = " ".join(word for word in given if word and word not in NOT_GIVEN)
    words = [(line.text or "").strip() for part in one if _name(part) == "RmtInf" for line in part if _name(line) == "Ustrd"]
    text = " ".join(word for word in [*words, _text(one, "AddtlTxInf"), more] if word)
    known = (bank, _text(one, "Refs/AcctSvcrRef"), _text(one, "Refs/TxId"), reference, name, text)
    return StatementLine("", booked, amount, unit, name, reference, text, _returned(entry, one)), known


def _returned(entry: Element, one: Element | None) -> str:
    """Why a payment came back: its reason code, or "returned" where the bank only says that it did."""
    if one is not None:
        for part in one:
            if _name(part) == "RtrInf":
                return _text(part, "Rsn/Cd") or _text(part, "Rsn/Prtry") or "returned"
    family = _text(entry, "BkTxCd/Domn/Fmly/SubFmlyCd") or (_text(one, "BkTxCd/Domn/Fmly/SubFmlyCd") if one is not None else "")
    return "returned" if family == "RRTN" else ""


def _of_payment(one: Element, unit: str, whole: int) -> int | None:
    """The amount of one payment of several booked together, with its direction, or None when the bank does not say."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        found = _find(one, path)
        if found is not None and found.get("Ccy", unit) == unit:
            amount = units(found.text or "", unit)
            way = _text(one, "CdtDbtInd")
            return -amount if (way == "DBIT" if way else whole < 0) else amount
    return None


def _amount(root: Element) -> tuple[int, str]:
    found, way = _find(root, "Amt"), _text(root, "CdtDbtInd")
    if found is None or way not in ("CRDT", "DBIT"):
        raise BadFile("amount", "no amount or no direction")
    unit = found.get("Ccy", "")
    amount = units(found.text or "", unit)
    if amount < 0:
        raise BadFile("amount", "less than nothing")
    return (amount if way == "CRDT" else -amount), unit


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadFile("date", f"{text[:12]!r}") from None


def _name(one: Element) -> str:
    return one.tag.rpartition("}")[2] if isinstance(one.tag, str) else ""


def _child(root: Element, name: str) -> Element | None:
    return next((one for one in root if _name(one) == name), None)


def _find(root: Element, path: str) -> Element | None:
    found: Element | None = root
    for name in path.split("/"):
        found = _child(found, name) if found is not None else None
    return found


def _text(root: Element, path: str) -> str:
    found = _find(root, path)
    return " ".join((found.text or "").split()) if found is not None else ""
