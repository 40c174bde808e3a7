"""Choose among options: one of several, or several of many. What is chosen stands on the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Options, Prepared, register
from madang.coop.decisions.methods import METHODS
from madang.coop.decisions.models import Proposal
from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Organisation
from madang.kit.counting.papers import Question
from madang.kit.errors import Refused

MOST, LONGEST, TEXT_MAX = 200, 140, 4000
DOTS_EACH = 10


class Form(base.Form):
    """The options, one a line, and how they are counted."""

    options = forms.CharField(
        label=gettext_lazy("The options"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One on each line, at least two. They stand on the ballot in this order."),
    )
    seats = forms.IntegerField(
        label=gettext_lazy("How many are chosen"),
        initial=1,
        min_value=1,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input-short"}),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How it is counted"),
        choices=[(key, method.title) for key, method in METHODS.items()],
        help_text=gettext_lazy("The first two suit most questions. Each is explained on the ballot."),
    )
    text = forms.CharField(label=gettext_lazy("What has to be known"), required=False, max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if (initial := kwargs.get("initial")) and isinstance(initial.get("options"), list):
            kwargs["initial"] = {**initial, "options": "\n".join(one["title"] for one in initial["options"])}
        super().__init__(*args, **kwargs)


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "options" (fewer than two, too many, two alike), "method", "seats"."""
    options = listed(details.get("options", ""))
    method = str(details.get("method") or "approval")
    if method not in METHODS:
        raise Refused("method", _("There is no such way of counting."), "method")
    seats = _whole(details.get("seats", 1))
    if not 1 <= seats < len(options):
        raise Refused("seats", _("At least one is chosen, and fewer than there are options."), "seats")
    if seats > 1 and not METHODS[method].many:
        raise Refused("seats", _("This way of counting chooses one. For several, choose another."), "seats")
    text = clean_text(str(details.get("text", "")), TEXT_MAX * 2, "text")
    if len(text) > TEXT_MAX:
        raise Refused("text", _("Please keep it under {n} characters.").format(n=TEXT_MAX), "text")
    made = {"options": options, "method": method, "seats": seats, "text": text}
    return Prepared([], made, ways.name_for(("resolution", "policy"), now))


def listed(given: Any) -> list[dict[str, str]]:
    """Options from lines of text, or as they are kept: ``[{"key", "title"}]``. Raises ``Refused("options")``."""
    lines = [str(one.get("title", "")) if isinstance(one, dict) else str(one) for one in given] if isinstance(given, list) else str(given).splitlines()
    if len(lines) > MOST * 10:
        raise Refused("options", _("At most {n} options, please.").format(n=MOST), "options")
    titles = [title for line in lines if (title := clean_line(line, LONGEST * 10, "options"))]
    if not 2 <= len(titles) <= MOST:
        raise Refused("options", _("Write at least two options, each on its own line, and at most {n}.").format(n=MOST), "options")
    for place, title in enumerate(titles):
        if len(title) > LONGEST:
            raise Refused("options", _("“{title}…” is too long: at most {n} characters.").format(title=title[:30], n=LONGEST), "options")
        if title.casefold() in (other.casefold() for other in titles[:place]):
            raise Refused("options", _("“{title}” stands there twice.").format(title=title), "options")
    return [{"key": f"o{number}", "title": title} for number, title in enumerate(titles, 1)]


def _whole(given: Any) -> int:
    try:
        return int(str(given))
    except ValueError:
        raise Refused("seats", _("Write a whole number."), "seats") from None


def asks(proposal: Proposal) -> Options | None:
    """The ballot; None of a draft whose words were taken out."""
    if not proposal.details:
        return None
    kept = proposal.details
    titles = {one["key"]: one["title"] for one in kept["options"]}
    return Options(Question(kept["method"], tuple(titles), seats=kept["seats"], limit=DOTS_EACH), titles)


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """It stands; nothing in the program changes."""
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """What there is to choose from, and how."""
    if not proposal.details:
        return []
    kept = proposal.details
    many = ngettext("{n} is chosen", "{n} are chosen", kept["seats"]).format(n=kept["seats"])
    said = [Line(_("To choose from"), "", "\n".join(one["title"] for one in kept["options"])), Line(str(METHODS[kept["method"]].title), "", many)]
    return [*said, Line(_("What has to be known"), "", kept["text"])] if kept["text"] else said


register(Kind("choose", gettext_lazy("Choose among options"), prepare, effect, lines, form=Form, open_details=True, asks=asks, first=True, amends=True,
              help=gettext_lazy("Several possibilities on one ballot: one of them is chosen, or several.")))  # fmt: skip
