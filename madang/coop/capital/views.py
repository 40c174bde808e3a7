"""Pages of share capital: what I hold, buy more; what the co-op owes those who left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from madang.coop import law
from madang.coop.capital import actions, limits, queries, register, withdrawals
from madang.coop.capital import money as purse
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.payments import outgoing
from madang.coop.people.access import Request, signed_in
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused


class BuyForm(forms.Form):
    """How many shares."""

    count = forms.IntegerField(
        label=gettext_lazy("How many shares"), min_value=1, max_value=actions.COUNT_MAX, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )


@dataclass(frozen=True)
class Held:
    """One membership on the page."""

    membership: Membership
    holding: queries.Holding
    limit: limits.Limit
    waiting: list[Any]
    asked: int = 0

    @property
    def missing(self) -> int:
        """Shares still to be paid before one is a member."""
        return max(0, int(self.membership.member_class.min_shares) - self.holding.count)

    @property
    def more(self) -> bool:
        """Whether the law leaves room for one more."""
        return self.membership.state in ("admitted", "active") and bool(self.membership.member_class.share_price) and self.holding.count < self.limit.count


def my_memberships(person: Person, now: datetime) -> list[Membership]:
    """A person's own memberships and those of the organisations they speak for."""
    own = members.memberships(person)
    return own + [one for one in members.represented(person, now) if one not in own]


@require_GET
@signed_in
def shares(request: Request) -> HttpResponse:
    """What do I hold?"""
    mine = my_memberships(request.user, request.now)
    held = [
        Held(one, queries.holding(one), limits.limit(one, request.now), queries.open_purchases(one, request.now), queries.waiting_count(one))
        for one in mine
        if one.state in ("admitted", "active") and one.member_class.share_price
    ]
    context = {
        "held": held, "claims": queries.claims(mine), "unit": law.coop().currency, "limitless": queries.LIMITLESS,
        "sees_queue": members.has_duty(request.user, outgoing.PAYOUTS, request.now) or withdrawals.may_suspend(request.user, request.now),
        "reads": register.may_read(request.user, request.now),
    }  # fmt: skip
    return render(request, "capital/shares.html", context)


@require_GET
@signed_in
def money(request: Request) -> HttpResponse:
    """What did I put in, earn, am I owed, can I take out?"""
    told = purse.money(request.user, members.memberships(request.user), now=request.now)
    year = purse.open_year(request.now) if members.is_member(request.user, request.now) else None
    return render(request, "capital/money.html", {"told": told, "year": year})


@require_http_methods(["GET", "POST"])
@signed_in
def buy(request: Request, membership: UUID) -> HttpResponse:
    """How many shares do I buy?"""
    found = get_object_or_404(Membership.objects.select_related("member_class", "organisation", "person"), pk=membership)
    if not actions.may_buy(found, request.user, request.now):
        raise Missing("not your membership")
    held = Held(found, queries.holding(found), limits.limit(found, request.now), [])
    form = BuyForm(request.POST or None, initial={"count": max(1, held.missing)})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(actions.buy_shares(found, form.cleaned_data["count"], request.user, now=request.now))
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    context = {"held": held, "membership": found, "form": form, "unit": law.coop().currency, "limitless": queries.LIMITLESS}
    return render(request, "capital/buy.html", context, status=422 if form.errors else 200)
