"""What only a demo has: to be anyone in it, to move its clock, and a walk through one turn of the wheel."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madang.coop import law
from madang.coop.decisions import actions as decisions
from madang.coop.decisions.models import Elector
from madang.coop.decisions.states import AGAINST, FOR, VOTING
from madang.coop.law import actions as law_actions
from madang.coop.law import clock as law_clock
from madang.coop.notices.due import run_due
from madang.coop.people import actions
from madang.kit import house
from madang.kit.errors import Refused
from madang.web.views import back
from madang.web.wheel import KEPT, again, saw, turn
from madang.web.words import say_time

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STEPS = {  # how far, in how many steps: what falls due at each step happens before the next
    "hour": (timedelta(hours=1), 1),
    "day": (timedelta(hours=1), 24),
    "week": (timedelta(hours=4), 42),
}
SWEEP_MAX = 1000
VOTERS_MAX = 1000
ABSENT, OPPOSED = 15, 12  # of a hundred


def only_in_a_demo(view: Any) -> Any:
    """A real co-op has none of these pages: 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        coop = law.coop_or_none()
        if coop is None or not coop.demo:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_in_a_demo
@require_POST
def be(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in as one of the demo's personas; ``nobody`` signs out. 404 for an unknown one."""
    if key == "nobody":
        kept = request.session.get(KEPT)
        logout(request)
        if kept:
            request.session[KEPT] = kept
        return redirect(back(request))
    persona = next((one for one in house.collect("personas") if one.key == key), None)
    person = persona.find() if persona else None
    if persona is None or person is None:
        raise Http404
    kept = request.session.get(KEPT)
    _become(request, person, key)
    if kept:
        request.session[KEPT] = kept
    return redirect(back(request, persona.url))


def _become(request: HttpRequest, person: Any, key: str) -> None:
    """Sign in as a persona, in the language the visitor reads."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) or request.LANGUAGE_CODE  # type: ignore[attr-defined]
    login(request, person, backend=BACKEND)
    request.session["persona"] = key
    if language in dict(settings.LANGUAGES) and language != person.language:
        actions.set_language(person, language, now=request.now)  # type: ignore[attr-defined]


@only_in_a_demo
@require_POST
def clock(request: HttpRequest) -> HttpResponse:
    """Move the demo's clock on; what falls due on the way happens in its order."""
    if request.POST.get("by") not in STEPS:
        raise Http404
    done = move(request.POST["by"])
    said = _("It is now %(moment)s. Things done on the way: %(count)s.")
    moment = say_time(law_clock.now(), "full", get_language() or "en", get_current_timezone())
    messages.success(request, said % {"moment": moment, "count": done})
    return redirect(back(request))


def move(by: str) -> int:
    """Move the clock by an hour, a day or a week in steps, sweeping what falls due after each; returns how many things were done."""
    step, times = STEPS[by]
    done = 0
    for _step in range(times):
        law_actions.move_clock(step, now=law_clock.now())
        report = run_due(law_clock.now(), SWEEP_MAX)
        done += report.total
        while report.more:
            report = run_due(law_clock.now(), SWEEP_MAX)
            done += report.total
    return done


@only_in_a_demo
def wheel(request: HttpRequest) -> HttpResponse:
    """One turn of the wheel: eight steps, what is done and what is next. POST opens a step as its persona, or begins again."""
    if not house.lives("services"):
        raise Http404
    if request.method != "POST":
        return render(request, "web/wheel.html", {"steps": turn(request)})
    if request.POST.get("do") == "again":
        again(request)
        return redirect("web:wheel")
    step = next((one for one in turn(request) if one.key == request.POST.get("step")), None)
    persona = next((one for one in house.collect("personas") if step and one.key == step.persona), None)
    person = persona.find() if persona else None
    if step is None or persona is None or person is None:
        raise Http404
    kept = request.session[KEPT]
    _become(request, person, persona.key)
    request.session[KEPT] = kept  # signing in as someone else empties the session
    saw(request, step.key)
    return redirect(step.url)


@only_in_a_demo
@require_POST
def others(request: HttpRequest) -> HttpResponse:
    """Let the made-up members vote on what is open: most of them, most of them for it, each through the same action a person uses."""
    now = law_clock.now()
    cast = 0
    waiting = Elector.objects.filter(proposal__state=VOTING, proposal__opens_at__lte=now, proposal__closes_at__gt=now, ballot=None)
    for elector in waiting.exclude(person=request.user.pk).select_related("person")[:VOTERS_MAX]:
        lot = elector.pk.int % 100
        if lot < ABSENT:
            continue
        with suppress(Refused):  # who left since has no vote any more
            decisions.cast(elector.proposal_id, elector.person, AGAINST if lot < ABSENT + OPPOSED else FOR, elector=elector.pk, now=now)
            cast += 1
    messages.success(request, ngettext("%(n)s made-up member has voted.", "%(n)s made-up members have voted.", cast) % {"n": cast})
    return redirect(back(request))
