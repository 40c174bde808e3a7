"""Pages of certificates: mine, the file, and the page where anyone who has one can check it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from madang.coop import law, record
from madang.coop.capital import actions as capital
from madang.coop.capital import queries
from madang.coop.capital.certificates import actions
from madang.coop.capital.certificates import pdf as paper
from madang.coop.capital.certificates.models import Certificate
from madang.coop.capital.views import my_memberships
from madang.coop.law import rations
from madang.coop.law.texts import in_language
from madang.coop.ledger import periods
from madang.coop.people.access import Request, signed_in
from madang.kit.dates import say_time
from madang.kit.errors import Missing, Refused
from madang.kit.money import format_amount

LANGUAGES = dict(settings.LANGUAGES)


@require_http_methods(["GET", "POST"])
@signed_in
def certificates(request: Request) -> HttpResponse:
    """Which certificates have I, and which of my shares have none?"""
    mine = [one for one in my_memberships(request.user, request.now) if one.member_class.share_price]
    if request.method == "POST":
        wanted = {str(one.pk): one for one in mine}.get(request.POST.get("membership", ""))
        if wanted is None:
            raise Missing("not your membership")
        try:
            made = actions.ask(wanted, request.user, now=request.now)
            messages.success(request, _("Certificate no. %(number)s is made.") % {"number": made.number})
        except Refused as no:
            messages.error(request, str(no.message))
        return redirect("capital:certificates")
    rows = list(Certificate.objects.filter(membership__in=mine).select_related("membership__member_class").order_by("-number"))
    covered: dict[Any, int] = {}
    for one in rows:
        if one.cancelled_at is None:
            covered[one.membership_id] = covered.get(one.membership_id, 0) + one.count
    bare = [(one, queries.holding(one).count - covered.get(one.pk, 0)) for one in mine]
    context = {"rows": rows, "bare": [(one, count) for one, count in bare if count > 0], "languages": [(one, LANGUAGES.get(one, one)) for one in ("ko", "en")]}
    return render(request, "capital/certificates.html", context)


@require_GET
def check(request: Any, certificate: UUID) -> HttpResponse:
    """Does this certificate hold? For whoever has it before them: its address is on it, and tells no name."""
    found = Certificate.objects.select_related("membership__member_class").filter(pk=certificate).first()
    if found is None:
        raise Missing("no such certificate")
    return render(request, "capital/certificate.html", {"it": found})


@require_GET
@signed_in
def pdf(request: Request, certificate: UUID) -> HttpResponse:
    """The file, in the language asked for (``?lang=ko``)."""
    found = Certificate.objects.select_related("membership__member_class", "membership__organisation", "membership__person").filter(pk=certificate).first()
    if found is None or not capital.may_buy(found.membership, request.user, request.now):
        raise Missing("not your certificate")
    rations.require("capital.certificate", request)
    language = request.GET.get("lang", "")
    with translation.override(language if language in LANGUAGES else get_language()):
        data = paper.draw(_page(found))
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="certificate-{found.number}.pdf"'
    return answer


def _page(one: Certificate) -> paper.Page:
    """A certificate in the words of the language in force. Raises ``Refused`` ("record.waiting") for a second or two after it was made."""
    language, coop, kind = get_language() or "en", law.coop(), one.membership.member_class
    day = say_time(one.issued_at, "date", language, periods.zone())
    shares = ngettext("%(count)s share", "%(count)s shares", one.count) % {"count": f"{one.count:,}"}
    lines = [
        (_("Held by"), one.name or str(one.membership.holder_name)),
        (_("Class"), in_language(kind.title, language)),
        (_("Shares"), shares),
        (_("One share"), format_amount(one.price, one.unit, language)),
        (_("Paid in"), format_amount(one.amount, one.unit, language)),
        (_("Issued on"), day),
    ]
    notes = [
        _("Each member has one vote, whatever they hold, and is liable with their shares only."),
        _("This paper is a proof and no security: it cannot be sold or given as a pledge. What counts is the register of the co-op."),
    ]
    if one.cancelled_at:
        gone = say_time(one.cancelled_at, "date", language, periods.zone())
        notes.insert(0, _("Cancelled on %(day)s: these shares were given back, passed on or certified anew.") % {"day": gone})
    url = settings.SITE_URL.rstrip("/") + reverse("capital:certificate", args=[one.pk])
    words = _("The proof is attached to this file (%(file)s). Anyone can check it without us: madang verify --receipt %(file)s. Does it still hold?")
    return paper.Page(
        in_language(coop.name, language), _("Share certificate"), _("No. %(number)s") % {"number": one.number},
        _("This certifies that the holder has paid in full for %(shares)s of %(coop)s.") % {"shares": shares, "coop": in_language(coop.name, language)},
        lines, notes, words % {"file": paper.PROOF}, url, record.receipt(f"certificate:{one.pk}", kind="certificate"), language, one.issued_at,
    )  # fmt: skip
