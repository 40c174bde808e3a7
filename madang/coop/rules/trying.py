"""Trying a value out: what last month would have been under it. Open to everyone, so it is remembered for a while and rationed."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.law import rations
from madang.coop.rules.registry import DryRun, Rule, Slider
from madang.kit.errors import Refused
from madang.kit.ration import Ration
from madang.kit.ruletypes import Split, Unfit
from madang.kit.ruletypes.percent import percent_text, read_share

REMEMBERED, A_MINUTE = 512, 90


@dataclass(frozen=True)
class Row:
    """One line of a dry run; a figure that is None is hidden (a group under five)."""

    label: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Tried:
    """What was tried, in JSON and in words, and last month under it (no rows: this rule cannot be tried out)."""

    value: Any
    words: str
    rows: list[Row]
    note: str
    unit: str


@dataclass(frozen=True)
class Handle:
    """A slider as a page draws it: percents as decimal texts."""

    rule: Rule
    part: str
    now: str
    min: str
    max: str
    step: str


def handle(rule: Rule, value: Any) -> Handle:
    """The slider of a rule that declares one, standing at ``value``."""
    slider = rule.slider or Slider()
    if isinstance(rule.type, Split):
        share, (low, high) = value[slider.part], rule.type.part_bounds(slider.part)
    else:
        share, low, high = value, read_share(rule.type.min, ""), read_share(rule.type.max, "")  # type: ignore[attr-defined]
    low, high = (read_share(slider.min, "") if slider.min else low), (read_share(slider.max, "") if slider.max else high)
    low, high = min(low, share), max(high, share)
    now, least, most = (percent_text(one).removesuffix("%") for one in (share, low, high))
    return Handle(rule, slider.part, now, least, most, slider.step.removesuffix("%"))


def moved(rule: Rule, current: Any, text: str) -> Any:
    """The value with the slider's part at ``text`` percent. Raises ``Refused("unfit")`` for what is no percentage or out of bounds."""
    try:
        share = read_share(text, "")
        value: Any = share
        if isinstance(rule.type, Split):
            value = rule.type.moved(current, (rule.slider or Slider()).part, share)
        return rule.parse(rule.type.dump(value), path="")
    except Unfit as unfit:
        raise Refused("unfit", _("This value does not fit: {reason}").format(reason=unfit.expects(_language())), "try") from None


def try_out(rule: Rule, value: Any, *, lang: str, now: datetime) -> Tried:
    """Last month under ``value`` for one rule. Remembered for the rest of the hour: many people move the same slider."""
    data = rule.type.dump(value)
    key = (law.coop().founding_id, rule.key, json.dumps(data, sort_keys=True), lang, now.strftime("%Y-%m-%dT%H"))
    with _memory.lock:
        if key in _memory.tried:
            _memory.tried.move_to_end(key)
            return _memory.tried[key]
    made = rule.dry_run({rule.key: value}, now) if rule.dry_run else DryRun()
    rows = [Row(str(label), _figure(before), _figure(after)) for label, before, after in made.rows]
    tried = Tried(data, rule.type.describe(value, lang), rows, str(made.note), made.unit)
    with _memory.lock:
        _memory.tried[key] = tried
        while len(_memory.tried) > REMEMBERED:
            _memory.tried.popitem(last=False)
    return tried


def _figure(value: Any) -> Any:
    return value if value is None or (isinstance(value, int) and not isinstance(value, bool)) else str(value)


class _Memory:
    """What this process remembers: results, and who asked how often."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.tried: OrderedDict[Any, Tried] = OrderedDict()
        self.asked = Ration(A_MINUTE)


_memory = _Memory()


def may_ask(request: HttpRequest) -> bool:
    """Whether the address behind this request may try out once more in this minute."""
    return rations.allows(_memory.asked, request)


def _language() -> str:
    return translation.get_language() or "en"
