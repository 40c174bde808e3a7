"""What the law allows, and the co-op as a legal person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kit.errors import Missing

if TYPE_CHECKING:
    from madang.coop.law.models import Coop


def coop_or_none() -> Coop | None:
    """The co-op of this installation, or None before it is founded."""
    from madang.coop.law.models import Coop

    return Coop.objects.first()


def coop() -> Coop:
    """The co-op of this installation. Raises ``Missing`` before it is founded."""
    found = coop_or_none()
    if found is None:
        raise Missing("no co-op is founded here")
    return found
