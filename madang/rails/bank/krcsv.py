"""The CSV of Korean banks (거래내역): columns by the names that several banks give them, in UTF-8 or CP949, newest or oldest row first.

Every row tells the balance after it, and the chain of balances is checked from row to row: a row that is missing in the middle, doubled
or half is seen. Rows missing at the end of a file cannot be seen in it; they are seen when the next file does not begin where it closed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from madang.rails.bank import BadFile, Statement, StatementLine, check_size, identified, units

NAME = "krcsv"
UNIT = "KRW"
COLUMNS: dict[str, tuple[str, ...]] = {
    "day": ("거래일시", "거래일자/시간", "거래일자", "거래날짜", "거래일", "일시", "일자", "날짜"),
    "time": ("거래시간", "시간"),
    "out": ("출금액", "출금", "출금금액", "찾으신금액", "지급금액", "지급액", "지급", "출금하신금액", "나간금액"),
    "in": ("입금액", "입금", "입금금액", "맡기신금액", "입금하신금액", "예입금액", "예입", "들어온금액"),
    "amount": ("거래금액", "금액"),
    "balance": ("잔액", "거래후잔액", "거래후잔고", "잔고", "남은금액"),
    "name": (
        "보낸분/받는분", "받는분/보낸분", "보낸분받는분", "의뢰인/수취인", "의뢰인명", "의뢰인", "상대계좌예금주명", "상대계좌예금주", "상대계좌명",
        "기재내용", "통장인자내용", "거래기록사항", "내용", "거래내용", "거래처",
    ),
    "text": ("적요", "거래구분", "구분", "거래유형", "거래종류", "이체매체"),
    "memo": ("송금메모", "메모", "이체메모", "거래특이사항", "통장메모", "내통장표시내용", "통장표시", "받는통장메모", "비고"),
}  # fmt: skip
"""What we want and the names banks give it, without spaces and "(원)": heads that programs reading the files of KB, Shinhan, Woori, Hana, NH, IBK,
Toss, Kakao, SC, Jeonbuk and Saemaul Geumgo look for (public repositories, read in November 2026); no bank publishes its own."""
RETURNED = ("반환", "이체취소", "입금불능", "송금취소", "타행이체불능", "환입")
TOTALS = ("합계", "총계", "소계", "총합계")
_DAY = re.compile(r"\s*(?:(\d{4})(\d{2})(\d{2})|(\d{4})[-./]\s?(\d{1,2})[-./]\s?(\d{1,2})(?!\d)\.?)")
_ACCOUNT = re.compile(r"계좌번호\s*[:,]?\s*\"?\s*([\d-]{10,22})")


def is_it(data: bytes) -> bool:
    """Whether one of its first lines is a head with a day and a balance."""
    try:
        first = _decoded(data).splitlines()[:20]
        return any(_head(_rows(line)) is not None for line in first)
    except BadFile:
        return False


def read(data: bytes) -> list[Statement]:
    """The one account of a file; "" when it does not say which. Raises :class:`BadFile`."""
    check_size(data)
    text = _decoded(data)
    rows = _rows(text)
    found = _head(rows)
    if found is None:
        raise BadFile("format", "no head")
    at, places = found
    said = {number.replace("-", "") for number in _ACCOUNT.findall("\n".join(",".join(row) for row in rows[:at]))}
    if len(said) > 1:
        raise BadFile("account", "several accounts")
    account = said.pop() if said else ""
    width = len(rows[at])
    body = [row for row in rows[at + 1 :] if any(cell.strip() for cell in row)]
    totals = [row for row in body if any(cell.strip().replace(" ", "") in TOTALS for cell in row)]
    body = [row for row in body if row not in totals]
    if not body:
        raise BadFile("empty")
    if (len(body) > 1 and len(body[-1]) < max(len(row) for row in body)) or any(len(row) < min(width, 3) for row in body):
        raise BadFile("cut", "half a row")
    rows_read = [_row(row, places) for row in body]
    if len(rows_read) > 1:
        rows_read = [one for at, one in enumerate(rows_read) if one.amount or at not in (0, len(rows_read) - 1)]  # a row that only tells the opening balance
    for row in totals:
        _check_total(row, places, rows_read)
    in_order = _in_order(rows_read)
    lines = identified(account, ((_line(one), (one.time, one.name, one.text, one.memo, str(one.balance))) for one in in_order))
    opening = in_order[0].balance - in_order[0].amount
    return [Statement(account, UNIT, in_order[0].day, max(one.day for one in in_order), opening, in_order[-1].balance, lines, NAME)]


@dataclass(frozen=True)
class _Row:
    day: date
    time: str
    amount: int
    balance: int
    name: str
    text: str
    memo: str


def _check_total(row: list[str], places: dict[str, int], rows: Sequence[_Row]) -> None:
    for key, sign in (("in", 1), ("out", -1)):
        if key in places and places[key] < len(row) and row[places[key]].strip():
            told = _won(row[places[key]])
            if told != sum(one.amount * sign for one in rows if one.amount * sign > 0):
                raise BadFile("sum", "the total at the end does not fit the rows")


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("format", "unknown letters")


def _rows(text: str) -> list[list[str]]:
    head = text[:4000]
    mark = "\t" if head.count("\t") > head.count(",") else ","
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as no:
        raise BadFile("cut", str(no)[:40]) from None


def _plain(cell: str) -> str:
    return re.sub(r"\(원\)|\(krw\)|₩|\s", "", cell, flags=re.IGNORECASE)


def _head(rows: list[list[str]]) -> tuple[int, dict[str, int]] | None:
    """The row that names the columns, among the first twenty, and where each stands."""
    for at, row in enumerate(rows[:20]):
        names = [_plain(cell) for cell in row]
        places: dict[str, int] = {}
        for key, known in COLUMNS.items():
            for name in known:
                if name in names and names.index(name) not in places.values():
                    places[key] = names.index(name)
                    break
        if {"day", "balance"} <= places.keys() and ("amount" in places or {"in", "out"} <= places.keys()):
            return at, places
    return None


def _row(row: list[str], places: dict[str, int]) -> _Row:
    def cell(key: str) -> str:
        return row[places[key]].strip() if key in places and places[key] < len(row) else ""

    found = _DAY.match(cell("day"))
    try:
        day = date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        raise BadFile("date", f"{cell('day')[:12]!r}")
    time = cell("time") or cell("day")[found.end() :].strip()
    amount = _won(cell("amount")) if "amount" in places else _won(cell("in")) - _won(cell("out"))
    if not cell("balance"):
        raise BadFile("cut", "a row without its balance")
    name, text = (cell("name"), cell("text")) if "name" in places else (cell("text"), "")  # Toss has no other column for who it was
    return _Row(day, time, amount, _won(cell("balance")), name, text, cell("memo"))


def _won(cell: str) -> int:
    plain = _plain(cell).replace(",", "").removesuffix("원")
    return units(plain, UNIT) if plain not in ("", "-") else 0


def _in_order(rows: list[_Row]) -> list[_Row]:
    """Oldest first, when each balance follows from the one before. Raises ``BadFile("sum")`` when no order does."""
    for order in (rows, rows[::-1]):
        if all(before.balance + one.amount == one.balance and before.day <= one.day for before, one in pairwise(order)):
            return order
    raise BadFile("sum", "the balances do not follow each other")


def _line(one: _Row) -> StatementLine:
    words = [word for word in (one.text, one.memo) if word]
    back = any(word in f"{one.text} {one.memo}" for word in RETURNED)
    return StatementLine("", one.day, one.amount, UNIT, one.name, "", " ".join(words), "returned" if back else "")
