"""Settings: keys for programs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madang.coop.people import tokens
from madang.coop.people.access import Request, signed_in
from madang.coop.people.forms import KeyForm
from madang.kit.errors import Refused


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: Request) -> HttpResponse:
    """Which programs may act for me? A new key is shown on the answer to this form, and never again."""
    form, made = KeyForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            _token, made = tokens.make_key(request.user, form.cleaned_data["name"], now=request.now)
        except Refused as no:
            form.add_error(no.field, str(no.message))
        else:
            form = KeyForm()
    mine = request.user.tokens.order_by("made_at", "pk")
    context = {"form": form, "made": made, "keys": mine, "a_minute": tokens.A_MINUTE}
    return render(request, "people/keys.html", context, status=400 if form.errors else 200)


@signed_in
@require_POST
def revoke(request: Request, token_id: UUID) -> HttpResponse:
    """It opens nothing from now on."""
    tokens.revoke_key(request.user, token_id, now=request.now)
    messages.success(request, _("The key is taken back: it opens nothing any more."))
    return redirect("people:keys")
