"""The page of emergency measures: what is stopped now and why, for everyone; and where whoever may takes one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madang.coop import law
from madang.coop.decisions import emergency
from madang.kit.errors import Missing, Refused


class Take(forms.Form):
    """What is stopped, why, for how many days."""

    key = forms.ChoiceField(label=gettext_lazy("What is stopped"))
    at_most = forms.CharField(
        label=gettext_lazy("The lower limit"), required=False, max_length=20, help_text=gettext_lazy("Only for a limit; lower than it is now.")
    )
    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=emergency.REASON_MAX, widget=forms.Textarea(attrs={"rows": 4}))
    days = forms.IntegerField(label=gettext_lazy("For how many days"), min_value=1, max_value=30)
    id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, most: timedelta, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = [(key, str(stop.title)) for key, stop in emergency.stops().items()]  # type: ignore[attr-defined]
        self.fields["days"].help_text = _("At most {n}. The members vote in the meantime on whether it goes on.").format(n=max(most.days, 1))


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """``/decisions/emergency/``."""
    law.coop()
    now, person = request.now, request.user  # type: ignore[attr-defined]
    may = emergency.may_take(person, now)
    most = emergency.longest.at(now).value
    form = Take(request.POST if request.POST.get("do") == "take" else None, most=most, initial={"id": uuid4(), "days": min(most.days, 7) or 1})
    if request.method == "POST":
        if not may:
            raise Missing("not yours to take")
        if request.POST.get("do") == "end":
            found = next((one for one in emergency.standing(now) if str(one.pk) == request.POST.get("measure")), None)
            if found is None:
                raise Missing("no such measure")
            emergency.end(found, person, now=now)  # type: ignore[arg-type]
            messages.success(request, _("It has ended."))
            return redirect("decisions:emergency")
        if form.is_valid():
            said = form.cleaned_data
            try:
                lasts = timedelta(days=said["days"]) if most >= timedelta(days=1) else most
                emergency.take(person, said["key"], said["reason"], at_most=said["at_most"] or None, lasts=lasts, id=said["id"], now=now)  # type: ignore[arg-type]
                messages.success(request, _("It is stopped. All members have been told, and are asked whether it goes on."))
                return redirect("decisions:emergency")
            except Refused as no:
                form.add_error(no.field if no.field in form.fields else None, str(no.message))
    rows = [_row(one) for one in emergency.standing(now).select_related("proposal", "by")]
    past = [_row(one) for one in emergency.Measure.objects.filter(until__lte=now) | emergency.Measure.objects.filter(ended_at__lte=now)][:50]
    context = {"rows": rows, "past": past, "may": may and bool(most), "form": form, "most": most}
    return render(request, "decisions/emergency.html", context, status=422 if form.errors else 200)


def _row(one: emergency.Measure) -> dict[str, Any]:
    stop = emergency.stops().get(one.key)
    limit = stop.type.describe(stop.type.parse(one.at_most), get_language() or "en") if stop and stop.type and one.at_most is not None else ""
    return {"one": one, "title": stop.title if stop else one.key, "limit": limit}
