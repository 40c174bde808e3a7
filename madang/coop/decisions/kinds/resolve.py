"""Decide something in words: what a program cannot do for us, but what we want on the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Organisation
from madang.kit.errors import Refused

MAX = 4000


class Form(base.Form):
    """What is to be decided, in words."""

    text = forms.CharField(
        label=gettext_lazy("What we decide"),
        max_length=MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One clear sentence that can be answered with for or against. It stands on the record, for everyone to read."),
    )


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused("no-text")`` without words."""
    text = clean_text(str(details.get("text", "")), MAX * 2, "text")
    if not text or len(text) > MAX:
        raise Refused("no-text", _("Write what is to be decided, in at most {n} characters.").format(n=MAX), "text")
    return Prepared([], {"text": text}, ways.name_for(("resolution", "policy"), now))


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """It stands; nothing in the program changes."""
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """The words; none of a draft that was taken back unseen."""
    return [Line(_("What we decide"), "", text)] if (text := proposal.details.get("text")) else []


register(Kind("resolve", gettext_lazy("Decide something in words"), prepare, effect, lines, form=Form, open_details=True, first=True, amends=True,
              help=gettext_lazy("For what people do, not the program: the result stands on the record.")))  # fmt: skip
