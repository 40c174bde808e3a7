"""The sweep: everything in the house that falls due is done, each piece in a transaction of its own.

A piece that fails leaves nothing half-done; the failure is kept, tried again with growing waits, and after eight attempts
it is stuck until an operator says "try again" or "give up". Two sweepers at once share the works without colliding: each
work has a turnstile row that is locked while one of its items is done, and a number on it that tells a list gone stale.
"""

from __future__ import annotations

import contextlib
import logging
import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from madang.coop import law
from madang.coop.notices.models import Failure, Sweep
from madang.kit import house
from madang.kit.errors import Missing, Refused

WAITS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12), timedelta(hours=12), timedelta(hours=12),
)  # fmt: skip
ATTEMPTS_MAX = len(WAITS) + 1
PAGE = 200
EVERYTHING = "*"
ERROR_MAX, TRACE_MAX = 1000, 8000
log = logging.getLogger(__name__)


@dataclass
class Report:
    """What a sweep did: items done and failed by work, works another sweeper was busy with, and whether something is left."""

    done: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    busy: list[str] = field(default_factory=list)
    more: bool = False

    @property
    def total(self) -> int:
        """How many items were done."""
        return sum(self.done.values())


class _Busy(Exception):
    """Another sweeper is at this work."""


class _Stale(Exception):
    """Another sweeper did something since this list was made."""


@law.one_reading()
def run_due(now: datetime, limit: int = 1000) -> Report:
    """Do what is due at ``now``, at most ``limit`` items, and say what was done.

    Works are taken in the order the house declares them, again and again until none finds anything new: what one item sets
    off and is due already is done in the same sweep. An item is taken once in a sweep. Never raises for an item's failure.
    """
    report = Report()
    seen: set[tuple[str, str]] = set()
    works: list[house.DueWork] = house.collect("due")
    if missing := {EVERYTHING, *(work.name for work in works)} - set(Sweep.objects.values_list("work", flat=True)):
        Sweep.objects.bulk_create([Sweep(work=name) for name in missing], ignore_conflicts=True)
    moved = True
    while moved and not report.more:
        before = len(seen)
        turns = dict(Sweep.objects.values_list("work", "turn"))  # before the lists are made: whoever acts later changes them
        failures = _failures()
        for work in works:
            _sweep(work, now, limit, seen, report, turns[work.name], failures.get(work.name, {}))
        moved = len(seen) > before
    Sweep.objects.filter(work=EVERYTHING).update(last_at=now, last_done=report.total, turn=F("turn") + 1)
    return report


def _sweep(
    work: house.DueWork, now: datetime, limit: int, seen: set[tuple[str, str]], report: Report, turn: int, failures: dict[str, datetime | None]
) -> None:
    done, first = 0, True
    while not report.more and (work.name, "") not in seen:
        if not first:
            turn = Sweep.objects.values_list("turn", flat=True).get(work=work.name)
            failures = _failures(work.name).get(work.name, {})
        first = False
        try:
            keys = _waiting(work, now, seen, failures)
        except Exception as error:
            seen.add((work.name, ""))
            _failed(work.name, "", error, now, report)
            break
        if not keys:
            break
        for key in keys:
            if len(seen) >= limit:
                report.more = True
                break
            try:
                turn = _one(work, key, turn, now, key in failures)
            except _Busy:
                if work.name not in report.busy:
                    report.busy.append(work.name)
                return
            except _Stale:
                break
            except Exception as error:
                seen.add((work.name, key))
                _failed(work.name, key, error, now, report)
            else:
                seen.add((work.name, key))
                report.done[work.name] = report.done.get(work.name, 0) + 1
                done += 1
    if done:
        Sweep.objects.filter(work=work.name).update(last_at=now, last_done=done)


def _failures(*works: str) -> dict[str, dict[str, datetime | None]]:
    """What failed before: {work: {key: when it may be tried again, or None}}."""
    found: dict[str, dict[str, datetime | None]] = {}
    for work, key, next_try_at in (Failure.objects.filter(work__in=works) if works else Failure.objects.all()).values_list("work", "key", "next_try_at"):
        found.setdefault(work, {})[key] = next_try_at
    return found


