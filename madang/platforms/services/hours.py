"""How long each worked in visits that were done and paid: what a patronage refund may follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import ExpressionWrapper, F, Sum, fields
from django.utils.translation import gettext as _

from madang.platforms.services import states
from madang.platforms.services.models import Job

_LENGTH = ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=fields.DurationField())


def minutes(since: datetime, until: datetime) -> dict[str, int]:
    """Minutes of released visits that began in ``[since, until)``, of each worker and of each member co-op. Two SQL queries."""
    done = Job.objects.filter(state=states.RELEASED, starts_at__gte=since, starts_at__lt=until)
    found: dict[str, int] = {}
    for kind, column in (("person", "worker__person"), ("organisation", "organisation")):
        rows: Any = done.values(column).annotate(total=Sum(_LENGTH))
        found.update({f"{kind}:{row[column]}": row["total"] // timedelta(minutes=1) for row in rows})
    return found


def said(count: int) -> str:
    """Minutes as hours and minutes, in the reader's language."""
    return _("{hours} h {minutes} min").format(hours=count // 60, minutes=count % 60)
