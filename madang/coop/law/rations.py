"""What is dear to answer and open to everyone is rationed: so much a minute from one address (law 11: everything has a limit and says so)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from madang.kit.errors import Refused
from madang.kit.ration import Ration, caller


def allows(ration: Ration, request: HttpRequest) -> bool:
    """Whether the address behind this request may ask once more."""
    return ration.allows(caller(request.META, settings.SECURE_PROXY_SSL_HEADER is not None))


def require(ration: Ration, request: HttpRequest) -> None:
    """Raise ``Refused("too-often")`` when it may not."""
    if not allows(ration, request):
        raise Refused("too-often", _("That was asked very often just now. Please wait a minute, then try again."))
