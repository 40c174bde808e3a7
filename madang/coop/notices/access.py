"""Who may read the outbox: mail holds other people's letters."""

from __future__ import annotations

from django.http import HttpRequest

from madang.coop import law
from madang.coop.law.models import Coop
from madang.rails.mail import configured


def _demo() -> bool:
    coop = law.coop_or_none()
    return bool(coop and coop.demo)


def outbox_is_a_page() -> bool:
    """Mail is a page only where none is sent, and the co-op is a demo or still forming."""
    if configured().leaves_the_house:
        return False
    coop = law.coop_or_none()
    return bool(coop is None or coop.demo or coop.state == Coop.FORMING)


def may_read_outbox(request: HttpRequest) -> bool:
    """Anyone in a demo (its people are made up); elsewhere operators."""
    return outbox_is_a_page() and (_demo() or bool(getattr(request.user, "is_operator", False)))


def shows_codes() -> bool:
    """Sign-in codes are shown in a demo only, whatever the settings say: whoever reads one can be its owner."""
    return _demo()
