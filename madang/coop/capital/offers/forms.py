"""Forms of share offers: the terms as an office types them, and an application."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.capital.offers.models import Offer
from madang.coop.capital.offers.opening import AMOUNTS, DOCUMENT_MAX, TITLE_MAX
from madang.coop.law.texts import in_language
from madang.coop.ledger import periods
from madang.coop.members.models import LIVE, MemberClass, Membership
from madang.kit.money import format_amount, parse_amount
from madang.kit.offers import KINDS, OVERSUBSCRIBED

KIND_NAMES = {
    "pioneer": _("Pioneer: pays for preparing"),
    "time-bound": _("Time-bound: minimum, optimum, maximum"),
    "open": _("Open: no end, shares as they are paid"),
}
SHARING_NAMES = {
    "first-come": _("who pays first is served first"),
    "scaled": _("all are scaled back in proportion"),
    "smallest-first": _("the smallest first"),
}
AMOUNT_NAMES = {
    "minimum": _("Minimum"), "optimum": _("Optimum"), "maximum": _("Maximum"), "least_person": _("Least for a person"),
    "most_person": _("Most for a person"), "least_organisation": _("Least for an organisation"), "most_organisation": _("Most for an organisation"),
    "match_cap": _("Matched up to"),
}  # fmt: skip
HELP = {
    "minimum": _("Below it all money goes back by itself."),
    "optimum": _("What the plan needs."),
    "maximum": _("More is not taken."),
    "match_cap": _("The funder pays it in first; what is not matched goes back."),
}


class OfferForm(forms.Form):
    """The terms of an offer and its document in each language of the co-op."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[(key, KIND_NAMES[key]) for key in KINDS])
    person_class = forms.ModelChoiceField(MemberClass.objects.none(), label=_("People become members of the class"), required=False)
    organisation_class = forms.ModelChoiceField(MemberClass.objects.none(), label=_("Organisations become members of the class"), required=False)
    opens_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    closes_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}), required=False, help_text=_("Empty for an open offer."))
    extension_days = forms.IntegerField(label=_("One extension, in days"), min_value=0, max_value=366, initial=0, required=False)
    extensions = forms.IntegerField(label=_("How many extensions"), min_value=0, max_value=3, initial=1, required=False)
    oversubscribed = forms.ChoiceField(label=_("When more is wanted than there is"), choices=[(key, SHARING_NAMES[key]) for key in OVERSUBSCRIBED])
    match_holder = forms.ModelChoiceField(Membership.objects.none(), label=_("Match funder"), required=False, help_text=_("Puts in as much as all others."))

    def __init__(self, *args: Any, offer: Offer | None = None, **kwargs: Any) -> None:
        self.unit, lang = law.coop().currency, get_language() or "en"
        super().__init__(*args, **kwargs)
        if not self.is_bound and offer is None:
            self.initial["key"] = uuid4()
        classes = MemberClass.objects.filter(share_price__gt=0).order_by("order", "key")
        for name, holder in (("person_class", MemberClass.PERSON), ("organisation_class", MemberClass.ORGANISATION)):
            field: Any = self.fields[name]
            field.queryset, field.label_from_instance = classes.filter(holder=holder), lambda one: in_language(one.title)
        funder: Any = self.fields["match_holder"]
        funder.queryset = Membership.objects.filter(state__in=LIVE, organisation__isnull=False).select_related("organisation")
        funder.label_from_instance = lambda one: one.holder_name
        for name in AMOUNTS:
            said = format_amount(getattr(offer, name), self.unit, lang) if offer and getattr(offer, name) else ""
            field = forms.CharField(label=AMOUNT_NAMES[name], max_length=30, required=False, initial=said, help_text=HELP.get(name, ""))
            field.widget.attrs["inputmode"] = "decimal"
            self.fields[name] = field
        self.languages = list(law.coop().languages)
        for one in self.languages:
            self.fields[f"title_{one}"] = forms.CharField(
                label=_("Name ({language})").format(language=one), max_length=TITLE_MAX, required=False, initial=(offer.title.get(one, "") if offer else "")
            )
            self.fields[f"document_{one}"] = forms.CharField(
                label=_("Offer document ({language})").format(language=one), max_length=DOCUMENT_MAX, required=False,
                widget=forms.Textarea(attrs={"rows": 18}), initial=(offer.document.get(one, "") if offer else ""),
                help_text=_("Markdown: # for a heading, an empty line between paragraphs."),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Amounts in the smallest unit, days as moments of the co-op's time zone."""
        data = super().clean() or {}
        for name in AMOUNTS:
            try:
                data[name] = parse_amount(data[name], self.unit) if data.get(name, "").strip() else 0
            except ValueError:
                self.add_error(name, _("An amount, please."))
        return data

    def fields_of_offer(self) -> dict[str, Any]:
        """As :func:`opening.write` takes them."""
        data, zone = self.cleaned_data, periods.zone()
        closes = data.get("closes_on")
        return {
            **{name: data[name] for name in ("key", "kind", "person_class", "organisation_class", "oversubscribed", "match_holder", *AMOUNTS)},
            "opens_at": datetime.combine(data["opens_on"], time(), zone),
            "closes_at": datetime.combine(closes, time(), zone) + timedelta(days=1) if closes else None,
            "extension_days": data["extension_days"] or 0, "extensions": data["extensions"] or 0,
            "title": {one: data[f"title_{one}"] for one in self.languages}, "document": {one: data[f"document_{one}"] for one in self.languages},
        }  # fmt: skip


def initial(offer: Offer) -> dict[str, Any]:
    """A draft as the form shows it."""
    zone = periods.zone()
    names = ("kind", "person_class", "organisation_class", "extension_days", "extensions", "oversubscribed", "match_holder")
    closes = (offer.closes_at - timedelta(days=1)).astimezone(zone).date() if offer.closes_at else None
    return {**{name: getattr(offer, name) for name in names}, "opens_on": offer.opens_at.astimezone(zone).date(), "closes_on": closes}


class ApplyForm(forms.Form):
    """How much, for whom, and that the risks were read."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    holder = forms.ChoiceField(label=_("For whom?"), required=False)
    amount = forms.CharField(label=_("How much do you want to put in?"), max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    read = forms.BooleanField(label=_("I have read the offer document, and can bear to lose this money."))

    def __init__(self, *args: Any, offer: Offer, holders: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        field: Any = self.fields["holder"]
        field.choices = holders
        if len(holders) < 2:
            del self.fields["holder"]
        if not self.is_bound:
            self.initial.setdefault("key", uuid4())

    def clean_amount(self) -> int:
        """Whole shares."""
        try:
            amount = parse_amount(self.cleaned_data["amount"], self.offer.unit)
        except ValueError:
            raise forms.ValidationError(_("An amount, please.")) from None
        if amount % self.offer.price or not amount:
            price = format_amount(self.offer.price, self.offer.unit, get_language() or "en")
            raise forms.ValidationError(_("Only whole shares: a multiple of {price}.").format(price=price))
        return amount // self.offer.price
