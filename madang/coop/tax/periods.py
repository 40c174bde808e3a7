"""What is due for which period: tax taken in by quarter, tax kept back by month. Each list adds up to the ledger's account, and says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, Sum

from madang.coop.ledger import periods
from madang.coop.ledger.models import Transfer
from madang.coop.tax import status
from madang.coop.tax.models import Paper, Remittance, Withholding

MOST = 24


@dataclass(frozen=True)
class Quarter:
    """A period of the value added tax. ``net`` and ``tax`` are what its papers say, ``booked`` what the ledger's account moved, ``paid`` what was sent."""

    begins: date
    ends: date
    due: date
    papers: int
    net: int
    tax: int
    booked: int
    paid: int

    @property
    def agrees(self) -> bool:
        """Whether papers and books say the same."""
        return self.tax == self.booked

    @property
    def left(self) -> int:
        """What is still to be sent, before any tax on purchases is set against it."""
        return self.booked - self.paid


@dataclass(frozen=True)
class Month:
    """A month's tax kept back: of how many payouts, of how much; national and local, what the ledger's accounts moved, what was sent of each."""

    begins: date
    due: date
    payouts: int
    gross: int
    income: int
    local: int
    booked_income: int
    booked_local: int
    paid_income: int
    paid_local: int

    @property
    def agrees(self) -> bool:
        """Whether the list and the books say the same."""
        return (self.income, self.local) == (self.booked_income, self.booked_local)


def quarter_of(day: date, months: int = 3) -> date:
    """The first day of the period a day is in (periods of ``months``, from January on)."""
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def after(begins: date, months: int) -> date:
    """The first day ``months`` later."""
    year, month = divmod(begins.year * 12 + begins.month - 1 + months, 12)
    return date(year, month + 1, 1)


def quarters(unit: str, now: datetime) -> list[Quarter]:
    """The periods since the first paper, newest first, at most 24. Five queries for each."""
    day = status.day_of(now)
    months = max(1, status.tax_law().bound("vat.period_months", day).number())
    first = Paper.objects.filter(unit=unit).order_by("at").values_list("at", flat=True).first()
    return [_quarter(begins, months, unit) for begins in _back(quarter_of(day, months), months, first)]


def _back(newest: date, months: int, first: datetime | None) -> Iterable[date]:
    begins = newest
    for _step in range(MOST):
        if first is None or after(begins, months) <= status.day_of(first):
            return
        yield begins
        begins = after(begins, -months)


def span(begins: date, months: int) -> tuple[datetime, datetime]:
    """A period as ``[since, until)`` in UTC."""
    return periods.begins(begins), periods.begins(after(begins, months))


def papers(begins: date, months: int, unit: str) -> list[Paper]:
    """The papers of a period, by number. One query."""
    since, until = span(begins, months)
    return list(Paper.objects.filter(unit=unit, at__gte=since, at__lt=until).select_related("corrects").order_by("at", "series", "number"))


def _quarter(begins: date, months: int, unit: str) -> Quarter:
    since, until = span(begins, months)
    rows = Paper.objects.filter(unit=unit, at__gte=since, at__lt=until)
    sums = rows.aggregate(net=Sum("net"), tax=Sum("tax"))
    days = status.tax_law().bound("vat.return_days", begins).number()
    ends = after(begins, months) - timedelta(days=1)
    return Quarter(
        begins, ends, ends + timedelta(days=days), rows.count(), int(sums["net"] or 0), int(sums["tax"] or 0), moved("vat-out", unit, since, until),
        _paid("vat-out", begins, after(begins, months), unit),
    )  # fmt: skip


def moved(kind: str, unit: str, since: datetime, until: datetime) -> int:
    """What the co-op's account of this kind took in less what it gave back in a span; what went to the tax office is not counted. One query."""
    rows = Transfer.objects.filter(unit=unit, entry__at__gte=since, entry__at__lt=until).exclude(kind="tax-paid")
    sums = rows.aggregate(
        into=Sum("amount", filter=Q(credit__kind=kind, credit__owner="")), out=Sum("amount", filter=Q(debit__kind=kind, debit__owner=""))
    )
    return int(sums["into"] or 0) - int(sums["out"] or 0)


def _paid(tax: str, begins: date, until: date, unit: str) -> int:
    rows = Remittance.objects.filter(tax=tax, unit=unit, period__gte=begins, period__lt=until)
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def months_of(unit: str, now: datetime) -> list[Month]:
    """The months since the first payout tax was kept back of, newest first, at most 24. Six queries for each."""
    first = Withholding.objects.filter(unit=unit).order_by("at").values_list("at", flat=True).first()
    return [_month(begins, unit) for begins in _back(status.day_of(now).replace(day=1), 1, first)]


def _month(begins: date, unit: str) -> Month:
    since, until = span(begins, 1)
    made = Withholding.objects.filter(unit=unit, at__gte=since, at__lt=until)
    undone = Withholding.objects.filter(unit=unit, back__at__gte=since, back__at__lt=until)
    plus, minus = (rows.aggregate(gross=Sum("gross"), income=Sum("income"), local=Sum("local")) for rows in (made, undone))
    gross, income, local = (int(plus[name] or 0) - int(minus[name] or 0) for name in ("gross", "income", "local"))
    day = status.tax_law().bound("withholding.due_day", begins).number()
    due = after(begins, 1) + timedelta(days=max(day, 1) - 1)
    return Month(
        begins, due, made.count() - undone.count(), gross, income, local, moved("withheld", unit, since, until), moved("withheld-local", unit, since, until),
        _paid("withheld", begins, after(begins, 1), unit), _paid("withheld-local", begins, after(begins, 1), unit),
    )  # fmt: skip
