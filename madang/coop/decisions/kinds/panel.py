"""Draw lots for a panel: how many, how many of each class, who stands; members decide whether it is drawn at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madang.coop.decisions import panels, ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.members.models import MemberClass
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Organisation
from madang.kit.counting.sortition import SIZE_MOST
from madang.kit.errors import Refused
from madang.kit.ruletypes.text import in_language

TEXT_MAX = 4000
NONE, SHARE, OWN = "none", "share", "own"


class Form(base.Form):
    """What the panel is for, its size, and how many of each class."""

    text = forms.CharField(
        label=gettext_lazy("What the panel does"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Its question, how often it meets, until when, and what happens with what it says. It stands on the record."),
    )
    size = forms.IntegerField(
        label=gettext_lazy("How many people"),
        initial=12,
        min_value=2,
        max_value=SIZE_MOST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input-short"}),
    )
    by = forms.ChoiceField(
        label=gettext_lazy("How many of each class"),
        required=False,
        choices=[
            (SHARE, gettext_lazy("By its share of the members")),
            (NONE, gettext_lazy("As the lot falls")),
            (OWN, gettext_lazy("As written below")),
        ],
    )

    folds = gettext_lazy("Numbers of our own for each class")
    folded_names = ("least_", "most_")

    def prepare(self) -> None:
        """For each class two small fields, for those who want their own numbers."""
        given = (self.initial or {}).get("quotas", {}) if (self.initial or {}).get("by") == OWN else {}
        for one in MemberClass.objects.all():
            least, most = given.get(one.key, (None, None))
            for side, label, value in (("least", gettext_lazy("{name}: at least"), least), ("most", gettext_lazy("{name}: at most"), most)):
                self.fields[f"{side}_{one.key}"] = forms.IntegerField(
                    label=str(label).format(name=in_language(one.title, self.lang)),
                    required=False,
                    initial=value,
                    min_value=0,
                    max_value=SIZE_MOST,
                    widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input-short"}),
                )

    def details(self) -> dict[str, Any]:
        """As ``prepare`` takes it."""
        said = self.cleaned_data
        numbers = {one: (said.get(f"least_{one}"), said.get(f"most_{one}")) for one in MemberClass.objects.values_list("key", flat=True)}
        quotas = {key: [least, most] for key, (least, most) in numbers.items() if least is not None or most is not None}
        return {"text": said["text"], "size": said["size"], "by": said.get("by") or SHARE, "quotas": quotas}


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "other-scope", "no-text", "size", "by", "quotas" (numbers no panel can have, whoever stands)."""
    if org is not None:
        raise Refused("other-scope", _("A panel is drawn from all members: propose this to all, not inside one organisation."), "text")
    text = clean_text(str(details.get("text", "")), TEXT_MAX * 2, "text")
    if not text or len(text) > TEXT_MAX:
        raise Refused("no-text", _("Write what the panel is to do, in at most {n} characters.").format(n=TEXT_MAX), "text")
    size = _whole(details.get("size"), "size")
    if not 2 <= size <= SIZE_MOST:
        raise Refused("size", _("A panel has 2 to {n} people.").format(n=SIZE_MOST), "size")
    by = str(details.get("by") or SHARE)
    if by not in (NONE, SHARE, OWN):
        raise Refused("by", _("Choose how many of each class."), "by")
    quotas = by_share(panels.sizes(now), size) if by == SHARE else _own(details.get("quotas"), size) if by == OWN else {}
    return Prepared([], {"text": text, "size": size, "by": by, "quotas": quotas}, ways.name_for(("resolution", "policy"), now))


def by_share(people: Mapping[str, int], size: int) -> dict[str, list[int]]:
    """Each class its share of the seats, rounded down at least and up at most: {class: [least, most]}. People: {class: how many}."""
    whole = sum(people.values())
    return {key: [size * many // whole, -(-size * many // whole)] for key, many in people.items()} if whole else {}


def _own(given: Any, size: int) -> dict[str, list[int]]:
    known = set(MemberClass.objects.values_list("key", flat=True))
    made: dict[str, list[int]] = {}
    if not isinstance(given, dict) or not set(given) <= known:
        raise Refused("quotas", _("Write how many of each class, at least and at most."), "by")
    for key, pair in sorted(given.items()):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Refused("quotas", _("Write how many of each class, at least and at most."), "by")
        least = 0 if pair[0] in (None, "") else _whole(pair[0], f"least_{key}")
        most = size if pair[1] in (None, "") else _whole(pair[1], f"most_{key}")
        if not 0 <= least <= most <= size:
            raise Refused("quotas", _("At least cannot be more than at most, nor either more than the panel has seats."), f"least_{key}")
        made[key] = [least, most]
    if not made:
        raise Refused("quotas", _("Write how many of each class, at least and at most."), "by")
    if sum(least for least, _most in made.values()) > size:
        raise Refused("quotas", _("That is more people, at least, than the panel has seats."), "by")
    if set(made) >= known and sum(most for _least, most in made.values()) < size:
        raise Refused("quotas", _("That is fewer people, at most, than the panel has seats."), "by")
    return made


def _whole(given: Any, where: str) -> int:
    try:
        return int(str(given))
    except ValueError:
        raise Refused("size" if where == "size" else "quotas", _("Write a whole number."), where) from None


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """Drawn, published, told."""
    panels.draw(proposal, now)
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """What it does, how many, and how many of each class."""
    kept = proposal.details
    if not kept:
        return []
    titles = {one.key: in_language(one.title, lang) for one in MemberClass.objects.all()}
    said = [
        Line(_("What the panel does"), "", kept["text"]),
        Line(_("Drawn by lot from those who stand"), "", ngettext("{n} person", "{n} people", kept["size"]).format(n=kept["size"])),
    ]
    if kept["quotas"]:
        words = [f"{titles.get(key, key)}: {least if least == most else f'{least}–{most}'}" for key, (least, most) in kept["quotas"].items()]
        said.append(Line(_("How many of each class"), "", "\n".join(words)))
    return said


def hearing(now: datetime) -> timedelta:
    """People need a few days to say that they stand."""
    return timedelta(days=3)


register(Kind(panels.KIND, gettext_lazy("Draw a panel by lot"), prepare, effect, lines, form=Form, open_details=True,
              opening=panels.prepare_draw, hearing=hearing,
              help=gettext_lazy("Members stand with one tap; if it passes, a lot draws the panel, fairly and for anyone to check.")))  # fmt: skip
