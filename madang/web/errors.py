"""Pages for what goes wrong: what happened, what was kept, what to do."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop.law import rations


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: too much, or not readable. Before the shell is ready (a wrong host name, say) in one plain line."""
    if not hasattr(request, "now"):
        return HttpResponse("This request could not be read. Nothing was stored.\n", status=400, content_type="text/plain")
    too_much = isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent))
    if request.path.startswith("/api/"):
        words = _("That is too much at once. Nothing was stored.") if too_much else _("This could not be read. Nothing was stored.")
        return JsonResponse({"code": "too-much" if too_much else "unreadable", "message": words, "field": None}, status=400)
    return render(request, "400.html", {"too_much": too_much}, status=400)


def too_much(request: HttpRequest) -> HttpResponse:
    """413: more than anything here takes. Answered before anybody knows who asks, so the language is the browser's."""
    language = translation.get_language_from_request(request)
    with translation.override(language):
        if request.path.startswith("/api/"):
            return JsonResponse({"code": "too-much", "message": _("That is too much at once. Nothing was stored."), "field": None}, status=413)
        page = get_template("413.html").render({"language": language, "path": request.path})
    return HttpResponse(page, status=413, headers={"Content-Language": language})


def too_often(request: HttpRequest) -> HttpResponse:
    """429: a page for who asks faster than a person does."""
    response = render(request, "429.html", {"words": rations.refused().message}, status=429)
    response.headers["Retry-After"] = "60"
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: it is not there, or not yours to see."""
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "missing", "message": _("It is not there, or not yours to see."), "field": None}, status=404)
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
