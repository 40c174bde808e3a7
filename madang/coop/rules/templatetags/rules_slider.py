"""``{% include "rules/slider.html" %}`` works on any page; this fetches what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils import translation

from madang.coop.rules import Rule, registry, trying
from madang.coop.rules.views import propose_url
from madang.kit.money import format_amount
from madang.kit.ruletypes import Split

register = template.Library()


@register.simple_tag(takes_context=True)
def slider_now(context: Mapping[str, Any], rule: Rule | None = None) -> dict[str, Any] | None:
    """The slider of ``rule``, else of the first rule that declares one; None when there is none. One query."""
    request = context.get("request")
    chosen = rule or next((one for one in registry.static_rules() if one.slider is not None), None)
    if request is None or chosen is None or chosen.slider is None:
        return None
    now = request.now
    version = chosen.at(now)
    tried = context.get("tried") or trying.try_out(chosen, version.value, lang=translation.get_language() or "en", now=now)
    return {
        "rule": chosen,
        "handle": trying.handle(chosen, tried_value(chosen, tried, version.value)),
        "part_label": chosen.type.part_label(chosen.slider.part) if isinstance(chosen.type, Split) else "",
        "version": version,
        "tried": tried,
        "propose_url": propose_url(chosen, tried.value),
    }


def tried_value(rule: Rule, tried: trying.Tried, current: Any) -> Any:
    """Where the slider stands: at what was tried, else at the live value."""
    return rule.parse(tried.value) if tried else current


@register.filter
def figure_in(figure: Any, unit: str) -> str:
    """A figure of a dry run: money where it is a number, else as it is."""
    return format_amount(figure, unit, translation.get_language() or "en") if isinstance(figure, int) else str(figure)
