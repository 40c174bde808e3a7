"""The one form of the record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

TEXT_MAX = 200_000


class ReceiptForm(forms.Form):
    """A receipt, pasted or as a file."""

    file = forms.FileField(label=_("The receipt's file"), required=False, max_length=200)
    text = forms.CharField(
        label=_("or its text"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("The whole text, beginning with “c2sp.org/tlog-proof@v1”."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file:
            if file.size > TEXT_MAX:
                raise forms.ValidationError({"file": gettext("This file is too large for a receipt. Choose the text file you downloaded.")})
            try:
                data["receipt"] = file.read().decode("utf-8")
            except UnicodeDecodeError:
                raise forms.ValidationError({"file": gettext("This file is not a receipt. Choose the text file you downloaded.")}) from None
        elif data.get("text"):
            data["receipt"] = data["text"]
        elif not self.errors:
            raise forms.ValidationError({"file": gettext("Choose a receipt's file, or paste its text below.")})
        return data
