"""The one door of ``/rest/``: read what is asked, find out who asks, let the call answer, say it in the form that was wanted."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from madang import __version__
from madang.coop.law import rations
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.music.actions import keys
from madang.platforms.music.rest import browsing, keeping, lists, media, system
from madang.platforms.music.rest.asks import Ask
from madang.platforms.music.subsonic import answers
from madang.platforms.music.subsonic.asking import Asked, read
from madang.platforms.music.subsonic.errors import Failed
from madang.platforms.music.subsonic.signing import ApiKey, Password

log = logging.getLogger("madang.music")
CALLS = {**system.CALLS, **browsing.CALLS, **lists.CALLS, **media.CALLS, **keeping.CALLS}


@csrf_exempt  # no cookie is read here: who asks says so in each request
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer one call. The status is 200 whatever comes of it, as the protocol has it."""
    asked = read(name, request.META.get("QUERY_STRING", ""), request.body if request.method == "POST" else b"", request.content_type or "")
    try:
        call = asked.call()
        person = None if call.public else who(request, asked)
        said = CALLS[call.name](Ask(request, person, asked.values(), asked.client, request.now))  # type: ignore[attr-defined]
        if isinstance(said, HttpResponseBase):
            return said
        return _http(answers.ok(call.answer if said is not None else "", said, form=asked.form, server=__version__), request)
    except Failed as no:
        return _http(answers.failed(no, form=asked.form, server=__version__), request)
    except Missing:
        return _http(answers.failed(Failed(70), form=asked.form, server=__version__), request)
    except Refused as no:
        page = request.build_absolute_uri(reverse("music:wallet"))
        code = 50 if no.code in ("wallet", "cap", "asks", "not-yours", "not-owned") else 0
        return _http(answers.failed(Failed(code, str(no.message), page if code else ""), form=asked.form, server=__version__), request)


def _http(said: answers.Answer, request: HttpRequest) -> HttpResponse:
    response = HttpResponse(b"" if request.method == "HEAD" else said.body, content_type=said.content_type)
    response["Cache-Control"] = "no-store"
    return response


def who(request: HttpRequest, asked: Asked) -> Person:
    """Who asks. Raises ``Failed``: 40 for a wrong password or token, 44 for a key that opens nothing; too many wrong ones are not looked at."""
    said, now = asked.sign_in(), request.now  # type: ignore[attr-defined]
    if isinstance(said, ApiKey):
        person = keys.by_api_key(said.key, now=now)
    elif isinstance(said, Password):
        person = keys.by_password(said.username, said.password, now=now)
    else:
        person = keys.by_token(said.username, said.token, said.salt, now=now)
    if person is None:
        try:
            rations.require("music.wrong-password", request)
        except Refused as no:
            raise Failed(0, str(no.message)) from no
        raise Failed(44 if isinstance(said, ApiKey) else 40)
    request.user = person
    return person
