"""The bank's and the drawer's side of a reconciliation: lines of statements that were read, and what a person counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet, Sum

from madang.coop.ledger import periods
from madang.coop.payments import accounts
from madang.coop.payments.gaps import Leg
from madang.coop.payments.items import is_id
from madang.coop.payments.models import BankLine, BankStatement
from madang.coop.payments.reconciliations import CashCount, Reconciliation


def _line_thing(line: BankLine) -> str:
    if line.entry_id:
        return f"entry:{line.entry_id}"
    if line.batch:
        return f"batch:{line.batch.code}"
    if line.payout:
        return f"payout:{line.payout.ref or line.payout.code}"
    if line.charge and line.state in ("matched", "decided"):
        return f"payment:{line.charge.ref}"
    return f"line:{line.line_id}"


class Lines:
    """The bank's side: the lines of the co-op's account. What stood there before the first statement is left out of every sum."""

    def __init__(self, unit: str) -> None:
        self.ours = accounts.ours()
        self.rows: QuerySet[BankLine] = BankLine.objects.filter(account=self.ours, unit=unit)
        self.statements = BankStatement.objects.filter(account=self.ours, unit=unit)

    def covered(self) -> date | None:
        """The last day a statement was read of. One SQL query."""
        newest = self.statements.order_by("-until", "-pk").first()
        return newest.until if newest else None

    def said(self, day: date) -> int | None:
        """The balance the bank states at the end of ``day``, where a statement ends on it, since the first one. Two SQL queries."""
        found = self.statements.filter(until=day).order_by("-pk").first()
        return found.closing - self.before() if found else None

    def before(self) -> int:
        """What stood there before the first statement. One SQL query."""
        first = self.statements.order_by("since", "pk").first()
        return first.opening if first else 0

    def first(self) -> date | None:
        """The first day a statement was read of."""
        first = self.statements.order_by("since", "pk").first()
        return first.since if first else None

    def total(self, until: datetime, last: Reconciliation | None = None) -> int:
        """What the bank holds before ``until`` (a day's beginning), by its lines."""
        day = until.astimezone(periods.zone()).date()
        return int(self.rows.filter(booked__lt=day).aggregate(total=Sum("amount"))["total"] or 0)

    def count(self, since: datetime, until: datetime) -> int:
        """How many lines a span has."""
        return self._span(since, until).count()

    def touched(self, since: datetime, until: datetime) -> set[str]:
        """The things of a span's lines, and of those decided in it."""
        rows = self.rows.filter(Q(pk__in=self._span(since, until)) | Q(decided_at__gte=since, decided_at__lt=until))
        return {_line_thing(line) for line in rows.select_related("charge", "payout", "batch")}

    def legs(self, things: Collection[str] | None) -> list[Leg]:
        """All legs of these things (None: of all), each from the beginning of the day it was booked."""
        rows = self.rows.select_related("charge", "payout", "batch")
        if things is not None:
            refs = {thing.partition(":")[2] for thing in things}
            ids = [ref for ref in refs if is_id(ref)]
            rows = rows.filter(Q(entry__in=ids) | Q(line_id__in=refs) | Q(charge__ref__in=refs) | Q(payout__code__in=refs) | Q(batch__code__in=refs))
        found = [(_line_thing(line), line) for line in rows]
        return [
            Leg(thing, "return" if line.amount > 0 and thing.startswith(("payout:", "batch:")) else thing.partition(":")[0], line.amount, 0,
                periods.begins(line.booked))
            for thing, line in found
            if things is None or thing in things
        ]  # fmt: skip

    def abouts(self, things: Collection[str]) -> dict[str, tuple[str, int]]:
        """A bank knows no refunds."""
        return {}

    def words(self, things: Collection[str]) -> dict[str, str]:
        """What a person said of lines that are none of our payments."""
        ids = [thing.removeprefix("line:") for thing in things if thing.startswith("line:")]
        return {f"line:{line.line_id}": line.why for line in self.rows.filter(line_id__in=ids, state="left")}

    def _span(self, since: datetime, until: datetime) -> QuerySet[BankLine]:
        zone = periods.zone()
        return self.rows.filter(booked__gte=since.astimezone(zone).date(), booked__lt=until.astimezone(zone).date())


def counted(day: date, unit: str) -> CashCount | None:
    """What was counted last on a day. One SQL query."""
    since, until = periods.begins(day), periods.begins(day + timedelta(days=1))
    return CashCount.objects.filter(unit=unit, at__gte=since, at__lt=until).order_by("-at", "-pk").first()
