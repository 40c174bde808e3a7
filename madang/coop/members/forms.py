"""The forms of joining, answering and organisations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.coop.people.models import ABOUT_MAX, Organisation, Person, Work


class Apply(forms.Form):
    """What one says when joining; for an organisations' class, which organisation."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("For which organisation?"), required=False, empty_label="—")
    words = forms.CharField(
        label=_("Anything you would like to say"),
        help_text=_("Not required. Who answers your application reads it; nobody else does."),
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(self, *args: Any, organisations: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organisations is None:
            del self.fields["organisation"]
        else:
            field = self.fields["organisation"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset, field.required = organisations, True


class Answer(forms.Form):
    """Yes or no to an application; a no needs its reason."""

    reason = forms.CharField(
        label=_("If no: why?"), help_text=_("The applicant reads this."), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class NewOrganisation(forms.Form):
    """An organisation one speaks for."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=120)
    about = forms.CharField(
        label=_("What it does"), help_text=_("A sentence or two. Members see it."), required=False, max_length=ABOUT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class Invite(forms.Form):
    """Whom to ask into an organisation."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}))
    role = forms.ChoiceField(label=_("What will they do?"), choices=[(Work.WORKER, _("works here")), (Work.REPRESENTATIVE, _("speaks for it"))])


class AsAt(forms.Form):
    """A day for the register."""

    at = forms.DateField(label=_("As at"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


class Appoint(forms.Form):
    """A person for an office, for a time."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Who?"), empty_label="—")
    since = forms.DateField(label=_("From the day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    until = forms.DateField(label=_("Until the day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people
