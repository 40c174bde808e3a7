"""The way of share capital out: when it may be asked for, what it is worth, and in which order it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from madang.kit.errors import Refused


@dataclass(frozen=True)
class Sheet:
    """A balance sheet at the end of a year, in smallest units: what the co-op has, what it owes to others than its members as owners, the reserve the law
    locks, and all share capital paid in."""

    assets: int
    debts: int
    locked: int = 0
    paid_in: int = 0


@dataclass(frozen=True)
class Asked:
    """Someone asked for ``amount`` back on ``asked_on``; ``paid`` of it went out already. ``owes``: what they owe the co-op."""

    key: str
    asked_on: date
    amount: int
    paid: int = 0
    owes: int = 0


def fiscal_year(day: date, begins: int = 1) -> int:
    """The fiscal year of a day, named by the calendar year it begins in; ``begins`` is its first month."""
    return day.year if day.month >= begins else day.year - 1


def due_on(left_on: date, refund_from: str, begins: int = 1) -> date:
    """The first day someone who left may ask: that day, or the first of the next fiscal year ("next-fiscal-year")."""
    if refund_from != "next-fiscal-year":
        return left_on
    return date(fiscal_year(left_on, begins) + 1, begins, 1)


def lapses_on(due: date, years: int) -> date | None:
    """The day a claim is gone, ``years`` after it could first be asked for; None where it does not lapse. 29 February lapses on 1 March."""
    if not years:
        return None
    try:
        return due.replace(year=due.year + years)
    except ValueError:
        return date(due.year + years, 3, 1)


def lapsed(due: date, years: int, today: date) -> bool:
    """Whether nothing can be asked for any more."""
    gone = lapses_on(due, years)
    return gone is not None and today >= gone


def worth(held: int, sheet: Sheet, valued_by: str, *, at_most_par: bool = True) -> int:
    """What ``held`` (paid-in capital of one member) is worth to someone who left, rounded down, never negative.

    "par": what was paid in. "year-end-balance-sheet" (Korea, 협동조합 기본법 제26조 제2항): its part of assets less debts less the reserve the law locks
    (제50조 제3항); ``at_most_par`` as most articles have it: a part of a loss is borne, a part of a gain stays.
    Raises ``ValueError`` for more than all capital.
    """
    if not 0 <= held <= sheet.paid_in:
        raise ValueError("nobody holds more than all capital")
    if valued_by != "year-end-balance-sheet":
        return held
    net = max(0, sheet.assets - sheet.debts - sheet.locked)
    part = Fraction(net * held, sheet.paid_in) if sheet.paid_in else Fraction(0)
    value = part.numerator // part.denominator
    return min(value, held) if at_most_par else value


def ready_on(asked: Asked, notice: timedelta) -> date:
    """The day the notice someone has to give is over."""
    return asked.asked_on + notice


def left_this_year(capital: int, most: Fraction, paid: int) -> int:
    """How much may still go out this year: ``most`` of the capital at its beginning, less what went out."""
    allowed = most * capital
    return max(0, allowed.numerator // allowed.denominator - paid)


def payments(
    queue: Sequence[Asked],
    today: date,
    *,
    notice: timedelta,
    capital: int,
    most: Fraction,
    paid_this_year: int,
    suspended: bool = False,
    hold_debtors: bool = False,
) -> dict[str, int]:
    """Who is paid how much today: first asked, first paid (of one day by key), the last in part, within what may go out this year.

    Nobody while the board has ``suspended`` withdrawals; with ``hold_debtors`` nobody who owes the co-op something (제26조 제4항).
    """
    if suspended:
        return {}
    budget = left_this_year(capital, most, paid_this_year)
    paid: dict[str, int] = {}
    for one in sorted(queue, key=lambda asked: (asked.asked_on, asked.key)):
        if ready_on(one, notice) > today or (hold_debtors and one.owes):
            continue
        amount = min(one.amount - one.paid, budget)
        if amount > 0:
            paid[one.key] = amount
            budget -= amount
    return paid


def require_claim(due: date, years: int, today: date) -> None:
    """Raise ``Refused``: ``too-early`` before the first day, ``lapsed`` from the day it is gone."""
    if today < due:
        raise Refused("too-early", f"this can be asked for from {due.isoformat()} on")
    if lapsed(due, years, today):
        raise Refused("lapsed", f"this lapsed on {lapses_on(due, years)}")


FORECAST_YEARS = 50


def expected(
    queue: Sequence[tuple[Asked, date]], today: date, *, capital: int, most: Fraction, paid_this_year: int, begins: int = 1
) -> dict[str, date | None]:
    """The day each of the queue would be paid in full, were nothing else to happen: ``[(asked, first day it may be paid)]``.

    Year by year, first asked, first paid, each year ``most`` of the capital that is left at its beginning. None: not within fifty years,
    or never (nothing may go out). Who is not ready in a year is passed over and keeps their place.
    """
    rest = {one.key: one.amount - one.paid for one, _ready in queue}
    found: dict[str, date | None] = {key: None for key, amount in rest.items() if amount > 0}
    order = sorted(queue, key=lambda pair: (pair[0].asked_on, pair[0].key))
    budget, since, left = left_this_year(capital, most, paid_this_year), today, capital - paid_this_year
    for _year in range(FORECAST_YEARS):
        until = date(fiscal_year(since, begins) + 1, begins, 1)
        for one, ready in sorted(order, key=lambda pair: max(pair[1], since)):
            if rest[one.key] <= 0 or ready >= until or budget <= 0:
                continue
            amount = min(rest[one.key], budget)
            rest[one.key] -= amount
            budget -= amount
            left -= amount
            if rest[one.key] == 0:
                found[one.key] = max(ready, since)
        since, budget = until, left_this_year(max(0, left), most, 0)
        if all(found.values()):
            break
    return found
