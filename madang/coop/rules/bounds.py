"""What the law allows of a rule: a value outside it cannot be tabled, and the answer names the article."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.law.profiles import Bound
from madang.coop.rules.registry import Rule
from madang.kit.errors import Refused
from madang.kit.ruletypes import Money
from madang.kit.ruletypes.percent import percent_text


def bound_of(rule: Rule, at: datetime) -> Bound | None:
    """The law's bound on this rule at ``at``; None when it has none, or the law of this co-op sets none."""
    if rule.law is None:
        return None
    found = law.profile().bound(rule.law, at)
    return found if found.citation else None


def require_lawful(rule: Rule, value: Any, at: datetime) -> None:
    """Raise ``Refused("law")``, citing the article, when ``value`` lies outside what the law allows. Guidance refuses nothing."""
    if rule.allowed is not None:
        rule.allowed(value, at)
    bound = bound_of(rule, at)
    if bound is None or bound.guidance:
        return
    measured, limit = measure(value), _limit(value, bound)
    upper = is_upper(bound)
    if measured <= limit if upper else measured >= limit:
        return
    text = _("“{title}” can be at most {limit}: {citation}.") if upper else _("“{title}” must be at least {limit}: {citation}.")
    raise Refused("law", text.format(title=rule.title, limit=said(bound), citation=bound.citation), rule.key)


def said(bound: Bound) -> str:
    """The bound's figure in words."""
    if isinstance(bound.value, Fraction):
        return percent_text(bound.value)
    if "months" in bound.name.split("_"):
        return _("{n} months").format(n=bound.value)
    if bound.name.endswith("days"):
        return _("{n} days").format(n=bound.value)
    return str(bound.value)


def is_upper(bound: Bound) -> bool:
    """Whether the law sets a maximum (else a minimum)."""
    return any(word == "max" for part in bound.name.split(".") for word in part.split("_"))


def measure(value: Any) -> Fraction:
    """A value as an exact number that can be compared: percentages as fractions of 1, durations in days. ``TypeError`` for others."""
    if isinstance(value, timedelta):
        return Fraction(int(value.total_seconds()), 86400)
    if isinstance(value, Money):
        return Fraction(value.amount)
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise TypeError(f"a bound of the law needs a number, not {value!r}")
    return Fraction(value)


def _limit(value: Any, bound: Bound) -> Fraction:
    if isinstance(value, timedelta):
        return Fraction(bound.number() * (31 if "months" in bound.name.split("_") else 1))
    return bound.fraction()
