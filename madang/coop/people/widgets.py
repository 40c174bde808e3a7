"""Form controls that are quick to draw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe


class LongSelect(forms.Select):
    """A list with hundreds of lines (time zones, half hours): the same HTML as Django's, without a template for each line. No groups."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The ``<select>`` with its options, each escaped."""
        chosen = set(self.format_value(value))
        options = []
        for key, label in self.choices:
            said = "" if key is None else str(key)
            mark = " selected" if said in chosen else ""
            if mark:
                chosen = set()  # only the first of two alike
            options.append(f'<option value="{conditional_escape(said)}"{mark}>{conditional_escape(str(label))}</option>')
        context = self.build_attrs(self.attrs, attrs)
        return format_html('<select name="{}"{}>\n  {}\n</select>', name, flatatt(context), mark_safe("\n  ".join(options)))  # each is escaped above
