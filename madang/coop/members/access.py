"""Who may open a page: signed in, a member. Deny first."""

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
