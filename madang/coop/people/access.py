"""Who may open a page, as far as people know: signed in, or an operator. Members and offices are ``members.access``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase

from madang.coop.people.models import Person
from madang.kit.errors import Missing


class Request(HttpRequest):
    """A request of somebody signed in, for type checkers: ``now`` is the co-op's time, ``user`` a person."""

    now: datetime
    user: Person
    LANGUAGE_CODE: str


def signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view is for somebody signed in; others go to the door and come back here afterwards."""
    return cast("Callable[..., HttpResponseBase]", login_required(cast(Any, view)))


def operator_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view is for operators; for everyone else it is not there (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(request.user, "is_operator", False):
            raise Missing
        return view(request, *args, **kwargs)

    return signed_in(guarded)
