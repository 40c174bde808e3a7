"""A client's homes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madang.coop.people.access import signed_in
from madang.kit.errors import Refused
from madang.platforms.services import actions, queries
from madang.platforms.services.forms import HomeForm, refuse

FIELDS = ("name", "district", "address", "directions", "bedrooms", "bathrooms", "has_ladder", "has_machine")


@signed_in
def homes(request: Any) -> HttpResponse:
    """The list."""
    return render(request, "services/homes.html", {"homes": queries.homes(request.user)})


@signed_in
def edit(request: Any, home_id: UUID) -> HttpResponse:
    """Correct a home or take it off the list."""
    home = queries.home(request.user, home_id)
    form = HomeForm(request.POST or None, initial={name: getattr(home, name) for name in FIELDS})
    try:
        if request.POST.get("do") == "remove":
            actions.remove_home(request.user, home_id, now=request.now)
            messages.success(request, _("The home is off your list."))
            return redirect("services:homes")
        if request.method == "POST" and form.is_valid():
            actions.edit_home(request.user, home_id, **{name: form.cleaned_data[name] for name in FIELDS}, now=request.now)
            messages.success(request, pgettext("services", "Kept."))
            return redirect("services:homes")
    except Refused as no:
        if form.is_valid():
            refuse(form, no)
        else:
            messages.warning(request, str(no.message))
    return render(request, "services/home.html", {"home": home, "form": form})
