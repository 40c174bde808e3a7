"""What every page of the shell knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from madang.coop import law


def house(request: HttpRequest) -> dict[str, Any]:
    """The co-op, for the frame around each page."""
    return {"coop": law.coop_or_none()}
