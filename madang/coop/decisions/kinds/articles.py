"""Adopt the articles of association, or amend them: the whole new text, shown as what differs from the text it was drafted from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop import rules
from madang.coop.decisions import articles, ways
from madang.coop.decisions.kinds import base, change_rules
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.people.models import Organisation
from madang.coop.rules.actions import latest
from madang.kit.errors import Refused


class Form(base.Form):
    """The whole text as it shall be. It begins as the text of today; ``drafted_from`` remembers which version that was."""

    text = forms.CharField(
        label=gettext_lazy("The whole text"),
        max_length=articles.TYPE.max_length,
        widget=forms.Textarea(attrs={"rows": 24, "class": "input-prose"}),
        help_text=gettext_lazy("Change what should be different and leave the rest. Begin each article on its own line, such as “Article 5 (Seat)”."),
    )
    drafted_from = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """Today's words, unless a draft has its own. What a draft was written against is compared with today's again."""
        live = latest(articles.KEY, "")
        self.live = live.value if live else ""
        self.moved = "seen" in (self.initial or {}) and self.initial["seen"] != (str(live.pk) if live else "")
        self.initial = {"text": self.live, **(self.initial or {}), "drafted_from": str(live.pk) if live else ""}

    def said(self) -> Sequence[Line]:
        """That somebody else's change came between, where one did."""
        if not self.moved:
            return ()
        after = _("What differs is shown against the text of today. Take over what the others decided before you propose this.")
        return [Line(_("The articles have been changed since you wrote this."), "", after)]

    def preview(self) -> articles.Difference | None:
        """What would differ, of what is typed or drafted so far."""
        typed = self.data.get("text", "") if self.is_bound else self.initial.get("text", "")
        typed = str(typed)[: articles.TYPE.max_length]
        return articles.compared(self.live, typed) if typed.split() != self.live.split() else None


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "other-scope", "no-text", "no-change", "law" (the way asks for less than the law does), and as ``change_rules``."""
    if org is not None:
        raise Refused("other-scope", _("The articles are the whole co-op's: propose this to all members, not inside one organisation."), "text")
    change = dict(changes[0]) if changes else _typed(details)
    if not str(change.get("value", "")).strip():
        raise Refused("no-text", _("Write the text."), "text")
    try:
        prepared = change_rules.prepare_of(articles.KIND, [change], now)
    except Refused as no:
        raise Refused(no.code, no.message, "text") from None
    articles.require_special(ways.read(prepared.way_name, now), now)
    return prepared


def _typed(details: dict[str, Any]) -> Change:
    made: Change = {"rule": articles.KEY, "value": str(details.get("text", ""))}
    if "drafted_from" in details:
        made["from"] = str(details["drafted_from"]) or None
    return made


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """How much would change; the words themselves stand below as the difference."""
    if not proposal.changes:
        return []
    change = proposal.changes[0]
    before = rules.version(change["from"]).value if change["from"] else ""
    label = _("Articles of association") if before else _("The first articles of association")
    return [Line(label, "", articles.summary(before, change["value"]), reverse("decisions:articles"))]


def initial(proposal: Proposal) -> dict[str, Any]:
    """A draft's words, for the form."""
    return {"text": proposal.changes[0]["value"], "seen": proposal.changes[0]["from"] or ""} if proposal.changes else {}


register(Kind(articles.KIND, gettext_lazy("Adopt or amend the articles"), prepare, change_rules.effect, lines, form=Form, inverse=change_rules.inverse,
              subject="articles", rules=(articles.KEY,), initial=initial, amends=True,
              help=gettext_lazy("The whole new text; everyone sees word for word what differs.")))  # fmt: skip
