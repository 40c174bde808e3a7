"""The daily reconciliation: does every service hold what the books say? Each difference is named, shown to a person and settled by one.

A service is asked outside any transaction; what it told is stored and compared in another. What is late is told apart from what is wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from madang.coop import law
from madang.coop.ledger import periods
from madang.coop.ledger.models import Account
from madang.coop.payments import own, rails
from madang.coop.payments.bank_items import Lines, counted
from madang.coop.payments.gaps import AMOUNT, REST, SUM, TRANSIT, Gap, compare
from madang.coop.payments.items import Books, Told, keep, named, newest, payment_thing
from madang.coop.payments.models import Charge, Payout, Refund
from madang.coop.payments.reconciliations import Difference, RailQuestion, Reconciliation
from madang.coop.payments.waits import wait
from madang.kit.errors import Refused
from madang.rails.payments import Movement, RailError

log = logging.getLogger(__name__)
LOOK_BACK = timedelta(days=3)
"""How far back a service is asked again: it may tell late, or otherwise."""
GRACE = timedelta(hours=2)
"""So long after midnight a day is looked at, so that what is only late has come."""
BY_HAND = (rails.BANK, "cash")
"""Where a person brings what is there: a statement, a count."""


@dataclass(frozen=True)
class Span:
    """The days of one report."""

    since: date
    day: date

    @property
    def begin(self) -> datetime:
        """When they begin, in UTC."""
        return periods.begins(self.since)

    @property
    def until(self) -> datetime:
        """When they are over."""
        return periods.begins(self.day + timedelta(days=1))


def used() -> list[tuple[str, str]]:
    """(rail, unit) of every service that ever held money of ours (so also of each that was looked at), or was asked for a payment. A few small queries."""
    here = Account.objects.filter(kind="clearing", owner__startswith="rail:").values_list("owner", "unit")
    asked = {(name, law.coop().currency) for name in rails.NAMES if Charge.objects.filter(rail=name).exclude(ref="").exists()}
    return sorted({(owner.removeprefix("rail:"), unit) for owner, unit in here} | asked)


def yesterday(now: datetime) -> date:
    """The last day that is over for the co-op."""
    return (now - GRACE).astimezone(periods.zone()).date() - timedelta(days=1)


def _last(rail: str, unit: str) -> Reconciliation | None:
    return Reconciliation.objects.filter(rail=rail, unit=unit).exclude(state="silent").order_by("-day", "-pk").first()


def _next(rail: str, unit: str, now: datetime) -> Span | None:
    """The days that wait for a report, as one span. None when there are none."""
    last, day = _last(rail, unit), yesterday(now)
    if rail == rails.BANK and (covered := Lines(unit).covered()):
        day = min(day, covered)
    if last is not None:
        return Span(last.day + timedelta(days=1), day) if last.day < day else None
    first = _first_day(rail, unit)
    return Span(first, day) if first and first <= day else None


def _first_day(rail: str, unit: str) -> date | None:
    zone, days = periods.zone(), []
    if at := Books(rail, unit).first():
        days.append(at.astimezone(zone).date())
    asked = Charge.objects.filter(rail=rail, unit=unit, started_at__isnull=False).order_by("started_at").values_list("started_at", flat=True).first()
    if asked:
        days.append(asked.astimezone(zone).date())
    if rail == rails.BANK and (first := Lines(unit).first()):
        days.append(first)
    return min(days, default=None)


def find(now: datetime, limit: int) -> list[str]:
    """Services of which a day is over that no report holds yet."""
    later = set(RailQuestion.objects.filter(next_at__gt=now).values_list("rail", flat=True))
    found = []
    for rail, unit in used():
        if rail not in later and (_next(rail, unit, now) or _silent_day(rail, unit, now)):
            found.append(rail)
    return sorted(set(found))[:limit]


def _silent_day(rail: str, unit: str, now: datetime) -> date | None:
    """Yesterday, where nobody has told anything of it (no statement, no count) and nobody has said so."""
    if rail not in BY_HAND:
        return None
    day = yesterday(now)
    begun = Books(rail, unit).first()
    if begun is None or begun.astimezone(periods.zone()).date() > day:
        return None
    return None if Reconciliation.objects.filter(rail=rail, unit=unit, day__gte=day).exists() else day


def look_after(rail: str, *, now: datetime) -> None:
    """Note that the service is asked, and ask it after the commit."""
    question, _new = RailQuestion.objects.select_for_update().get_or_create(rail=rail, defaults={"next_at": now})
    question.next_at = now + wait(question.attempts)
    question.attempts += 1
    question.save()
    transaction.on_commit(lambda: _ask(rail, now))


def _ask(rail: str, now: datetime) -> None:
    try:
        reconcile(rail, now=now)
    except RailError as error:
        log.warning("reconciliation of %s: it does not answer: %s", rail, error)
        RailQuestion.objects.filter(rail=rail).update(error=str(error)[:200])


def reconcile(rail: str, *, now: datetime, day: date | None = None) -> list[Reconciliation]:
    """Ask a service for its items and hold them against the books: a report a currency, of the days since the last one, or of ``day`` (again).

    Never inside a transaction of its own when the rail is not in this house. Raises ``RailError`` when it does not answer; then nothing is kept.
    """
    made = []
    for one, unit in used():
        if one != rail:
            continue
        span = Span(day, day) if day else _next(rail, unit, now)
        if rail == "cash":
            made += _cash(unit, day or yesterday(now), now)
        elif span is None or (rail == rails.BANK and Lines(unit).covered() is None):
            made += _nobody(rail, unit, day or _silent_day(rail, unit, now), "no-statement", now) if rail == rails.BANK else []
        else:
            made += _of(rail, unit, span, now, again=day is not None)
    if made:
        RailQuestion.objects.filter(rail=rail).update(attempts=0, error="")
    from madang.coop.payments import resolving

    resolving.ask_people(now=now)
    return made


def _of(rail: str, unit: str, span: Span, now: datetime, again: bool) -> list[Reconciliation]:
    told: list[Movement] = []
    since = span.begin - LOOK_BACK
    if rail != rails.BANK:
        try:
            told = [one for one in rails.either(rail).reconcile(since, now) if one.unit == unit]
        except (KeyError, Refused):
            return _nobody(rail, unit, span.day, "no-rail", now)
    return [_store(rail, unit, span, told, since, now, again)]


@transaction.atomic
def _store(rail: str, unit: str, span: Span, told: list[Movement], since: datetime, now: datetime, again: bool) -> Reconciliation:
    """Keep what was told, compare, write the report with its differences."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"reconcile:{rail}:{unit}"])
    last = _last(rail, unit)
    if last is not None and last.day >= span.day and not again:
        return last  # somebody else was faster
    changed = keep(rail, told, since, now, now=now) if rail != rails.BANK else set()
    own.learn(rail, told, now=now)
    there, here = Lines(unit) if rail == rails.BANK else Told(rail, unit), Books(rail, unit)
    before = {one.thing: one for one in last.differences.select_related("root").all()} if last else {}
    things = changed | there.touched(span.begin, span.until) | here.touched(span.begin, span.until) | set(before) - {REST, SUM}
    theirs, ours = there.total(span.until, None if again else last), here.total(span.until)
    found = _gaps(there, here, things, span, rail)
    if theirs - ours != sum(gap.net for gap in found):  # something older moved: look at all there is
        found = _gaps(there, here, None, span, rail)
    if rest := theirs - ours - sum(gap.net for gap in found):
        found.append(Gap(REST, REST, theirs, 0, theirs - rest, 0))
    said = there.said(span.day) if isinstance(there, Lines) else None
    if said is not None and said != theirs:
        found.append(Gap(SUM, SUM, said, 0, theirs, 0))
    words = there.words([gap.thing for gap in found]) if isinstance(there, Lines) else {}
    return _written(rail, unit, span, now, found, before, words, theirs=theirs, ours=ours, said=said, items=there.count(span.begin, span.until))


