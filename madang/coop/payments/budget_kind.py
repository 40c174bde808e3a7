"""Share out a budget among projects: what each costs, who supports which; counted so that every group of voters gets its part, or by the most support."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from madang.coop import law
from madang.coop.decisions import cooling, states, ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Options, Prepared, register
from madang.coop.decisions.methods import BUDGETS
from madang.coop.decisions.models import Proposal
from madang.coop.payments import authorising
from madang.coop.payments.spend_kind import LONGEST, TEXT_MAX, DateInput, drawn, end_of, read_amount, read_terms, require_all, term_fields, terms, warned
from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Organisation
from madang.kit.counting.papers import Question
from madang.kit.errors import Refused
from madang.kit.money import format_amount

MOST = 100
PARTS = ("title", "cost", "to")


class Form(base.Form):
    """The budget, and the projects, one a line."""

    amount = forms.CharField(label=gettext_lazy("The budget"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    projects = forms.CharField(
        label=gettext_lazy("The projects"),
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": gettext_lazy("Two more bicycles | 600,000 | Hanbit Bicycles")}),
        help_text=gettext_lazy("One on each line: what | what it costs | to whom (may be left out). At least two; none may cost more than the budget."),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How it is counted"),
        choices=[(key, method.title) for key, method in BUDGETS.items()],
        help_text=gettext_lazy("The first one sees to it that a group that likes other things than most gets its part as well."),
    )
    sort = forms.ChoiceField(label=gettext_lazy("Budget line"))
    until = forms.DateField(
        label=gettext_lazy("To be spent until"), widget=DateInput(), help_text=gettext_lazy("What is not spent by then stays in the treasury.")
    )
    text = forms.CharField(label=gettext_lazy("What has to be known"), required=False, max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def prepare(self) -> None:
        """As for spending."""
        term_fields(self)


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "other-scope", "amount", "projects" (fewer than two, too many, two alike, no cost, dearer than all), "method", "sort", "until"."""
    require_all(org)
    amount = read_amount(details.get("amount"), "amount")
    projects = listed(details.get("projects", ""), amount)
    method = str(details.get("method") or next(iter(BUDGETS)))
    if method not in BUDGETS:
        raise Refused("method", _("There is no such way of counting."), "method")
    text = clean_text(str(details.get("text") or ""), TEXT_MAX * 2, "text")
    if len(text) > TEXT_MAX:
        raise Refused("text", _("Please keep it under {n} characters.").format(n=TEXT_MAX), "text")
    made = {"amount": amount, "projects": projects, "method": method, "text": text, **read_terms(details, now)}
    return Prepared([], made, ways.name_for(("spending", "policy"), now))


def listed(given: Any, budget: int) -> list[dict[str, Any]]:
    """Projects from lines of text, or as they are kept: ``[{"key", "title", "cost", "to"}]``. Raises ``Refused("projects")``."""
    rows = _kept(given) if isinstance(given, list) else _typed(str(given))
    if not 2 <= len(rows) <= MOST:
        raise Refused("projects", _("Write at least two projects, each on its own line, and at most {n}.").format(n=MOST), "projects")
    made: list[dict[str, Any]] = []
    for number, (title, cost, to) in enumerate(rows, 1):
        if not title:
            raise Refused("projects", _("Line {n}: what is it?").format(n=number), "projects")
        if any(title.casefold() == one["title"].casefold() for one in made):
            raise Refused("projects", _("“{title}” stands there twice.").format(title=title), "projects")
        try:
            price = read_amount(cost, "projects")
        except Refused:
            raise Refused("projects", _("“{title}”: write what it costs after a |.").format(title=title), "projects") from None
        if price > budget:
            raise Refused("projects", _("“{title}” costs more than the whole budget.").format(title=title), "projects")
        made.append({"key": f"o{number}", "title": title, "cost": price, "to": to})
    return made


def _typed(text: str) -> list[tuple[str, Any, str]]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise Refused("projects", _("At most {n} projects, please.").format(n=MOST), "projects")
    cut = [[part.strip() for part in line.split("|")] for line in lines]
    if wrong := next((number for number, parts in enumerate(cut, 1) if len(parts) not in (2, 3)), None):
        raise Refused("projects", _("Line {n}: write what | what it costs | to whom.").format(n=wrong), "projects")
    return [(_line(parts[0]), parts[1], _line(parts[2]) if len(parts) == 3 else "") for parts in cut]


