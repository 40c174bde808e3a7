"""A percentage, exact: ``"2.5%"`` is the fraction 1/40."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Unfit, check_limits, limits, no_float

_PERCENT = re.compile(r"\s*([0-9]{1,7}(?:\.[0-9]{1,6})?)\s*%?\s*")
_FRACTION = re.compile(r"\s*([0-9]{1,6})\s*/\s*([1-9][0-9]{0,5})\s*")


def percent_text(value: Fraction) -> str:
    """``Fraction(1, 40)`` → ``"2.5%"``; what no short decimal can say stays a fraction: ``"2/3"``."""
    scaled = value * 100 * 1_000_000
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    whole, rest = divmod(int(scaled), 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".") + "%"


def read_share(raw: Any, path: str, *, fractions: bool = False) -> Fraction:
    """A share from text: ``"95%"``, ``"95"``, and where ``fractions`` allows it ``"2/3"``; a whole number is percent. Raises ``Unfit``."""
    word = "fraction" if fractions else "percent"
    no_float(raw, path)
    if isinstance(raw, bool):
        raise Unfit(path, word, raw)
    if isinstance(raw, int):
        raw = f"{raw}%"
    if not isinstance(raw, str):
        raise Unfit(path, word, raw)
    if match := _PERCENT.fullmatch(raw):
        return Fraction(match[1]) / 100
    if fractions and (match := _FRACTION.fullmatch(raw)):
        return Fraction(int(match[1]), int(match[2]))
    raise Unfit(path, word, raw)


@dataclass(frozen=True)
class Percent(RuleType):
    """A percentage between ``min`` and ``max`` (texts such as ``"0%"``). The value is a ``Fraction``: 5 % is 1/20."""

    min: str = "0%"
    max: str = "100%"
    fractions: bool = False

    kind = "percent"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> Fraction:
        value = raw if isinstance(raw, Fraction) else read_share(raw, path, fractions=self.fractions)
        check_limits(value, read_share(self.min, path), read_share(self.max, path), path, raw, percent_text)
        if not self.fractions and "/" in percent_text(value):
            raise Unfit(path, "percent", raw)
        return value

    def dump(self, value: Fraction) -> str:
        return percent_text(value)

    def describe(self, value: Fraction, lang: str = "en") -> str:
        return percent_text(value)

    def bounds(self, lang: str = "en") -> str:
        return limits(lang, self.min, self.max)

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        text = "" if value is None else percent_text(value).removesuffix("%")
        return [Field(name, self.kind, self.label, text, unit="%", min=self.min.removesuffix("%"), max=self.max.removesuffix("%"), help=self.help)]
