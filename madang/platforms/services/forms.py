"""What people type on the pages of services. Each form knows its bounds; what it means is for ``actions`` to say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.coop.people import zones
from madang.coop.people.widgets import LongSelect
from madang.kit.errors import Refused
from madang.kit.money import format_amount, parse_amount
from madang.platforms.services.models import WEEKDAYS
from madang.platforms.services.quote import BATHROOMS_MAX, BEDROOMS_MAX, LADDER, MACHINE, Extra

STEP = 30  # minutes
WINDOWS = 2  # in a day


def refuse(form: forms.Form, no: Refused) -> None:
    """Show a refusal at its field when the form has it, else on top."""
    form.add_error(no.field if no.field in form.fields else None, str(no.message))


class WantForm(forms.Form):
    """The size of the home, what it has, and what is wanted. It travels in the address, so that going back loses nothing."""

    bedrooms = forms.TypedChoiceField(label=_("Bedrooms"), coerce=int, choices=[(0, _("studio")), *((n, n) for n in range(1, BEDROOMS_MAX + 1))], initial=2)
    bathrooms = forms.TypedChoiceField(label=_("Bathrooms"), coerce=int, choices=[(n, n) for n in range(1, BATHROOMS_MAX + 1)], initial=1)
    ladder = forms.BooleanField(label=_("There is a ladder in the home"), required=False)
    machine = forms.BooleanField(label=_("There is a washing machine in the home"), required=False)
    home = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, extras: Mapping[str, Extra], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extras = extras
        for code, extra in extras.items():
            self.fields[f"x-{code}"] = _quantity(extra)

    def wanted(self) -> dict[str, int]:
        """``{code: quantity}`` of the extras chosen; only after ``is_valid``."""
        return {code: int(self.cleaned_data[f"x-{code}"]) for code in self.extras if self.cleaned_data.get(f"x-{code}")}

    def has(self) -> set[str]:
        """What the home has of a ladder and a washing machine."""
        return {name for name in (LADDER, MACHINE) if self.cleaned_data.get(name)}

    def query(self) -> str:
        """What was chosen, as the address carries it on to the next page."""
        clean = self.cleaned_data
        pairs: list[tuple[str, Any]] = [("bedrooms", clean["bedrooms"]), ("bathrooms", clean["bathrooms"])]
        pairs += [(name, "on") for name in sorted(self.has())]
        pairs += [(f"x-{code}", quantity) for code, quantity in self.wanted().items()]
        if clean.get("home"):
            pairs.append(("home", clean["home"]))
        return urlencode(pairs)


def _quantity(extra: Extra) -> forms.Field:
    if extra.most == 1:
        return forms.BooleanField(label=extra.code, required=False)
    choices = [(0, pgettext_lazy("services", "none")), *((n, n) for n in range(1, extra.most + 1))]
    return forms.TypedChoiceField(label=extra.code, coerce=int, choices=choices, required=False, empty_value=0, initial=0)


class AddressForm(forms.Form):
    """Where to come, and what the worker should know. For a home the client already has, only the note is asked."""

    district = forms.CharField(label=_("District"), max_length=60, help_text=_("What workers see before one of them accepts."))
    address = forms.CharField(label=pgettext_lazy("services", "Address"), max_length=200, help_text=_("Only the worker who accepted and the office see it."))
    directions = forms.CharField(
        label=_("How to get in"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Door code, parking, where the key is.")
    )
    name = forms.CharField(label=_("A name for this home"), max_length=60, required=False, help_text=_("Only you see it, for example “mother's flat”."))
    note = forms.CharField(
        label=_("What should the worker know?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Pets, allergies, what to leave alone."),
    )  # fmt: skip

    def __init__(self, known_home: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known_home:
            for name in ("district", "address", "directions", "name"):
                del self.fields[name]


class ProblemForm(forms.Form):
    """What went wrong, in the person's words."""

    words = forms.CharField(
        label=_("What went wrong?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A person of the office reads this and decides. Meanwhile the money stays where it is."),
    )  # fmt: skip


