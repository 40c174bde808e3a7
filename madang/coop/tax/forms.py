"""What people type about taxes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.coop.tax.status import Facts

STANDINGS = [
    ("freelancer", _("In business by myself, without a registration (tax is kept back)")),
    ("registered", _("Registered as a business (nothing is kept back)")),
    ("foreign", _("Living abroad (tax is kept back)")),
    ("none", _("None of these (nothing is kept back)")),
]
OURS = [("registered", _("Registered for value added tax")), ("none", _("Not registered"))]


class StandingForm(forms.Form):
    """How one stands with the tax office."""

    standing = forms.ChoiceField(label=_("How do you stand with the tax office?"), choices=STANDINGS, widget=forms.RadioSelect)
    since = forms.DateField(label=_("From which day on"), widget=forms.DateInput(attrs={"type": "date"}))
    number = forms.CharField(label=_("Business registration number"), max_length=20, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=_("Name, as the registration says it"), max_length=70, required=False)
    representative = forms.CharField(label=_("Representative"), max_length=70, required=False)
    address = forms.CharField(label=_("Address of the business"), max_length=150, required=False)
    trade = forms.CharField(label=_("Kind of business"), max_length=40, required=False)
    item = forms.CharField(label=_("What it sells"), max_length=40, required=False)
    resident = forms.CharField(
        label=_("Resident registration number"), max_length=20, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=_("Only if tax is kept back: the yearly statement to the tax office has to name you by it. It is kept encrypted and never shown again."),
    )  # fmt: skip
    added = forms.BooleanField(label=_("Prices are said without the tax, which comes on top"), required=False)
    cash_receipts = forms.BooleanField(label=_("Our kind of business has to issue cash receipts unasked"), required=False)

    def __init__(self, *args: Any, ours: bool, resident: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if ours:
            self.fields["standing"] = forms.ChoiceField(label=_("How does the co-op stand with the tax office?"), choices=OURS, widget=forms.RadioSelect)
            del self.fields["resident"]
        else:
            del self.fields["added"], self.fields["cash_receipts"]
            if not resident:
                del self.fields["resident"]

    def facts(self) -> Facts:
        """What was said."""
        return Facts(**{name: value for name, value in self.cleaned_data.items() if name != "since"})


class RemitForm(forms.Form):
    """Money that went to a tax office."""

    tax = forms.ChoiceField(
        label=_("Which tax"),
        choices=[("vat-out", _("Value added tax")), ("withheld", _("Income tax kept back")), ("withheld-local", _("Local income tax kept back"))],
    )
    period = forms.DateField(label=_("First day of the period"), widget=forms.DateInput(attrs={"type": "date"}))
    amount = forms.CharField(label=_("Amount sent"), max_length=30, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    rail = forms.ChoiceField(label=_("From where"), choices=[])
    reference = forms.CharField(label=_("Number on the receipt"), max_length=60)

    def __init__(self, *args: Any, rails: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rail"].choices = rails  # type: ignore[attr-defined]


class WishForm(forms.Form):
    """What a payer needs of a payment."""

    use = forms.ChoiceField(label=_("What do you need?"), required=False)
    number = forms.CharField(label=_("Number"), max_length=30, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}))
    name = forms.CharField(label=_("Name of the business (for an invoice)"), max_length=70, required=False)
    address = forms.CharField(label=_("Address of the business (for an invoice)"), max_length=150, required=False)

    def __init__(self, *args: Any, cash: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cash_receipts = [("income", _("Cash receipt for myself (mobile number)")), ("business", _("Cash receipt for a business (registration number)"))]
        choices: list[tuple[str, Any]] = [("", _("Nothing")), *(cash_receipts if cash else []), ("invoice", _("Tax invoice to a business"))]
        self.fields["use"].choices = choices  # type: ignore[attr-defined]