def _gaps(there: Told | Lines, here: Books, things: Collection[str] | None, span: Span, rail: str) -> list[Gap]:
    theirs, ours = there.legs(things), here.legs(things)
    late = own.on_the_way(here.unit, until=span.until) if rail == rails.BANK else set()
    return compare(theirs, ours, span.until, late | _on_the_way(rail, {leg.thing for leg in [*theirs, *ours]}, there, span.until))


def _on_the_way(rail: str, things: Collection[str], there: Told | Lines, until: datetime) -> set[str]:
    """Things of which the service has yet to tell us, or we to book the answer; of payouts also those it answered only after ``until``:
    we booked them when they were asked for, and the service when it heard of them, which may be days later where our machine was down."""
    refs = {thing.partition(":")[2] for thing in things}
    answered_later = Q(created_at__lt=until, done_at__gte=until)
    waiting = Payout.objects.filter(Q(state="created") | answered_later, rail=rail).select_related("batch")
    found = {f"payout:{one.ref or one.code or one.pk}" for one in waiting} | {f"batch:{one.batch.code}" for one in waiting if one.batch}
    asked = Charge.objects.filter(named("ref", refs) | named("payment_ref", refs), rail=rail, state__in=["created", "authorised"])
    found |= {payment_thing(one) for one in asked}
    waiting_back = Refund.objects.filter(charge__rail=rail, state="created").select_related("charge")
    created = {(name, one.amount) for one in waiting_back for name in (one.charge.ref, one.charge.payment_ref)}
    return found | {thing for thing, about in there.abouts(things).items() if about in created}


