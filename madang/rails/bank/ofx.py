"""OFX, the export of many banks and money programs: 1.x (SGML, leaves are not closed) and 2.x (XML).

Read by a small tokeniser of our own that knows no entities but the five of XML and no DTD, and that wants every aggregate closed:
of the libraries one is GPL-3.0-only, the other forgives a file cut in half (docs/decisions/040-bank-files.md). Both judge us in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

from madang.rails.bank import BadFile, Statement, StatementLine, check_size, identified, joined, units
from madang.rails.bank.accounts import compact

NAME = "ofx"
_TOKEN = re.compile(r"<(/?)([A-Za-z0-9._-]{1,40})\s*(/?)>([^<]*)|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_ENTITIES = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
DEEPEST = 20
CLOSED = {"OFX", "BANKMSGSRSV1", "CREDITCARDMSGSRSV1", "STMTTRNRS", "STMTRS", "CCSTMTRS", "BANKACCTFROM", "BANKTRANLIST", "STMTTRN", "LEDGERBAL"}
"""What must be closed in SGML too."""
Tree = list[tuple[str, Any]]


def is_it(data: bytes) -> bool:
    """Whether a file begins like one."""
    start = data[:4000].upper()
    return b"OFXHEADER" in start or b"<OFX>" in start


def read(data: bytes) -> list[Statement]:
    """All accounts of a file. OFX tells the closing balance only, so the opening one is what the lines leave. Raises :class:`BadFile`."""
    check_size(data)
    tree = _parse(_decoded(data))
    found = [_statement(one) for one in _all(tree, "STMTRS")]
    if not found:
        raise BadFile("empty", "no bank statement")
    return joined(found)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949" if b"949" in data[:1000] else "cp1252"):  # heads lie: what is UTF-8 is UTF-8, hardly by chance
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("format", "unknown letters")


def _parse(text: str) -> Tree:
    start = text.find("<OFX>")
    if start < 0 or "<!DOCTYPE" in text[:start].upper() or "<!ENTITY" in text.upper():
        raise BadFile("format", "no OFX, or a DTD")
    body = text[start:]
    if not body.rstrip().endswith("</OFX>"):
        raise BadFile("cut", "no end")
    root: Tree = []
    stack: list[tuple[str, Tree]] = [("", root)]
    at, leaf = 0, ""
    for token in _TOKEN.finditer(body):
        if body[at : token.start()].strip():
            raise BadFile("format", "a broken tag")
        at = token.end()
        closing, raw, empty, words, literal = token.groups()
        if literal is not None:
            if not leaf:
                raise BadFile("format", "words where none belong")
            stack[-1][1][-1] = (leaf, stack[-1][1][-1][1] + literal)
            continue
        name, value = raw.upper(), _plain(words.strip())
        if closing:
            _close(stack, name, leaf)
            leaf = ""
        elif value or empty:
            stack[-1][1].append((name, value))
            leaf = name
        else:
            leaf = ""
            inner: Tree = []
            stack[-1][1].append((name, inner))
            stack.append((name, inner))
            if len(stack) > DEEPEST:
                raise BadFile("format", "too deep")
    if len(stack) != 1 or body[at:].strip():
        raise BadFile("cut", f"{stack[-1][0]} is not closed")
    return root


def _close(stack: list[tuple[str, Tree]], name: str, leaf: str) -> None:
    """An end tag: of the leaf just read, or of the aggregate we are in. A leaf of SGML without words looked like an aggregate: it ends here."""
    if leaf == name:
        return
    while len(stack) > 1 and stack[-1][0] != name and stack[-1][0] not in CLOSED:
        inner = stack.pop()[1]
        stack[-1][1].extend(inner)
    if len(stack) < 2 or stack[-1][0] != name:
        raise BadFile("cut", f"{name} is closed and {stack[-1][0]} is not")
    stack.pop()


def _plain(text: str) -> str:
    return _ENTITIES.sub(lambda found: unescape(found.group()).replace("\xa0", " "), text)


def _statement(tree: Tree) -> Statement:
    unit = _leaf(tree, "CURDEF")
    place = _first(tree, "BANKACCTFROM") or _first(tree, "CCACCTFROM")
    account = compact(_leaf(place, "ACCTID"))
    if not account:
        raise BadFile("account", "no account")
    rows, balance = _first(tree, "BANKTRANLIST"), _first(tree, "LEDGERBAL")
    if not balance:
        raise BadFile("cut", "no balance")
    bookings = list(_all(rows, "STMTTRN"))
    ids = [found for one in bookings if (found := _leaf(one, "FITID"))]
    if len(set(ids)) < len(ids):  # the bank's own id is one booking's; and no opening balance would show that one stands here twice
        raise BadFile("twice", "one FITID for two bookings")
    lines = identified(account, (_line(one, unit) for one in bookings))
    closing = units(_number(_leaf(balance, "BALAMT")), unit)
    as_of = _leaf(balance, "DTASOF") or _leaf(rows, "DTEND")
    days = [*(line.booked for line in lines), *(_day(text) for text in (_leaf(rows, "DTSTART"), _leaf(rows, "DTEND")) if text)] or [_day(as_of)]
    return Statement(account, unit, min(days), max(days), closing - sum(line.amount for line in lines), closing, lines, NAME)


def _line(one: Tree, unit: str) -> tuple[StatementLine, tuple[str, ...]]:
    if (_leaf(_first(one, "CURRENCY"), "CURSYM") or unit) != unit:
        raise BadFile("unit", "a booking in another currency")
    name = _leaf(one, "NAME") or _leaf(_first(one, "PAYEE"), "NAME")
    text, number, bank = _leaf(one, "MEMO"), _leaf(one, "CHECKNUM") or _leaf(one, "REFNUM"), _leaf(one, "FITID")
    amount = units(_number(_leaf(one, "TRNAMT")), unit)
    line = StatementLine("", _day(_leaf(one, "DTPOSTED")), amount, unit, name, number, text)
    return line, (bank,) if bank else (name, number, text)


def _number(text: str) -> str:
    """OFX lets a comma stand for the point; thousands are never grouped."""
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise BadFile("date", f"{text[:10]!r}") from None


def _all(tree: Tree, name: str) -> Iterator[Tree]:
    """Aggregates of a name, wherever they stand."""
    for key, value in tree:
        if isinstance(value, list):
            if key == name:
                yield value
            else:
                yield from _all(value, name)


def _first(tree: Tree, name: str) -> Tree:
    return next((value for key, value in tree if key == name and isinstance(value, list)), [])


def _leaf(tree: Tree, name: str) -> str:
    return next((" ".join(value.split()) for key, value in tree if key == name and isinstance(value, str)), "")
