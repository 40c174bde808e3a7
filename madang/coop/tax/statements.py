"""The year as a tax office wants it: each person's tax kept back (원천징수영수증), the statement of payments (지급명세서), the papers of a period."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from madang.coop.ledger import periods
from madang.coop.ledger.owners import names
from madang.coop.people.models import Person
from madang.coop.tax import status
from madang.coop.tax.models import Paper, Reading, TaxStatus, Withholding

SERVICES = "940909"
"""업종코드: other personal services (기타 자영업). From memory, and for a person to check: see the column's heading."""


@dataclass(frozen=True)
class Payee:
    """One payee's year: how many payouts, of how much, and what was kept back (smallest units)."""

    owner: str
    name: str
    standing: str
    payouts: int
    gross: int
    income: int
    local: int

    @property
    def net(self) -> int:
        """What was sent."""
        return self.gross - self.income - self.local


def span(year: int) -> tuple[datetime, datetime]:
    """A calendar year of the co-op's, in UTC."""
    return periods.begins(date(year, 1, 1)), periods.begins(date(year + 1, 1, 1))


def standing(year: int, unit: str, owner: str = "") -> list[Withholding]:
    """The payouts of a year that tax was kept back of and that arrived, oldest first. One query."""
    since, until = span(year)
    rows = Withholding.objects.filter(Q(owner=owner) if owner else Q(), unit=unit, at__gte=since, at__lt=until, back=None)
    return list(rows.order_by("at"))


def years_of(owner: str) -> list[int]:
    """The years in which something was kept back of this owner, newest first. One query."""
    moments = Withholding.objects.filter(owner=owner, back=None).values_list("at", flat=True)
    return sorted({status.day_of(at).year for at in moments}, reverse=True)


def payees(year: int, unit: str) -> list[Payee]:
    """Everybody's year, by name. Three queries."""
    found: dict[str, list[Withholding]] = {}
    for row in standing(year, unit):
        found.setdefault(row.owner, []).append(row)
    called = names(list(found))
    told = [
        Payee(
            owner, called.get(owner, owner), rows[-1].standing, len(rows), sum(one.gross for one in rows), sum(one.income for one in rows),
            sum(one.local for one in rows),
        )
        for owner, rows in found.items()
    ]  # fmt: skip
    return sorted(told, key=lambda one: (one.name, one.owner))


@transaction.atomic
def statement_of_payments(year: int, unit: str, *, by: Person, now: datetime) -> bytes:
    """The year's 지급명세서 as a table (UTF-8 with a mark that spreadsheets know), with resident numbers in the clear. That it was taken out is written down.

    Raises ``Refused("office")``, ``Refused("sealed")``.
    """
    status.require(by, now)
    rows = payees(year, unit)
    said = status.several([one.owner for one in rows], date(year, 12, 31))
    table = [
        ["귀속연도", "성명", "주민등록번호", "내외국인", "업종코드(확인 필요)", "지급건수", "지급총액", "세율(%)", "소득세", "지방소득세", "차인지급액"]
    ]  # fmt: skip
    for one in rows:
        known: TaxStatus | None = said.get(one.owner)
        number = status.resident_number(known) if known else ""
        shown = f"{number[:6]}-{number[6:]}" if number else ""
        rate = "20" if one.standing == "foreign" else "3"
        figures = [one.payouts, one.gross, rate, one.income, one.local, one.net]
        table.append([str(year), one.name, shown, "9" if one.standing == "foreign" else "1", SERVICES, *map(str, figures)])
    Reading.objects.create(year=year, people=len(rows), by=by, at=now)
    return _csv(table)


def papers_table(papers: Iterable[Paper]) -> bytes:
    """The papers of a period as a table: what the return of the value added tax is made from."""
    table = [["번호", "종류", "작성일자", "공급일자", "공급받는자 등록번호", "상호", "공급가액", "세액", "합계금액", "당초 번호", "수정사유"]]
    for one in papers:
        customer = [str(one.customer.get("number", "")), str(one.customer.get("name", ""))]
        before = one.corrects.code if one.corrects else ""
        days = [one.issued_on.isoformat(), one.supplied_on.isoformat()]
        table.append([one.code, one.kind, *days, *customer, str(one.net), str(one.tax), str(one.gross), before, one.reason])
    return _csv(table)


def _csv(table: list[list[str]]) -> bytes:
    """Cells that a spreadsheet would read as a formula are written as words."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in table:
        writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "@", "\t") or (cell[:1] == "-" and not cell[1:].isdigit()) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
