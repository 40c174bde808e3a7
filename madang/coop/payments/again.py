"""Which lines of a statement are new: files overlap, are read again, or follow each other within one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Sum

from madang.coop.payments.models import BankAccount, BankLine, BankStatement
from madang.rails.bank import Statement, StatementLine, numbered

MOST = 1_000


def new_lines(found: Statement, ours: BankAccount) -> list[StatementLine]:
    """What of a statement was not read before, in its order. Three queries at most, and one more for each run of equal lines.

    Equal lines of one day are counted: what one file has more of than all before is new, so overlapping downloads lose and double nothing. Where a
    file does not overlap but goes on within the day (the second download of an afternoon), its equal lines are further ones; only the balances can
    tell, and they are believed when they tell it exactly: the bank's closing balance is met by the one reading and not by the other.
    """
    # whichever of our accounts they were read for: one account that was named anew is still the same one
    known = set(BankLine.objects.filter(line_id__in=[line.id for line in found.lines]).values_list("line_id", flat=True))
    new = [line for line in found.lines if line.id not in known]
    if not known:
        return new
    missing = _missing(found, ours)
    if missing is None or missing == _sum(new) or missing != _sum(found.lines):
        return new
    return _further(found.lines)


def _sum(lines: Sequence[StatementLine]) -> int:
    return sum(line.amount for line in lines)


def _missing(found: Statement, ours: BankAccount) -> int | None:
    """What the lines of this file still have to bring, so that the books' lines reach its closing balance; None when nobody can say.

    That is so without an earlier statement, and when later days were read already.
    """
    rows = BankLine.objects.filter(account=ours, unit=found.unit)
    first = BankStatement.objects.filter(account=ours, unit=found.unit).order_by("since", "pk").first()
    if first is None or first.since > found.since or rows.filter(booked__gt=found.until).exists():
        return None
    return found.closing - first.opening - int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def _further(lines: Sequence[StatementLine]) -> list[StatementLine]:
    """The same lines, each counted on from those of its like that were read before."""
    like: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        like[line.said].append(line)
    begun = {said: _read_before(some[0]) for said, some in like.items()}
    return [numbered(line, line.nth + begun[line.said]) for line in lines]


def _read_before(line: StatementLine) -> int:
    """How many of a line's like were read before."""
    ids = [numbered(line, nth).id for nth in range(1, MOST + 1)]
    return BankLine.objects.filter(line_id__in=ids).count()
