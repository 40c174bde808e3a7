"""What the members decided to spend: for who pays out, what may be drawn, and a member's credit booked on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from madang.coop import law
from madang.coop.ledger.owners import names
from madang.coop.members import queries as members
from madang.coop.payments import accounts, authorising
from madang.coop.people.access import Request, signed_in
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.kit.money import parse_amount


class CreditForm(forms.Form):
    """Whom, and how much."""

    to = forms.ChoiceField(label=pgettext_lazy("spending", "Which member"))
    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    id = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, people: dict[str, Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["to"].choices = [("", "—"), *((pk, str(one)) for pk, one in people.items())]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@signed_in
def decided(request: Request) -> HttpResponse:
    """What may be spent, and what was?"""
    if not members.has_duty(request.user, accounts.PAYOUTS, request.now):
        raise Missing("for who pays out")
    people = {str(one.pk): one for one in members.people(request.now) if one.pk != request.user.pk}
    wrong: tuple[str, CreditForm] | None = None
    if request.method == "POST":
        here, sent = request.POST.get("sum", ""), CreditForm(request.POST, people=people)
        if sent.is_valid():
            try:
                _credit(here, sent, request)
                messages.success(request, _("It stands to their credit now, and is paid out like what they earned."))
                return redirect("payments:decided")
            except Refused as no:
                sent.add_error(no.field if no.field in sent.fields else None, str(no.message))
        wrong = here, sent
    sums = authorising.open_sums(request.now)
    over = authorising.over_sums(request.now)
    draws = authorising.draws_of([*sums, *over])
    called = names([draw.owner for rows in draws.values() for draw in rows if draw.owner])

    def said(row: authorising.Spending) -> list[tuple[Any, str]]:
        return [(draw, called.get(draw.owner, "") if draw.owner else _("from the bank's statement")) for draw in draws.get(row.one.pk, [])]

    def form(row: authorising.Spending) -> CreditForm:
        if wrong and wrong[0] == str(row.one.pk):
            return wrong[1]
        return CreditForm(people=people, initial={"id": uuid4()}, auto_id=f"id_%s_{row.one.pk}")

    shown = [{"it": row, "draws": said(row), "form": form(row)} for row in sums]
    context = {"sums": shown, "over": [{"it": row, "draws": said(row)} for row in over], "unit": law.coop().currency}
    return render(request, "payments/decided.html", context, status=422 if wrong else 200)


def _credit(here: str, form: CreditForm, request: Request) -> None:
    try:
        amount = parse_amount(form.cleaned_data["amount"], law.coop().currency)
    except ValueError:
        raise Refused("amount", _("That amount could not be read."), "amount") from None
    id: UUID = form.cleaned_data["id"]
    authorising.credit(here, form.people[form.cleaned_data["to"]], amount, by=request.user, id=id, now=request.now)
