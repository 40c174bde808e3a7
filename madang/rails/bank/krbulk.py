"""The bulk-transfer CSV (대량이체) that Korean business banking takes: bank, account, amount, name, and what each passbook shows.

Banks name the columns slightly differently and let a person assign them at the upload; the order is the common one. CP949 by default,
because several banks read nothing else; a name with letters that CP949 does not have is refused rather than spoilt.
"""

from __future__ import annotations

import csv
import io

from madang.rails.bank import BadFile, check_size, units
from madang.rails.bank.accounts import KR_BANKS, kr_account
from madang.rails.bank.orders import BadOrder, Batch, Payment, check, clean

NAME = "krbulk"
ENDING = "csv"
CONTENT_TYPE = "text/csv"
HEAD = ("입금은행코드", "입금은행", "입금계좌번호", "입금액(원)", "예금주", "받는통장표시", "내통장표시")
SHOWN = 10
"""What a Korean passbook shows of a line: at least so many signs at every bank."""


def write(batch: Batch, encoding: str = "cp949") -> bytes:
    """The file. Our own passbook line is the payment's code, so that our statement names it. Raises :class:`BadOrder`."""
    check(batch)
    if batch.unit != "KRW":
        raise BadOrder("unit", batch.unit)
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(HEAD)
    for one in batch.payments:
        if one.bank not in KR_BANKS:
            raise BadOrder("bank", one.code)
        name = clean(one.name)
        if not name:
            raise BadOrder("name", one.code)
        try:
            account = kr_account(one.account)
        except ValueError:
            raise BadOrder("account", one.code) from None
        rows.writerow([one.bank, KR_BANKS[one.bank], account, str(one.amount), name, clean(batch.name)[:SHOWN], one.code])
    try:
        return out.getvalue().encode(encoding)
    except UnicodeEncodeError:
        raise BadOrder("name", "letters that CP949 does not have") from None


def read(data: bytes) -> list[Payment]:
    """What stands in such a file, for a last look before it is sent. Raises :class:`~madang.rails.bank.BadFile`."""
    check_size(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp949", "replace")
    head, *rows = list(csv.reader(io.StringIO(text, newline="")))
    if tuple(head) != HEAD or any(len(row) != len(HEAD) for row in rows):
        raise BadFile("format", "no bulk transfer")
    return [Payment(row[6], row[4], row[2], row[0], units(row[3], "KRW"), row[5]) for row in rows]
