"""Forms of the door and of the settings."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.utils import get_next_redirect_url
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from madang.coop.people import zones
from madang.coop.people.door import Code
from madang.coop.people.models import NAME_MAX, TOKEN_NAME_MAX, Person
from madang.coop.people.widgets import LongSelect
from madang.kit.errors import Missing


class DoorForm(account_forms.RequestLoginCodeForm):
    """"Your e-mail": the one door for coming in and for joining."""

    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("request", None)
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = _("Your e-mail")
        email.max_length = 254
        email.widget = forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "maxlength": "254", "autocapitalize": "none"})
        email.error_messages["invalid"] = _("This is not an e-mail address. It looks like name@example.org.")
        email.error_messages["required"] = _("Write your e-mail address.")

    def clean_email(self) -> str:
        """The address in small letters; at most three codes a minute go to one address."""
        self.cleaned_data["email"] = self.cleaned_data["email"].strip().lower()
        email: str = super().clean_email()
        return email

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Send the code and go to where it is typed."""
        Code.initiate(request=request, user=self._user, email=self.cleaned_data["email"])
        next_url = get_next_redirect_url(request)
        return redirect(reverse("account_confirm_login_code") + (f"?{urlencode({'next': next_url})}" if next_url else ""))


class CodeForm(account_forms.ConfirmLoginCodeForm):
    """The code that came by mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("The code from the mail")
        code.max_length = 40
        code.widget = forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "40", "autofocus": True, "class": "input-short"}
        )
        code.error_messages["required"] = _("Type the code from the mail.")
        self.mail_stays_here = not settings.EMAIL_HOST


class NotHere(forms.Form):
    """A page of allauth this house does not have."""

    by_passkey = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise Missing


class ProfileForm(forms.Form):
    """How a person is called, reads and counts the hours."""

    name = forms.CharField(
        label=_("Name"), required=False, max_length=NAME_MAX,
        help_text=_("What others call you here. It need not be the name in your papers."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, help_text=_("Pages and mail come in this language."))
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("All times are shown in it."), widget=LongSelect)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"name": person.name, "language": person.language, "time_zone": person.time_zone})
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        known = zones.choices()
        zone.choices = known if person.time_zone in dict(known) else [(person.time_zone, person.time_zone), *known]


class WelcomeForm(ProfileForm):
    """The first question to somebody new: only the name must be there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].label = _("Your name")
        self.fields["name"].error_messages["required"] = _("Write what we may call you.")


class KeyForm(forms.Form):
    """Which program a key is for."""

    name = forms.CharField(
        label=_("Which program is it for?"), max_length=TOKEN_NAME_MAX, help_text=_("For you alone, so that you know which key to take back."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class EraseForm(forms.Form):
    """Erasing is for good, so the person writes their address once more."""

    email = forms.CharField(
        label=_("Write your e-mail address to say that you mean it"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email", "autocapitalize": "none"}),
    )  # fmt: skip

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        """It must be the person's own."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if email != self.person.email:
            raise forms.ValidationError(_("This is not the address you signed in with. Nothing was erased."))
        return email
