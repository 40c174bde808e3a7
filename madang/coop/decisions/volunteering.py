"""Pages of standing for a panel, and its list for anyone who draws again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madang.coop.decisions import actions, panels, queries
from madang.coop.people.access import signed_in
from madang.kit.errors import Refused


@require_POST
@signed_in
def volunteer(request: HttpRequest, id: UUID) -> HttpResponse:
    """One tap: I stand; with ``back``, no longer."""
    one, now = queries.visible(id, request.user), request.now  # type: ignore[attr-defined]
    try:
        if request.POST.get("back"):
            actions.step_back(one, request.user, now=now)
            messages.success(request, _("You do not stand for the panel."))
        else:
            actions.volunteer(one, request.user, now=now)
            messages.success(request, _("You stand for the panel. You can step back until voting opens."))
    except Refused as no:
        messages.error(request, str(no.message))
    return HttpResponseRedirect(reverse("decisions:decision", args=[one.pk]) + "#panel")


@require_safe
def panel_list(request: HttpRequest, id: UUID) -> HttpResponse:
    """The list of panels by number, without names: for everyone."""
    text = panels.as_text(queries.visible(id, request.user))
    return HttpResponse(
        text, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{str(id)[:8]}-panels.txt"'}
    )
