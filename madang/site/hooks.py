"""What the wiring adds to the house: what Django keeps for a while is thrown away when its while is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection

from madang.coop import law
from madang.kit.house import DueWork

BATCH = 5_000
LINGERS = timedelta(hours=1)  # so that the sweep of each second finds something to do once an hour


def _really(now: datetime) -> datetime:
    """Sessions and the cache go by the machine's clock, which a demo's moved one runs ahead of."""
    coop = law.coop_or_none()
    return now - ((coop.clock_offset if coop else None) or timedelta())


def _over(now: datetime, limit: int) -> list[str]:
    return ["sessions"] if Session.objects.filter(expire_date__lt=_really(now) - LINGERS).exists() else []


def _forget(_key: str, *, now: datetime) -> None:
    """Sessions that are over; those of sign-ins that nobody finished hold an e-mail address."""
    old = Session.objects.filter(expire_date__lt=_really(now)).order_by("expire_date").values("pk")[:BATCH]
    Session.objects.filter(pk__in=old).delete()


def _table() -> str:
    """The cache's table, quoted; "" when it is kept elsewhere (in tests)."""
    name = getattr(caches["default"], "_table", "")
    return connection.ops.quote_name(name) if name else ""


def _stale(now: datetime, limit: int) -> list[str]:
    if not _table():
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {_table()} WHERE expires < %s)", [_really(now) - LINGERS])  # noqa: S608  (our own setting)
        return ["cache"] if cursor.fetchone()[0] else []


def _drop(_key: str, *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_table()} WHERE expires < %s", [_really(now)])  # noqa: S608


due = [DueWork("site: sessions that are over", _over, _forget), DueWork("site: what the cache need not keep", _stale, _drop)]
