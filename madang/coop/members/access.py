"""Who may open a page: signed in, a member, someone who holds an office. Deny first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from madang.coop.members import queries
from madang.kit.errors import Missing

View = Callable[..., HttpResponse]


def member_only(view: View) -> View:
    """Active members only. Someone signed out signs in first; someone who is no member is shown how to join."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not queries.is_member(request.user, request.now):  # type: ignore[attr-defined]
            messages.info(request, _("That page is for members. Here is how to join."))
            return redirect("members:join")
        return view(request, *args, **kwargs)

    return login_required(guarded)


def office_only(*keys: str) -> Callable[[View], View]:
    """Only who holds one of these offices now; for everyone else the page is not there (``Missing``)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            now = request.now  # type: ignore[attr-defined]
            if not any(queries.holds(request.user, key, now) for key in keys):
                raise Missing("not your office")
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return guard
