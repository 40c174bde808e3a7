"""What people type on the pages of music. Each form knows its bounds; what it means is for ``actions`` to say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.coop import law
from madang.kit.errors import Refused
from madang.kit.money import parse_amount
from madang.platforms.music import terms
from madang.platforms.music.models import Artist, Release
from madang.platforms.music.models.catalogue import ABOUT_MAX, LYRICS_MAX, NAME_MAX, TITLE_MAX


def refuse(form: forms.Form, no: Refused) -> None:
    """Show a refusal at its field when the form has it, else on top."""
    form.add_error(no.field if no.field in form.fields else None, str(no.message))


class MoneyField(forms.CharField):
    """An amount as people write it; ``fine``: down to millionths. Empty is None."""

    def __init__(self, *args: Any, fine: bool = False, **kwargs: Any) -> None:
        self.fine = fine
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(*args, max_length=40, **kwargs)

    def clean(self, value: Any) -> int | None:
        """The amount in the smallest unit."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text, terms.unit() if self.fine else law.coop().currency)
        except ValueError:
            raise forms.ValidationError(_("Please write an amount of money."), code="amount") from None


class TopUpForm(forms.Form):
    amount = MoneyField(label=_("How much"))


class LimitsForm(forms.Form):
    cap = MoneyField(label=_("At most a month"), required=False, fine=True, help_text=_("Empty: no limit."))
    pause_over = MoneyField(label=_("Ask me before a play that costs more than"), required=False, fine=True, help_text=_("Empty: as the members decided."))


class ArtistForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_MAX)
    kind = forms.ChoiceField(label=pgettext_lazy("music", "What is it?"), choices=Artist.KINDS, widget=forms.RadioSelect, initial=Artist.PERSON)


class ArtistPageForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_MAX)
    about = forms.CharField(label=_("About"), max_length=ABOUT_MAX, required=False, widget=forms.Textarea(attrs={"rows": 5}))
    links = forms.CharField(label=_("Addresses on the web, one a line"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class MemberForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_MAX, required=False)
    email = forms.EmailField(label=_("E-mail address, if they have signed in here"), required=False)
    role = forms.CharField(label=_("What they play or do"), max_length=NAME_MAX, required=False)
    manages = forms.BooleanField(label=_("May act for the artist"), required=False)


class ReleaseForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX)
    kind = forms.ChoiceField(label=_("Kind"), choices=Release.KINDS)


class ReleasePageForm(ReleaseForm):
    about = forms.CharField(label=_("About"), max_length=ABOUT_MAX, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    tags = forms.CharField(label=_("Tags, with commas between"), max_length=600, required=False)
    licence = forms.CharField(label=_("Licence"), max_length=60, required=False, help_text=_('Such as "CC BY-SA 4.0". Empty: all rights reserved.'))
    upc = forms.CharField(label=_("UPC or EAN"), max_length=20, required=False)


class PublishForm(forms.Form):
    at = forms.DateField(label=_("On a day to come"), required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=_("Empty: now."))
    preorder = forms.BooleanField(label=_("Show it before, to be ordered"), required=False)


class TrackForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX)
    isrc = forms.CharField(label=_("ISRC"), max_length=20, required=False)
    covers = forms.CharField(label=_("A cover of"), max_length=TITLE_MAX, required=False, help_text=_("Whose work it is, if it is not your own."))
    licence = forms.CharField(label=_("Licence"), max_length=60, required=False)
    credits = forms.CharField(
        label=_("Credits, one a line: name, role"), max_length=6000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Such as: Noor Haddad, bass"),
    )  # fmt: skip
    lyrics = forms.CharField(
        label=_("Lyrics"), max_length=LYRICS_MAX, required=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("With [01:23.45] before a line they follow the music."),
    )  # fmt: skip
    explicit = forms.BooleanField(label=_("Not for children"), required=False)


class PictureForm(forms.Form):
    cover = forms.FileField(label=_("Cover"), widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}))


class PlayerForm(forms.Form):
    name = forms.CharField(label=_("Which player is it for?"), max_length=60, help_text=_("Such as: Symfonium on my telephone"))
    api_key = forms.BooleanField(label=_("The player asks for an API key instead of a name and a password"), required=False)


class SplitForm(forms.Form):
    parties = forms.CharField(
        label=_("Who gets which part, one a line: e-mail address or @artist, part, role"), max_length=6000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Parts are of all parts together: 30, 25 and 45 is the same as 60, 50 and 90."),
    )  # fmt: skip
    words = forms.CharField(label=_("A word to the others"), max_length=500, required=False)


class DisputeForm(forms.Form):
    words = forms.CharField(label=_("What is wrong with it?"), max_length=500)
