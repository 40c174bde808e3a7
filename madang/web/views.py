"""Home, and the choice of language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from madang.coop import law
from madang.coop.law.models import Coop
from madang.coop.ledger import periods
from madang.coop.ledger.queries import treasury
from madang.coop.members.queries import classes, count_by_class, is_member
from madang.coop.notices.queries import needs_me
from madang.coop.people import actions
from madang.kit import house


def back(request: HttpRequest, otherwise: str = "/") -> str:
    """The page a form asked to return to, when it is one of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if wanted.startswith("/") and safe else otherwise


def home(request: HttpRequest) -> HttpResponse:
    """The front page: before founding how to found; while forming who is still awaited; then the co-op, and first what needs the reader."""
    coop = law.coop_or_none()
    if coop is None:
        return render(request, "web/unfounded.html")
    if coop.state == Coop.FORMING:
        return render(request, "web/forming.html", _forming(request))
    return render(request, "web/home.html", _open(request))


def _forming(request: HttpRequest) -> dict[str, Any]:
    counts = count_by_class(request.now)  # type: ignore[attr-defined]
    profile = law.profile()
    needed = profile.bound("founders.min", request.now).number()  # type: ignore[attr-defined]
    accepted = sum(one.count for one in counts)
    return {
        "needed": needed,
        "accepted": accepted,
        "places": [number < accepted for number in range(max(needed, accepted))],
        "tasks": needs_me(request.user) if request.user.is_authenticated else [],
    }


def _open(request: HttpRequest) -> dict[str, Any]:
    now = request.now  # type: ignore[attr-defined]
    member = is_member(request.user, now)
    signed_in = request.user.is_authenticated
    return {
        "member": member,
        "tasks": needs_me(request.user) if signed_in else [],
        "panels": [panel for panel in (make(request) for make in house.collect("panels")) if panel] if signed_in else [],
        "tiles": [] if signed_in else [tile for tile in (make(request) for make in house.collect("tiles")) if tile],
        "classes": [] if member else classes(),
        "picture": [] if signed_in else _picture(now),
        "has_slider": not signed_in and _exists("rules/slider.html"),
    }


WHOLE = 10_000


def _picture(now: datetime) -> dict[str, Any] | None:
    """Where each 10,000 went in the last whole month, or in this one while there is no other; None while there is nothing to show."""
    unit = law.coop().currency
    this = periods.month_of(now)
    for month in (periods.month_before(this), this):
        told = treasury(*periods.month(month), unit=unit)
        if told.slices:
            rows = [{"label": one.title, "amount": one.of_whole, "share": one.share} for one in told.slices]
            return {"month": month, "rows": rows, "unit": unit, "whole": WHOLE}
    return None


def _exists(template: str) -> bool:
    try:
        get_template(template)
    except TemplateDoesNotExist:
        return False
    return True


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the reader's language: in a cookie, and with the person when signed in. An unknown language changes nothing."""
    chosen = request.POST.get("language", "")
    answer = HttpResponseRedirect(back(request))
    if chosen in dict(settings.LANGUAGES):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=60 * 60 * 24 * 365, samesite="Lax", secure=request.is_secure(), httponly=True
        )
        if request.user.is_authenticated:
            actions.set_language(request.user, chosen, now=request.now)  # type: ignore[attr-defined]
    return answer
