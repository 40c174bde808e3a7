"""Pages of shares that pass on: to another member, to another class, after a death."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from madang.coop import law
from madang.coop.capital import actions, death, handovers, queries, withdrawals
from madang.coop.capital.models import Handover
from madang.coop.capital.out_views import chosen, holding_memberships, said
from madang.coop.capital.views import my_memberships
from madang.coop.law.texts import in_language
from madang.coop.members.access import member_only
from madang.coop.members.models import Membership
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused


class Counted(forms.Form):
    """So many shares of one membership for another; ``key`` makes pressing twice one wish."""

    source = forms.ChoiceField(label=gettext_lazy("Of which shares?"))
    target = forms.ChoiceField(label=gettext_lazy("Into which class?"))
    count = forms.IntegerField(
        label=gettext_lazy("How many shares"), min_value=1, max_value=actions.COUNT_MAX, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, sources: list[Membership], targets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(str(one.pk), said(one)) for one in sources]  # type: ignore[attr-defined]
        self.fields["target"].choices = targets  # type: ignore[attr-defined]


class PassForm(Counted):
    """To whom the shares pass: members who let others see their name, and those admitted."""

    target = forms.ChoiceField(label=gettext_lazy("To whom?"))


class NamedForm(forms.Form):
    """Whom the shares shall go to."""

    to = forms.CharField(label=gettext_lazy("Their name"), max_length=death.NAME_MAX)
    relation = forms.ChoiceField(label=gettext_lazy("What they are to you"), choices=[("", "—"), *death.RELATIONS.items()])
    officer = forms.TypedChoiceField(
        label=gettext_lazy("Do they hold an office in the co-op, or work for it?"), coerce=lambda said: said == "yes",
        choices=[("", "—"), ("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes"))],
    )  # fmt: skip
    contact = forms.CharField(
        label=gettext_lazy("How they can be reached"), max_length=death.CONTACT_MAX, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("An address, a telephone number: for who pays out, and not before your death."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def passing(request: Request) -> HttpResponse:
    """``/shares/pass/``: may I give shares to somebody else, and what was offered to me?"""
    mine = holding_memberships(request)
    possible = _possible(request)
    others = _others(mine) if possible is None else []
    form = PassForm(request.POST if request.POST.get("do") == "offer" else None, sources=mine, targets=others, initial={"key": uuid4(), "count": 1})
    if request.method == "POST" and _passed(request, form):
        return redirect("capital:pass")
    everything = {one.pk for one in my_memberships(request.user, request.now)}
    rows = Handover.objects.filter(giver__in=everything) | Handover.objects.filter(taker__in=everything)
    rows = rows.select_related("giver__person", "giver__organisation", "taker__person", "taker__organisation", "giver__member_class")
    context = {
        "form": form, "mine": [(one, queries.holding(one), withdrawals.free(one)) for one in mine], "unit": law.coop().currency, "possible": possible,
        "rows": [(one, one.taker_id in everything) for one in rows[:50]], "others": others, "meeting": handovers.needs(request.now) == handovers.MEETING,
        "bound": law.profile().bound("share.transfer_needs", request.now),
    }  # fmt: skip
    return render(request, "capital/pass.html", context, status=422 if form.errors else 200)


def _possible(request: Request) -> str | None:
    """Why shares cannot pass here; None when they can."""
    try:
        handovers.require_possible(request.now)
    except Refused as no:
        return str(no.message)
    return None


def _others(mine: list[Membership]) -> list[tuple[str, str]]:
    """Members and admitted applicants of the same classes who let others see their name."""
    rows = Membership.objects.filter(member_class__in={one.member_class_id for one in mine}, state__in=["admitted", "active"], names_open=True)
    rows = rows.exclude(pk__in=[one.pk for one in mine]).exclude(person__erased_at__isnull=False).select_related("member_class", "person", "organisation")
    return [(str(one.pk), f"{one.holder_name} · {in_language(one.member_class.title)}") for one in rows.order_by("person__name", "organisation__name")[:2000]]


def _passed(request: Request, form: PassForm) -> bool:
    what = request.POST.get("do", "")
    try:
        if what == "offer":
            if not form.is_valid():
                return False
            data = form.cleaned_data
            source, target = chosen(data["source"], Membership), chosen(data["target"], Membership)
            handovers.offer(source, target, data["count"], by=request.user, key=data["key"], now=request.now)
            messages.success(request, _("Offered. Nothing moves before they say yes."))
        elif what == "accept":
            done = handovers.accept(chosen(request.POST.get("handover", ""), Handover), by=request.user, now=request.now)
            messages.success(request, _("The shares are yours.") if done.state == "done" else _("You said yes. Now the members have to agree."))
        elif what == "off":
            handovers.call_off(chosen(request.POST.get("handover", ""), Handover), by=request.user, now=request.now)
            messages.success(request, _("Called off. Nothing was moved."))
        else:
            raise Missing("no such button")
    except Refused as no:
        if what == "offer":
            field = {"taker": "target"}.get(no.field or "", no.field)
            form.add_error(field if field in form.fields else None, str(no.message))
            return False
        messages.error(request, str(no.message))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def convert(request: Request) -> HttpResponse:
    """``/shares/convert/``: turn shares of one class into shares of another one I am in."""
    mine = holding_memberships(request)
    live = [one for one in my_memberships(request.user, request.now) if one.state in ("admitted", "active") and one.member_class.share_price]
    form = Counted(request.POST or None, sources=mine, targets=[(str(one.pk), said(one)) for one in live], initial={"key": uuid4(), "count": 1})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            source, target = chosen(data["source"], Membership), chosen(data["target"], Membership)
            handovers.convert(source, target, data["count"], by=request.user, key=data["key"], now=request.now)
            messages.success(request, _("Done: they are shares of the other class now."))
            return redirect("capital:shares")
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    rows = [(one, queries.holding(one), withdrawals.may_take(one)) for one in mine]
    context = {"form": form, "mine": rows, "several": len(live) > 1, "unit": law.coop().currency}
    return render(request, "capital/convert.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_only
def named(request: Request) -> HttpResponse:
    """``/shares/named/``: whom shall my shares go to when I die? Nobody else reads it while I live."""
    if request.method == "POST" and request.POST.get("do") == "forget":
        death.unname(request.user)
        messages.success(request, _("Forgotten. Nobody is named."))
        return redirect("capital:named")
    now = death.named_by(request.user)
    kept = {"to": now.name, "relation": now.relation, "contact": now.contact, "officer": "yes" if now.officer else "no"} if now else None
    form = NamedForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            death.name(request.user, **form.cleaned_data, now=request.now)
            messages.success(request, _("Kept, sealed."))
            return redirect("capital:named")
        except Refused as no:
            form.add_error({"name": "to"}.get(no.field or "", no.field), str(no.message))
    profile = law.profile()
    names = ("death.paid_to", "death.nomination_max_amount", "death.nominee_officer_only_family")
    context = {
        "form": form, "named": now, "heirs": profile.bound("death.paid_to", request.now).value == "heirs",
        "bounds": [one for name in names if (one := profile.bound(name, request.now)).citation],
    }  # fmt: skip
    return render(request, "capital/named.html", context, status=422 if form.errors else 200)
