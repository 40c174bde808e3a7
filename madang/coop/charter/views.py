"""Founding pages: how far it is, and each founder's own link."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from madang.coop import law
from madang.coop.charter import actions, queries, words
from madang.coop.members.queries import is_member


@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """``/founding/``: is the co-op open yet, and who is still awaited? Names for founders and members only."""
    now: datetime = request.now  # type: ignore[attr-defined]
    coop = law.coop()
    found = queries.progress(now)
    context = {
        "progress": found,
        "places": [number < found.ready for number in range(max(found.needed, found.ready))],
        "names": queries.is_founder(request.user) or is_member(request.user, now),
        "founded_at": coop.founded_at,
        "bound": law.profile().bound("founders.min", now),
    }
    return render(request, "charter/progress.html", context)


@require_GET
def text(request: HttpRequest) -> HttpResponse:
    """``/founding/charter/``: what this co-op was founded with, in words. For everyone."""
    coop = law.coop()
    return render(request, "charter/charter.html", {"said": words.in_words(coop, coop.founded_at)})


@require_http_methods(["GET", "HEAD", "POST"])
def founder(request: HttpRequest, token: str) -> HttpResponse:
    """``/founding/<secret>/``: read what it will be, accept, pay the share. The link opens it; accepting asks who you are."""
    now: datetime = request.now  # type: ignore[attr-defined]
    invitation = queries.invitation(token)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.user.pk != invitation.person_id:
            messages.error(request, _("This link is for another founder. Sign out, and sign in with the address it was sent to."))
            return redirect("charter:founder", token=token)
        membership = actions.accept(token, by=request.user, now=now)
        if membership.state == "admitted":
            messages.success(request, _("You have accepted. One step is left: pay your share."))
            return redirect(f"/shares/buy/{membership.pk}/")
        return redirect("charter:progress")
    context = {
        "invitation": invitation,
        "membership": invitation.membership,
        "said": words.in_words(law.coop(), now),
        "progress": queries.progress(now),
        "mine": request.user.is_authenticated and request.user.pk == invitation.person_id,
    }
    return render(request, "charter/founder.html", context)
