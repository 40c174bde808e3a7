"""The typed form of a proposal: its fields come from the types of the rules it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.coop.decisions import states
from madang.coop.decisions.discussing import COMMENT_MAX
from madang.coop.decisions.drafting import REASON_MAX, TITLE_MAX
from madang.coop.rules import Rule
from madang.kit.ruletypes import Field, Unfit
from madang.kit.ruletypes.base import limits
from madang.kit.ruletypes.duration import duration_text, read_duration

UNITS = [("m", _("minutes")), ("h", _("hours")), ("d", _("days"))]


class Words(forms.Form):
    """What is proposed, in words, and why. (The page has other buttons: an empty title stops only proposing.)"""

    use_required_attribute = False
    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX, help_text=_("What would change, in one line. Everyone can read it, outside the co-op too."))
    reason = forms.CharField(
        label=pgettext_lazy("proposal", "Why?"),
        max_length=REASON_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What is the matter now, and what gets better?"),
    )


class Ballot(forms.Form):
    """For, against or abstain, or what is marked among options; in which capacity."""

    choice = forms.ChoiceField(choices=[(name, name) for name in (*states.CHOICES, states.MARKED)])
    elector = forms.UUIDField(required=False)
    objection = forms.CharField(required=False)


class Say(forms.Form):
    """A comment."""

    text = forms.CharField(label=_("What do you think?"), max_length=COMMENT_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    reply_to = forms.UUIDField(required=False, widget=forms.HiddenInput)


class TakeBack(forms.Form):
    """Why an author takes a proposal back."""

    reason = forms.CharField(
        label=_("Why do you take it back?"), max_length=500, required=False, help_text=_("One or two sentences. Everyone who followed it reads them.")
    )


class DurationInput(forms.MultiWidget):
    """A length of time as a number and its unit; together they are "24h"."""

    template_name = "decisions/_duration.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([forms.TextInput(attrs={"inputmode": "numeric"}), forms.Select(choices=UNITS, attrs={"aria-label": _("unit of time")})], attrs)

    def id_for_label(self, id_: str) -> str:
        """The label belongs to the number; the unit says what it is itself."""
        return f"{id_}_0"

    def decompress(self, value: Any) -> list[Any]:
        """ "24h" → 24, hours. What cannot be read stays in the first input as it was typed."""
        if not value:
            return ["", "h"]
        try:
            text = duration_text(read_duration(value))
        except ValueError:
            return [value, "h"]
        return [text[:-1], text[-1]] if text[-1] in "mhd" else [str(int(read_duration(text).total_seconds()) // 60), "m"]


class Values(forms.Form):
    """The value of one rule, field by field, as its type asks. The type itself checks what was typed; nothing typed is lost.

    ``typed`` is what a form sent (None: the form is fresh and shows ``value``). ``raw`` is what the sheet holds now.
    """

    use_required_attribute = False

    def __init__(self, rule: Rule, value: Any, *, currency: str, lang: str, typed: Mapping[str, str] | None = None) -> None:
        super().__init__(label_suffix="")
        self.rule, self.name = rule, f"v-{rule.key}"
        self.raw: Any = rule.type.dump(value)
        self.rows: dict[str, list[str]] = {}
        unfit: Unfit | None = None
        sent = joined(typed, self.name) if typed is not None else {}
        if typed is not None:
            self.raw = rule.type.from_form(sent, name=self.name)
            try:
                value = rule.parse(self.raw, currency=currency, path="")
            except Unfit as wrong:
                unfit = wrong
        fields = rule.type.fields(value, name=self.name, currency=currency, lang=lang)
        if unfit is not None:
            known = {one.name for one in fields}
            fields = [replace(one, text=sent.get(one.name, "")) for one in fields]
            # A row added a moment ago is not in the live value: its fields stay, plainly.
            fields += [Field(name, "text", name.rpartition(".")[2], text, group="+", required=False) for name, text in sent.items() if name not in known]
        for one in fields:
            self.fields[one.name] = _field(one, rule, lang)
            self.rows.setdefault(one.group, []).append(one.name)
        if unfit is not None:
            where = f"{self.name}.{unfit.path}" if unfit.path else self.name
            self._errors = ErrorDict({where: ErrorList([unfit.expects(lang)])}) if where in self.fields else ErrorDict()

    @property
    def folded(self) -> bool:
        """Whether there are so many rows that each is opened by hand."""
        return len(self.rows) > 4

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields by the row they belong to; the heading of a single group is not needed."""
        return [(heading if len(self.rows) > 1 else "", [self[name] for name in names]) for heading, names in self.rows.items()]


def joined(data: Mapping[str, str], name: str) -> dict[str, str]:
    """What was sent under ``name``, with a duration's number and unit (``…_0`` and ``…_1``) as one text again."""
    found: dict[str, str] = {}
    for key in data:
        if key != name and not key.startswith((f"{name}.", f"{name}_")):
            continue
        if key.endswith("_0"):
            number, unit = data[key].strip(), data.get(f"{key[:-2]}_1", "").strip()
            found[key[:-2]] = f"{number}{unit}" if number else ""
        elif not key.endswith("_1"):
            found[key] = data[key]
    return found


def _field(one: Field, rule: Rule, lang: str) -> forms.Field:
    label = str(one.label) or str(rule.title)
    if one.unit:
        label = f"{label} ({one.unit})"
    said = limits(lang, _with(one, one.min), _with(one, one.max)) if one.kind in ("percent", "whole") and (one.min or one.max) else ""
    helps = [str(one.help) if one.help else "", said]
    common: dict[str, Any] = {"label": label, "required": one.required, "initial": one.text, "help_text": " ".join(text for text in helps if text)}
    if one.kind == "flag":
        return forms.BooleanField(**{**common, "initial": one.text == "on"})
    if one.kind == "choice":
        return forms.ChoiceField(choices=[(key, text) for key, text in one.choices], **common)
    if one.kind == "duration":
        return forms.CharField(widget=DurationInput(), **common)
    if one.long:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **common)
    attrs = {"percent": {"inputmode": "decimal", "class": "input-short"}, "amount": {"inputmode": "decimal", "class": "input-short"}}.get(one.kind, {})
    if one.kind == "whole":
        attrs = {"inputmode": "numeric", "class": "input-short"}
    if one.fixed:
        attrs = {**attrs, "readonly": "readonly"}
    return forms.CharField(widget=forms.TextInput(attrs=attrs), **common)


def _with(one: Field, bound: str) -> str | None:
    return f"{bound}{one.unit}" if bound and one.unit == "%" else bound or None
