"""What several pages show alike: quotes with their whys, ladders in words, shares as bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop.rules import Rule
from madang.kit.ruletypes import Rungs
from madang.kit.ruletypes.percent import percent_text
from madang.kit.splits import largest_remainder
from madang.platforms.services import rules, terms
from madang.platforms.services.quote import REFRESH, VAT, Extra
from madang.platforms.services.templatetags.services import duration

Text = Mapping[str, str]


def language() -> str:
    """The reader's language."""
    return get_language() or "en"


def why_rule(rule: Rule) -> str:
    """Where a rule answers why: its page with its history."""
    return reverse("rules:rule", args=[rule.key])


@dataclass(frozen=True)
class ShownLine:
    """One line of a price: as the quote has it, with its why and what made it free."""

    title: Text
    quantity: int
    amount: int
    why: str
    free_name: Text | None = None


def lines(quoted: Iterable[Mapping[str, Any]], titles: Mapping[str, Text]) -> list[ShownLine]:
    """The lines of a quote or a job (``Line.as_json`` form). ``titles``: names by code, for what made a line free."""
    found = []
    for line in quoted:
        rule = rules.refresh if line["code"] == REFRESH else rules.extras
        why = "" if line["code"] == VAT else why_rule(rule)  # no rule of the members sets a tax
        found.append(ShownLine(line["title"], line["quantity"], line["amount"], why, titles.get(line.get("free_with") or "")))
    return found


@dataclass(frozen=True)
class ShownExtra:
    """One thing on the price list, with the names of what it is free with."""

    code: str
    title: Text
    price: int
    per: Any
    needs: str
    free_names: list[Text]


def extras(listed: Mapping[str, Extra]) -> list[ShownExtra]:
    """The price list as pages show it."""
    return [
        ShownExtra(code, one.title, one.price, one.per, one.needs, [listed[free].title for free in sorted(one.free_with) if free in listed])
        for code, one in listed.items()
    ]


def ladder(rungs: Rungs) -> list[dict[str, str]]:
    """The cancellation ladder as rows: how long before, what comes back; the last row says what is left below it."""
    rows = [{"label": _("%(time)s or more") % {"time": duration(rung.at_least)}, "percent": percent_text(rung.percent)} for rung in rungs]
    if rungs and rungs[-1].at_least > timedelta():
        rows.append({"label": _("less than %(time)s") % {"time": duration(rungs[-1].at_least)}, "percent": "0%"})
    return rows


def share_rows(price: int, split: Mapping[str, Fraction], org_split: Mapping[str, Fraction]) -> list[dict[str, Any]]:
    """Where the price of a visit goes by the two splits in force, as rows for ``{% bars %}``; their sum is the price."""
    top = largest_remainder(price, list(split.items()), "shown")
    below = largest_remainder(top["provider"], list(org_split.items()), "shown")
    parts = [(_("the worker"), below["worker"]), (_("the member co-op's common fund"), below["fund"]), (_("upkeep of the platform"), top["upkeep"])]
    return [{"label": label, "amount": amount, "share": Fraction(amount, price), "url": ""} for label, amount in parts]


def in_force_context(in_force: terms.Terms) -> dict[str, Any]:
    """What pages about terms show: the ladder and the ways to ask why."""
    return {
        "ladder": ladder(in_force.value(rules.cancel_client)),
        "why_ladder": why_rule(rules.cancel_client),
        "why_split": why_rule(rules.split),
        "why_refresh": why_rule(rules.refresh),
        "why_extras": why_rule(rules.extras),
        "why_checklist": why_rule(rules.checklist),
        "unit": in_force.unit,
    }