def _kept(given: list[Any]) -> list[tuple[str, Any, str]]:
    if len(given) > MOST or not all(isinstance(one, dict) for one in given):
        raise Refused("projects", _("At most {n} projects, please.").format(n=MOST), "projects")
    return [(_line(one.get("title")), one.get("cost"), _line(one.get("to"))) for one in given]


def _line(given: Any) -> str:
    return clean_line(str(given or ""), LONGEST, "projects")


def initial(proposal: Proposal) -> dict[str, Any]:
    """A draft as its form takes it."""
    kept = proposal.details
    if not kept:
        return {}
    lang, unit = translation.get_language() or "en", law.coop().currency
    rows = [" | ".join(filter(None, (one["title"], format_amount(one["cost"], unit, lang), one["to"]))) for one in kept["projects"]]
    return {**kept, "amount": format_amount(kept["amount"], unit, lang), "projects": "\n".join(rows)}


def asks(proposal: Proposal) -> Options | None:
    """The ballot: mark what you support. None of a draft whose words were taken out."""
    kept = proposal.details
    if not kept:
        return None
    unit, lang = law.coop().currency, translation.get_language() or "en"
    titles = {one["key"]: one["title"] for one in kept["projects"]}
    texts = {one["key"]: " · ".join(filter(None, (format_amount(one["cost"], unit, lang), one["to"]))) for one in kept["projects"]}
    question = Question(kept["method"], tuple(titles), costs=tuple(one["cost"] for one in kept["projects"]), budget=kept["amount"])
    return Options(question, titles, texts)


def funded(proposal: Proposal) -> list[dict[str, Any]]:
    """The projects that the count funds."""
    winners = set((proposal.tally or {}).get("winners", []))
    return [one for one in proposal.details["projects"] if one["key"] in winners]


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """Each project that is funded may be spent on from now on. Raises ``Refused("until")`` when its day is over."""
    kept = proposal.details
    rows = [(one["key"], one["title"], one["to"], one["cost"]) for one in funded(proposal)]
    authorising.authorise(proposal, rows, sort=kept["sort"], until=end_of(kept), now=now)
    return []


def again(new: dict[str, Any], failed: dict[str, Any]) -> bool:
    """As much or more for all the same projects, whatever the days, the counting and what stands beside them."""
    there = {cooling.plain(one["title"]) for one in new["projects"]}
    return all(cooling.plain(one["title"]) in there for one in failed["projects"]) and new["amount"] >= failed["amount"]


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """The budget, the projects with their cost, and how it is counted; once counted what is funded and what is left."""
    kept = proposal.details
    if not kept:
        return []
    unit = law.coop().currency
    with translation.override(lang):
        rows = [" · ".join(filter(None, (one["title"], format_amount(one["cost"], unit, lang), one["to"]))) for one in kept["projects"]]
        said = [
            Line(_("The budget"), "", format_amount(kept["amount"], unit, lang), note=warned(proposal, kept["amount"])),
            Line(_("The projects"), "", "\n".join(rows)),
            Line(_("How it is counted"), "", str(BUDGETS[kept["method"]].title)),
            *terms(kept, lang),
        ]
        if kept["text"]:
            said.append(Line(_("What has to be known"), "", kept["text"]))
        return [*said, *_result(proposal, lang), *drawn(proposal, lang)]


def _result(proposal: Proposal, lang: str) -> Iterator[Line]:
    if proposal.tally is None or proposal.state in (states.REJECTED, states.WITHDRAWN):
        return
    won, unit = funded(proposal), law.coop().currency
    cost = sum(one["cost"] for one in won)
    yield Line(pgettext("budget", "Funded"), "", "\n".join(f"{one['title']} · {format_amount(one['cost'], unit, lang)}" for one in won))
    yield Line(_("Left of the budget"), "", format_amount(proposal.details["amount"] - cost, unit, lang))


register(Kind("budget", gettext_lazy("Share out a budget among projects"), prepare, effect, lines, form=Form, asks=asks, initial=initial, open_details=True,
              amends=True, subject="execution", again=again,
              help=gettext_lazy("Everyone marks the projects they support; the count says which are paid for.")))  # fmt: skip
