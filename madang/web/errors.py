"""Pages for what goes wrong: what happened, what was kept, what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: it is not there, or not yours to see."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not for you."""
    return render(request, "403.html", status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose protection did not match: mostly a page that was left open over a sign-in or sign-out."""
    return render(request, "stale_form.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault; nothing half-done was kept. Drawn without the database, which may be what is broken."""
    return HttpResponse(get_template("500.html").render({}), status=500)
