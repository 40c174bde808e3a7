"""PortOne in this installation: its settings, where payees are paid, and the one page that opens its window."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from madang.coop import law
from madang.coop.payments import accounts, queries, states
from madang.coop.payments.booking import purpose
from madang.coop.payments.models import Charge
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused
from madang.rails.payments.portone import PortOne, Settings
from madang.rails.payments.portone.partners import Place

NAME = PortOne.name
SCRIPT = "https://cdn.portone.io/v2/browser-sdk.js"
POLICY = (
    "default-src 'none'; script-src 'self' https://cdn.portone.io; style-src 'self'; img-src 'self' https: data:; font-src 'self'; "
    "connect-src https://*.portone.io; frame-src https:; form-action https:; frame-ancestors 'none'; base-uri 'none'"
)
"""Of the window's page alone: PortOne's script may talk to PortOne and to nobody of ours, and the page holds no form and no token."""


class Places:
    """Where payees are paid, from what they said under "Where you are paid"."""

    def place(self, owner: str) -> Place | None:
        """The account of a person or an organisation; the e-mail is of whoever named it."""
        account = accounts.account_of(owner)
        if account is None or account.kind != "kr":
            return None
        try:
            known = accounts.place(account)
        except Refused:
            return None
        return Place(known.holder, account.by.email or "", known.bank, known.number)


def told() -> Settings | None:
    """What this installation was given, None where PortOne is not set up, or not for this co-op: it takes won, and a demo only uses a test channel."""
    given: dict[str, Any] | None = settings.PORTONE
    coop = law.coop_or_none()
    if not given or coop is None or coop.currency != "KRW":
        return None
    found = Settings(**given)
    return None if coop.demo and not found.test else found


def rail() -> PortOne:
    """The rail. Raises ``KeyError`` where it is not set up."""
    found = told()
    if found is None:
        raise KeyError(NAME)
    return PortOne(found, Places(), "/pay/portone/{ref}/")


@require_GET
@signed_in
def window(request: Request, ref: str) -> HttpResponse:
    """The page that opens PortOne's window. Its own policy lets PortOne's script run; no other page has it."""
    found = Charge.objects.select_related("payer").filter(rail=NAME, ref=ref, payer=request.user).first()
    given = told()
    if found is None or given is None:
        raise Missing("no such payment, or not yours")
    context = {
        "charge": found, "given": given, "title": purpose(found.purpose).title, "lines": queries.lines(found), "unit": found.unit, "script": SCRIPT,
        "module": static("payments/portone.js"), "back": settings.SITE_URL.rstrip("/") + reverse("payments:returned", args=[found.pk]),
        "open": found.state in (states.CREATED, states.AUTHORISED) and found.expires_at > request.now,
        "methods": [("CARD", _("Card")), ("EASY_PAY", _("Easy pay")), ("TRANSFER", _("Bank transfer, at once")), ("VIRTUAL_ACCOUNT", _("Virtual account"))],
    }  # fmt: skip
    answer = render(request, "payments/portone.html", context)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
