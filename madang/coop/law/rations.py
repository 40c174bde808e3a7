"""What is dear to answer, and open to many, is rationed: so much a minute for one person or address (law 11: everything has a limit and says so)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from madang.coop import law
from madang.kit.errors import Refused
from madang.kit.ration import Ration, caller

A_MINUTE = 60
"""More than a person ever asks, and little enough that a loop hurts nobody."""
TOO_OFTEN = "too-often"
_rations: dict[str, Ration] = {}


def allows(ration: Ration, request: HttpRequest) -> bool:
    """Whether the person, or for someone signed out the address behind this request, may ask once more.

    In a demo many visitors are the same person: there each address is counted by itself, and a loop of one locks out no other.
    """
    address = caller(request.META, settings.SECURE_PROXY_SSL_HEADER is not None)
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return ration.allows(address)
    coop = law.coop_or_none()
    return ration.allows(f"person:{person.pk}:{address}" if coop and coop.demo else f"person:{person.pk}")


def require(what: str | Ration, request: HttpRequest) -> None:
    """Count one more of ``what`` ("services.times", "pay": ``A_MINUTE``; or a ration of one's own). Raises ``Refused(TOO_OFTEN)``, answered with 429."""
    ration = what if isinstance(what, Ration) else _rations.setdefault(what, Ration(A_MINUTE))
    if not allows(ration, request):
        raise refused()


def refused() -> Refused:
    """What is said to who asks too often."""
    return Refused(TOO_OFTEN, _("That was asked very often just now. Please wait a minute, then try again."))
