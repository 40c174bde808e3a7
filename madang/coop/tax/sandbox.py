"""The pretend tax service's host: its book in a table. The rail that this installation has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q

from madang.coop import once
from madang.coop.tax.models import SandboxFiling
from madang.rails.fiscal import FiscalRail
from madang.rails.fiscal.sandbox import Sandbox


class Book:
    """The pretend service's :class:`~madang.rails.fiscal.sandbox.Store` in PostgreSQL."""

    @contextmanager
    def locked(self, key: str) -> Iterator[dict[str, Any]]:
        """A row, with nobody else changing it until the block ends."""
        with transaction.atomic():
            once.insert(SandboxFiling(key=key, data={}))
            row = SandboxFiling.objects.select_for_update().get(key=key)
            yield row.data
            if row.data:
                row.save(update_fields=["data"])
            else:
                row.delete()

    def approved(self, approval: str) -> Iterator[dict[str, Any]]:
        """The rows with this approval number, and those that cancel it."""
        for row in SandboxFiling.objects.filter(Q(data__approval=approval) | Q(data__cancels=approval)):
            yield row.data


def rail() -> FiscalRail:
    """The tax service of this installation."""
    return Sandbox(Book())