def _waiting(work: house.DueWork, now: datetime, seen: set[tuple[str, str]], failures: dict[str, datetime | None]) -> list[str]:
    """The keys to do now. Asks for more than a page where failures or done ones stand in front."""
    aside = {key for key, next_try_at in failures.items() if next_try_at is None or next_try_at > now}
    aside |= {key for name, key in seen if name == work.name}
    asked = PAGE + len(aside)
    with transaction.atomic() if connection.in_atomic_block else contextlib.nullcontext():  # it only reads; what fails spoils nothing around it
        found = [str(key) for key in work.find(now, asked)]
    if len(found) < asked and (settled := set(failures) - set(found)):
        Failure.objects.filter(work=work.name, key__in=settled).delete()  # done some other way meanwhile
    return [key for key in found if key not in aside]


def _one(work: house.DueWork, key: str, turn: int, now: datetime, failed_before: bool) -> int:
    """One item in one transaction, through the turnstile. The turnstile's new number."""
    with transaction.atomic():
        stands = Sweep.objects.select_for_update(skip_locked=True).filter(work=work.name).values_list("turn", flat=True).first()
        if stands is None:
            raise _Busy
        if stands != turn:
            raise _Stale
        work.act(key, now=now)
        Sweep.objects.filter(work=work.name).update(turn=F("turn") + 1)
        if failed_before:
            Failure.objects.filter(work=work.name, key=key).delete()
    return turn + 1


def _failed(work: str, key: str, error: Exception, now: datetime, report: Report) -> None:
    log.error("due work %s %s failed", work, key, exc_info=error)
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()  # a lost connection is not the item's fault: the next query gets a new one
    _remember(work, key, error, now)
    report.failed[work] = report.failed.get(work, 0) + 1


@transaction.atomic
def _remember(work: str, key: str, error: Exception, now: datetime) -> Failure:
    """Keep what failed and say when it is tried again: 1 min, 5 min, 30 min, 2 h, 12 h …; stuck after the eighth attempt."""
    failure = Failure.objects.select_for_update().filter(work=work, key=key).first() or Failure(work=work, key=key, attempts=0, first_at=now)
    failure.attempts += 1
    failure.last_at = now
    failure.last_error = in_words(error)[:ERROR_MAX]
    failure.trace = "".join(traceback.format_exception(error))[-TRACE_MAX:].replace("\x00", "")
    if failure.attempts >= ATTEMPTS_MAX:
        failure.state, failure.next_try_at = Failure.STUCK, None
    else:
        failure.state, failure.next_try_at = Failure.WAITING, now + WAITS[failure.attempts - 1]
    failure.save()
    return failure


def in_words(error: BaseException) -> str:
    """What went wrong, as short as it can be said."""
    if isinstance(error, Refused):
        return str(error.message).replace("\x00", "")
    text = str(error).strip().replace("\x00", "")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@transaction.atomic
def try_again(failure_id: UUID, *, now: datetime) -> Failure:
    """An operator wants it tried again at the next sweep, with all its attempts back. Raises ``Missing``."""
    failure = _failure(failure_id)
    failure.state, failure.attempts, failure.next_try_at = Failure.WAITING, 0, now
    failure.save(update_fields=["state", "attempts", "next_try_at"])
    return failure


@transaction.atomic
def give_up(failure_id: UUID) -> Failure:
    """An operator says it shall not be tried any more; it stays on the page as given up. Raises ``Missing``."""
    failure = _failure(failure_id)
    failure.state, failure.next_try_at = Failure.GIVEN_UP, None
    failure.save(update_fields=["state", "next_try_at"])
    return failure


def _failure(failure_id: UUID) -> Failure:
    failure = Failure.objects.select_for_update().filter(pk=failure_id).first()
    if failure is None:
        raise Missing
    return failure