def _written(
    rail: str, unit: str, span: Span, now: datetime, found: list[Gap], before: dict[str, Difference], words: dict[str, str], *, theirs: int, ours: int,
    said: int | None, items: int, until: datetime | None = None,
) -> Reconciliation:  # fmt: skip
    rows = []
    for gap in found:
        same = before.get(gap.thing)
        root = (same.root or same) if same and (same.net, same.kind) == (gap.net, gap.kind) else None
        known = words.get(gap.thing, "") or (_explained(root) if root else "")
        charge, refund, payout = _about(rail, gap.thing)
        rows.append(Difference(
            root=root, thing=gap.thing, kind=gap.kind, theirs=gap.theirs, their_fee=gap.their_fee, ours=gap.ours, our_fee=gap.our_fee, explained=known,
            charge=charge, refund=refund, payout=payout,
        ))  # fmt: skip
    state = "differs" if any(row.kind != TRANSIT and not row.explained for row in rows) else "agreed"
    made = Reconciliation.objects.create(
        rail=rail, unit=unit, since=span.since, day=span.day, until=until or span.until, state=state, theirs=theirs, ours=ours, said=said, items=items,
        seen=None if rail in BY_HAND else newest(), at=now,
    )  # fmt: skip
    for row in rows:
        row.reconciliation = made
    Difference.objects.bulk_create(rows)
    return made


def _explained(root: Difference) -> str:
    """Why somebody said the books are right about this."""
    told = getattr(root, "resolution", None)
    return str(told.words) if told and told.how == "explained" else root.explained


def _about(rail: str, thing: str) -> tuple[Charge | None, Refund | None, Payout | None]:
    """What of ours a difference is about."""
    kind, _colon, ref = thing.partition(":")
    if kind == "payment":
        return Charge.objects.filter(Q(ref=ref) | Q(payment_ref=ref), rail=rail).first(), None, None
    if kind == "refund":
        found = Refund.objects.filter(charge__rail=rail, ref=ref).first()
        return (found.charge if found else None), found, None
    if kind == "payout":
        return None, None, Payout.objects.filter(rail=rail, ref=ref).first() or Payout.objects.filter(rail=rail, code=ref).exclude(code="").first()
    return None, None, None


def _nobody(rail: str, unit: str, day: date | None, why: str, now: datetime) -> list[Reconciliation]:
    if day is None or Reconciliation.objects.filter(rail=rail, unit=unit, day__gte=day).exists():
        return []
    span = Span(day, day)
    return [Reconciliation.objects.create(rail=rail, unit=unit, since=day, day=day, until=span.until, state="silent", why=why, at=now)]


@transaction.atomic
def _cash(unit: str, day: date, now: datetime) -> list[Reconciliation]:
    """The drawer: what was counted last that day beside the books at that moment."""
    count = counted(day, unit)
    if count is None:
        return _nobody("cash", unit, day, "not-counted", now)
    last = _last("cash", unit)
    if last is not None and last.until >= count.at:
        return []
    here = Books("cash", unit)
    ours = here.total(count.at + timedelta(microseconds=1))
    gap = Gap("drawer", AMOUNT, count.amount, 0, ours, 0)
    before = {one.thing: one for one in last.differences.all()} if last else {}
    found = [gap] if gap.net else []
    figures = {"theirs": count.amount, "ours": ours, "said": count.amount, "items": 1}
    return [_written("cash", unit, Span(day, day), now, found, before, {}, until=count.at, **figures)]
