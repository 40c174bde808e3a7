"""Forms of meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.coop.meetings import calling, minutes
from madang.coop.meetings.models import Meeting


class Call(forms.Form):
    """When and where."""

    title = forms.CharField(label=_("Title"), max_length=calling.TITLE_MAX)
    day = forms.DateField(label=pgettext_lazy("meeting", "Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    time = forms.TimeField(label=pgettext_lazy("meeting", "Hour"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    place = forms.CharField(label=pgettext_lazy("meeting", "Place"), max_length=calling.PLACE_MAX)
    online = forms.CharField(
        label=_("Taking part from elsewhere"), max_length=calling.ONLINE_MAX, required=False,
        help_text=_("An address or a number, if there is one. Members see it."),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput)

    def starts_at(self) -> datetime:
        """The moment, where the reader is."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"]))

    @classmethod
    def of(cls, meeting: Meeting) -> dict[str, Any]:
        """What a draft says, as initial values."""
        at = timezone.localtime(meeting.starts_at)
        return {"title": meeting.title, "day": at.date(), "time": at.time(), "place": meeting.place, "online": meeting.online, "key": meeting.pk}


class Talk(forms.Form):
    """Something to talk about."""

    title = forms.CharField(label=_("To talk about"), max_length=calling.TITLE_MAX)
    text = forms.CharField(
        label=pgettext_lazy("meeting", "In more words"), max_length=calling.TEXT_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class Motion(forms.Form):
    """A motion in words."""

    title = forms.CharField(label=pgettext_lazy("meeting", "Motion"), max_length=calling.TITLE_MAX)
    text = forms.CharField(
        label=_("What we decide"), max_length=calling.TEXT_MAX, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One clear sentence that can be answered with for or against. It stands on the record, for everyone to read."),
    )  # fmt: skip


class Why(forms.Form):
    """Why a meeting is called off."""

    why = forms.CharField(label=_("Why is it called off?"), max_length=500, help_text=_("Everyone who was called reads it."))


class Code(forms.Form):
    """The code on the wall."""

    code = forms.CharField(
        label=_("The code on the wall"), max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code"})
    )


class Words(forms.Form):
    """What is added to the minutes."""

    words = forms.CharField(label=_("To be added to the minutes"), max_length=minutes.WORDS_MAX, required=False, widget=forms.Textarea(attrs={"rows": 5}))


class OnPaper(forms.Form):
    """A proxy that was handed over on paper."""

    giver = forms.ChoiceField(label=_("Who is away"))
    holder = forms.ChoiceField(label=_("Who acts for them"))

    def __init__(self, *args: Any, givers: list[tuple[str, str]], holders: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["giver"].choices = [("", "—"), *givers]  # type: ignore[attr-defined]
        self.fields["holder"].choices = [("", "—"), *holders]  # type: ignore[attr-defined]
