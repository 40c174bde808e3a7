"""The forms of inspections."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.coop.ledger.inspection import opens
from madang.coop.ledger.inspection.actions import LONGEST


class Ask(forms.Form):
    """What to see, and what for. ``id`` makes a form that is sent twice one request."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    things = forms.MultipleChoiceField(label=_("What do you want to see?"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=_("What do you want to find out?"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("Only whoever answers reads this.")
    )
    proof = forms.CharField(
        label=_("What does the co-op owe you, and how can you show it?"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever answers will ask to see it. Only they read this."),
    )  # fmt: skip

    def __init__(self, *args: Any, right: opens.Right, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["things"].choices = [(one, opens.THINGS[one]) for one in right.things]  # type: ignore[attr-defined]
        if right.standing != opens.CLAIMED:
            del self.fields["proof"]


class Refuse(forms.Form):
    """On what ground, in words."""

    ground = forms.ChoiceField(label=_("On what ground?"))
    words = forms.CharField(
        label=_("Why, in words"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The person who asked reads this.")
    )

    def __init__(self, *args: Any, grounds: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = list(grounds.items())  # type: ignore[attr-defined]
