"""Settings, the first question, my data, leaving; an organisation's public page."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from madang.coop.law import rations
from madang.coop.people import actions, queries
from madang.coop.people.access import Request, signed_in
from madang.coop.people.forms import EraseForm, ProfileForm, WelcomeForm
from madang.kit import house
from madang.kit.errors import Refused


def _next(request: HttpRequest, otherwise: str) -> str:
    """Where the person was going: only inside this site."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return url if url.startswith("/") and safe else otherwise


def _save(request: Request, form: ProfileForm) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.update_profile(request.user, **form.cleaned_data, now=request.now)
    except Refused as no:
        form.add_error(no.field, str(no.message))
        return False
    return True


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: Request) -> HttpResponse:
    """What is kept about me and how do I want things shown?"""
    form = ProfileForm(request.POST or None, person=request.user)
    if request.method == "POST" and _save(request, form):
        with translation.override(request.user.language):
            messages.success(request, _("Saved."))
        return redirect("people:settings")
    passkeys = [key.wrap() for key in Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN).order_by("pk")]
    work = queries.work_of(request.user, request.now)
    return render(request, "people/settings.html", {"form": form, "passkeys": passkeys, "work": work}, status=400 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: Request) -> HttpResponse:
    """What may we call you? Asked once, after the first sign-in; it can be skipped."""
    form = WelcomeForm(request.POST or None, person=request.user)
    if request.method == "POST" and _save(request, form):
        return redirect(_next(request, "/"))
    return render(request, "people/welcome.html", {"form": form, "next": _next(request, "/")}, status=400 if form.errors else 200)


@signed_in
@require_GET
def my_data(request: Request) -> HttpResponse:
    """Everything kept about the person, as a file for programs and for people."""
    rations.require("my-data", request)  # dear: a session tells only itself whose it is, so all are read
    answer = JsonResponse(actions.export(request.user), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: Request) -> HttpResponse:
    """What happens when I have my data erased? And then: do it."""
    form = EraseForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.erase(request.user, now=request.now)
        except Refused as no:
            form.add_error(None, str(no.message))
        else:
            logout(request)
            return redirect("people:erased")
    keeps = [item.keep for item in house.collect("personal")]
    return render(request, "people/erase.html", {"form": form, "keeps": keeps}, status=400 if form.errors else 200)


@require_GET
def erased(request: HttpRequest) -> HttpResponse:
    """It is done."""
    return render(request, "people/erased.html")


@require_GET
def organisation(request: Request, slug: str) -> HttpResponse:
    """Who is this organisation?"""
    found = queries.organisation(slug)
    return render(request, "people/organisation.html", {"organisation": found, "heads": queries.head_count(found, request.now)})


