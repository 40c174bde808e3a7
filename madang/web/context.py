"""What every page of the shell knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from madang.coop import law
from madang.web.shell import Shell


def house(request: HttpRequest) -> dict[str, Any]:
    """The co-op and the menus, for the frame around each page. Nothing is read from the database until a page asks."""
    return {"coop": law.coop_or_none(), "shell": Shell(request)}