class RatingForm(forms.Form):
    """Stars and words."""

    stars = forms.TypedChoiceField(
        label=_("How was it?"), coerce=int, widget=forms.RadioSelect,
        choices=[(5, _("5, very good")), (4, _("4, good")), (3, _("3, all right")), (2, _("2, not good")), (1, _("1, bad"))],
    )  # fmt: skip
    words = forms.CharField(label=_("In words"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class MoneyField(forms.CharField):
    """An amount as people write it, in major units; cleaned to an ``int`` in the smallest unit."""

    def __init__(self, unit: str, *, minimum: int = 0, maximum: int, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.unit, self.minimum, self.maximum = unit, minimum, maximum
        self.widget.attrs |= {"inputmode": "decimal", "class": "input-short"}

    def clean(self, value: Any) -> int:
        """Raises ``ValidationError`` for what is no amount of the unit, or out of bounds."""
        text = super().clean(value)
        try:
            amount = parse_amount(text, self.unit)
        except ValueError:
            raise forms.ValidationError(_("Write an amount, for example %(example)s.") % {"example": format_amount(self.maximum, self.unit, "en")}) from None
        if not self.minimum <= amount <= self.maximum:
            from django.utils.translation import get_language

            lang = get_language() or "en"
            bounds = {"least": format_amount(self.minimum, self.unit, lang), "most": format_amount(self.maximum, self.unit, lang)}
            raise forms.ValidationError(_("Choose an amount from %(least)s to %(most)s.") % bounds)
        return amount


class TipForm(forms.Form):
    """How much thanks."""

    def __init__(self, unit: str, maximum: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = MoneyField(unit, minimum=1, maximum=maximum, label=pgettext_lazy("services", "Tip"))


class SettleForm(forms.Form):
    """The office's answer to a problem: what goes back, and why."""

    def __init__(self, unit: str, price: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rest = _("The rest is paid out by the rules the job was booked under.")
        self.fields["refund"] = MoneyField(unit, maximum=price, label=_("Goes back to the client"), help_text=rest)
        self.fields["answer"] = forms.CharField(label=_("Your answer to both"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class DeclineForm(forms.Form):
    """Why not, if the worker likes to say."""

    reason = forms.CharField(label=_("Why not? Nobody holds it against you."), max_length=200, required=False)


class AssignForm(forms.Form):
    """Who is asked next, of those who are free."""

    worker = forms.ChoiceField(label=pgettext_lazy("services", "Worker"))

    def __init__(self, workers: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].choices = [(str(one.pk), f"{one}, {one.organisation}") for one in workers]  # type: ignore[attr-defined]


class MeForm(forms.Form):
    """What a worker says of themselves."""

    about = forms.CharField(label=_("A line about me, for clients"), max_length=280, required=False)
    time_zone = forms.ChoiceField(label=_("My time zone"), choices=zones.choices, widget=LongSelect)
    active = forms.BooleanField(label=_("I take new jobs"), required=False, help_text=_("Without the tick you are on a break; jobs you have taken stay yours."))


class HomeForm(AddressForm):
    """A home the client keeps here."""

    bedrooms = forms.TypedChoiceField(label=_("Bedrooms"), coerce=int, choices=[(0, _("studio")), *((n, n) for n in range(1, BEDROOMS_MAX + 1))])
    bathrooms = forms.TypedChoiceField(label=_("Bathrooms"), coerce=int, choices=[(n, n) for n in range(1, BATHROOMS_MAX + 1)])
    has_ladder = forms.BooleanField(label=_("There is a ladder in the home"), required=False)
    has_machine = forms.BooleanField(label=_("There is a washing machine in the home"), required=False)
    field_order = ["name", "district", "address", "directions", "bedrooms", "bathrooms", "has_ladder", "has_machine"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(False, *args, **kwargs)
        del self.fields["note"]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


TIMES = [("", "–"), *((str(minutes), _clock(minutes)) for minutes in range(0, 24 * 60 + 1, STEP))]


class WeekForm(forms.Form):
    """A worker's weekly hours: two windows a day, or as many as the worker has, on the worker's own clock."""

    def __init__(self, *args: Any, windows: int = WINDOWS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = max(windows, WINDOWS)
        for weekday, day in WEEKDAYS:
            for n in range(self.count):
                for end, word in (("from", pgettext_lazy("services", "from")), ("to", pgettext_lazy("services", "to"))):
                    self.fields[f"d{weekday}-{n}-{end}"] = forms.TypedChoiceField(
                        label=f"{day} {word}", choices=self._times(f"d{weekday}-{n}-{end}"), coerce=int, required=False, empty_value=None,
                        widget=LongSelect,
                    )

    def _times(self, name: str) -> list[tuple[str, str]]:
        """Half hours, and a quarter that a worker already has."""
        own = self.initial.get(name)
        if own in (None, "") or any(value == str(own) for value, _label in TIMES):
            return TIMES
        return sorted([*TIMES, (str(own), _clock(int(own)))], key=lambda pair: int(pair[0] or -1))

    def days(self) -> list[tuple[Any, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """(the day's name, its windows as pairs of fields) for the page."""
        return [(day, [(self[f"d{weekday}-{n}-from"], self[f"d{weekday}-{n}-to"]) for n in range(self.count)]) for weekday, day in WEEKDAYS]

    def windows(self) -> list[tuple[int, int, int]]:
        """``[(weekday, start, end)]`` in minutes after midnight; only after ``is_valid``."""
        found = []
        for weekday, _day in WEEKDAYS:
            for n in range(self.count):
                start, end = self.cleaned_data[f"d{weekday}-{n}-from"], self.cleaned_data[f"d{weekday}-{n}-to"]
                if start is not None and end is not None:
                    found.append((weekday, start, end))
        return found

    def clean(self) -> dict[str, Any]:
        """A window has a beginning before its end; windows of a day do not overlap."""
        clean: dict[str, Any] = super().clean() or {}
        for weekday, _day in WEEKDAYS:
            taken: list[tuple[int, int]] = []
            for n in range(self.count):
                name = f"d{weekday}-{n}"
                start, end = clean.get(f"{name}-from"), clean.get(f"{name}-to")
                if start is None and end is None:
                    continue
                if start is None or end is None:
                    self.add_error(f"{name}-{'from' if start is None else 'to'}", _("Choose when it begins and when it ends, or neither."))
                elif start >= end:
                    self.add_error(f"{name}-to", _("It ends before it begins. Choose a later end."))
                elif any(start < other_end and other_start < end for other_start, other_end in taken):
                    self.add_error(f"{name}-from", _("This overlaps the other hours of the same day."))
                else:
                    taken.append((start, end))
        return clean

    @staticmethod
    def of(windows: list[Any], data: Any = None) -> WeekForm:
        """The form for the windows a worker has, each shown."""
        shown: dict[str, int] = {}
        seen: dict[int, int] = {}
        for window in windows:
            n = seen.get(window.weekday, 0)
            shown[f"d{window.weekday}-{n}-from"], shown[f"d{window.weekday}-{n}-to"] = window.start, window.end
            seen[window.weekday] = n + 1
        return WeekForm(data, initial=shown, windows=max(seen.values(), default=WINDOWS))


class TimeOffForm(forms.Form):
    """Away from one local moment to another."""

    since = forms.DateTimeField(label=_("Away from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
    until = forms.DateTimeField(label=pgettext_lazy("services", "until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
    note = forms.CharField(label=_("A note for yourself"), max_length=120, required=False)

    def __init__(self, zone: ZoneInfo, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        """Both moments on the worker's clock; the end after the beginning, a year at most."""
        clean: dict[str, Any] = super().clean() or {}
        since, until = (_on_clock(clean.get(name), self.zone) for name in ("since", "until"))
        if since and until:
            clean |= {"since": since, "until": until}
            if until <= since:
                self.add_error("until", _("It ends before it begins. Choose a later end."))
            elif until - since > timedelta(days=366):
                self.add_error("until", _("A year at a time at most."))
        return clean


def _on_clock(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """What was typed, read on the worker's clock whatever zone the page was drawn in."""
    return moment.replace(tzinfo=zone) if moment else None


class NewWorkerForm(forms.Form):
    """Which of the organisation's people takes jobs."""

    person = forms.ChoiceField(label=pgettext_lazy("services", "Who"))
    about = forms.CharField(label=_("A line about them, for clients"), max_length=280, required=False)

    def __init__(self, people: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(str(person.pk), str(person)) for person in people]  # type: ignore[attr-defined]
