"""What every request passes: the reader's language, the clock, and decent answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation

from madang.coop.law import clock, rations
from madang.coop.people import tokens
from madang.kit import house
from madang.kit.errors import Missing, Refused
from madang.web.errors import not_found, too_much, too_often, unreadable

log = logging.getLogger("madang.site")
UNREADABLE = (DataError, OverflowError, UnicodeEncodeError)
"""What no check foresaw and the database or the calendar will not hold: a null character, half an emoji, the day after the last one."""
Next = Callable[[HttpRequest], HttpResponse]
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
)


class NotTooMuch:
    """What is sent is refused by its size before anything reads it: forms, files and JSON alike, from whoever it comes.

    A body that does not say how long it is (chunked) is refused too: WSGI would hand it on as an empty one.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "")
        if not length:
            fine = "chunked" not in str(request.META.get("HTTP_TRANSFER_ENCODING", "")).lower()
        else:
            fine = length.isdecimal() and len(length) < 12 and int(length) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if fine:
            return self.get_response(request)
        response = too_much(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response


class KeyOfAProgram:
    """A program that brings a key (``Authorization: Bearer …``) is the person who made it, in the API only. Each question counts and is
    noted as a use, on routes open to all too. A key that opens nothing is told so."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = tokens.key_in(request.headers.get("Authorization", "")) if request.path.startswith("/api/") else None
        if key is None:
            return self.get_response(request)
        token = tokens.held(key)
        if token is None:
            headers = {"WWW-Authenticate": 'Bearer error="invalid_token"', "Content-Security-Policy": POLICY}
            return JsonResponse({"detail": "Unauthorized"}, status=401, headers=headers)
        request.user, request.token = token.person, token  # type: ignore[attr-defined]
        try:
            with translation.override(_language(request)):
                tokens.use(token, request, now=clock.now())
        except Refused as no:
            headers = {"Retry-After": "60", "Content-Security-Policy": POLICY}
            return JsonResponse({"code": no.code, "message": str(no.message), "field": no.field}, status=429, headers=headers)
        return self.get_response(request)


class LanguageOfTheReader:
    """The person's own choice first, then the cookie, then what the browser asks for, then the co-op's first language."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = _language(request)
        with translation.override(chosen), timezone.override(ZoneInfo(_zone(request.user))):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response


def _language(request: HttpRequest) -> str:
    person = request.user
    chosen = getattr(person, "language", None) if person.is_authenticated else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


def _zone(person: object) -> str:
    from madang.coop import law

    if name := getattr(person, "time_zone", ""):
        return str(name)
    coop = law.coop_or_none()
    return str(coop.time_zone) if coop else "UTC"


class TheClock:
    """``request.now``: the one place where a request learns what time it is."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]
        return self.get_response(request)


class Platforms:
    """The pages and routes of a platform that the charter does not list are not there."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        found = [config for config in apps.get_app_configs() if config.name.startswith("madang.platforms.")]
        self.places = [(f"/{place}", one.label) for one in found for place in (one.url_prefix, f"api/{one.label}/", *getattr(one, "also_at", {}))]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for place, label in self.places:
            if request.path_info.startswith(place) and not house.lives(label):
                return not_found(request)
        return self.get_response(request)


class Answers:
    """A refusal is a decent page, what is missing is a 404, and nothing inline is ever run by a browser."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()")
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Missing):
            raise Http404 from exception
        if isinstance(exception, Refused) and exception.code == rations.TOO_OFTEN:
            return too_often(request)
        if isinstance(exception, Refused):
            return render(request, "refused.html", {"refusal": exception}, status=409)
        if isinstance(exception, UNREADABLE):
            log.warning("what was sent to %s cannot be kept: %s", request.path, exception)
            return unreadable(request, exception)
        return None
